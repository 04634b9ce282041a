internal import CCrypto
internal import LibCrypto

extension CryptoContext {
    /// A digest by libcrypto's name of it; empty when libcrypto has none.
    static func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        guard let context else { return [] }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count = 0
        let done = bytes.withUnsafeBytes { EVP_Q_digest(context, name, nil, $0.baseAddress, $0.count, &digest, &count) }
        guard done == 1, count <= digest.count else {
            ERR_clear_error()
            return []
        }
        return Array(digest.prefix(count))
    }
}
