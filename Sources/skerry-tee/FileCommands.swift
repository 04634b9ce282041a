import ArgumentParser
import SecureWorld
import SkerryRun

/// `skerry tee cc`.
struct CompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cc", abstract: "Compile an application from its plain sources, in C or C++.",
        discussion: "skerry tee cc -o UUID.elf [-I DIR] [compiler options] SOURCE.c ...; see guest/ta/README.md.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("What the compiler is given.", valueName: "ARGUMENT"))
    var arguments: [String] = []

    func run() throws { throw try DevelopmentKit().becomeCompiler(arguments) }
}

/// `skerry tee sign`.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sign", abstract: "Sign an application's ELF file.")

    @OptionGroup var device: DeviceOptions

    @Option(help: ArgumentHelp("The private key (PEM) instead of the device's development key.", valueName: "FILE"))
    var privateKey: String?

    @Option(help: "The version that rollback protection goes by.")
    var version: UInt32 = 0

    @Flag(help: "Encrypt it for this device, too.")
    var encrypt = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The signed file; UUID.ta beside the ELF file unless given.", valueName: "FILE"))
    var output: String?

    @Argument(help: ArgumentHelp("The ELF file.", valueName: "FILE"))
    var file: String

    func run() throws {
        let elf = try HostFile.read(file)
        let folder = try device.folder()
        let key = try privateKey.map { try TASigningKey(pem: try HostFile.read($0)) } ?? folder.signingKey()
        guard let uuid = TAFileReport.uuid(of: elf) ?? TEEUUID((file.split(separator: "/").last ?? "").prefix(36)) else {
            throw ValidationError("\(file): neither its ta_head nor its name says the UUID")
        }
        let keys = TAKeys(signingKey: key, deviceKey: folder.deviceKey.secret)
        let encryption = encrypt ? TAEncryption(.deviceSpecific, key: try keys.encryptionKey(.deviceSpecific)) : nil
        let signed = try TAFile.signed(elf, uuid: uuid, version: version, by: TAFile.Signer(key), encryption: encryption)
        let beside = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { $0 + "/" }.joined()
        let target = output ?? beside + "\(uuid).ta"
        try HostFile.write(signed, to: target)
        Console.print("\(target)\n")
    }
}

/// `skerry tee verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say what an application's file contains, and whether this device would load it.",
        discussion: "Exit status: 0 when it would, 1 when not.")

    @OptionGroup var device: DeviceOptions

    @Argument(help: ArgumentHelp("The file.", valueName: "FILE"))
    var file: String

    func run() throws {
        let folder = try device.folder()
        let key = try device.key.map { try TASigningKey(pem: try HostFile.read($0)) } ?? folder.signingKey()
        let report = TAFileReport(
            try HostFile.read(file), keys: TAKeys(signingKey: key, deviceKey: folder.deviceKey.secret, acceptsUnsigned: device.unsigned))
        Console.print(report.description.hasSuffix("\n") ? report.description : report.description + "\n")
        if report.error != nil { throw ExitCode(1) }
    }
}
