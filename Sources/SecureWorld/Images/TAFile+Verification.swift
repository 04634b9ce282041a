extension TAFile {
    /// The checks of one signed file, in OP-TEE's order.
    struct Verification {
        let keys: TAKeys
        let versions: TAVersionStore?
        let expected: TEEUUID?

        func run(_ container: TAContainer) throws(TAFileError) -> TAFile {
            let link = try follow(container.subkeys)
            guard let application = container.application else {
                throw .security("the file holds sub-keys and no TA; sign a TA with it: skerry tee sign --subkey")
            }
            try checkSignature(application.header, link.key)
            let wanted = try identity(application, link.nextUUID)
            var elf = try decrypted(application)
            do throws(TAFileError) {
                try checkDigest(
                    application.header,
                    [application.identity?.fields, application.encryption?.fields, application.encryption?.iv, application.encryption?.tag, elf[...]].compactMap { $0 })
                var claims = link.claims
                if let identity = application.identity { claims.append(.init(.application, identity.uuid, identity.version)) }
                try versions?.admit(claims)
            } catch {
                SecretBytes.wipe(&elf)
                throw error
            }
            return TAFile(
                form: form(application), uuid: wanted, version: application.identity?.version ?? 0, subkeys: container.subkeys.map(\.uuid),
                digest: Array(application.header.digest), elf: elf)
        }

        /// The chain up to the key that signed the application.
        struct Link {
            var key: TASigningKey
            var nextUUID: TEEUUID?
            var claims: [TAVersionStore.Claim] = []
        }

        func follow(_ subkeys: [TAContainer.Subkey]) throws(TAFileError) -> Link {
            var link = Link(key: keys.signingKey)
            var depth = UInt32.max
            for subkey in subkeys {
                try checkSignature(subkey.header, link.key)
                try checkDigest(subkey.header, [subkey.image])
                guard subkey.maximumDepth < depth else {
                    throw .security(
                        "the sub-key \(subkey.uuid) allows \(subkey.maximumDepth) levels below it, and the key above it fewer than \(depth); make it with a smaller depth")
                }
                if let next = link.nextUUID, next != subkey.uuid {
                    throw .security("the sub-key has the UUID \(subkey.uuid) and its place in the chain has \(next); make it with that UUID")
                }
                // TEE_MAIN_ALGO_RSA in the lowest byte.
                guard subkey.algorithm & 0xff == 0x30 else {
                    throw .security("the sub-key \(subkey.uuid) is for the algorithm 0x\(String(subkey.algorithm, radix: 16)), and only RSA keys sign TAs; make it again")
                }
                let claim = TAVersionStore.Claim(.subkey, subkey.uuid, subkey.version)
                do throws(TAFileError) { try versions?.check(claim) } catch {
                    // OP-TEE gives SECURITY for whatever keeps it from accepting a sub-key's version.
                    throw .security(error.message)
                }
                link.claims.append(claim)
                link.key = try TASigningKey(modulus: subkey.modulus, exponent: subkey.exponent)
                link.nextUUID = try subkey.nextUUID
                depth = subkey.maximumDepth
            }
            return link
        }

        private func checkSignature(_ header: TAContainer.Header, _ key: TASigningKey) throws(TAFileError) {
            guard let algorithm = TASignatureAlgorithm(rawValue: header.algorithm) else {
                throw .security("the file is signed with the algorithm 0x\(String(header.algorithm, radix: 16)); sign it with RSA and SHA-256 (PSS, or PKCS #1 v1.5)")
            }
            guard header.digest.count == ImageCrypto.digestSize else {
                throw .security("the signed header has a digest of \(header.digest.count) bytes and SHA-256 has \(ImageCrypto.digestSize); sign the TA again")
            }
            guard key.verifies(header.signature, digest: header.digest, algorithm) else {
                throw .security(
                    "the signature at byte \(header.digest.endIndex) is not of the key it is checked with (RSA-\(key.bits)); sign the TA with that key, or configure the key that signed it"
                )
            }
        }

        private func checkDigest(_ header: TAContainer.Header, _ parts: [ArraySlice<UInt8>]) throws(TAFileError) {
            guard try ImageCrypto.sha256([header.fields] + parts) == Array(header.digest) else {
                throw .security("the contents behind the signed header at byte \(header.offset) are not what was signed; the file was changed: copy it again, or sign it again")
            }
        }

        private func identity(_ application: TAContainer.Application, _ next: TEEUUID?) throws(TAFileError) -> TEEUUID? {
            let wanted = expected ?? application.identity?.uuid ?? next
            if let next, next != wanted {
                throw .security("the TA is asked for as \(wanted ?? next) and its sub-key signs only \(next); sign it with another name or sub-key")
            }
            if let own = application.identity?.uuid, own != wanted {
                throw .security("the TA is asked for as \(wanted ?? own) and was signed as \(own); name the file \(own).ta, or sign it with the other UUID")
            }
            return wanted
        }

        private func decrypted(_ application: TAContainer.Application) throws(TAFileError) -> [UInt8] {
            guard let encryption = application.encryption else { return Array(application.payload) }
            guard encryption.algorithm == TAEncryption.algorithm else {
                throw TAFileError(.notImplemented, "the TA is encrypted with the algorithm 0x\(String(encryption.algorithm, radix: 16)); encrypt it with AES-GCM (0x40000810)")
            }
            guard (1...128).contains(encryption.iv.count), (12...16).contains(encryption.tag.count) else {
                throw .security("the TA is encrypted with an IV of \(encryption.iv.count) and a tag of \(encryption.tag.count) bytes; encrypt it with 12 and 16")
            }
            let key = try keys.encryptionKey(encryption.keyKind)
            guard let elf = try ImageCrypto.open(application.payload, key: key, iv: encryption.iv, tag: encryption.tag) else {
                throw .security("the TA cannot be decrypted with the \(encryption.keyKind == .classWide ? "class-wide key" : "key of this device"); encrypt it with that key")
            }
            return elf
        }

        private func form(_ application: TAContainer.Application) -> Form {
            if let encryption = application.encryption { return .encrypted(encryption.keyKind) }
            return application.header.kind == .legacy ? .legacy : .bootstrap
        }
    }
}

extension TAContainer.Subkey {
    /// The UUID of what this sub-key signs; nil when the name that makes it is not in the file.
    var nextUUID: TEEUUID? {
        get throws(TAFileError) {
            if nameSize == 0 { return uuid }
            guard let name else { return nil }
            return try TAFile.derivedUUID(namespace: uuid, name: name)
        }
    }
}
