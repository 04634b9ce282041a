package import LibraryOS
package import Skerry

internal import Glibc

/// What `skerry run` was asked for, as texts and flags.
package struct RunOptions {
    package enum TraceFormat: String, CaseIterable, Sendable {
        case strace
        case json
    }

    package var readOnly: [String] = []
    package var readWrite: [String] = []
    package var root: String?
    package var rootIsWritable = false
    package var temporary: [String] = []
    package var system = false
    package var environment: [String] = []
    package var workingDirectory: String?
    package var hostname = "skerry"
    package var memory: String?
    package var processors: Int?
    package var processes: Int?
    package var openFiles: Int?
    package var timeout: Double?
    package var user: String?
    package var terminal = false
    package var trace = false
    package var traceFile: String?
    package var traceFormat: TraceFormat?
    package var crashReport = false
    package var inPlace = true
    package var quiet = false
    package var stats = false
    package var command: [String] = []
    /// The secure world whose /dev/tee0 the programs get.
    package var secureWorld = SecureWorldOptions()

    /// The confidential guest that the program runs in.
    package var confidential = ConfidentialOptions()

    package init() {}

    /// Runs the program and ends with its exit status. With a secure world, that is done by `skerry-tee`, in a confidential guest by `skerry-snp`; they read the
    /// same words again.
    package func run() -> Never {
        if confidential.isWanted { Executable.become("skerry-snp") }
        if secureWorld.isWanted { Executable.become("skerry-tee") }
        run(devices: [])
    }

    /// Runs the program with further devices in its /dev, and ends with its exit status.
    package func run(devices: [PluggedDevice]) -> Never {
        let meter = RunMeter()
        do throws(SandboxError) {
            var configuration = try configuration()
            configuration.devices = devices
            let sandbox = try Sandbox(configuration)
            let result = try sandbox.run()
            if stats { meter.report(sandbox) }
            if !quiet {
                explain(result)
                for reached in sandbox.limitsReached { Console.complain(Self.text(of: reached)) }
            }
            // Ended while the sandbox is whole: taking it apart would cost more than a millisecond.
            withExtendedLifetime(sandbox) { Console.leave(result.exitStatus) }
        } catch {
            Console.complain("\(error)")
            Console.leave(error.kind.rawValue)
        }
    }

    private func explain(_ result: ProgramResult) {
        switch result {
        case .timedOut: Console.complain("the program was ended after \(timeout ?? 0) seconds (--timeout)")
        case .outOfMemory(nil): Console.complain("the program was killed: it used all of its memory (--memory)")
        case .outOfMemory(let reason?): Console.complain("the program was killed: the host gave no more memory for it (\(reason))")
        case .exited, .killed: break
        }
    }

    private static func text(of reached: LimitReached) -> String {
        let times = reached.count == 1 ? "once" : "\(Options.grouped(reached.count)) times"
        switch reached.limit {
        case .processes: return "the program was refused new processes \(times) (--pids \(reached.value))"
        case .openFiles: return "the program was refused new descriptors \(times) (--nofile \(reached.value))"
        case .memory:
            let killed = reached.count == 1 ? "a process was killed" : "\(Options.grouped(reached.count)) processes were killed"
            return "\(killed): the programs used all of their memory (--memory)"
        }
    }

    /// The sandbox that these options mean.
    package func configuration() throws(SandboxError) -> SandboxConfiguration {
        var result = SandboxConfiguration(program: command[0], arguments: Array(command.dropFirst()))
        for text in readOnly { result.grants.append(try Options.grant(text, writable: false)) }
        for text in readWrite { result.grants.append(try Options.grant(text, writable: true)) }
        result.root = try root.map { path throws(SandboxError) in try Options.folder(path, option: "--root") }
        result.rootIsWritable = rootIsWritable
        if rootIsWritable, root == nil { throw Options.bad("--root-rw goes with --root") }
        for path in temporary where !path.hasPrefix("/") { throw Options.bad("--tmpfs \(path): an absolute path inside the sandbox") }
        result.temporary = temporary
        result.grantsSystem = system
        result.environment = environment.compactMap(Options.variable)
        result.workingDirectory = workingDirectory
        result.hostname = hostname
        result.memory = try memory.map { text throws(SandboxError) in try Options.size(text) }
        if let processors, processors < 1 { throw Options.bad("--cpus \(processors): at least one") }
        result.processors = processors
        result.processes = try processes.map { number throws(SandboxError) in try Options.count(number, option: "--pids", most: 1 << 22) }
        result.openFiles = try openFiles.map { number throws(SandboxError) in try Options.count(number, option: "--nofile", most: 1 << 20) }
        if let timeout, !(timeout > 0 && timeout < 1e9) { throw Options.bad("--timeout \(timeout): a number of seconds above zero") }
        result.timeout = timeout
        result.user = try user.map { text throws(SandboxError) in try Options.user(text) }
        if trace || traceFile != nil || traceFormat != nil { result.trace = traceFormat == .json ? .json : .strace }
        result.traceFile = traceFile
        result.isQuiet = quiet
        result.isForeground = true
        result.endsWithProcess = true
        result.reportsCrashes = crashReport
        result.answersInPlace = inPlace
        if terminal, isatty(0) != 1 { throw Options.bad("-t: standard input is not a terminal") }
        return result
    }
}
