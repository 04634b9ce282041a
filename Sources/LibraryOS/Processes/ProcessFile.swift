/// A pidfd (pidfd_open(2)): refers to a process whatever becomes of its id, and is readable once that has ended.
final class ProcessFile: OpenFile, @unchecked Sendable {
    let process: ThreadGroup
    private let ownInode: Inode

    init(_ process: ThreadGroup, flags: OpenFlags, inode: Inode) {
        self.process = process
        ownInode = inode
        super.init(flags: flags.union(.readWrite), location: nil, readiness: process.ended)
    }

    override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:[pidfd]".utf8) }
    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        // Its parent has asked for it: the number may be another process's by now.
        let id: Int64 = reader.kernel.group(process.id) === process ? Int64(process.id) : -1
        writer.text("Pid:\t")
        writer.signed(id)
        writer.text("\nNSpid:\t")
        writer.signed(id)
        writer.newline()
    }

    override var supportsEpoll: Bool { true }
    override func poll() -> PollEvents { process.hasEnded ? .input.union(.readNormal) : [] }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    /// A file for a process, owned by the task's user.
    static func make(_ process: ThreadGroup, nonBlocking: Bool, task: Task) -> ProcessFile {
        let files = task.kernel.anonymousFiles
        let inode = files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task)
        return ProcessFile(process, flags: nonBlocking ? .nonBlocking : [], inode: inode)
    }
}

extension Syscalls {
    /// pidfd_open(2).
    @Sendable static func pidfdOpen(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let id = call.int(0)
        let flags = OpenFlags(rawValue: call.uint(1))
        if !flags.isSubset(of: .nonBlocking) || id <= 0 { throw .EINVAL }
        guard let process = id == initID ? task.kernel.processes.initProcess : task.kernel.group(id) else {
            // The id of a thread that is not its process's first.
            throw task.kernel.task(id) != nil ? .ENOENT : .ESRCH
        }
        let file = ProcessFile.make(process, nonBlocking: flags.contains(.nonBlocking), task: task)
        return .done(Int64(try task.install(file, closeOnExec: true)))
    }

    /// pidfd_send_signal(2).
    @Sendable static func pidfdSendSignal(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(3) != 0 { throw .EINVAL }
        guard let process = process(of: try task.descriptors.file(call.int(0))) else { throw .EBADF }
        let number = call.int(1)
        if number != 0, !Signal.isValid(number) { throw .EINVAL }
        var info = SignalInfo.sent(number, by: task)
        if !call.address(2).isNull {
            let bytes = try task.memory.readBytes(call.address(2), count: SignalInfo.size)
            if ByteReader(bytes).i32(0) != number { throw .EINVAL }
            info = SignalInfo(raw: bytes, number: number)
            if info.code >= 0 || info.code == SignalInfo.tkill, process !== task.group { throw .EPERM }
        }
        if process === task.kernel.processes.initProcess { return try signalInit(task) }
        // Its parent has asked for it: the number may be another process's by now.
        guard task.kernel.group(process.id) === process else { throw .ESRCH }
        try send(info, to: process, by: task)
        return .success
    }

    /// What a pidfd or a directory /proc/PID refers to (the kernel's `pidfd_to_pid`).
    private static func process(of file: OpenFile) -> ThreadGroup? { (file as? ProcessFile)?.process ?? (file.inode as? ProcTask)?.process }

    /// pidfd_getfd(2): a descriptor of another process, for whoever may control it.
    @Sendable static func pidfdGetFD(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(2) != 0 { throw .EINVAL }
        guard let source = try task.descriptors.file(call.int(0)) as? ProcessFile else { throw .EBADF }
        if source.process === task.kernel.processes.initProcess { throw .EPERM }
        guard let owner = source.process.liveTasks.first else { throw .ESRCH }
        if !task.mayInspect(owner) { throw .EPERM }
        let file = try owner.sharedDescriptors.file(call.int(1))
        return .done(Int64(try task.install(file, closeOnExec: true)))
    }
}
