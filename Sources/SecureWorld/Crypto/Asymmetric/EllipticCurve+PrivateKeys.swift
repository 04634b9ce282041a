internal import CCrypto

extension EllipticCurve {
    /// Whether a number is a private key: from 1 to n - 1 (SEC 1, 3.2.1), for SM2 to n - 2 (GB/T 32918.1, 6.1).
    ///
    /// libcrypto does not look: with n - 1 its SM2 signature has no end.
    func hasPrivateKey(_ key: SecretBytes) throws(TEEResult) -> Bool {
        let identifier = OBJ_txt2nid(groupName.cString)
        guard let group = EC_GROUP_new_by_curve_name_ex(try CryptoLibrary.context(), nil, identifier) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EC_GROUP_free(group) }
        guard let order = EC_GROUP_get0_order(group), let copy = BN_dup(order) else { throw CryptoLibrary.failure(.outOfMemory) }
        var end = BigNumber(adopting: copy)
        if self == .sm2 { end = try end.minusOne() }
        let number = try BigNumber(key)
        return number.bitCount > 0 && number < end
    }
}
