import ArgumentParser
import SecureWorld
import SkerryRun

extension TAFile {
    /// `UUID.ta` in the folder of a file.
    fileprivate static func place(_ uuid: TEEUUID, beside file: String) -> String { CommandFile.folder(file) + "\(uuid).ta" }
}

/// `skerry tee sign`.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign an application's or a shared library's ELF file.",
        discussion: """
            By the device's development key unless --private-key names another. With a sub-key:

              openssl genrsa -out vendor.pem 4096
              skerry tee subkey vendor.pem --uuid f04fa996-148a-453c-b037-1dcfbad120a6 --name-size 64 -o vendor.bin
              skerry tee subkey-uuid vendor.bin payment          # the UUID that payment.elf has to have
              skerry tee sign --subkey vendor.bin --private-key vendor.pem --name payment --version 3 payment.elf
            """)

    @OptionGroup var signing: SigningOptions
    @OptionGroup var keys: KeyOptions

    @Option(help: "The version that rollback protection goes by.")
    var version: UInt32 = 0

    @Option(help: ArgumentHelp("The UUID, instead of the one in the ELF file.", valueName: "UUID"))
    var uuid: String?

    @Flag(help: "Encrypt it, too: as skerry tee encrypt does.")
    var encrypt = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The signed file; UUID.ta beside the ELF file unless given.", valueName: "FILE"))
    var output: String?

    @Argument(help: ArgumentHelp("The ELF file.", valueName: "FILE"))
    var file: String

    func run() throws {
        let elf = try HostFile.read(file)
        guard elf.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw ValidationError("\(file) is no ELF file; skerry tee encrypt takes signed files, too") }
        let uuid = try signing.uuid(uuid, of: elf, named: file)
        let signed = try signing.signed(elf, uuid: uuid, version: version, keys, isEncrypted: encrypt)
        let target = output ?? TAFile.place(uuid, beside: file)
        try HostFile.write(signed, to: target)
        Console.print("\(target)\n")
    }
}

/// `skerry tee encrypt`.
struct EncryptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt", abstract: "Encrypt and sign an application's ELF file, or one that is signed already.",
        discussion: """
            With AES-256-GCM: under the class-wide key that --class-key names, or else under a key that only this device has. The signature covers both the \
            header of the encryption and the plain application, so a signed file is signed anew; it keeps its UUID, and its version unless --version gives another.
            """)

    @OptionGroup var signing: SigningOptions
    @OptionGroup var keys: KeyOptions

    @Option(help: "The version that rollback protection goes by; that of a signed file, or 0, unless given.")
    var version: UInt32?

    @Option(help: ArgumentHelp("The UUID, instead of the one in the file.", valueName: "UUID"))
    var uuid: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The encrypted file; UUID.ta beside the file unless given.", valueName: "FILE"))
    var output: String?

    @Argument(help: ArgumentHelp("The ELF file, or a signed one, which is checked.", valueName: "FILE"))
    var file: String

    func run() throws {
        var elf = try HostFile.read(file)
        var known: (uuid: TEEUUID?, version: UInt32) = (nil, 0)
        if !elf.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
            let folder = try signing.place.folder()
            let signed = try TAFile.parse(elf, keys: try keys.keys(folder))
            known = (signed.uuid, signed.version)
            elf = signed.elf
        }
        let uuid = try (uuid == nil ? known.uuid : nil) ?? signing.uuid(uuid, of: elf, named: file)
        let encrypted = try signing.signed(elf, uuid: uuid, version: version ?? known.version, keys, isEncrypted: true)
        let target = output ?? TAFile.place(uuid, beside: file)
        try HostFile.write(encrypted, to: target)
        Console.print("\(target)\n")
    }
}

/// `skerry tee subkey`.
struct SubkeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subkey", abstract: "Make a sub-key: let another key sign applications whose UUIDs come from names, or one UUID.",
        discussion: "The file goes into everything that the sub-key signs: skerry tee sign --subkey FILE. The key that signs it is the device's, or --private-key.")

    @OptionGroup var signing: SigningOptions

    @Option(help: ArgumentHelp("The name space of what it will sign; under another sub-key, what that one derives from --name.", valueName: "UUID"))
    var uuid: String?

    @Option(help: "The version that rollback protection of sub-keys goes by.")
    var version: UInt32 = 0

    @Option(help: ArgumentHelp("Levels of sub-keys below it; one fewer than the sub-key above, or none, unless given.", valueName: "NUMBER"))
    var maxDepth: UInt32?

    @Option(help: ArgumentHelp("Bytes of the names that it derives UUIDs from; 0: it signs its own UUID only.", valueName: "NUMBER"))
    var nameSize: UInt32 = 64

    @Option(name: .shortAndLong, help: ArgumentHelp("The sub-key's file.", valueName: "FILE"))
    var output: String

    @Argument(help: ArgumentHelp("The key (PEM) that becomes a sub-key; the public half is enough.", valueName: "KEY"))
    var key: String

    func run() throws {
        let signer = try signing.signer(try signing.place.folder())
        let identity: TEEUUID
        if let uuid {
            guard let given = TEEUUID(uuid) else { throw ValidationError("--uuid \(uuid): a UUID such as f04fa996-148a-453c-b037-1dcfbad120a6 is expected") }
            identity = given
        } else if !signer.chain.isEmpty {
            identity = try TAFile.nextUUID(chain: signer.chain, name: signer.name)
        } else {
            throw ValidationError("--uuid says the name space; make one with uuidgen")
        }
        let made = try TAFile.subkey(
            try TASigningKey(pem: try HostFile.read(key)), uuid: identity, version: version, maximumDepth: maxDepth, nameSize: nameSize, by: signer)
        try HostFile.write(made, to: output)
        Console.print("\(output): sub-key \(identity)\n")
    }
}

/// `skerry tee subkey-uuid`.
struct SubkeyUUIDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "subkey-uuid", abstract: "Print the UUID that a sub-key derives from a name.")

    @Argument(help: ArgumentHelp("The sub-key's file.", valueName: "FILE"))
    var file: String

    @Argument(help: ArgumentHelp("The name; none for a sub-key that signs one UUID.", valueName: "NAME"))
    var name = ""

    func run() throws { Console.print("\(try TAFile.nextUUID(chain: try HostFile.read(file), name: name))\n") }
}
