extension ObjectStore {
    /// Opens an object that is there.
    func open(_ id: [UInt8], in namespace: StorageNamespaceName, _ flags: StorageFlags) throws(TEEResult) -> OpenObject {
        let name = ObjectName(namespace: namespace, id: id)
        if let object = openObjects[name] {
            guard object.flags.admits(flags) else { throw .accessConflict }
            object.handles += 1
            return object
        }
        guard let entry = try find(id, in: namespace) else { throw .itemNotFound }
        do throws(TEEResult) {
            try meet(.corrupt)
            let (record, key) = try load(entry, in: namespace)
            let object = OpenObject(namespace, flags, entry, record, key)
            openObjects[name] = object
            return object
        } catch {
            if error == .corruptObject { discard(entry, in: namespace) }
            throw error
        }
    }

    /// Creates an object, in the place of another one when the flags allow it.
    func create(
        _ id: [UInt8], in namespace: StorageNamespaceName, _ flags: StorageFlags, _ header: StoredObjectHeader, _ attributes: SecretBytes, _ data: [UInt8]
    ) throws(TEEResult) -> OpenObject {
        let name = ObjectName(namespace: namespace, id: id)
        let present = openObjects[name]
        if let present, !flags.contains(.overwrite) || !present.flags.admits(flags) { throw .accessConflict }
        let old = try find(id, in: namespace)
        if old != nil && !flags.contains(.overwrite) { throw .accessConflict }
        guard let size = UInt32(exactly: data.count) else { throw .overflow }
        guard attributes.count <= StorageObjectRecord.maximumAttributesSize else { throw .outOfMemory }

        let key = try StorageCipher.randomKey()
        let wrappedKey = try keys.wrap(key, for: namespace.application)
        var record = StorageObjectRecord(attributes: attributes)
        var entry: StorageIndexEntry?
        try change { change throws(TEEResult) in
            var new = StorageIndexEntry(
                id: id, serial: change.nextNumber(), object: StorageReference(number: 0, tag: .none), wrappedKey: wrappedKey, header: header, dataSize: 0,
                storedSize: StorageIndexEntry.charge, recordSize: 0)
            change.root.storedSize &+= new.storedSize
            if let old { retire(old, (try? load(old, in: namespace))?.record, &change) }
            try revise(&record, &new, key, namespace, size: size, position: 0, bytes: data, &change)
            try save(record, &new, key, namespace, &change)
            entry = new
        }
        guard let entry else { throw .generic }
        guard let present else {
            let object = OpenObject(namespace, flags, entry, record, key)
            openObjects[name] = object
            return object
        }
        (present.entry, present.record, present.key, present.recent) = (entry, record, key, nil)
        present.handles += 1
        return present
    }

    /// Ends a handle.
    func close(_ object: OpenObject) {
        object.handles -= 1
        if object.handles <= 0 && !object.isGone { openObjects[object.name] = nil }
    }

    /// Deletes an open object.
    func delete(_ object: OpenObject) throws(TEEResult) {
        try change { change throws(TEEResult) in
            retire(object.entry, object.record, &change)
            try remove(object.entry.id, in: object.namespace, &change)
        }
        openObjects[object.name] = nil
        object.isGone = true
    }

    /// Gives an open object another id.
    func rename(_ object: OpenObject, _ id: [UInt8]) throws(TEEResult) {
        let name = ObjectName(namespace: object.namespace, id: id)
        guard openObjects[name] == nil, try find(id, in: object.namespace) == nil else { throw .accessConflict }
        var entry = object.entry
        entry.id = id
        try change { change throws(TEEResult) in
            // Entered first: the namespace of an only object would otherwise come and go within the change.
            try insert(entry, in: object.namespace, &change)
            try remove(object.entry.id, in: object.namespace, &change)
        }
        openObjects[object.name] = nil
        object.entry = entry
        openObjects[name] = object
    }

    /// Removes an object that was found damaged, as far as that is possible.
    func discard(_ entry: StorageIndexEntry, in namespace: StorageNamespaceName) {
        try? change(isFaultable: false) { change throws(TEEResult) in
            retire(entry, nil, &change)
            try remove(entry.id, in: namespace, &change)
        }
        let name = ObjectName(namespace: namespace, id: entry.id)
        openObjects[name]?.isGone = true
        openObjects[name] = nil
    }

    /// Reads an object's own file.
    func load(_ entry: StorageIndexEntry, in namespace: StorageNamespaceName) throws(TEEResult) -> (record: StorageObjectRecord, key: SecretBytes) {
        let key = try keys.unwrap(entry.wrappedKey, for: namespace.application)
        var plaintext = try open(entry.file, .object, entry.object.tag, key: key, owner: namespace.owner(serial: entry.serial))
        defer { SecretBytes.wipe(&plaintext) }
        let record = try StorageObjectRecord(decoding: plaintext)
        guard record.dataSize == entry.dataSize else { throw .corruptObject }
        return (record, key)
    }

    /// Writes an object's own file anew and enters it.
    func save(
        _ record: StorageObjectRecord, _ entry: inout StorageIndexEntry, _ key: SecretBytes, _ namespace: StorageNamespaceName, _ change: inout StorageChange
    ) throws(TEEResult) {
        if entry.object.number != 0 {
            change.obsolete.append(entry.file)
            change.release(UInt64(entry.recordSize))
            entry.storedSize -= min(UInt64(entry.recordSize), entry.storedSize)
        }
        var plaintext = record.encoded
        defer { SecretBytes.wipe(&plaintext) }
        entry.object = try write(plaintext, .object, serial: entry.serial, key: key, owner: namespace.owner(serial: entry.serial), &change)
        entry.recordSize = UInt32(truncatingIfNeeded: plaintext.count + StorageFile.overhead)
        entry.storedSize &+= UInt64(entry.recordSize)
        entry.dataSize = record.dataSize
        try insert(entry, in: namespace, &change)
    }

    /// Has an object's files go with the change; without a record (it is damaged) all that carry its serial number.
    func retire(_ entry: StorageIndexEntry, _ record: StorageObjectRecord?, _ change: inout StorageChange) {
        change.release(entry.storedSize)
        guard let record else { return change.doomed.append(entry.serial) }
        change.obsolete.append(entry.file)
        change.obsolete += record.blocks.values.map { StorageFileName(serial: entry.serial, number: $0.number) }
    }
}
