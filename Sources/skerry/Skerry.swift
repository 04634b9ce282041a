import SkerryRun

internal import Glibc

/// The command: `run` in its plain forms is read and done here, everything else by `skerry-commands`, the executable beside this one.
///
/// Two executables, since the argument parser brings Foundation with it: 30,000 relocations and hundreds of protocol conformances, which every start of a
/// program would pay for.
@main
enum Skerry {
    static func main() {
        let words = CommandLine.arguments
        if words.count > 2, words[1] == "run", let options = RunOptions(plain: words[2...]) { options.run() }
        continueInCommands()
    }

    private static func continueInCommands() -> Never {
        guard let own = realpath("/proc/self/exe", nil) else { missing("/proc") }
        let path = String(cString: own).split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/skerry-commands"
        execv(path, CommandLine.unsafeArgv)
        missing(path)
    }

    private static func missing(_ path: String) -> Never {
        Console.complain("\(path) cannot be run: \(String(cString: strerror(errno))). It belongs beside skerry; scripts/skerry builds both.")
        Console.leave(125)
    }
}
