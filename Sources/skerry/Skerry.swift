import ArgumentParser

/// The command line. Exit statuses of `run`: the program's own; 128 plus the signal that killed it; 124 after a time-out; 125 when Skerry failed;
/// 126 when the file cannot be run; 127 when it is missing.
@main
struct SkerryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skerry",
        abstract: "Run Linux programs in a KVM micro-VM that contains no kernel.",
        subcommands: [RunCommand.self])
}
