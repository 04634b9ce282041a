import ArgumentParser
import Skerry
import SkerryRun

/// `skerry doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this host offers, and how to mend what is missing.",
        discussion: "Exit status: 0 when programs can run here, 1 when something that is needed is missing.")

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "List the system calls: which are served, how far, and which are not.")
    var syscalls = false

    @Flag(help: "With --syscalls: print the documentation page.")
    var markdown = false

    mutating func validate() throws {
        if markdown, !syscalls { throw ValidationError("--markdown goes with --syscalls") }
    }

    func run() throws {
        if syscalls {
            let report = SyscallReport()
            Console.print(markdown ? report.markdown : json ? report.json : report.text)
            return
        }
        let report = DoctorReport.gather()
        Console.print(json ? report.json : report.text)
        throw ExitCode(report.exitStatus)
    }
}
