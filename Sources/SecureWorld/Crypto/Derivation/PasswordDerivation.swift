internal import CCrypto

/// PBKDF2 (RFC 8018, 5.2) with HMAC, step by step.
///
/// How long it takes is the application's choice, up to days: libcrypto's own function could not be left before its end.
struct PasswordDerivation {
    private let context: OpaquePointer
    private let size: Int

    /// Looked at once in so many steps, which take about a millisecond.
    private static let stepsAtOnce: UInt32 = 2048

    /// The bytes that `password` and `salt` make in that many iterations, at least one; `cancel` as soon as `isWanted` is false.
    static func derive(
        digest: String, password: SecretBytes, salt: [UInt8], iterations: UInt32, length: Int, isWanted: () -> Bool
    ) throws(TEEResult) -> SecretBytes {
        let derivation = try PasswordDerivation(digest, password)
        defer { EVP_MAC_CTX_free(derivation.context) }
        var result: [UInt8] = []
        defer { SecretBytes.wipe(&result) }
        // It grows to what is known, so that no copy is left behind.
        result.reserveCapacity(length &+ derivation.size)
        var number: UInt32 = 1
        while result.count < length {
            var block = try derivation.block(number, salt, iterations, isWanted)
            defer { SecretBytes.wipe(&block) }
            result += block
            number &+= 1
        }
        return SecretBytes(result.prefix(length))
    }

    private init(_ digest: String, _ password: SecretBytes) throws(TEEResult) {
        guard let mac = EVP_MAC_fetch(try CryptoLibrary.context(), "HMAC", nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_MAC_free(mac) }
        guard let context = EVP_MAC_CTX_new(mac) else { throw CryptoLibrary.failure(.outOfMemory) }
        var name = Array(digest.utf8CString)
        let isReady = name.withUnsafeMutableBufferPointer { name in
            OSSL_MAC_PARAM_DIGEST.withCString { parameter in
                password.withUnsafeBytes { password in
                    // An empty password is one, too.
                    withUnsafePointer(to: UInt8(0)) { nothing in
                        let parameters = [OSSL_PARAM_construct_utf8_string(parameter, name.baseAddress, 0), OSSL_PARAM_construct_end()]
                        return EVP_MAC_init(context, password.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing, password.count, parameters) == 1
                    }
                }
            }
        }
        size = EVP_MAC_CTX_get_mac_size(context)
        guard isReady, size > 0 else {
            EVP_MAC_CTX_free(context)
            throw CryptoLibrary.failure(.badParameters)
        }
        self.context = context
    }

    /// F of 5.2: the exclusive or of the MACs of the salt with the block's number, of that MAC, and so on.
    private func block(_ number: UInt32, _ salt: [UInt8], _ iterations: UInt32, _ isWanted: () -> Bool) throws(TEEResult) -> [UInt8] {
        var last = [UInt8](repeating: 0, count: size)
        defer { SecretBytes.wipe(&last) }
        try mac(salt + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }, &last)
        var sum = last
        var left = iterations &- 1
        while left > 0 {
            guard isWanted() else {
                SecretBytes.wipe(&sum)
                throw .cancel
            }
            let count = min(left, Self.stepsAtOnce)
            try steps(count, &last, &sum)
            left &-= count
        }
        return sum
    }

    private func steps(_ count: UInt32, _ last: inout [UInt8], _ sum: inout [UInt8]) throws(TEEResult) {
        let isDone = last.withUnsafeMutableBufferPointer { last in
            sum.withUnsafeMutableBufferPointer { sum in
                var size = 0
                for _ in 0..<count {
                    guard EVP_MAC_init(context, nil, 0, nil) == 1, EVP_MAC_update(context, last.baseAddress, last.count) == 1,
                        EVP_MAC_final(context, last.baseAddress, &size, last.count) == 1
                    else { return false }
                    for index in last.indices { sum[index] ^= last[index] }
                }
                return true
            }
        }
        guard isDone else { throw CryptoLibrary.failure(.generic) }
    }

    private func mac(_ message: [UInt8], _ result: inout [UInt8]) throws(TEEResult) {
        var count = 0
        guard EVP_MAC_init(context, nil, 0, nil) == 1, EVP_MAC_update(context, message, message.count) == 1,
            EVP_MAC_final(context, &result, &count, result.count) == 1
        else { throw CryptoLibrary.failure(.generic) }
    }
}
