import LibraryOS
import Monitor

internal import Glibc

/// One isolated program in its own virtual machine.
///
/// ```swift
/// var configuration = SandboxConfiguration(program: "/bin/echo", arguments: ["hello"])
/// let sandbox = try Sandbox(configuration)
/// let result = try sandbox.run()
/// ```
public final class Sandbox: Sendable {
    private let configuration: SandboxConfiguration
    /// What this process's caller left ignored and blocked; nil when signals stay with this process.
    private let inherited: InheritedSignals?
    private let machine: Machine
    private let host: LinuxHost
    private let running: RunningSandbox
    private let firstTask: Task
    private let tracer: TraceRecorder?
    private let terminal: HostTerminal?

    /// Builds the sandbox and loads the program; nothing of it has run yet when this returns.
    public init(_ configuration: SandboxConfiguration) throws(SandboxError) {
        StandardFiles.keepClosed()
        self.configuration = configuration
        // Before LinuxHost ignores SIGPIPE for itself.
        inherited = configuration.isForeground ? InheritedSignals() : nil
        let processors = configuration.processors ?? HostResources.processors
        let program = try ProgramPath.find(configuration)
        let boot: MachineBoot
        do throws(MonitorError) {
            boot = try MachineBoot(memoryLimit: configuration.memory ?? HostResources.memory / 4 * 3)
        } catch { throw SandboxError(.sandbox, error.description) }
        do throws(Errno) {
            host = try LinuxHost(processors: processors, quiet: configuration.isQuiet, stopsWithProgram: Self.stopsWithProgram(configuration))
        } catch { throw SandboxError(.sandbox, "the host's files cannot be reached: \(HostResources.text(error))") }
        var settings = configuration.kernelSettings
        settings.ignoredSignals = inherited?.ignored ?? 0
        settings.blockedSignals = inherited?.blocked ?? 0
        settings.callName = { number in KernelCallNames.all.first { $0.number == Int(clamping: number) }?.name }
        settings.processors = processors
        settings.limitsProcessors = configuration.processors != nil
        if let processes = configuration.processes { settings.maximumTasks = max(1, processes) }
        settings.maximumDescriptors = configuration.openFiles.map { UInt64(clamping: $0) }
        settings.obviousOvercommit = HostResources.memoryAndSwap
        settings.namesMissingPaths = configuration.root == nil && !configuration.isQuiet
        let kernel = Kernel(host: host, physicalMemory: boot.memory, configuration: settings)
        terminal = StandardFiles.terminal(kernel, host)
        do throws(SandboxError) {
            let root = try configuration.mount(program, in: kernel, host, terminal)
            // Built on first use, which is now: the machine is still being made.
            _ = SyscallTable.shared
            do throws(MonitorError) { machine = try boot.machine() } catch { throw SandboxError(.sandbox, error.description) }
            kernel.processor = machine.processorFeatures
            kernel.endsWithProcess = configuration.endsWithProcess
            kernel.vdso = machine.makeVDSO(host: host)
            tracer = try configuration.trace.map { format throws(SandboxError) in try TraceRecorder(format, file: configuration.traceFile) }
            running = RunningSandbox(machine: machine, kernel: kernel, tracer: Self.tracers(tracer, configuration), answersInPlace: configuration.answersInPlace)
            firstTask = try Self.load(configuration, program, kernel, root, try StandardFiles.open(kernel, host, root: root, terminal: terminal), running)
            // A shell finds itself the leader of a session with a terminal, in its foreground.
            if let terminal { kernel.processes.attachFirst(terminal) }
        } catch {
            // What has been built holds itself together: a sandbox that was never whole has no deinit to take it apart.
            host.shutDown()
            kernel.release()
            throw error
        }
    }

    /// A stop of the program stops this process, too, where somebody can continue it: with a terminal, or when nothing else will end it.
    private static func stopsWithProgram(_ configuration: SandboxConfiguration) -> Bool {
        guard configuration.isForeground else { return false }
        return configuration.timeout == nil || (Int32(0)..<3).contains { isatty($0) == 1 }
    }

    private static func tracers(_ recorder: TraceRecorder?, _ configuration: SandboxConfiguration) -> (any CallTracer)? {
        var tracers: [any CallTracer] = []
        if let recorder { tracers.append(recorder) }
        if configuration.reportsCrashes { tracers.append(CrashReport { TraceRecorder.write($0, to: 2) }) }
        return tracers.count > 1 ? Tracers(tracers) : tracers.first
    }

    private static func load(
        _ configuration: SandboxConfiguration, _ program: ProgramPath, _ kernel: Kernel, _ root: PathLocation, _ files: [OpenFile?], _ running: RunningSandbox
    ) throws(SandboxError) -> Task {
        let folder = try WorkingDirectory.choose(configuration, kernel, root)
        var request = ProgramRequest(
            path: Array(program.path(from: folder).utf8), arguments: configuration.words,
            environment: ProgramEnvironment.build(configuration))
        request.workingDirectory = Array(folder.utf8)
        do throws(Errno) {
            let task = try kernel.start(request, root: root, standardFiles: files, parker: running.makeParker())
            running.tracer?.started(task, request.path, request.arguments, environment: request.environment.count)
            return task
        } catch {
            throw program.failure(error)
        }
    }

    deinit {
        host.shutDown()
        running.kernel.release()
    }

    /// Runs the program to its end.
    public func run() throws(SandboxError) -> ProgramResult {
        let forwarding = inherited.map { SignalForwarding(to: firstTask.group, terminal: terminal, except: $0) }
        defer { forwarding?.end() }
        do throws(Errno) {
            try running.start(firstTask)
        } catch {
            throw SandboxError(.sandbox, running.failureReason?.description ?? "the program's thread could not be started: \(HostResources.text(error))")
        }
        let deadline = configuration.timeout.map { Int64($0 * 1e9) }
        let ended = running.wait(nanoseconds: deadline, by: forwarding)
        if !ended {
            firstTask.group.exit(status: SIGKILL)
            running.kernel.killAll()
            // What does not end at once (a disk of the host may take its time) ends with this process, if that is about to end.
            _ = running.wait(nanoseconds: configuration.endsWithProcess ? Self.grace : nil, by: forwarding)
        }
        host.shutDown()
        tracer?.finish(firstTask)
        if !configuration.endsWithProcess { running.kernel.release() }
        if !ended { return .timedOut }
        switch running.outcome {
        case .failed(let error): throw SandboxError(.sandbox, error.description)
        case .outOfMemory(let reason): return .outOfMemory(reason: reason)
        case .program(let status): return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: status & 0x7f)
        }
    }

    /// How long programs may take to end after their time is over, in nanoseconds, before a process that ends anyway does not wait for them any more.
    private static let grace: Int64 = 50_000_000

    /// The limits that programs have run into so far; a first program that was killed for its memory says so in its result.
    public var limitsReached: [LimitReached] {
        let kernel = running.kernel
        var result: [LimitReached] = []
        func add(_ limit: LimitReached.Limit, _ count: UInt64, _ value: UInt64) {
            if count > 0 { result.append(LimitReached(limit: limit, count: count, value: value)) }
        }
        let kills = kernel.memoryShortage.kills
        add(.memory, kills.first ? 0 : kills.count, machine.memory.usage.limit)
        add(.openFiles, kernel.limitEvents.count(.descriptors), kernel.mostOpenFiles)
        add(.processes, kernel.limitEvents.count(.tasks), UInt64(clamping: kernel.configuration.maximumTasks))
        return result
    }

    /// What happened so far.
    public var statistics: SandboxStatistics {
        let counts = machine.statistics
        return SandboxStatistics(
            exits: counts.exits.value, exitCalls: counts.exitCalls.value, inPlaceCalls: counts.inPlaceCalls.value, pageFaults: counts.pageFaults.value,
            residentMemory: machine.memory.usage.resident)
    }
}
