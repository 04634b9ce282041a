/// An authenticated encryption or decryption in the making (TEE Internal Core API 1.3.1, 6.6; OP-TEE's `crypto_authenc_*`): AES-CCM and AES-GCM.
///
/// Not for two threads at a time.
final class AuthenticatedOperation {
    private enum Engine {
        case ccm(CounterWithChain)
        case gcm(GaloisCounter)
    }

    /// What this computes.
    let algorithm: TEEAlgorithm
    /// Encrypt or decrypt.
    let mode: TEEOperationMode
    /// Bytes of the tag.
    let tagSize: Int
    private let engine: Engine
    private var isFinished = false

    /// The start of a message. Lengths are in bytes, that of the tag too: the C library divides TEE_AEInit's bits by eight before it calls the kernel.
    /// CCM needs the lengths of what comes, GCM ignores them.
    ///
    /// `badParameters` for another mode than encrypt and decrypt, for a key of a length that AES does not have, for a nonce of a length that the mode
    /// does not take (CCM: 7 to 13 bytes, and short enough for the payload's length; GCM: none or, `notSupported`, more than 128) and for a GCM tag of
    /// none or more than 16 bytes; `notSupported` for a CCM tag that is not of 4, 6, 8, 10, 12, 14 or 16 bytes and for an algorithm of another class or
    /// unknown (OP-TEE's `core/crypto/aes-gcm.c`, `core/lib/libtomcrypt/ccm.c`).
    init(
        _ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, key: SecretBytes, nonce: UnsafeRawBufferPointer, tagLength: UInt64, aadLength: UInt64,
        payloadLength: UInt64
    ) throws(TEEResult) {
        guard algorithm.operationClass == .authenticatedEncryption, algorithm.isKnown else { throw .notSupported }
        guard mode == .encrypt || mode == .decrypt else { throw .badParameters }
        self.algorithm = algorithm
        self.mode = mode
        let encrypts = mode == .encrypt
        let primitive = algorithm.mainAlgorithm
        switch algorithm.chainMode {
        case .ccm:
            guard nonce.count <= 13 else { throw .badParameters }
            guard (4...16).contains(tagLength), tagLength % 2 == 0 else { throw .notSupported }
            tagSize = Int(tagLength)
            engine = .ccm(
                try CounterWithChain(
                    primitive, key: key, nonce: [UInt8](nonce), tagSize: tagSize, aadLength: aadLength, payloadLength: payloadLength, encrypts: encrypts))
        case .gcm:
            guard (1...16).contains(tagLength) else { throw .badParameters }
            tagSize = Int(tagLength)
            engine = .gcm(try GaloisCounter(primitive, key: key, nonce: nonce, encrypts: encrypts))
        default: throw .notSupported
        }
    }

    private init(_ other: AuthenticatedOperation) throws(TEEResult) {
        algorithm = other.algorithm
        mode = other.mode
        tagSize = other.tagSize
        isFinished = other.isFinished
        engine =
            switch other.engine {
            case .ccm(let cipher): .ccm(try cipher.copy())
            case .gcm(let cipher): .gcm(try cipher.copy())
            }
    }

    /// Adds to the data that is authenticated only.
    ///
    /// `badParameters` for GCM when the payload has begun, `badState` for CCM when there is more than was announced, and after the end.
    func updateAAD(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        guard !isFinished else { throw .badState }
        switch engine {
        case .ccm(let cipher): try cipher.authenticate(data)
        case .gcm(let cipher): try cipher.authenticate(data)
        }
    }

    /// What the next bytes of the payload become: as many bytes.
    ///
    /// `badState` for CCM when less data to authenticate has come than was announced, or more payload; and after the end.
    func updatePayload(_ input: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        guard !isFinished else { throw .badState }
        var output = [UInt8](repeating: 0, count: input.count)
        try output.withSecretBytes { (output) throws(TEEResult) in
            switch engine {
            case .ccm(let cipher): try cipher.update(input, into: output)
            case .gcm(let cipher): try cipher.update(input, into: output)
            }
        }
        return output
    }

    /// What the end of the payload becomes, and the tag; from then on only `copy` makes sense.
    ///
    /// `badParameters` when this decrypts; `badState` as `updatePayload`, and for CCM when less payload has come than was announced.
    func encryptFinal(_ input: UnsafeRawBufferPointer) throws(TEEResult) -> (data: [UInt8], tag: [UInt8]) {
        guard mode == .encrypt else { throw .badParameters }
        let data = try updatePayload(input)
        isFinished = true
        return (data, try tag())
    }

    /// What the end of the payload becomes; from then on only `copy` makes sense.
    ///
    /// `macInvalid` when the tag, of whatever length, is not the one of all that came: nothing of `input` is deciphered for the caller then.
    /// `badParameters` when this encrypts; `badState` as `encryptFinal`.
    func decryptFinal(_ input: UnsafeRawBufferPointer, tag expected: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        guard mode == .decrypt else { throw .badParameters }
        var data = try updatePayload(input)
        isFinished = true
        do throws(TEEResult) {
            let isRight: Bool
            switch engine {
            case .ccm(let cipher):
                isRight = try cipher.tag().withBytes { (tag) throws(TEEResult) in CryptoLibrary.areEqual(tag, expected) }
            case .gcm(let cipher): isRight = expected.count == tagSize ? try cipher.verify(expected) : false
            }
            guard isRight else { throw .macInvalid }
            return data
        } catch {
            SecretBytes.wipe(&data)
            throw error
        }
    }

    private func tag() throws(TEEResult) -> [UInt8] {
        switch engine {
        case .ccm(let cipher): try cipher.tag()
        case .gcm(let cipher): try cipher.tag(size: tagSize)
        }
    }

    /// Another operation in the same state.
    func copy() throws(TEEResult) -> AuthenticatedOperation { try AuthenticatedOperation(self) }
}
