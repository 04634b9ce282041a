import ArgumentParser
import SkerryRun

internal import Glibc

/// The command line. Exit statuses of `run`: the program's own; 128 plus the signal that killed it; 124 after a time-out; 125 when Skerry failed;
/// 126 when the file cannot be run; 127 when it is missing.
@main
struct SkerryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skerry",
        abstract: "Run Linux programs in a KVM micro-VM that contains no kernel.",
        version: "0.1",
        subcommands: [RunCommand.self, DoctorCommand.self])

    static func main() {
        let words = traceFileSpeltOut(Array(CommandLine.arguments.dropFirst()))
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

    /// `--trace=FILE` is `--trace-file=FILE` to the argument parser, which knows no options with a value one may leave out. Only words before `--` are
    /// skerry's for certain.
    private static func traceFileSpeltOut(_ words: [String]) -> [String] {
        guard let end = words.firstIndex(of: "--") else { return words }
        return words.enumerated().map { $0 < end && $1.hasPrefix("--trace=") ? "--trace-file=" + $1.dropFirst(8) : $1 }
    }
}
