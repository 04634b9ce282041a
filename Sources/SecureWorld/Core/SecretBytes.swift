internal import Glibc

/// Bytes that are wiped when the last reference to them goes.
public final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// A copy of the bytes; whoever made the originals wipes them (`wipe`).
    public init(_ bytes: some Collection<UInt8>) {
        storage = .allocate(byteCount: bytes.count, alignment: 16)
        storage.copyBytes(from: bytes)
    }

    /// `count` bytes that `fill` writes.
    public init<Failure: Error>(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        storage = .allocate(byteCount: max(0, count), alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        do throws(Failure) { try fill(storage) } catch {
            Self.wipe(storage)
            storage.deallocate()
            throw error
        }
    }

    /// How many.
    public var count: Int { storage.count }

    /// The bytes, not to be kept beyond `body`.
    public func withUnsafeBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// A copy, which nobody wipes: only for what leaves for the application anyway.
    public var bytes: [UInt8] { Array(storage) }

    private static func wipe(_ buffer: UnsafeMutableRawBufferPointer) { if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) } }

    /// Overwrites the elements of an array that held secrets.
    public static func wipe(_ bytes: inout [UInt8]) { bytes.withUnsafeMutableBytes { wipe($0) } }

    deinit {
        Self.wipe(storage)
        storage.deallocate()
    }
}
