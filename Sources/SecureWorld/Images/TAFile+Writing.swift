extension TAFile {
    /// What signs a file, and by whose authority.
    public struct Signer: Sendable {
        /// The key; for `digest` and `stitched` the public half is enough.
        public let key: TASigningKey
        /// The algorithm.
        public let algorithm: TASignatureAlgorithm
        /// The file of the sub-key that `key` belongs to, with the chain above it; empty when `key` is the one the device is configured with.
        public let chain: [UInt8]
        /// The name that the last sub-key derives the UUID of what is signed from; empty for an identity sub-key.
        public let name: String

        /// A signer; without a chain, the configured key itself.
        public init(_ key: TASigningKey, _ algorithm: TASignatureAlgorithm = .pss, chain: [UInt8] = [], name: String = "") {
            self.key = key
            self.algorithm = algorithm
            self.chain = chain
            self.name = name
        }
    }

    /// A signed and, with `encryption`, encrypted TA file, byte for byte as `scripts/sign_encrypt.py sign-enc` of OP-TEE makes it.
    ///
    /// - Throws: BAD_PARAMETERS for a key, chain, name or UUID that do not belong together; BAD_FORMAT for a chain that is none.
    public static func signed(_ elf: [UInt8], uuid: TEEUUID, version: UInt32 = 0, by signer: Signer, encryption: TAEncryption? = nil) throws(TAFileError) -> [UInt8] {
        let body = try Body(elf, uuid, version, signer, try encryption.map { encryption throws(TAFileError) in (encryption, try ImageCrypto.random(ImageCrypto.ivSize)) })
        return try body.file(signature: signer.key.sign(digest: body.digest, signer.algorithm))
    }

    /// The SHA-256 digest of a TA file that is to be signed elsewhere (`sign_encrypt.py digest`); only the size of the key matters.
    public static func digest(_ elf: [UInt8], uuid: TEEUUID, version: UInt32 = 0, by signer: Signer) throws(TAFileError) -> [UInt8] {
        try Body(elf, uuid, version, signer, nil).digest
    }

    /// The TA file with a signature of its digest that was made elsewhere (`sign_encrypt.py stitch`).
    ///
    /// - Throws: SIGNATURE_INVALID when the signature is not this key's.
    public static func stitched(_ elf: [UInt8], uuid: TEEUUID, version: UInt32 = 0, by signer: Signer, signature: [UInt8]) throws(TAFileError) -> [UInt8] {
        let body = try Body(elf, uuid, version, signer, nil)
        guard signer.key.verifies(signature, digest: body.digest, signer.algorithm) else {
            throw TAFileError(.signatureInvalid, "the signature is not this key's of this TA; sign the digest of the same file, UUID and version, with the same algorithm")
        }
        return body.file(signature: signature)
    }

    /// The file of a new sub-key (`sign_encrypt.py sign-subkey`), to be used as the chain of a `Signer`.
    ///
    /// - Parameters:
    ///   - key: The key that becomes a sub-key; its public half goes into the file.
    ///   - uuid: The namespace of what the sub-key will sign; under another sub-key, the UUID that this one derives.
    ///   - version: What rollback protection of sub-keys goes by.
    ///   - maximumDepth: Levels of sub-keys below; nil: one fewer than the sub-key above, or none.
    ///   - nameSize: Bytes of the name that derives the next UUID; 0 makes an identity sub-key, which signs only its own UUID.
    public static func subkey(
        _ key: TASigningKey, uuid: TEEUUID, version: UInt32 = 0, maximumDepth: UInt32? = nil, nameSize: UInt32, by signer: Signer
    ) throws(TAFileError) -> [UInt8] {
        guard nameSize <= 4096 else { throw TAFileError(.badParameters, "the name of a sub-key has room for \(nameSize) bytes; 4096 are the limit") }
        let above = try link(signer, uuid)
        let depth = maximumDepth ?? above.map { $0.maximumDepth == 0 ? 0 : $0.maximumDepth - 1 } ?? 0
        if let above, depth >= above.maximumDepth {
            throw TAFileError(
                .badParameters,
                "the sub-key above allows fewer than \(above.maximumDepth) levels, and this one would allow \(depth); give it fewer, or make the one above with more")
        }
        // Always one zero byte in front of a number that fills its bytes, as Python's int.to_bytes is called there.
        func number(_ bytes: [UInt8]) -> [UInt8] { (bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes }
        let (modulus, exponent) = (number(key.modulus), number(key.exponent))
        let first = UInt32(TAContainer.subkeyHeaderSize + 2 * TAContainer.attributeSize)
        let modulusSize = UInt32(clamping: modulus.count)
        var image = uuid.octets
        for value in [
            nameSize, version, depth, signer.algorithm.rawValue, 2, TAContainer.modulusAttribute, first, modulusSize, TAContainer.exponentAttribute, first + modulusSize,
            UInt32(clamping: exponent.count),
        ] { image.append(littleEndian: value) }
        image += modulus + exponent
        let header = Body.header(.subkey, image.count, signer)
        let digest = try ImageCrypto.sha256([header[...], image[...]])
        let prefix = try Body.prefix(signer)
        return try prefix + header + digest + signer.key.sign(digest: digest, signer.algorithm) + image
    }

    /// The UUID of what the last sub-key of a chain signs under that name (`sign_encrypt.py subkey-uuid`).
    public static func nextUUID(chain: [UInt8], name: String) throws(TAFileError) -> TEEUUID {
        let last = try lastSubkey(chain)
        try Body.check(name, last)
        return last.nameSize == 0 ? last.uuid : try derivedUUID(namespace: last.uuid, name: name.utf8)
    }

    private static func lastSubkey(_ chain: [UInt8]) throws(TAFileError) -> TAContainer.Subkey {
        let container = try TAContainer(chain)
        guard container.application == nil, let last = container.subkeys.last, last.name == nil else {
            throw .badFormat("the chain of sub-keys is not a sub-key's file; make one with: skerry tee subkey")
        }
        return last
    }

    /// The sub-key that signs, after a check that it may sign for that UUID.
    private static func link(_ signer: Signer, _ uuid: TEEUUID) throws(TAFileError) -> TAContainer.Subkey? {
        if signer.chain.isEmpty {
            guard signer.name.isEmpty else { throw TAFileError(.badParameters, "a name derives a UUID from a sub-key, and no sub-key is given") }
            return nil
        }
        let last = try lastSubkey(signer.chain)
        let next = try nextUUID(chain: signer.chain, name: signer.name)
        guard next == uuid else {
            throw TAFileError(.badParameters, "under the name \"\(signer.name)\" the sub-key \(last.uuid) signs the UUID \(next) and not \(uuid); use that UUID or another name")
        }
        guard last.modulus.drop(while: { $0 == 0 }).elementsEqual(signer.key.modulus) else {
            throw TAFileError(.badParameters, "the signing key is not the one of the sub-key \(last.uuid); give the private key that the sub-key was made from")
        }
        return last
    }

    /// Everything of a file but the signature.
    private struct Body {
        let before: [UInt8]
        let after: [UInt8]
        let digest: [UInt8]

        init(_ elf: [UInt8], _ uuid: TEEUUID, _ version: UInt32, _ signer: Signer, _ encryption: (TAEncryption, iv: [UInt8])?) throws(TAFileError) {
            guard elf.count <= maximumSize else { throw TAFileError(.badParameters, "the ELF file has \(elf.count) bytes and \(maximumSize) are the limit; strip it") }
            _ = try link(signer, uuid)
            let header = Self.header(encryption == nil ? .bootstrap : .encrypted, elf.count, signer)
            var fields = uuid.octets
            fields.append(littleEndian: version)
            var payload = elf
            if let (encryption, iv) = encryption {
                let (ciphertext, tag) = try ImageCrypto.seal(elf, key: encryption.key, iv: iv)
                fields.append(littleEndian: TAEncryption.algorithm)
                fields.append(littleEndian: encryption.kind.rawValue)
                fields.append(littleEndian: UInt16(clamping: iv.count))
                fields.append(littleEndian: UInt16(clamping: tag.count))
                fields += iv + tag
                payload = ciphertext
            }
            digest = try ImageCrypto.sha256([header[...], fields[...], elf[...]])
            before = try Self.prefix(signer) + header
            after = fields + payload
        }

        func file(signature: [UInt8]) -> [UInt8] { before + digest + signature + after }

        static func header(_ kind: TAContainer.Kind, _ size: Int, _ signer: Signer) -> [UInt8] {
            var header: [UInt8] = []
            for value in [TAContainer.magic, kind.rawValue, UInt32(clamping: size), signer.algorithm.rawValue] { header.append(littleEndian: value) }
            header.append(littleEndian: UInt16(ImageCrypto.digestSize))
            header.append(littleEndian: UInt16(clamping: signer.key.signatureSize))
            return header
        }

        /// The chain and the name behind it, filled up with zeros.
        static func prefix(_ signer: Signer) throws(TAFileError) -> [UInt8] {
            if signer.chain.isEmpty { return [] }
            let last = try lastSubkey(signer.chain)
            try check(signer.name, last)
            return signer.chain + signer.name.utf8 + [UInt8](repeating: 0, count: Int(last.nameSize) - signer.name.utf8.count)
        }

        static func check(_ name: String, _ subkey: TAContainer.Subkey) throws(TAFileError) {
            guard name.utf8.count <= Int(subkey.nameSize), !name.utf8.contains(0) else {
                throw TAFileError(.badParameters, "the name \"\(name)\" has \(name.utf8.count) bytes and the sub-key \(subkey.uuid) takes \(subkey.nameSize); use a shorter one")
            }
        }
    }
}
