// FIPS 186-4; signatures are both numbers in the size of q, and result codes those of OP-TEE's core/lib/libtomcrypt/dsa.c.
extension AsymmetricOperation {
    func dsaSign(_ digest: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard let digestSize = algorithm.digestSize else { throw .notImplemented }
        let size = try key.requiredBytes(.dsaSubprime).count
        guard digest.count == min(digestSize, size) else { throw .security }
        guard size * 2 <= capacity else { return .shortBuffer(size * 2) }
        guard let coded = try KeyOperation(key.dsaKey(.pair)).sign(digest), let signature = DERCoding.signature(coded, size: size) else { throw .generic }
        return .output(signature)
    }

    func dsaVerify(_ digest: [UInt8], _ signature: [UInt8]) throws(TEEResult) -> Bool {
        guard let digestSize = algorithm.digestSize else { throw .notImplemented }
        let size = try key.requiredBytes(.dsaSubprime).count
        guard digest.count == digestSize || digest.count == size else { throw .badParameters }
        guard signature.count == size * 2 else { return false }
        return try KeyOperation(key.dsaKey(.publicKey)).verify(digest, DERCoding.encodeSignature(signature))
    }
}
