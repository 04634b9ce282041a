/// What a TA file consists of, in words, and whether it would be loaded: what `skerry tee verify` prints.
public struct TAFileReport: Sendable, CustomStringConvertible {
    /// One fact a line; the last line is the verdict.
    public let description: String
    /// Why the file would not be loaded, or nil when it would.
    public let error: TAFileError?

    /// Examines a file, with the names of OP-TEE's `sign_encrypt.py display`; nothing is remembered in `versions`.
    public init(_ bytes: [UInt8], keys: TAKeys, versions: TAVersionStore? = nil, expecting uuid: TEEUUID? = nil) {
        var lines: [String] = []
        var failure: TAFileError?
        if TAContainer.isContainer(bytes), bytes.count <= TAFile.maximumSize {
            do throws(TAFileError) { Self.append(try TAContainer(bytes), bytes.count, to: &lines) } catch { failure = error }
        }
        do throws(TAFileError) {
            if let failure { throw failure }
            try Self.judge(bytes, keys, versions, uuid, &lines)
        } catch { failure = error }
        if let failure { lines.append("NOT VALID: \(failure)") }
        description = lines.joined(separator: "\n")
        error = failure
    }

    private static func judge(_ bytes: [UInt8], _ keys: TAKeys, _ versions: TAVersionStore?, _ uuid: TEEUUID?, _ lines: inout [String]) throws(TAFileError) {
        if TAContainer.isContainer(bytes), let container = try? TAContainer(bytes), container.application == nil {
            _ = try TAFile.Verification(keys: keys, versions: nil, expected: uuid).follow(container.subkeys)
            try compare(container, versions, &lines)
            lines.append("Valid: the sub-keys are signed by the configured key (RSA-\(keys.signingKey.bits))")
            return
        }
        let file = try TAFile.parse(bytes, keys: keys, expecting: uuid)
        let image = try TAImage(parsing: file.elf, expecting: file.uuid)
        append(image, to: &lines)
        if TAContainer.isContainer(bytes) { try compare(try TAContainer(bytes), versions, &lines) }
        lines.append(
            file.form == .unsigned
                ? "Valid, but nobody signed it" : "Valid: signed by the configured key (RSA-\(keys.signingKey.bits))\(file.subkeys.isEmpty ? "" : " by way of sub-keys")")
    }

    /// The versions in the file beside the newest that were loaded.
    private static func compare(_ container: TAContainer, _ versions: TAVersionStore?, _ lines: inout [String]) throws(TAFileError) {
        guard let versions else { return }
        var claims = container.subkeys.map { TAVersionStore.Claim(.subkey, $0.uuid, $0.version) }
        if let identity = container.application?.identity { claims.append(.init(.application, identity.uuid, identity.version)) }
        for claim in claims {
            let what = claim.kind == .application ? "TA" : "sub-key"
            lines.append("Newest version of the \(what) \(claim.uuid) loaded here: \(try versions.version(claim.kind, claim.uuid)); in this file: \(claim.version)")
        }
        for claim in claims { try versions.check(claim) }
    }

    private static func append(_ container: TAContainer, _ size: Int, to lines: inout [String]) {
        for subkey in container.subkeys {
            lines.append("Subkey")
            append(subkey.header, to: &lines)
            lines += [
                " struct shdr_subkey", "  uuid:       \(subkey.uuid)", "  name_size:  \(subkey.nameSize)", "  subkey_version: \(subkey.version)",
                "  max_depth:  \(subkey.maximumDepth)", "  algo:       \(algorithm(subkey.algorithm))", "  attr_count: \(subkey.attributeCount)",
            ]
            if let name = subkey.name {
                lines.append("  next name:  \"\(printable(name))\"")
                lines.append("Next header at offset: \(subkey.image.endIndex + Int(subkey.nameSize))")
            }
        }
        guard let application = container.application else { return }
        lines.append(application.encryption != nil ? "Encrypted TA" : application.identity != nil ? "Bootstrap TA" : "Legacy TA")
        append(application.header, to: &lines)
        if let identity = application.identity {
            lines += [" struct shdr_bootstrap_ta", "  uuid:       \(identity.uuid)", "  ta_version: \(identity.version)"]
        }
        if let encryption = application.encryption {
            lines += [
                " struct shdr_encrypted_ta",
                "  enc_algo:   0x\(String(encryption.algorithm, radix: 16))\(encryption.algorithm == TAEncryption.algorithm ? " (TEE_ALG_AES_GCM)" : "")",
                "  flags:      0x\(String(encryption.flags, radix: 16)) (\(encryption.keyKind.name))", "  iv_size:    \(encryption.iv.count) bytes",
                "  iv:         \(hexadecimal(encryption.iv))", "  tag_size:   \(encryption.tag.count) bytes", "  tag:        \(hexadecimal(encryption.tag))",
            ]
        }
        lines += [" TA offset:  \(application.payload.startIndex) bytes", " TA size:    \(application.payload.count) bytes"]
    }

    private static func append(_ header: TAContainer.Header, to lines: inout [String]) {
        lines += [
            " struct shdr", "  magic:      0x4f545348", "  img_type:   \(header.kind.rawValue) (\(header.kind.name))", "  img_size:   \(header.imageSize) bytes",
            "  algo:       \(algorithm(header.algorithm))", "  hash_size:  \(header.digest.count) bytes", "  sig_size:   \(header.signature.count) bytes",
            "  hash:       \(hexadecimal(header.digest))",
        ]
    }

    private static func append(_ image: TAImage, to lines: inout [String]) {
        lines.append("ELF")
        if let head = image.head {
            lines += [" struct ta_head", "  uuid:       \(head.uuid)", "  stack_size: \(head.stackSize) bytes", "  flags:      \(head.flags)"]
        } else {
            lines.append(" shared library\(image.name.map { " \($0)" } ?? "")")
        }
        for region in image.regions {
            lines.append("  0x\(String(region.address, radix: 16)): \(region.memorySize) bytes, \(region.protection)")
        }
        for needed in image.needed { lines.append("  needs \(needed)") }
        lines.append("  \(image.relocations.count) relocations, \(image.symbols.count) dynamic symbols")
    }

    private static func algorithm(_ value: UInt32) -> String {
        "0x\(String(value, radix: 16)) (\(TASignatureAlgorithm(rawValue: value)?.name ?? "unknown"))"
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String { bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }

    /// The file may hold anything, and terminals obey some of it.
    static func printable(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.prefix(256).map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
