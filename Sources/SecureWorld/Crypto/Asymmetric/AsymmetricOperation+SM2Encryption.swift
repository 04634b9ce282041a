// GB/T 32918.4, as OP-TEE's core/lib/libtomcrypt/sm2-pke.c has it: a ciphertext is an uncompressed point, the masked message and an SM3 digest.
extension AsymmetricOperation {
    private static let pointSize = 65
    private static let digestSize = 32

    func sm2Cipher(_ input: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard key.curve == .sm2 else { throw .badParameters }
        switch mode {
        case .encrypt: return try sm2Encrypt(input, capacity)
        case .decrypt: return try sm2Decrypt(input, capacity)
        default: throw .generic
        }
    }

    private func sm2Encrypt(_ message: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard !message.isEmpty else { throw .ciphertextInvalid }
        let overhead = Self.pointSize + Self.digestSize
        guard capacity >= overhead, capacity - overhead >= message.count else { return .shortBuffer(message.count &+ overhead) }
        guard let coded = try KeyOperation(key.curveKey(.publicKey)).encrypt(message), let items = DERCoding.decode(coded), items.count == 4,
            case (.number(let x), .number(let y), .octets(let digest), .octets(let masked)) = (items[0], items[1], items[2], items[3]),
            digest.count == Self.digestSize
        else { throw .badState }
        return .output(try EllipticCurve.sm2.uncompressedPoint(x: SecretBytes(x), y: SecretBytes(y)) + masked + digest)
    }

    private func sm2Decrypt(_ cipher: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        switch cipher.first {
        case 2, 3, 6, 7: throw .notSupported
        case 4: break
        default: throw .badParameters
        }
        guard cipher.count > Self.pointSize + Self.digestSize else { throw .badParameters }
        let x = SecretBytes.number(cipher[1..<33])
        let y = SecretBytes.number(cipher[33..<65])
        // Only a point on the curve may meet the private key; libcrypto refuses others too, but not with this code.
        _ = try EllipticCurve.sm2.publicKey(x: x, y: y)
        let coded = DERCoding.encode([
            .number(x.bytes), .number(y.bytes), .octets(Array(cipher.suffix(Self.digestSize))), .octets(Array(cipher[65..<cipher.count - Self.digestSize])),
        ])
        guard let plain = try KeyOperation(key.curveKey(.pair)).decrypt(coded) else { throw .ciphertextInvalid }
        return plain.count <= capacity ? .output(plain.bytes) : .shortBuffer(plain.count)
    }
}
