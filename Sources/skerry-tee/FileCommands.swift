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

/// `skerry tee verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say what an application's file contains, and whether this device would load it.",
        discussion: """
            Shows each sub-key of its chain with UUID, version and depth, the application's UUID and version, how it is encrypted, its ELF image, and the newest \
            versions that this device has loaded. Nothing is remembered of the file.

            Exit status: 0 when it would be loaded, 1 when not.
            """)

    @OptionGroup var place: FolderOptions
    @OptionGroup var keys: KeyOptions

    @Flag(help: "Accept plain ELF files, which nobody has signed.")
    var unsigned = false

    @Argument(help: ArgumentHelp("The file.", valueName: "FILE"))
    var file: String

    func run() throws {
        let folder = try place.folder()
        let report = TAFileReport(try HostFile.read(file), keys: try keys.keys(folder, acceptsUnsigned: unsigned), versions: try folder.versions())
        Console.print(report.description.hasSuffix("\n") ? report.description : report.description + "\n")
        if report.error != nil { throw ExitCode(1) }
    }
}
