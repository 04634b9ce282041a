/// The running value of a CBC-MAC (FIPS 113; ISO/IEC 9797-1, algorithm 1): blocks are chained through a cipher and only the last result is kept.
///
/// Memory does not grow with the message. The core of the MACs of that name and of CCM.
final class BlockChain {
    private static let chunk = 4096

    private let cipher: BlockCipher
    private var pending: [UInt8] = []
    private var last: [UInt8]?
    /// Bytes in a block.
    let blockSize: Int

    /// A chain that starts from zeros; errors as those of `BlockCipher`.
    init(_ primitive: TEEMainAlgorithm?, key: SecretBytes) throws(TEEResult) {
        cipher = try BlockCipher(primitive, .cbc, key: key, encrypts: true)
        blockSize = primitive == .aes || primitive == .sm4 ? 16 : 8
        pending.reserveCapacity(blockSize)
    }

    private init(_ other: BlockChain) throws(TEEResult) {
        cipher = try other.cipher.copy()
        pending = other.pending
        last = other.last
        blockSize = other.blockSize
    }

    /// Bytes that do not fill a block yet.
    var pendingCount: Int { pending.count }

    /// Adds to the message.
    func update(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        var rest = data[...]
        if !pending.isEmpty {
            let missing = rest.prefix(blockSize - pending.count)
            pending.append(contentsOf: missing)
            rest = rest.dropFirst(missing.count)
            guard pending.count == blockSize else { return }
            last = try cipher.update(pending)
            SecretBytes.wipe(&pending)
            pending.removeAll(keepingCapacity: true)
        }
        var output = [UInt8](repeating: 0, count: min(Self.chunk, rest.count / blockSize * blockSize))
        defer { SecretBytes.wipe(&output) }
        while rest.count >= blockSize {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(min(Self.chunk, rest.count / blockSize * blockSize)))
            try output.withSecretBytes { (output) throws(TEEResult) in _ = try cipher.update(part, into: output) }
            last = Array(output[..<part.count].suffix(blockSize))
            rest = rest.dropFirst(part.count)
        }
        pending.append(contentsOf: rest)
    }

    /// Fills a block that was begun with zeros (SP 800-38C, A.2.2).
    func fillBlock() throws(TEEResult) {
        guard !pending.isEmpty else { return }
        try update([UInt8](repeating: 0, count: blockSize - pending.count))
    }

    /// Adds PKCS #5 padding, a whole block if none is begun (RFC 8018, 6.1.1).
    func pad() throws(TEEResult) {
        let count = blockSize - pending.count
        try update([UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count))
    }

    /// The result of the last block; nil when there was none or a block is begun.
    var value: [UInt8]? { pending.isEmpty ? last : nil }

    /// Another chain in the same state.
    func copy() throws(TEEResult) -> BlockChain { try BlockChain(self) }

    /// Adds to the message.
    func update(_ data: [UInt8]) throws(TEEResult) { try data.withBytes { (data) throws(TEEResult) in try update(data) } }

    deinit {
        SecretBytes.wipe(&pending)
        if var last {
            self.last = nil
            SecretBytes.wipe(&last)
        }
    }
}

extension [UInt8] {
    /// The bytes, with an error that `body` throws as it is.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(TEEResult) -> Result) throws(TEEResult) -> Result {
        try withUnsafeBufferPointer { (buffer) throws(TEEResult) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// The bytes to be changed, which are overwritten if `body` throws.
    mutating func withSecretBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) throws(TEEResult) -> Result) throws(TEEResult) -> Result {
        try withUnsafeMutableBufferPointer { (buffer) throws(TEEResult) in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            do throws(TEEResult) { return try body(bytes) } catch {
                CryptoLibrary.wipe(bytes)
                throw error
            }
        }
    }
}
