internal import CCrypto

/// A message digest in the making (TEE Internal Core API 1.3.1, 6.3; OP-TEE's `crypto_hash_*`).
///
/// Not for two threads at a time.
final class DigestOperation {
    private enum State {
        case hash(OpaquePointer)
        case sponge(KeccakSponge)
    }

    /// The digest that this computes.
    let algorithm: TEEAlgorithm
    private var state: State
    private var isFinished = false

    private init(_ algorithm: TEEAlgorithm, _ state: State, isFinished: Bool) {
        self.algorithm = algorithm
        self.state = state
        self.isFinished = isFinished
    }

    /// A digest of nothing yet; `notSupported` for an algorithm of another class or unknown.
    convenience init(_ algorithm: TEEAlgorithm) throws(TEEResult) {
        guard algorithm.operationClass == .digest else { throw .notSupported }
        switch algorithm {
        case .shake128: self.init(algorithm, .sponge(KeccakSponge(strength: 128)), isFinished: false)
        case .shake256: self.init(algorithm, .sponge(KeccakSponge(strength: 256)), isFinished: false)
        default:
            guard algorithm.isKnown, algorithm.libraryDigestName != nil else { throw .notSupported }
            guard let context = EVP_MD_CTX_new() else { throw .outOfMemory }
            self.init(algorithm, .hash(context), isFinished: true)
            try reset()
        }
    }

    /// Bytes of the digest; nil for SHAKE, whose output has any length.
    var size: Int? { algorithm.digestSize }

    /// Adds to the message; `badState` after the digest was taken.
    func update(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        guard !isFinished else { throw .badState }
        switch state {
        case .sponge(let sponge): try sponge.absorb(data)
        case .hash(let context): guard EVP_DigestUpdate(context, data.baseAddress, data.count) == 1 else { throw CryptoLibrary.failure(.badState) }
        }
    }

    /// The digest of the message with `data` at its end, of a SHAKE the customary 32 or 64 bytes; from then on only `reset` and `copy` make sense.
    ///
    /// `badState` after the digest was taken.
    func finish(_ data: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        try update(data)
        switch state {
        case .sponge:
            let digest = try extract(count: algorithm == .shake128 ? 32 : 64)
            isFinished = true
            return digest
        case .hash(let context):
            isFinished = true
            var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
            var count: UInt32 = 0
            guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw CryptoLibrary.failure(.badState) }
            return Array(digest.prefix(Int(count)))
        }
    }

    /// The next `count` bytes of a SHAKE's output, after which the message is closed; may be called again and again, as TEE_DigestExtract and OP-TEE's
    /// TEE_DigestDoFinal do with a buffer of the caller's length.
    ///
    /// `notSupported` for other digests, whose output the caller keeps and hands out in pieces; `badParameters` for a negative count. The caller bounds
    /// the count: it has the buffer.
    func extract(count: Int) throws(TEEResult) -> [UInt8] {
        guard case .sponge(let sponge) = state else { throw .notSupported }
        guard !isFinished else { throw .badState }
        guard count >= 0 else { throw .badParameters }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            sponge.squeeze(into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            filled = count
        }
    }

    /// Starts again with an empty message.
    func reset() throws(TEEResult) {
        switch state {
        case .sponge: state = .sponge(KeccakSponge(strength: algorithm == .shake128 ? 128 : 256))
        case .hash(let context):
            let library = try CryptoLibrary.context()
            guard let name = algorithm.libraryDigestName, let digest = EVP_MD_fetch(library, name, nil) else { throw CryptoLibrary.failure(.notSupported) }
            defer { EVP_MD_free(digest) }
            guard EVP_DigestInit_ex2(context, digest, nil) == 1 else { throw CryptoLibrary.failure(.outOfMemory) }
        }
        isFinished = false
    }

    /// Another operation in the same state.
    func copy() throws(TEEResult) -> DigestOperation {
        switch state {
        case .sponge(let sponge): return DigestOperation(algorithm, .sponge(sponge.copy()), isFinished: isFinished)
        case .hash(let context):
            guard let new = EVP_MD_CTX_new() else { throw .outOfMemory }
            let copy = DigestOperation(algorithm, .hash(new), isFinished: isFinished)
            guard EVP_MD_CTX_copy_ex(new, context) == 1 else { throw CryptoLibrary.failure(.outOfMemory) }
            return copy
        }
    }

    deinit {
        if case .hash(let context) = state { EVP_MD_CTX_free(context) }
    }
}
