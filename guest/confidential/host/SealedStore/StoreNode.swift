internal import LibraryOS

/// A node or a leaf of the table, decrypted.
final class StoreNode {
    let key: StoreKey
    var bytes: [UInt8]
    /// It differs from what is sealed at its place, or has none yet.
    var isDirty = false
    /// For `StoreNodes`.
    var wasUsed = false, position = 0

    init(_ key: StoreKey, _ bytes: [UInt8] = [UInt8](repeating: 0, count: SealedStoreLayout.block)) { (self.key, self.bytes) = (key, bytes) }

    /// Entry 0 to 127 of a node.
    subscript(entry index: Int) -> SealedEntry {
        get {
            let start = index &* SealedStoreLayout.entry
            guard index >= 0, start &+ SealedStoreLayout.entry <= bytes.count else { return .none }
            var entry = SealedEntry()
            bytes.withUnsafeBytes { source in
                withUnsafeMutableBytes(of: &entry.words) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start &+ SealedStoreLayout.entry])) }
            }
            return entry
        }
        set {
            let start = index &* SealedStoreLayout.entry
            guard index >= 0, start &+ SealedStoreLayout.entry <= bytes.count else { return }
            withUnsafeBytes(of: newValue.words) { source in
                bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[start..<start &+ SealedStoreLayout.entry]).copyMemory(from: source) }
            }
        }
    }

    /// How many entries a node has.
    static let entries = 1 << Int(SealedStoreLayout.fanOutBits)

    /// Nothing is below, or in no slot anything.
    var isEmpty: Bool {
        if key.level == 0 { return bytes.allSatisfy { $0 == 0 } }
        for index in 0..<Self.entries where !self[entry: index].isNone { return false }
        return true
    }
}

/// What the table has of a file: 256 bytes of a leaf.
struct FileSlot {
    /// The file's blocks.
    var near = TreeRoot(), far = TreeRoot()
    var record: [UInt8]?

    var isUnused: Bool { record == nil && near.entry.isNone && far.entry.isNone }
    var count: UInt64 { near.count &+ far.count }
}

extension StoreNode {
    private static let (count, height, flags, length, record, far) = (32, 40, 41, 42, 64, 192)

    private static func start(_ file: UInt64) -> Int { Int(file & (1 << UInt64(SealedStoreLayout.slotBits) &- 1)) &* SealedStoreLayout.slot }

    /// The root of one of a file's trees.
    func root(of tree: UInt64) -> TreeRoot {
        let start = Self.start(tree) &+ (StoreKey.isFar(tree) ? Self.far : 0)
        let count = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start &+ Self.count, as: UInt64.self) }
        return TreeRoot(entry: self[entry: start / SealedStoreLayout.entry], height: bytes[start &+ Self.height], count: count)
    }

    /// Sets the root of one of a file's trees.
    func setRoot(of tree: UInt64, _ root: TreeRoot) {
        let start = Self.start(tree) &+ (StoreKey.isFar(tree) ? Self.far : 0)
        self[entry: start / SealedStoreLayout.entry] = root.entry
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: root.count, toByteOffset: start &+ Self.count, as: UInt64.self) }
        bytes[start &+ Self.height] = root.height
    }

    /// All of a file's slot; nil when it is malformed, which nobody without the key makes it.
    func slot(of file: UInt64) -> FileSlot? {
        let start = Self.start(file)
        let (flags, length) = (bytes[start &+ Self.flags], Int(bytes[start &+ Self.length]))
        var slot = FileSlot(near: root(of: file), far: root(of: file | SealedStoreLayout.far))
        guard flags <= 1, length <= FileStore.recordSize, flags == 1 || length == 0 else { return nil }
        if flags == 1 { slot.record = Array(bytes[start &+ Self.record..<start &+ Self.record &+ length]) }
        return slot
    }

    /// Sets a file's record, of at most 128 bytes, or takes it away.
    func setRecord(of file: UInt64, _ record: [UInt8]?) {
        let start = Self.start(file)
        bytes[start &+ Self.flags] = record == nil ? 0 : 1
        bytes[start &+ Self.length] = UInt8(truncatingIfNeeded: record?.count ?? 0)
        for index in 0..<FileStore.recordSize {
            var byte: UInt8 = 0
            if let record, index < record.count { byte = record[index] }
            bytes[start &+ Self.record &+ index] = byte
        }
    }

    /// Makes a file's slot as if there had never been such a file.
    func clearSlot(of file: UInt64) {
        let start = Self.start(file)
        for index in start..<start &+ SealedStoreLayout.slot { bytes[index] = 0 }
    }
}
