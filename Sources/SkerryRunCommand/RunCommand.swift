package import ArgumentParser
package import SkerryRun

/// `skerry run`.
package struct RunCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a program in a sandbox.",
        discussion: """
            The program sees its own file, what it needs to be loaded, a private /tmp, /dev and /proc, and what is granted here. Everything else of \
            the host is absent: files, environment, network.

            A sandbox ends with its first program, as a container does; what that program leaves in the background is ended with it. A fork bomb in \
            `bash -c ':(){ :|:& };:'` is over at once for that reason; typed at a shell that lives on, it is ended by --timeout with status 124.

            Exit status: the program's own; 128+n when signal n killed it; 124 after --timeout; 125 when skerry failed; 126 when the file cannot be \
            run; 127 when it is missing.
            """)

    @Option(name: .customLong("ro"), help: ArgumentHelp("Grant a file or folder for reading.", valueName: "PATH[:GUEST]"))
    var readOnly: [String] = []

    @Option(name: .customLong("rw"), help: ArgumentHelp("Grant a file or folder for reading and writing.", valueName: "PATH[:GUEST]"))
    var readWrite: [String] = []

    @Option(help: ArgumentHelp("Use a folder as the root file system; changes go to a private overlay.", valueName: "DIR"))
    var root: String?

    @Flag(help: "Let changes below --root reach the folder itself.")
    var rootRw = false

    @Option(help: ArgumentHelp("Mount a private in-memory file system.", valueName: "PATH"))
    var tmpfs: [String] = []

    @Flag(help: "Grant the host's /usr, /bin, /sbin, /lib* and the few files of /etc that programs need, read-only.")
    var system = false

    @Option(name: [.short, .customLong("env")], help: ArgumentHelp("Set an environment variable; without a value, pass it on.", valueName: "NAME[=VALUE]"))
    var environment: [String] = []

    @Option(name: [.customShort("w"), .customLong("workdir")], help: ArgumentHelp("The working directory.", valueName: "PATH"))
    var workingDirectory: String?

    @Option(help: ArgumentHelp("The host name the program sees.", valueName: "NAME"))
    var hostname = "skerry"

    @Option(name: [.short, .customLong("memory")], help: ArgumentHelp("The most memory, such as 512m or 4g.", valueName: "SIZE"))
    var memory: String?

    @Option(help: ArgumentHelp("How many processors the program sees, and uses at most at once.", valueName: "N"))
    var cpus: Int?

    @Option(help: ArgumentHelp("The most processes and threads, 4096 unless given; one more fails with EAGAIN.", valueName: "N"))
    var pids: Int?

    @Option(help: ArgumentHelp("The most open files of each process (RLIMIT_NOFILE); one more fails with EMFILE.", valueName: "N"))
    var nofile: Int?

    @Option(help: ArgumentHelp("End the program after this many seconds.", valueName: "SECONDS"))
    var timeout: Double?

    @Option(
        name: [.short, .customLong("user")],
        help: ArgumentHelp(
            "User and group ids inside the sandbox. New files in --rw folders get them only when skerry runs as root, else they are yours.",
            valueName: "UID[:GID]"))
    var user: String?

    @Flag(name: [.customShort("i"), .customLong("interactive")], help: "Accepted for docker's sake: standard input is always the program's.")
    var interactive = false

    @Flag(name: [.customShort("t"), .customLong("tty")], help: "Fail unless standard input is a terminal; the program gets the one skerry has.")
    var terminal = false

    @Flag(help: "Print the program's system calls as strace does, to standard error; --trace=FILE to a file.")
    var trace = false

    @Option(help: ArgumentHelp("Write the trace to a file (implies --trace).", valueName: "FILE"))
    var traceFile: String?

    @Option(help: ArgumentHelp("strace or json (implies --trace).", valueName: "FORMAT"))
    var traceFormat: RunOptions.TraceFormat?

    @Flag(help: "Print registers, stack and last calls when a fatal signal ends the program.")
    var crashReport = false

    @Flag(name: [.short, .long], help: "No lines of skerry's own, nor of trusted applications.")
    var quiet = false

    @Flag(help: "Print counts of exits, calls, faults, and times at the end.")
    var stats = false

    @Flag(help: ArgumentHelp("Serve every system call on the exit path.", visibility: .hidden))
    var noInPlace = false

    @OptionGroup(title: "Confidential guests (SEV-SNP)")
    var confidential: ConfidentialArguments

    @OptionGroup(title: "Trusted applications")
    var secureWorld: SecureWorldArguments

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The program and its arguments.", valueName: "PROGRAM [ARGUMENT ...]"))
    var command: [String] = []

    package init() {}

    package mutating func validate() throws {
        if command.first == "--" {
            command.removeFirst()
        } else if let first = command.first, first.hasPrefix("-") {
            if first == "--help" || first == "-h" { throw CleanExit.helpRequest(self) }
            throw ValidationError("Unknown option '\(first)'")
        }
        if command.isEmpty { throw ValidationError("Name a program to run: skerry run [options] -- PROGRAM [ARGUMENT ...]") }
    }

    package var options: RunOptions {
        var result = RunOptions()
        result.readOnly = readOnly
        result.readWrite = readWrite
        result.root = root
        result.rootIsWritable = rootRw
        result.temporary = tmpfs
        result.system = system
        result.environment = environment
        result.workingDirectory = workingDirectory
        result.hostname = hostname
        result.memory = memory
        result.processors = cpus
        result.processes = pids
        result.openFiles = nofile
        result.timeout = timeout
        result.user = user
        result.terminal = terminal
        result.trace = trace
        result.traceFile = traceFile
        result.traceFormat = traceFormat
        result.crashReport = crashReport
        result.inPlace = !noInPlace
        result.quiet = quiet
        result.stats = stats
        result.command = command
        result.secureWorld = secureWorld.options
        result.confidential = confidential.options
        return result
    }

    package func run() throws { options.run() }
}

extension RunOptions.TraceFormat: ExpressibleByArgument {}
