extension TrustedStorage {
    /// What is in the storage, every byte of which is looked at: for `skerry tee storage list`. Damage is reported, nothing is removed.
    ///
    /// `storageNotAvailable` when other processes use the folder for longer than the storage's patience, or the file system fails.
    public func inspect() throws(TEEResult) -> StorageReport {
        do throws(TEEResult) {
            return try locked { store throws(TEEResult) in
                var inspection = StorageInspection(store)
                try inspection.run()
                return inspection.report
            }
        } catch {
            if error != .corruptObject { throw error }
            let reason = "missing, not sealed with this device key, changed, or not the state that the replay-protected memory knows"
            return StorageReport(objects: [], damages: [StorageDamage(file: ObjectStore.counterFile, reason: reason)], counter: 0)
        }
    }

    /// Deletes all objects of an application, or everything, damaged or not: for `skerry tee storage wipe`. The counter goes on.
    ///
    /// Errors: `accessConflict` when objects concerned are open here, `corruptObject` when a single application is to be wiped in a storage whose counter file is damaged,
    /// `storageNotAvailable`.
    public func wipe(_ application: TEEUUID? = nil) throws(TEEResult) {
        guard let application else { return try lockedBlindly { store throws(TEEResult) in try store.wipeEverything() } }
        try locked { store throws(TEEResult) in try store.wipe(application) }
    }
}

extension ObjectStore {
    fileprivate func wipe(_ application: TEEUUID) throws(TEEResult) {
        guard !openObjects.keys.contains(where: { $0.namespace.application == application }) else { throw .accessConflict }
        let concerned = root.namespaces.values.filter { $0.name.application == application }
        if concerned.isEmpty { return }
        try change(isFaultable: false) { change throws(TEEResult) in
            for namespace in concerned {
                for page in namespace.pages.indices {
                    for entry in (try? entries(of: namespace, page: page)) ?? [] { retire(entry, (try? load(entry, in: namespace.name))?.record, &change) }
                }
                drop(namespace, &change)
            }
        }
        try removeStrays()
    }

    fileprivate func wipeEverything() throws(TEEResult) {
        guard openObjects.isEmpty else { throw .accessConflict }
        let counter = max(try keptCounter(), (try? knownCounter()) ?? 0)
        var empty = StorageRoot(identifier: try StorageCipher.random(StorageRoot.identifierSize))
        empty.counter = counter
        forget()
        try replace(with: empty)
        try removeStrays()
    }

    /// The counter of a counter file that is sound by itself; 0 else.
    private func keptCounter() throws(TEEResult) -> UInt64 {
        guard let bytes = try? folder.read(Self.counterFile, limit: StorageFile.maximumSize),
            let plaintext = try? StorageFile.open(bytes, .counter, number: nil, key: keys.root, owner: []), let root = try? StorageRoot(decoding: plaintext)
        else { return 0 }
        return root.counter
    }

    private func knownCounter() throws(TEEResult) -> UInt64 {
        guard let memory = options.memory else { return 0 }
        return try ReplayProtectedAnchor(memory, key: keys.anchor).state?.counter ?? 0
    }

    /// Files that nothing refers to, which a damaged page leaves behind; while other pages are damaged theirs cannot be told from them, and stay.
    private func removeStrays() throws(TEEResult) {
        var inspection = StorageInspection(self)
        try inspection.run()
        if inspection.hasDamagedPage { return }
        for text in inspection.strays { if StorageFileName(text) != nil { folder.remove(text) } }
    }
}

/// A walk over all that a storage has.
private struct StorageInspection {
    private let store: ObjectStore
    private var objects: [StorageReport.Object] = []
    private var damages: [StorageDamage] = []
    private var referred: Set<String> = [ObjectStore.counterFile]
    private(set) var strays: [String] = []
    private(set) var hasDamagedPage = false

    init(_ store: ObjectStore) { self.store = store }

    var report: StorageReport { StorageReport(objects: objects, damages: damages, counter: store.root.counter) }

    mutating func run() throws(TEEResult) {
        let names = Set(try store.folder.names())
        if !store.isCounterIntact { damages.append(StorageDamage(file: ObjectStore.counterFile, reason: "missing or changed while the storage is in use")) }
        let byOwner = store.root.namespaces.values.sorted { ($0.name.application.description, $0.name.kind.rawValue) < ($1.name.application.description, $1.name.kind.rawValue) }
        for namespace in byOwner {
            var entries: [StorageIndexEntry] = []
            for page in namespace.pages.indices { entries += visit(page, of: namespace) }
            for entry in entries.sorted(by: { $0.serial < $1.serial }) { visit(entry, namespace.name) }
        }
        strays = names.subtracting(referred).sorted()
        damages += strays.map { StorageDamage(file: $0, reason: "no file of this storage has that name") }
    }

    private mutating func visit(_ page: Int, of namespace: StorageNamespace) -> [StorageIndexEntry] {
        guard let reference = namespace.pages[page] else { return [] }
        let name = StorageFileName(serial: 0, number: reference.number)
        referred.insert(name.description)
        // What is known from before is no evidence of what the file holds now.
        store.pages[ObjectStore.PageName(namespace: namespace.name, index: page)] = nil
        if let entries = try? store.entries(of: namespace, page: page) { return entries }
        hasDamagedPage = true
        damages.append(StorageDamage(file: name.description, reason: "a page of the index of \(namespace.name.application) is missing or changed"))
        return []
    }

    private mutating func visit(_ entry: StorageIndexEntry, _ namespace: StorageNamespaceName) {
        referred.insert(entry.file.description)
        var isIntact = false
        if let (record, key) = try? store.load(entry, in: namespace) {
            isIntact = true
            for (index, reference) in record.blocks {
                let name = StorageFileName(serial: entry.serial, number: reference.number).description
                referred.insert(name)
                if (try? store.block(index, record, entry, key, namespace)) != nil { continue }
                isIntact = false
                damages.append(StorageDamage(file: name, reason: "block \(index) of an object of \(namespace.application) is missing or changed"))
            }
        } else {
            damages.append(StorageDamage(file: entry.file.description, reason: "an object of \(namespace.application) is missing or changed"))
        }
        objects.append(
            StorageReport.Object(
                kind: namespace.kind, application: namespace.application, id: entry.id, header: entry.header, dataSize: entry.dataSize, storedSize: entry.storedSize,
                isIntact: isIntact))
    }
}
