internal import CCrypto

/// A message authentication code in the making (TEE Internal Core API 1.3.1, 6.5; OP-TEE's `crypto_mac_*`): HMAC, CMAC and CBC-MAC.
///
/// Not for two threads at a time.
final class MACOperation {
    private enum State {
        case library(OpaquePointer)
        case chain(BlockChain)
    }

    /// What this computes.
    let algorithm: TEEAlgorithm
    private let key: SecretBytes
    private var state: State
    private var isFinished = false

    private init(_ algorithm: TEEAlgorithm, _ key: SecretBytes, _ state: State, isFinished: Bool) {
        self.algorithm = algorithm
        self.key = key
        self.state = state
        self.isFinished = isFinished
    }

    /// The MAC of nothing yet, under that key.
    ///
    /// `badParameters` for a key of a length that the algorithm does not have: HMAC takes any but none at all, the others what their cipher takes.
    /// `notSupported` for an algorithm of another class or unknown.
    convenience init(_ algorithm: TEEAlgorithm, key: SecretBytes) throws(TEEResult) {
        guard algorithm.operationClass == .mac, algorithm.isKnown else { throw .notSupported }
        switch algorithm.chainMode {
        case .cbc, .cbcMACPKCS5:
            self.init(algorithm, key, .chain(try BlockChain(algorithm.mainAlgorithm, key: key)), isFinished: false)
        default:
            let isCMAC = algorithm.chainMode == .cmac
            guard key.count > 0, !isCMAC || Self.cipherName(algorithm, key) != nil else { throw .badParameters }
            guard let mac = EVP_MAC_fetch(try CryptoLibrary.context(), isCMAC ? "CMAC" : "HMAC", nil) else { throw CryptoLibrary.failure(.notSupported) }
            defer { EVP_MAC_free(mac) }
            guard let context = EVP_MAC_CTX_new(mac) else { throw .outOfMemory }
            self.init(algorithm, algorithm.mainAlgorithm == .des3 ? BlockCipher.repeated(key) : key, .library(context), isFinished: true)
            try reset()
        }
    }

    private static func cipherName(_ algorithm: TEEAlgorithm, _ key: SecretBytes) -> String? {
        switch (algorithm.mainAlgorithm, key.count) {
        case (.aes, 16), (.aes, 24), (.aes, 32): "AES-\(key.count * 8)-CBC"
        case (.des3, 16), (.des3, 24): "DES-EDE3-CBC"
        default: nil
        }
    }

    /// Bytes of the MAC.
    var size: Int { algorithm.digestSize ?? 0 }

    /// Adds to the message; `badState` after the MAC was taken.
    func update(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        guard !isFinished else { throw .badState }
        guard let start = data.baseAddress, !data.isEmpty else { return }
        switch state {
        case .chain(let chain): try chain.update(data)
        case .library(let context):
            guard EVP_MAC_update(context, start.assumingMemoryBound(to: UInt8.self), data.count) == 1 else { throw CryptoLibrary.failure(.badState) }
        }
    }

    /// The MAC of the message with `data` at its end; from then on only `reset` and `copy` make sense.
    ///
    /// `badState` after the MAC was taken, and for an unpadded CBC-MAC of nothing or of something else than whole blocks (OP-TEE's
    /// `core/crypto/cbc-mac.c`).
    func finish(_ data: UnsafeRawBufferPointer) throws(TEEResult) -> [UInt8] {
        try update(data)
        isFinished = true
        switch state {
        case .chain(let chain):
            if algorithm.isPadded { try chain.pad() }
            guard let value = chain.value else { throw .badState }
            return value
        case .library(let context):
            var mac = [UInt8](repeating: 0, count: size)
            var count = 0
            guard EVP_MAC_final(context, &mac, &count, mac.count) == 1, count == mac.count else { throw CryptoLibrary.failure(.badState) }
            return mac
        }
    }

    /// Starts again with an empty message under the same key.
    func reset() throws(TEEResult) {
        switch state {
        case .chain: state = .chain(try BlockChain(algorithm.mainAlgorithm, key: key))
        case .library(let context):
            let (parameter, value) =
                algorithm.isHMAC
                ? (OSSL_MAC_PARAM_DIGEST, algorithm.libraryDigestName) : (OSSL_MAC_PARAM_CIPHER, Self.cipherName(algorithm, key))
            guard var name = value.map({ Array($0.utf8CString) }) else { throw .notSupported }
            let isReady = name.withUnsafeMutableBufferPointer { name in
                parameter.withCString { parameter in
                    key.withUnsafeBytes { key in
                        let parameters = [OSSL_PARAM_construct_utf8_string(parameter, name.baseAddress, 0), OSSL_PARAM_construct_end()]
                        return EVP_MAC_init(context, key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count, parameters) == 1
                    }
                }
            }
            guard isReady else { throw CryptoLibrary.failure(.badParameters) }
        }
        isFinished = false
    }

    /// Another operation in the same state.
    func copy() throws(TEEResult) -> MACOperation {
        switch state {
        case .chain(let chain): return MACOperation(algorithm, key, .chain(try chain.copy()), isFinished: isFinished)
        case .library(let context):
            guard let new = EVP_MAC_CTX_dup(context) else { throw CryptoLibrary.failure(.outOfMemory) }
            return MACOperation(algorithm, key, .library(new), isFinished: isFinished)
        }
    }

    deinit {
        if case .library(let context) = state { EVP_MAC_CTX_free(context) }
    }
}
