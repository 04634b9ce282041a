@testable import SecureWorld

extension SymmetricVectors {
    /// Bytes that repeat after 256 and are the same wherever a vector says `pattern`.
    static func pattern(_ count: Int, _ factor: Int = 7, _ start: Int = 3) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * factor + start) } }

    /// The bytes that hexadecimal digits stand for; what is no digit is left out.
    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func sha256(_ bytes: [UInt8]) throws(TEEResult) -> String { hex(try DigestOperation(.sha256).finish(bytes)) }

    /// The key of the vectors of that many bytes.
    static func key(_ count: Int) -> SecretBytes { SecretBytes(pattern(count, 5, 1)) }

    /// Cuts a message in pieces whose lengths go through `lengths` again and again.
    static func pieces(_ message: [UInt8], _ lengths: [Int]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < message.count {
            let end = min(message.count, start + lengths[pieces.count % lengths.count])
            pieces.append(Array(message[start..<end]))
            start = end
        }
        return pieces
    }
}

extension DigestOperation {
    func update(_ data: [UInt8]) throws(TEEResult) { try data.withBytes { (data) throws(TEEResult) in try update(data) } }
    func finish(_ data: [UInt8] = []) throws(TEEResult) -> [UInt8] { try data.withBytes { (data) throws(TEEResult) in try finish(data) } }
}

extension MACOperation {
    func update(_ data: [UInt8]) throws(TEEResult) { try data.withBytes { (data) throws(TEEResult) in try update(data) } }
    func finish(_ data: [UInt8] = []) throws(TEEResult) -> [UInt8] { try data.withBytes { (data) throws(TEEResult) in try finish(data) } }
}

extension CipherOperation {
    static func make(
        _ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, _ key: SecretBytes, _ second: SecretBytes? = nil, iv: [UInt8] = []
    ) throws(TEEResult) -> CipherOperation {
        try iv.withBytes { (iv) throws(TEEResult) in try CipherOperation(algorithm, mode, key: key, secondKey: second, iv: iv) }
    }
    func update(_ data: [UInt8]) throws(TEEResult) -> [UInt8] { try data.withBytes { (data) throws(TEEResult) in try update(data) } }
    func finish(_ data: [UInt8] = []) throws(TEEResult) -> [UInt8] { try data.withBytes { (data) throws(TEEResult) in try finish(data) } }
}

extension AuthenticatedOperation {
    static func make(
        _ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, _ key: SecretBytes, nonce: [UInt8], tag: UInt64, aad: UInt64 = 0, payload: UInt64 = 0
    ) throws(TEEResult) -> AuthenticatedOperation {
        try nonce.withBytes { (nonce) throws(TEEResult) in
            try AuthenticatedOperation(algorithm, mode, key: key, nonce: nonce, tagLength: tag, aadLength: aad, payloadLength: payload)
        }
    }
    func updateAAD(_ data: [UInt8]) throws(TEEResult) { try data.withBytes { (data) throws(TEEResult) in try updateAAD(data) } }
    func updatePayload(_ data: [UInt8]) throws(TEEResult) -> [UInt8] { try data.withBytes { (data) throws(TEEResult) in try updatePayload(data) } }
    func encryptFinal(_ data: [UInt8] = []) throws(TEEResult) -> (data: [UInt8], tag: [UInt8]) {
        try data.withBytes { (data) throws(TEEResult) in try encryptFinal(data) }
    }
    func decryptFinal(_ data: [UInt8] = [], tag: [UInt8]) throws(TEEResult) -> [UInt8] {
        try data.withBytes { (data) throws(TEEResult) in try tag.withBytes { (tag) throws(TEEResult) in try decryptFinal(data, tag: tag) } }
    }
}
