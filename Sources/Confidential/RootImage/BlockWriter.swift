internal import GuestHost

/// Collects bytes into blocks, hands them on, and keeps each one's digest: 1/128 of the size.
final class BlockWriter {
    private let hasher = LibCryptoHasher()
    private var pending: [UInt8] = []
    private var digests: [UInt8] = []
    private var written: UInt64 = 0

    /// What goes to the output at a time.
    private static let chunk = 64 * RootImageLayout.block

    typealias Output = (UnsafeRawBufferPointer) throws(RootImageError) -> Void

    func append(_ bytes: some Sequence<UInt8>, _ output: Output) throws(RootImageError) {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.chunk { try flush(output) }
    }

    /// Zeros up to an offset, which lies a block ahead at most.
    func pad(to offset: UInt64, _ output: Output) throws(RootImageError) {
        let place = written + UInt64(pending.count)
        precondition(offset >= place && offset - place < UInt64(RootImageLayout.block), "the plan has places in order")
        try append(repeatElement(0, count: Int(offset - place)), output)
    }

    /// Writes the whole blocks there are.
    private func flush(_ output: Output) throws(RootImageError) {
        let whole = pending.count / RootImageLayout.block * RootImageLayout.block
        try emit(Array(pending[..<whole]), domain: RootImageLayout.blockDomain, output)
        pending.removeFirst(whole)
    }

    /// Writes blocks and appends their digests.
    private func emit(_ bytes: [UInt8], domain: UInt8, _ output: Output) throws(RootImageError) {
        let outcome = bytes.withUnsafeBytes { whole -> Result<Void, RootImageError> in
            for start in stride(from: 0, to: whole.count, by: RootImageLayout.block) {
                digests += hasher.digest(domain: domain, UnsafeRawBufferPointer(rebasing: whole[start..<start + RootImageLayout.block])).bytes
            }
            do throws(RootImageError) { return .success(try output(whole)) } catch { return .failure(error) }
        }
        try outcome.get()
        written += UInt64(bytes.count)
    }

    /// Writes the tree behind the blocks, level by level, and gives the digest of its top.
    func finish(_ output: Output) throws(RootImageError) -> ContentDigest {
        try flush(output)
        precondition(pending.isEmpty, "padded to a whole block before")
        repeat {
            var level = digests
            level += repeatElement(0, count: (RootImageLayout.block - level.count % RootImageLayout.block) % RootImageLayout.block)
            digests = []
            try emit(level, domain: RootImageLayout.nodeDomain, output)
        } while digests.count > ContentDigest.size
        guard let root = ContentDigest(digests) else { preconditionFailure("the top is one node") }
        return root
    }
}
