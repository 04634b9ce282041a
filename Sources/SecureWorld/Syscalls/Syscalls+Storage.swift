/// Trusted storage (TEE Internal Core API 5.7 to 5.9; OP-TEE's tee_svc_storage.c).
extension TEESyscallTable {
    static let storageEntries: [Entry] = [
        entry(41, "storage_obj_open", 5, "Opens an object of the trusted storage.", openStored),
        entry(42, "storage_obj_create", 8, "Makes an object of the trusted storage, with attributes and data.", createStored),
        entry(43, "storage_obj_del", 1, "Deletes an object of the trusted storage and closes its handle.", deleteStored),
        entry(44, "storage_obj_rename", 3, "Gives an object of the trusted storage another identifier.", renameStored),
        entry(45, "storage_alloc_enum", 1, "Makes an enumerator of stored objects.", allocateEnumerator),
        entry(46, "storage_free_enum", 1, "Frees an enumerator.", freeEnumerator),
        entry(47, "storage_reset_enum", 1, "Has an enumerator begin anew.", resetEnumerator),
        entry(
            48, "storage_start_enum", 2, "Begins an enumeration.",
            limits: "the objects that are there at the beginning, in the order of their creation", startEnumerator),
        entry(49, "storage_next_enum", 4, "Reads what the next object is, and its identifier.", nextStored),
        entry(50, "storage_obj_read", 4, "Reads data of a stored object from its position on.", readStored),
        entry(
            51, "storage_obj_write", 3, "Writes data of a stored object at its position.",
            limits: "64 MiB a call, then TEE_ERROR_OUT_OF_MEMORY", writeStored),
        entry(52, "storage_obj_trunc", 2, "Cuts the data of a stored object, or extends them with zeros.", truncateStored),
        entry(53, "storage_obj_seek", 3, "Moves the position in the data of a stored object.", seekStored),
    ]

    /// TEE_OBJECT_ID_MAX_LEN.
    private static let longestID: UInt64 = 64

    private static func storage(_ call: TEECall) throws(TEEResult) -> TrustedStorage {
        guard let storage = call.world.configuration.storage else { throw .itemNotFound }
        return storage
    }

    /// The name of an object. It must not lie in a client's memory, which could change it meanwhile.
    private static func identifier(_ call: TEECall, _ index: Int) throws(TEEResult) -> [UInt8] {
        guard call.word(index + 1) <= longestID else { throw .badParameters }
        try call.require(index, count: call.word(index + 1), write: false)
        return try call.bytes(index, count: index + 1)
    }

    /// A handle of an object in storage; `badState` for a transient one.
    private static func stored(_ call: TEECall) throws(TEEResult) -> (object: TAObject, stored: TrustedObject) {
        let object = try call.object(0)
        guard let stored = object.stored else { throw .badState }
        return (object, stored)
    }

    /// A damaged object is gone, and with it the handle, unless the application has asked to keep that.
    private static func noting<Result>(_ call: inout TEECall, _ body: (TEECall) throws(TEEResult) -> Result) throws(TEEResult) -> Result {
        do throws(TEEResult) { return try body(call) } catch {
            if error == .corruptObject, !call.instance.flags.contains(.keepsCorruptHandles) { call.instance.handles.removeObject(call.number(0)) }
            throw error
        }
    }

    /// (storage_id, object_id, object_id_len, flags, obj)
    @Sendable private static func openStored(_ call: inout TEECall) throws(TEEResult) {
        let flags = StorageFlags(rawValue: call.number(3))
        guard flags.isSubset(of: .forOpening), call.word(3) >> 32 == 0 else { throw .badParameters }
        let stored = try storage(call).open(call.number(0), call.instance.uuid, id: try identifier(call, 1), flags: flags)
        do throws(TEEResult) {
            try install(&call, try object(stored), at: 4)
        } catch {
            stored.close()
            throw error
        }
    }

    private static func object(_ stored: TrustedObject) throws(TEEResult) -> TAObject {
        let attributes = try stored.attributes
        let key = attributes.count == 0 ? try CryptoObject.emptyData() : try CryptoObject(serialized: attributes)
        key.markPersistent()
        let object = TAObject(key)
        object.stored = stored
        return object
    }

    private static func install(_ call: inout TEECall, _ object: TAObject, at index: Int) throws(TEEResult) {
        let handle = try call.instance.handles.add(object)
        do throws(TEEResult) { try call.give(handle: handle, at: index) } catch {
            call.instance.handles.removeObject(handle)
            throw error
        }
    }

    /// (storage_id, object_id, object_id_len, flags, attr, data, len, obj): without `obj` a transient `attr` itself becomes the stored object.
    @Sendable private static func createStored(_ call: inout TEECall) throws(TEEResult) {
        let flags = StorageFlags(rawValue: call.number(3))
        guard flags.isSubset(of: .forCreating), call.word(3) >> 32 == 0 else { throw .badParameters }
        let id = try identifier(call, 1)
        if call.word(6) > 0, call.word(5) == 0 { throw .badParameters }
        var data = try call.bytes(5, count: 6)
        defer { SecretBytes.wipe(&data) }
        var source: TAObject?
        if call.word(4) != 0 {
            let object = try call.object(4)
            guard object.key.isInitialized else { throw .badParameters }
            source = object
        }
        let key: CryptoObject
        if let source { key = source.key } else { key = try CryptoObject.emptyData() }
        let attributes = source == nil ? SecretBytes([]) : try key.serialized()
        let stored = try storage(call).create(
            call.number(0), call.instance.uuid, id: id, flags: flags, header: key.storedHeader, attributes: attributes, data: data)
        if call.word(7) == 0 {
            guard let source, source.stored == nil else { return stored.close() }
            source.key.markPersistent()
            source.stored = stored
            return
        }
        do throws(TEEResult) {
            try install(&call, try object(stored), at: 7)
        } catch {
            stored.close()
            throw error
        }
    }

    @Sendable private static func deleteStored(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        // As OP-TEE: what has no flags lacks this one.
        guard let stored = object.stored else { throw .accessConflict }
        guard stored.flags.contains(.writeMeta) else { throw .accessConflict }
        defer { call.instance.handles.removeObject(call.number(0)) }
        try stored.delete()
    }

    @Sendable private static func renameStored(_ call: inout TEECall) throws(TEEResult) {
        guard call.word(2) <= longestID else { throw .badParameters }
        let (_, stored) = try stored(call)
        try stored.rename(to: try identifier(call, 1))
    }

    // MARK: Enumeration

    @Sendable private static func allocateEnumerator(_ call: inout TEECall) throws(TEEResult) {
        if call.word(0) == 0 { throw .badParameters }
        let handle = try call.instance.handles.add(TAEnumerator())
        do throws(TEEResult) { try call.give(handle: handle, at: 0) } catch {
            call.instance.handles.removeEnumerator(handle)
            throw error
        }
    }

    @Sendable private static func freeEnumerator(_ call: inout TEECall) throws(TEEResult) {
        _ = try call.enumerator(0)
        call.instance.handles.removeEnumerator(call.number(0))
    }

    @Sendable private static func resetEnumerator(_ call: inout TEECall) throws(TEEResult) {
        try call.instance.handles.start(try call.enumerator(0), nil)
    }

    @Sendable private static func startEnumerator(_ call: inout TEECall) throws(TEEResult) {
        let enumerator = try call.enumerator(0)
        try call.instance.handles.start(enumerator, nil)
        try call.instance.handles.start(enumerator, try storage(call).enumerate(call.number(1), call.instance.uuid))
    }

    /// (obj_enum, info, obj_id, len): the id's buffer has room for any.
    @Sendable private static func nextStored(_ call: inout TEECall) throws(TEEResult) {
        let enumerator = try call.enumerator(0)
        try call.require(1, count: 28, write: true)
        try call.require(2, count: longestID, write: true)
        try call.require(3, count: 8, write: true)
        guard let enumeration = enumerator.enumeration else { throw .itemNotFound }
        let found = try enumeration.next()
        let flags = found.openFlags.rawValue | TEEHandleFlags.persistent.union(.initialized).rawValue
        let header = found.header
        let words = [header.objectType, header.objectSize, header.maxObjectSize, header.objectUsage, found.dataSize, 0, flags]
        try call.memory.write(words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }, to: call.word(1))
        try call.memory.write(found.id, to: call.word(2))
        try call.memory.writeUInt64(UInt64(found.id.count), to: call.word(3))
    }

    // MARK: Data streams

    /// (obj, data, len, count)
    @Sendable private static func readStored(_ call: inout TEECall) throws(TEEResult) {
        let (object, stored) = try stored(call)
        guard stored.flags.contains(.read) else { throw .accessConflict }
        let (address, length) = (call.word(1), call.word(2))
        guard !UInt64(object.position).addingReportingOverflow(length).overflow else { throw .overflow }
        try call.require(1, count: length, write: true, anyOwner: true)
        try call.require(3, count: 8, write: true)
        var bytes = try noting(&call) { _ throws(TEEResult) in try stored.read(at: UInt64(object.position), count: length) }
        defer { SecretBytes.wipe(&bytes) }
        try call.memory.write(bytes, to: address)
        object.position = UInt32(clamping: UInt64(object.position) &+ UInt64(bytes.count))
        try call.memory.writeUInt64(UInt64(bytes.count), to: call.word(3))
    }

    @Sendable private static func writeStored(_ call: inout TEECall) throws(TEEResult) {
        let (object, stored) = try stored(call)
        guard stored.flags.contains(.write) else { throw .accessConflict }
        let (end, overflow) = UInt64(object.position).addingReportingOverflow(call.word(2))
        guard !overflow, end <= TrustedObject.maximumPosition else { throw .overflow }
        try call.require(1, count: call.word(2), write: false, anyOwner: true)
        var bytes = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&bytes) }
        try noting(&call) { _ throws(TEEResult) in try stored.write(bytes, at: UInt64(object.position)) }
        object.position = UInt32(clamping: end)
    }

    @Sendable private static func truncateStored(_ call: inout TEECall) throws(TEEResult) {
        let (_, stored) = try stored(call)
        let size = call.word(1)
        try noting(&call) { _ throws(TEEResult) in try stored.truncate(to: size) }
    }

    /// (obj, offset, whence): positions before the beginning are the beginning.
    @Sendable private static func seekStored(_ call: inout TEECall) throws(TEEResult) {
        let (object, stored) = try stored(call)
        let offset = Int64(Int32(truncatingIfNeeded: call.word(1)))
        let base: Int64
        switch call.word(2) {
        case 0: base = 0
        case 1: base = Int64(object.position)
        case 2: base = Int64(try stored.dataSize)
        default: throw .badParameters
        }
        let position = max(0, base &+ offset)
        // TEE_DATA_MAX_POSITION.
        guard position <= Int64(UInt32.max) else { throw .badParameters }
        object.position = UInt32(position)
    }
}

extension CryptoObject {
    /// A TEE_TYPE_DATA object: a data stream without key.
    static func emptyData() throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: .data, maximumKeySize: 0)
        try object.markInitializedData()
        return object
    }

    /// What enumeration shows of it.
    var storedHeader: StoredObjectHeader {
        StoredObjectHeader(objectType: type.rawValue, objectSize: keySize, maxObjectSize: maximumKeySize, objectUsage: usage.rawValue)
    }
}
