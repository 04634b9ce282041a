/// What the first program of a sandbox is.
public struct ProgramRequest: Sendable {
    /// The path inside the sandbox, as it is looked up and shown to the program (AT_EXECFN).
    public var path: [UInt8]
    /// `argv`.
    public var arguments: [[UInt8]]
    /// `envp`, "NAME=value".
    public var environment: [[UInt8]]
    /// The working directory inside the sandbox.
    public var workingDirectory: [UInt8] = [UInt8(ascii: "/")]
    /// A request with empty environment in `/`.
    public init(path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]] = []) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }
}

extension Kernel {
    /// Makes the first process (pid 2; pid 1 is the sandbox's init) and loads its program. Its descriptors 0, 1 and 2 are `standardFiles`.
    ///
    /// - Throws: `ENOENT` when there is no such program, `EACCES` or `ENOEXEC` when it cannot be run.
    package func start(_ request: ProgramRequest, root: PathLocation, standardFiles: [OpenFile?], parker: TaskParker) throws(Errno) -> Task {
        let credentials = Credentials(user: configuration.user, group: configuration.group, groups: configuration.groups)
        let resolver = PathResolver(mounts: mounts, root: root, credentials: credentials.forFiles)
        let working = try resolver.resolve(request.workingDirectory, from: root, [.followFinal, .mustBeDirectory])
        let id = try allocateID()
        let actions = SignalActions(ignoring: SignalSet(bits: configuration.ignoredSignals))
        let group = ThreadGroup(id: id, startTime: time.monotonicNow(), signals: ProcessSignals(actions: actions))
        if let most = configuration.maximumDescriptors { group.limits[ResourceLimits.openFiles] = ResourceLimits.Limit(most, most) }
        let task = Task(
            kernel: self, id: id, group: group, memory: try AddressSpace(physicalMemory: physicalMemory), descriptors: DescriptorTable(memory: physicalMemory),
            fileSystem: FileSystemContext(root: root, workingDirectory: working, umask: configuration.umask & 0o777), credentials: credentials, parker: parker)
        task.signals.mask = SignalSet(bits: configuration.blockedSignals).subtracting(.unblockable)
        for (number, file) in standardFiles.enumerated() {
            if let file { _ = try task.descriptors.replace(Int32(number), with: file, closeOnExec: false, limit: 1024) }
        }
        let location = try task.resolver.resolve(request.path, from: working)
        let program = try ProgramLoader(kernel: self, task: task).load(
            location, path: request.path, arguments: request.arguments, environment: request.environment)
        register(task)
        task.adopt(program.identity)
        task.adopt(program)
        return task
    }
}

extension Task {
    /// Makes a loaded program the task's own: the point of no return of execve(2).
    func adopt(_ program: LoadedProgram) {
        let old = memory
        if old !== program.memory { group.leaves(old, forAnother: true) }
        group.lock.withLock { memory = program.memory }
        if old !== program.memory { old.leave() }
        sharedName = program.name
        group.lock.withLock {
            group.executable = program.executable
            group.arguments = program.arguments
            group.environment = program.environment
            group.auxiliaryVector = program.auxiliaryVector
        }
        registers = RegisterFile()
        registers.rip = program.entry
        registers.rsp = program.stackPointer
        fsBase = 0
        gsBase = 0
        extendedState = nil
        clearChildTID = GuestAddress(0)
        robustList = GuestAddress(0)
    }
}
