// ECDSA (FIPS 186-4) and SM2 signatures (GB/T 32918.2); signatures are both numbers in the size of the field. With SM2 the digest is the one of the standard's
// step 2 already, which the application computes from the identity, the key and the message (OP-TEE: core/lib/libtomcrypt/ecc.c and sm2-dsa.c).
extension AsymmetricOperation {
    func curveSign(_ digest: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        let size = try suitableCurve().byteCount
        guard size * 2 <= capacity else { return .shortBuffer(size * 2) }
        guard let coded = try KeyOperation(key.curveKey(.pair)).sign(digest), let signature = DERCoding.signature(coded, size: size) else { throw .generic }
        return .output(signature)
    }

    func curveVerify(_ digest: [UInt8], _ signature: [UInt8]) throws(TEEResult) -> Bool {
        guard signature.count == (try suitableCurve().byteCount) * 2 else { throw .badParameters }
        // A key that is not on the curve has signed nothing.
        guard let library = try? key.curveKey(.publicKey) else { return false }
        return try KeyOperation(library).verify(digest, DERCoding.encodeSignature(signature))
    }

    private func suitableCurve() throws(TEEResult) -> EllipticCurve {
        guard let curve = key.curve, (curve == .sm2) == (algorithm.mainAlgorithm == .sm2DSA) else { throw .badParameters }
        return curve
    }
}
