/// A trusted-application file that was accepted: what it contains and who vouches for it.
///
/// The formats are OP-TEE's (core/include/signed_hdr.h, core/kernel/ree_fs_ta.c, scripts/sign_encrypt.py): a plain ELF file, or one behind a signed header, which
/// may be encrypted, and which may be signed by the last of a chain of sub-keys.
public struct TAFile: Sendable {
    /// How the file is packed.
    public enum Form: Hashable, Sendable {
        /// A plain ELF file, which nobody signed.
        case unsigned
        /// Signed without a UUID or version in the header (before OP-TEE 3.7).
        case legacy
        /// Signed.
        case bootstrap
        /// Signed and encrypted.
        case encrypted(TAEncryption.KeyKind)
    }

    /// How the file is packed.
    public let form: Form
    /// The UUID that the signature is for; nil when the file does not say and none was expected: then the ELF file says, unless it is a shared library.
    public let uuid: TEEUUID?
    /// The version that rollback protection goes by; 0 for files without one.
    public let version: UInt32
    /// The sub-keys of the chain, from the one the configured key signed to the one that signed the application.
    public let subkeys: [TEEUUID]
    /// The SHA-256 digest in the signed header, which names the file (`PTA_ATTESTATION_GET_TA_SHDR_DIGEST`); for a plain ELF file, of the whole file.
    public let digest: [UInt8]
    /// The ELF file.
    public let elf: [UInt8]

    /// Bytes a TA file may have.
    public static let maximumSize = 64 << 20

    /// Checks a file as OP-TEE's core does (core/kernel/ree_fs_ta.c) before anything in it is believed.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - keys: What it is checked and decrypted with.
    ///   - versions: Refuses versions older than those seen, and learns new ones once everything else is in order; nil: any version will do.
    ///   - expected: The UUID that was asked for; a file for another one is refused.
    /// - Throws: SECURITY for everything that is wrong with header, signature, digest, chain or key; ACCESS_CONFLICT for an application that is older than one
    ///   seen; NOT_IMPLEMENTED for an unknown cipher; BAD_FORMAT for a plain file that is not ELF; what `TAVersionStore` throws.
    public static func parse(_ bytes: [UInt8], keys: TAKeys, versions: TAVersionStore? = nil, expecting expected: TEEUUID? = nil) throws(TAFileError) -> TAFile {
        guard bytes.count <= maximumSize else {
            throw TAFileError(.outOfMemory, "the TA file has \(bytes.count) bytes and \(maximumSize) are the limit; strip its debugging information with: strip --strip-debug")
        }
        if bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
            guard keys.acceptsUnsigned else { throw .security("the file is a plain ELF file and unsigned TAs are not accepted; sign it with: skerry tee sign") }
            return TAFile(form: .unsigned, uuid: expected, version: 0, subkeys: [], digest: try ImageCrypto.sha256([bytes[...]]), elf: bytes)
        }
        guard TAContainer.isContainer(bytes) else {
            throw .security("the file is neither a signed TA nor an ELF file; it should begin with the bytes \"HSTO\" or \"\\u{7f}ELF\"")
        }
        return try Verification(keys: keys, versions: versions, expected: expected).run(TAContainer(bytes))
    }

    /// The UUID that the next file of a chain must have: derived from the name as in RFC 4122, 4.3, with SHA-512 in place of SHA-1, or the sub-key's own without one
    /// (OP-TEE core/crypto/signed_hdr.c: `calc_next_uuid`).
    public static func derivedUUID(namespace: TEEUUID, name: some Collection<UInt8>) throws(TAFileError) -> TEEUUID {
        let digest = try ImageCrypto.sha512([namespace.octets[...], Array(name)[...]])
        var octets = Array(digest.prefix(16))
        octets[6] = octets[6] & 0x0f | 0x50
        octets[8] = octets[8] & 0x3f | 0x80
        guard let uuid = TEEUUID(bigEndian: octets) else { throw TAFileError(.generic, "SHA-512 gave fewer than 16 bytes") }
        return uuid
    }
}
