/// A change of the storage that is being prepared: nobody sees anything of it before `ObjectStore.change` has written the counter file.
struct StorageChange {
    var root: StorageRoot
    var pages: [ObjectStore.PageName: [StorageIndexEntry]] = [:]
    var created: [StorageFileName] = []
    var staged: [Int32] = []
    var obsolete: [StorageFileName] = []
    var doomed: [UInt64] = []
    var isMade = false

    /// More open files than that are settled at once.
    static let maximumStaged = 64

    mutating func nextNumber() -> UInt64 {
        root.lastNumber &+= 1
        return root.lastNumber
    }

    mutating func release(_ size: UInt64) { root.storedSize -= min(size, root.storedSize) }
}

extension ObjectStore {
    /// Makes a change: all that `prepare` asks for, or nothing and an error.
    ///
    /// New files are written and on the disk, then the counter file is replaced, which is the one moment at which the change is made; then what it made superfluous goes.
    /// Linux's file systems have the name of a new file on the disk with its `fsync`, so the folder needs one of its own only for the replacement.
    func change(isFaultable: Bool = true, _ prepare: (inout StorageChange) throws(TEEResult) -> Void) throws(TEEResult) {
        if isFaultable { try meet(.full) }
        if root.counter == 0 {
            var first = StorageChange(root: root)
            try make(&first)
        }
        var change = StorageChange(root: root)
        do throws(TEEResult) {
            try prepare(&change)
            try writePages(&change)
            try make(&change)
        } catch {
            for file in change.staged { StorageFolder.abandon(file) }
            if !change.isMade { for name in change.created { folder.remove(name.description) } }
            throw error
        }
    }

    /// A new file of an object.
    func write(
        _ plaintext: [UInt8], _ kind: StorageFile.Kind, serial: UInt64, key: SecretBytes, owner: [UInt8], _ change: inout StorageChange
    ) throws(TEEResult) -> StorageReference {
        let name = StorageFileName(serial: serial, number: change.nextNumber())
        let sealed = try StorageFile.seal(plaintext, kind, number: name.number, key: key, owner: owner)
        if serial != 0 {
            change.root.storedSize &+= UInt64(sealed.bytes.count)
            if let capacity = options.capacity, change.root.storedSize > capacity { throw .storageNoSpace }
        }
        change.created.append(name)
        if change.staged.count >= StorageChange.maximumStaged { try folder.settle(&change.staged) }
        change.staged.append(try folder.stage(name.description, sealed.bytes))
        return StorageReference(number: name.number, tag: sealed.tag)
    }

    private func writePages(_ change: inout StorageChange) throws(TEEResult) {
        for (page, entries) in change.pages {
            guard var namespace = change.root.namespaces[page.namespace] else { continue }
            if let old = namespace.pages[page.index] { change.obsolete.append(StorageFileName(serial: 0, number: old.number)) }
            namespace.pages[page.index] =
                entries.isEmpty
                ? nil
                : try write(
                    StorageIndexEntry.encode(entries), .page, serial: 0, key: try pageKey(page.namespace.application), owner: page.namespace.owner(serial: 0), &change)
            change.root.namespaces[page.namespace] = namespace
        }
    }

    /// A state that comes from nowhere, in the place of one that is given up.
    func replace(with root: StorageRoot) throws(TEEResult) {
        var change = StorageChange(root: root)
        try make(&change)
    }

    private func make(_ change: inout StorageChange) throws(TEEResult) {
        change.root.counter &+= 1
        change.root.previous = rootTag
        change.root.obsolete = change.obsolete
        change.root.doomed = change.doomed
        if options.memory != nil && change.root.anchoredSince == 0 { change.root.anchoredSince = change.root.counter }
        let sealed = try StorageFile.seal(change.root.encoded, .counter, number: change.root.counter, key: keys.root, owner: [])
        change.staged.append(try folder.stage(Self.newCounterFile, sealed.bytes))
        try folder.settle(&change.staged)
        try folder.rename(Self.newCounterFile, to: Self.counterFile)
        change.isMade = true
        adopt(change.root, sealed.tag, sealed.bytes)
        pages = pages.filter { change.root.namespaces[$0.key.namespace] != nil }
        pages.merge(change.pages) { $1 }
        do throws(TEEResult) {
            try folder.synchronize()
            if let memory = options.memory {
                let state = ReplayProtectedAnchor.State(identifier: root.identifier, counter: root.counter, tag: rootTag)
                try ReplayProtectedAnchor(memory, key: keys.anchor).set(state)
            }
        } catch {
            forget()
            throw .storageNotAvailable
        }
        for name in change.obsolete { folder.remove(name.description) }
        if change.doomed.isEmpty { return }
        for text in try folder.names() { if let name = StorageFileName(text), change.doomed.contains(name.serial) { folder.remove(text) } }
    }
}
