/// A symmetric encryption or decryption in the making (TEE Internal Core API 1.3.1, 6.4; OP-TEE's `tee_do_cipher_update` and `crypto_cipher_*`).
///
/// Not for two threads at a time.
final class CipherOperation {
    private enum Engine {
        case plain(BlockCipher)
        case stealing(StealingCipher)
        case tweaked(TweakedCipher)
    }

    /// What this computes.
    let algorithm: TEEAlgorithm
    /// Encrypt or decrypt.
    let mode: TEEOperationMode
    private let engine: Engine
    private let blockSize: Int
    // Of a padded message: how many bytes the cipher still holds back.
    private var held = 0
    private var isFinished = false

    /// The start of a message. `secondKey` is the tweak's of XTS and nil for all others; `iv` is ignored by ECB.
    ///
    /// `badParameters` for another mode than encrypt and decrypt, for keys of a length that the cipher does not have, for a second key that is missing,
    /// of another length or one too many, and for an initialization vector of another length than a block (OP-TEE's `core/lib/libtomcrypt`; it answers
    /// BAD_STATE to keys of wrong lengths, which its objects cannot hold). `notSupported` for an algorithm of another class or unknown.
    init(_ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, key: SecretBytes, secondKey: SecretBytes? = nil, iv: UnsafeRawBufferPointer) throws(TEEResult) {
        guard algorithm.operationClass == .cipher, algorithm.isKnown, let blockSize = algorithm.blockSize else { throw .notSupported }
        guard mode == .encrypt || mode == .decrypt, (secondKey != nil) == algorithm.needsTwoKeys else { throw .badParameters }
        self.algorithm = algorithm
        self.mode = mode
        self.blockSize = blockSize
        let encrypts = mode == .encrypt
        let primitive = algorithm.mainAlgorithm
        let isPadded = algorithm.isPadded
        switch (algorithm.chainMode, secondKey) {
        case (.ecb, nil): engine = .plain(try BlockCipher(primitive, .ecb, key: key, encrypts: encrypts, isPadded: isPadded))
        case (.cbc, nil): engine = .plain(try BlockCipher(primitive, .cbc, key: key, iv: iv, encrypts: encrypts, isPadded: isPadded))
        case (.ctr, nil): engine = .plain(try BlockCipher(primitive, .ctr, key: key, iv: iv, encrypts: encrypts))
        case (.cts, nil): engine = .stealing(try StealingCipher(primitive, key: key, iv: iv, encrypts: encrypts))
        case (.xts, let tweakKey?): engine = .tweaked(try TweakedCipher(primitive, key: key, tweakKey: tweakKey, iv: iv, encrypts: encrypts))
        default: throw .notSupported
        }
    }

    private init(_ other: CipherOperation) throws(TEEResult) {
        algorithm = other.algorithm
        mode = other.mode
        blockSize = other.blockSize
        held = other.held
        isFinished = other.isFinished
        engine =
            switch other.engine {
            case .plain(let cipher): .plain(try cipher.copy())
            case .stealing(let cipher): .stealing(try cipher.copy())
            case .tweaked(let cipher): .tweaked(try cipher.copy())
            }
    }

    /// The most bytes that `update` gives for that many: as many, but for padded messages.
    func updateSize(_ count: Int) -> Int {
        guard algorithm.isPadded else { return count }
        let (sum, overflows) = count.addingReportingOverflow(held)
        return overflows ? Int.max : sum / blockSize * blockSize
    }

    /// The most bytes that `finish` gives for that many: as many, but for padded messages.
    func finishSize(_ count: Int) -> Int {
        guard algorithm.isPadded, mode == .encrypt else { return updateSize(count) }
        let (sum, overflows) = updateSize(count).addingReportingOverflow(blockSize)
        return overflows ? Int.max : sum
    }

    /// What the next bytes of the message become.
    ///
    /// `badParameters` for a count that is not a multiple of the block's, except in counter mode and in padded messages; nothing has changed then.
    /// `badState` after `finish`. OP-TEE takes counts of any kind for AES-CTR only; SM4-CTR has no reason to differ.
    func update(_ input: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        guard !isFinished else { throw .badState }
        guard !input.isEmpty else { return [] }
        guard input.count % blockSize == 0 || algorithm.chainMode == .ctr || algorithm.isPadded else { throw .badParameters }
        return try run(input, isLast: false)
    }

    /// What the end of the message becomes; from then on only `copy` makes sense.
    ///
    /// Without bytes there is no output, as in OP-TEE, except padding. `badParameters` for ECB and CBC with something else than whole blocks,
    /// `badState` for CTS with one block or less, for XTS with less than one, and after `finish`; `ciphertextInvalid` when padding is not to be found
    /// where it should be.
    func finish(_ input: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        guard !isFinished else { throw .badState }
        if !algorithm.isPadded, algorithm.chainMode == .ecb || algorithm.chainMode == .cbc, input.count % blockSize != 0 { throw .badParameters }
        isFinished = true
        return input.isEmpty && !algorithm.isPadded ? [] : try run(input, isLast: true)
    }

    private func run(_ input: UnsafeRawBufferPointer, isLast: Bool) throws(TEEResult) -> [UInt8] {
        // libcrypto may write a block more than it says before padding is taken off.
        let (room, overflows) = input.count.addingReportingOverflow(algorithm.isPadded ? 2 * blockSize : 0)
        guard !overflows else { throw .outOfMemory }
        var output = [UInt8](repeating: 0, count: room)
        let count = try output.withSecretBytes { (output) throws(TEEResult) in
            switch engine {
            case .plain(let cipher):
                let count = try cipher.update(input, into: output)
                held = held &+ input.count &- count
                guard isLast, algorithm.isPadded else { return count }
                return count + (try cipher.finish(into: UnsafeMutableRawBufferPointer(rebasing: output[count...])))
            case .stealing(let cipher): if isLast { try cipher.finish(input, into: output) } else { try cipher.update(input, into: output) }
            case .tweaked(let cipher): if isLast { try cipher.finish(input, into: output) } else { try cipher.update(input, into: output) }
            }
            return input.count
        }
        if count < output.count { output.removeSubrange(count...) }
        return output
    }

    /// Another operation in the same state.
    func copy() throws(TEEResult) -> CipherOperation { try CipherOperation(self) }
}
