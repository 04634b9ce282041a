import SkerryRun

/// The command: `run` in its plain forms is read and done here, everything else by the executables beside this one: `skerry-tee` has the secure world,
/// `skerry-snp` SEV-SNP (both have libcrypto), `skerry-commands` the rest.
///
/// More than one executable, since the argument parser brings Foundation with it: 30,000 relocations and hundreds of protocol conformances, which every start
/// of a program would pay for.
@main
enum Skerry {
    static func main() {
        let words = CommandLine.arguments
        if words.count > 2, words[1] == "run", let options = RunOptions(plain: words[2...]) { options.run() }
        switch words.dropFirst().first {
        case "tee": Executable.become("skerry-tee")
        case "snp", "attest": Executable.become("skerry-snp")
        default: Executable.become("skerry-commands")
        }
    }
}
