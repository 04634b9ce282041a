import ArgumentParser
import SecureWorld

extension TASignatureAlgorithm {
    /// As the command line names them.
    fileprivate static let words: [String: TASignatureAlgorithm] = ["pss": .pss, "pkcs1": .pkcs1]
}

/// Who signs, and by whose authority.
struct SigningOptions: ParsableArguments {
    @OptionGroup var place: FolderOptions

    @Option(help: ArgumentHelp("The private key (PEM) instead of the device's development key.", valueName: "FILE"))
    var privateKey: String?

    @Option(help: ArgumentHelp("Sign by the authority of this sub-key, whose private key is --private-key.", valueName: "FILE"))
    var subkey: String?

    @Option(help: ArgumentHelp("The name that the sub-key derives the UUID of what is signed from.", valueName: "NAME"))
    var name = ""

    @Option(
        help: ArgumentHelp("How it is signed: pss (RSASSA-PSS) or pkcs1 (RSASSA-PKCS1-v1_5), both with SHA-256.", valueName: "ALGORITHM"), transform: Self.algorithm)
    var algorithm: TASignatureAlgorithm = .pss

    @Sendable private static func algorithm(_ text: String) throws -> TASignatureAlgorithm {
        guard let algorithm = TASignatureAlgorithm.words[text] else { throw ValidationError("'\(text)': pss or pkcs1 is expected") }
        return algorithm
    }

    func validate() throws {
        if subkey != nil, privateKey == nil { throw ValidationError("--subkey goes with --private-key: the private key that the sub-key was made from") }
        if subkey == nil, !name.isEmpty { throw ValidationError("--name goes with --subkey: a sub-key derives UUIDs from names") }
    }

    /// The signer that these make up.
    func signer(_ folder: DeviceFolder) throws -> TAFile.Signer {
        let key = try privateKey.map { try TASigningKey(pem: try HostFile.read($0)) } ?? folder.signingKey()
        return TAFile.Signer(key, algorithm, chain: try subkey.map { try HostFile.read($0) } ?? [], name: name)
    }

    /// The signed file. With `isEncrypted`, for the class of devices that has the class-wide key when there is one, and for this device otherwise.
    func signed(_ elf: [UInt8], uuid: TEEUUID, version: UInt32, _ options: KeyOptions, isEncrypted: Bool) throws -> [UInt8] {
        let folder = try place.folder()
        let signer = try signer(folder)
        var encryption: TAEncryption?
        if isEncrypted {
            // The key of one device depends on the key that the device is configured with, which is not a sub-key.
            let keys = try options.keys(folder, signing: subkey == nil ? signer.key : nil)
            let kind: TAEncryption.KeyKind = keys.classKey == nil ? .deviceSpecific : .classWide
            encryption = TAEncryption(kind, key: try keys.encryptionKey(kind))
        }
        return try TAFile.signed(elf, uuid: uuid, version: version, by: signer, encryption: encryption)
    }

    /// The UUID of what is signed: as given, or as the sub-key derives it, or as the ELF file or its name say.
    func uuid(_ given: String?, of elf: [UInt8], named file: String) throws -> TEEUUID {
        if let given {
            guard let uuid = TEEUUID(given) else { throw ValidationError("--uuid \(given): a UUID such as 8aaaf200-2450-11e4-abe2-0002a5d5c51b is expected") }
            return uuid
        }
        if let uuid = TAFileReport.uuid(of: elf) { return uuid }
        if let subkey { return try TAFile.nextUUID(chain: try HostFile.read(subkey), name: name) }
        guard let uuid = TEEUUID((file.split(separator: "/").last ?? "").prefix(36)) else {
            throw ValidationError("\(file): neither its ta_head nor its name says the UUID; give it with --uuid")
        }
        return uuid
    }
}
