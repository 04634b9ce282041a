extension Manifest {
    /// Reads a manifest: every byte, each once, nothing left over.
    ///
    /// - Throws: `ManifestError`.
    public init(decoding bytes: [UInt8]) throws(ManifestError) {
        if bytes.count > Self.largest { throw .tooLong }
        var reader = ManifestReader(bytes)
        if try reader.u64() != Self.magic { throw .version }
        let words = try reader.string(most: 32)
        guard let mode = Mode.allCases.first(where: { Array($0.text.utf8) == words }) else { throw .field }
        let blocks = try reader.u64()
        guard let root = ContentDigest(try reader.take(ContentDigest.size)) else { throw .field }
        self.init(mode: mode, rootImage: RootImageIdentity(blocks: blocks, root: root), program: try reader.string(most: Self.path), arguments: try reader.strings())
        environment = try reader.strings()
        workingDirectory = try reader.string(most: Self.path)
        (user, group) = (try reader.u32(), try reader.u32())
        for _ in 0..<(try reader.count(most: Self.groups, size: 4)) { groups.append(try reader.u32()) }
        limits.memory = try reader.u64()
        (limits.tasks, limits.openFiles) = (try reader.u32(), try reader.u32())
        hostName = try reader.string(most: 64)
        umask = try reader.u32()
        (ignoredSignals, blockedSignals) = (try reader.u64(), try reader.u64())
        isQuiet = try reader.flag()
        for _ in 0..<(try reader.count(most: Self.mostMounts, size: 5)) {
            let isTemporary = try reader.flag()
            let path = try reader.string(most: Self.path)
            mounts.append(isTemporary ? .temporary(path) : .readOnly(path))
        }
        if try reader.flag() {
            sealedStore = SealedStore(path: try reader.string(most: Self.path), blocks: try reader.u64(), keyIsReleased: try reader.flag())
            sealedStore?.formats = try reader.flag()
        }
        if try reader.flag() { secrets = Secrets(stream: try reader.string(most: 255), provider: try reader.string(most: 97)) }
        connections = try reader.strings()
        if !reader.isAtEnd { throw .trailing }
        try check()
    }
}

/// Goes through bytes from the front; nothing is taken that is not there.
struct ManifestReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ count: Int) throws(ManifestError) -> [UInt8] {
        if count > bytes.count &- place { throw .truncated }
        defer { place &+= count }
        return Array(bytes[place..<place &+ count])
    }

    private mutating func number(_ size: Int) throws(ManifestError) -> UInt64 {
        if size > bytes.count &- place { throw .truncated }
        defer { place &+= size }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[place &+ index]) << UInt64(8 &* index) }
        return value
    }

    mutating func u32() throws(ManifestError) -> UInt32 { UInt32(truncatingIfNeeded: try number(4)) }
    mutating func u64() throws(ManifestError) -> UInt64 { try number(8) }

    mutating func flag() throws(ManifestError) -> Bool {
        switch try number(1) {
        case 0: false
        case 1: true
        default: throw .field
        }
    }

    /// A count of elements of so many bytes at least, which have to be there: nothing is allocated for a count alone.
    mutating func count(most: Int, size: Int) throws(ManifestError) -> Int {
        let count = Int(try u32())
        if count > most { throw .field }
        if count &* size > bytes.count &- place { throw .truncated }
        return count
    }

    mutating func string(most: Int) throws(ManifestError) -> [UInt8] { try take(try count(most: most, size: 1)) }

    mutating func strings() throws(ManifestError) -> [[UInt8]] {
        var list: [[UInt8]] = []
        for _ in 0..<(try count(most: Manifest.strings, size: 4)) { list.append(try string(most: Manifest.string)) }
        return list
    }
}
