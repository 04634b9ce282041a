import ArgumentParser
import SkerryRun
import SkerryRunCommand

internal import Glibc

/// The command line. Exit statuses of `run`: the program's own; 128 plus the signal that killed it; 124 after a time-out; 125 when Skerry failed;
/// 126 when the file cannot be run; 127 when it is missing.
@main
struct SkerryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skerry",
        abstract: "Run Linux programs in a KVM micro-VM that contains no kernel.",
        version: "0.1",
        subcommands: [RunCommand.self, TrustedApplicationCommand.self, AttestationCommand.self, LaunchCommand.self, DoctorCommand.self])

    static func main() {
        let words = RunCommand.optionsSpeltOut(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try parseAsRoot(words)
            try command.run()
        } catch {
            // Whoever runs programs through skerry tells its own failures from the program's by 125.
            if exitCode(for: error) == .validationFailure {
                Console.complain(message(for: error))
                Console.leave(125)
            }
            exit(withError: error)
        }
    }
}

/// `skerry tee`, as the list of commands shows it. What it does is done by `skerry-tee`.
struct TrustedApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tee", abstract: "Build, sign, boot and call OP-TEE trusted applications; skerry tee --help.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("A command of skerry tee and its arguments.", valueName: "COMMAND [ARGUMENT ...]"))
    var words: [String] = []

    func run() throws { Executable.become("skerry-tee") }
}

/// `skerry attest`, as the list of commands shows it. What it does is done by `skerry-snp`.
struct AttestationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest", abstract: "Verify and show SEV-SNP attestation reports; skerry attest --help.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("A command of skerry attest and its arguments.", valueName: "COMMAND [ARGUMENT ...]"))
    var words: [String] = []

    func run() throws { Executable.become("skerry-snp") }
}

/// `skerry snp`, as the list of commands shows it. What it does is done by `skerry-snp`.
struct LaunchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snp", abstract: "Predict, sign and check launches of SEV-SNP guests; skerry snp --help.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("A command of skerry snp and its arguments.", valueName: "COMMAND [ARGUMENT ...]"))
    var words: [String] = []

    func run() throws { Executable.become("skerry-snp") }
}
