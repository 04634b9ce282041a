/// A SHA-256 digest (FIPS 180-4).
public struct ContentDigest: Sendable, Hashable {
    /// Bytes of a digest.
    public static let size = 32
    private var first: UInt64 = 0, second: UInt64 = 0, third: UInt64 = 0, fourth: UInt64 = 0

    /// 32 zero bytes, which is no digest of anything known.
    public init() {}

    /// From 32 bytes; nil for any other number of them.
    public init?(_ bytes: [UInt8]) {
        if bytes.count != Self.size { return nil }
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var copy = self
        return copy.withUnsafeMutableBytes { Array($0) }
    }

    /// Runs `body` on the 32 bytes, to read or to fill.
    public mutating func withUnsafeMutableBytes<Value>(_ body: (UnsafeMutableRawBufferPointer) -> Value) -> Value {
        Swift.withUnsafeMutableBytes(of: &self) { body($0) }
    }
}

/// Who computes SHA-256: BearSSL in the guest, libcrypto on the host. Subclassed there.
open class ContentHasher: @unchecked Sendable {
    /// For subclasses.
    public init() {}

    /// SHA-256 of the byte `domain`, when there is one, and `bytes` behind it.
    open func digest(domain: UInt8?, _ bytes: UnsafeRawBufferPointer) -> ContentDigest { ContentDigest() }
}
