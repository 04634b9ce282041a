/// The files that a loader of the guest has open, by handle. All of a file has been checked before it is opened.
struct LoaderFiles {
    private var files: [UInt32: [UInt8]] = [:]
    private var next: UInt32 = 1
    private static let most = 256
    /// Bytes of all together.
    private static let mostBytes = 256 << 20

    /// Errors: `outOfMemory` for too many, or too large ones.
    mutating func add(_ bytes: [UInt8]) throws(TEEResult) -> UInt32 {
        guard files.count < Self.most, files.values.reduce(bytes.count, { $0 &+ $1.count }) <= Self.mostBytes else { throw .outOfMemory }
        while next == 0 || files[next] != nil { next &+= 1 }
        defer { next &+= 1 }
        files[next] = bytes
        return next
    }

    /// `badParameters` for a handle that is none.
    func bytes(_ handle: UInt64) throws(TEEResult) -> [UInt8] {
        guard let key = UInt32(exactly: handle), let bytes = files[key] else { throw .badParameters }
        return bytes
    }

    /// `badParameters` for a handle that is none.
    mutating func close(_ handle: UInt64) throws(TEEResult) {
        guard let key = UInt32(exactly: handle), files.removeValue(forKey: key) != nil else { throw .badParameters }
    }
}
