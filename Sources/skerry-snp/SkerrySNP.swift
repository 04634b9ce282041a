import ArgumentParser
import SkerryRun
import SkerryRunCommand

internal import Foundation

/// The part of the command line that is about SEV-SNP: `skerry attest`, `skerry snp` and `skerry run --confidential`. `skerry` goes on here, with the same words.
@main
struct SkerrySNP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skerry", abstract: "SEV-SNP.", subcommands: [AttestCommand.self, SNPCommand.self, ConfidentialRunCommand.self])

    static func main() {
        do {
            var command = try parseAsRoot(RunCommand.optionsSpeltOut(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch {
            let status = exitCode(for: error)
            // Whoever scripts this tells a mistake in the words, or a file that cannot be read, from a refused report by 125.
            guard status == .validationFailure || !(error is ExitCode || status == .success) else { exit(withError: error) }
            Output.complain(message(for: error))
            Foundation.exit(125)
        }
    }
}
