/// The inside of a `TrustedStorage`: everything that one thread at a time touches, which its lock sees to.
final class ObjectStore: @unchecked Sendable {
    /// What the storage is made with.
    struct Options: Sendable {
        var isDurable = true
        var capacity: UInt64?
        var patience = 5000
        var memory: (any ReplayProtectedMemory)?
    }

    /// A page of the index of a namespace.
    struct PageName: Hashable {
        let namespace: StorageNamespaceName
        let index: Int
    }

    /// An object of a namespace.
    struct ObjectName: Hashable {
        let namespace: StorageNamespaceName
        let id: [UInt8]
    }

    static let counterFile = "counter"
    static let newCounterFile = "counter.new"

    let folder: StorageFolder
    let keys: StorageKeys
    let options: Options
    var root = StorageRoot(identifier: [])
    var rootTag = StorageTag.none
    var pages: [PageName: [StorageIndexEntry]] = [:]
    var openObjects: [ObjectName: OpenObject] = [:]
    var faults: [(fault: StorageFault, remaining: Int)] = []
    private var pageKeys: [TEEUUID: SecretBytes] = [:]
    private var holdsFolder = false
    private var isLoaded = false
    private var loadedBytes: [UInt8]?
    private var stamp: Int64 = 0

    init(folder: StorageFolder, keys: StorageKeys, options: Options) {
        self.folder = folder
        self.keys = keys
        self.options = options
    }

    // MARK: Between processes

    /// Begins a call: no other process is in the folder from here on, and what this one knows of it is true.
    func begin() throws(TEEResult) {
        if holdsFolder { return }
        try folder.lock(patience: options.patience)
        holdsFolder = true
        do throws(TEEResult) { try refresh() } catch {
            end()
            throw error
        }
    }

    /// Ends a call. While objects are open here the folder stays ours, for their handles' rules hold against other processes too.
    func end() {
        guard holdsFolder, openObjects.isEmpty else { return }
        stamp = folder.stamp
        folder.unlock()
        holdsFolder = false
    }

    /// As `begin`, without any look at the state: for wiping a damaged storage.
    func beginBlindly() throws(TEEResult) {
        guard !holdsFolder else { return }
        try folder.lock(patience: options.patience)
        holdsFolder = true
    }

    // MARK: State

    /// What is known of the folder is in doubt: the next call reads it again, and handles are void.
    func forget() {
        isLoaded = false
        pages = [:]
        for object in openObjects.values { object.isGone = true }
        openObjects = [:]
    }

    private func refresh() throws(TEEResult) {
        let bytes = try folder.read(Self.counterFile, limit: StorageFile.maximumSize)
        if isLoaded && bytes == loadedBytes {
            // Another process may have been killed in the middle of a change: what it left must go before its numbers are given again.
            if stamp != folder.stamp && bytes != nil { try removeLeftovers() }
            return
        }
        forget()
        if let bytes {
            let root = try StorageRoot(decoding: try StorageFile.open(bytes, .counter, number: nil, key: keys.root, owner: []))
            let tag = try StorageTag(ofSealed: bytes)
            try checkMemory(root, tag)
            (self.root, rootTag) = (root, tag)
            try removeLeftovers()
        } else {
            // A storage writes its counter before anything else, so files without one are the rest of a storage.
            guard try folder.names().allSatisfy({ StorageFileName($0) == nil }) else { throw .corruptObject }
            folder.remove(Self.newCounterFile)
            if let memory = options.memory, try ReplayProtectedAnchor(memory, key: keys.anchor).state != nil { throw .corruptObject }
            root = StorageRoot(identifier: try StorageCipher.random(StorageRoot.identifierSize))
            rootTag = .none
        }
        loadedBytes = bytes
        isLoaded = true
    }

    /// Whether the counter file is still as this process knows it, which it need not look at while the folder is its alone.
    var isCounterIntact: Bool {
        guard let bytes = try? folder.read(Self.counterFile, limit: StorageFile.maximumSize) else { return loadedBytes == nil }
        return bytes == loadedBytes
    }

    /// A counter file that was just written.
    func adopt(_ root: StorageRoot, _ tag: StorageTag, _ bytes: [UInt8]) {
        self.root = root
        rootTag = tag
        loadedBytes = bytes
        isLoaded = true
    }

    /// What a killed process left: files of a change that was not made, and files that a change made superfluous.
    private func removeLeftovers() throws(TEEResult) {
        let obsolete = Set(root.obsolete)
        let doomed = Set(root.doomed)
        for text in try folder.names() {
            let isLeftover = StorageFileName(text).map { $0.number > root.lastNumber || obsolete.contains($0) || doomed.contains($0.serial) } ?? (text == Self.newCounterFile)
            if isLeftover { folder.remove(text) }
        }
    }

    /// Whether the state is the one that the replay-protected memory knows. One change more is in order when a process was killed between the two writes; the memory learns
    /// of it now.
    private func checkMemory(_ root: StorageRoot, _ tag: StorageTag) throws(TEEResult) {
        guard let memory = options.memory else {
            if root.anchoredSince != 0 { throw .storageNotAvailable }
            return
        }
        let anchor = ReplayProtectedAnchor(memory, key: keys.anchor)
        let now = ReplayProtectedAnchor.State(identifier: root.identifier, counter: root.counter, tag: tag)
        guard let known = try anchor.state else {
            if root.anchoredSince == root.counter { try anchor.set(now) }
            if root.anchoredSince != 0 && root.anchoredSince != root.counter { throw .corruptObject }
            return
        }
        if known == now { return }
        guard root.anchoredSince != 0, known.identifier == root.identifier, known.counter &+ 1 == root.counter, known.tag == root.previous else { throw .corruptObject }
        try anchor.set(now)
    }

    // MARK: Sealed files

    /// The plaintext of a file that the tree refers to; `corruptObject` for anything but that very file.
    func open(_ name: StorageFileName, _ kind: StorageFile.Kind, _ tag: StorageTag, key: SecretBytes, owner: [UInt8]) throws(TEEResult) -> [UInt8] {
        guard let bytes = try folder.read(name.description, limit: StorageFile.maximumSize), bytes.count >= StorageFile.overhead, try StorageTag(ofSealed: bytes) == tag else {
            throw .corruptObject
        }
        return try StorageFile.open(bytes, kind, number: name.number, key: key, owner: owner)
    }

    func pageKey(_ application: TEEUUID) throws(TEEResult) -> SecretBytes {
        if let key = pageKeys[application] { return key }
        let key = try keys.pageKey(application)
        pageKeys[application] = key
        return key
    }

    // MARK: Faults

    /// Counts an operation that a fault of this kind could hit; throws what it does when its turn has come.
    func meet(_ fault: StorageFault) throws(TEEResult) {
        var isHit = false
        for index in faults.indices where faults[index].fault == fault {
            faults[index].remaining -= 1
            if faults[index].remaining <= 0 { isHit = true }
        }
        faults.removeAll { $0.remaining <= 0 }
        if isHit { throw fault == .full ? .storageNoSpace : .corruptObject }
    }
}
