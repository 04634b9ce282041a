/// Tells a signalfd's watchers that a signal has been queued. Holds the file's queue only, so that nothing holds the file.
private final class SignalArrival: WaitQueueWaiter, @unchecked Sendable {
    private let readiness: WaitQueue
    init(readiness: WaitQueue) {
        self.readiness = readiness
        super.init()
    }
    override func wake(from queue: WaitQueue) { readiness.wake(for: .input) }
}

/// A signalfd(2): reads take pending signals of the reading thread and its process.
final class SignalFile: OpenFile, @unchecked Sendable {
    private let maskLock = Lock(.leaf)
    private var mask: SignalSet
    private let process: ThreadGroup
    private let ownInode: Inode
    private let arrival: SignalArrival

    init(mask: SignalSet, process: ThreadGroup, flags: OpenFlags, inode: Inode) {
        self.mask = mask
        self.process = process
        ownInode = inode
        let queue = WaitQueue()
        arrival = SignalArrival(readiness: queue)
        super.init(flags: flags.union(.readWrite), location: nil)
        readiness = queue
        process.signals.arrivals.add(arrival)
    }

    override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:[signalfd]".utf8) }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    func setMask(_ new: SignalSet) {
        maskLock.withLock { mask = new }
        readiness.wake(for: .input)
    }
    private var wanted: SignalSet { maskLock.withLock { mask } }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if buffers.remaining < SignalInfo.size { throw .EINVAL }
        var done = 0
        while buffers.remaining >= SignalInfo.size, let info = task.takePending(wanted) {
            done += try buffers.copyOut(info.encodedForDescriptor)
        }
        if done == 0 { throw .EAGAIN }
        return done
    }

    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        writer.text("sigmask:\t")
        writer.hex(wanted.bits, width: 16)
        writer.newline()
    }

    override var supportsEpoll: Bool { true }
    /// As its reads: what is pending for the thread that asks and for its process.
    override func poll(by task: Task) -> PollEvents {
        let signals = task.group.signals
        let pending = signals.lock.withLock { signals.pending.set.union(task.signals.pending.set) }
        return pending.intersection(wanted).isEmpty ? [] : .input
    }
    /// One who inherited the descriptor finds the signals of its own process.
    override func waitQueues(for task: Task) -> [WaitQueue] { task.group === process ? [readiness] : [readiness, task.group.signals.arrivals] }
    /// A signal for any thread of its maker's process counts where nobody asks (O_ASYNC).
    override func poll() -> PollEvents {
        let threads = process.liveTasks
        let pending = process.signals.lock.withLock {
            threads.reduce(process.signals.pending.set) { $0.union($1.signals.pending.set) }
        }
        return pending.intersection(wanted).isEmpty ? [] : .input
    }

    override func release() { process.signals.arrivals.remove(arrival) }
}

extension Syscalls {
    /// signalfd(2).
    @Sendable static func signalfd(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try signalFile(task, call, flags: 0) }
    /// signalfd4(2).
    @Sendable static func signalfd4(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try signalFile(task, call, flags: call.uint(3)) }

    private static func signalFile(_ task: Task, _ call: SyscallCall, flags: UInt32) throws(Errno) -> Outcome {
        let mask = try task.readSignalSet(call.address(1), size: call.length(2)).subtracting(.unblockable)
        let open = OpenFlags(rawValue: flags)
        if !open.isSubset(of: [.closeOnExec, .nonBlocking]) { throw .EINVAL }
        let descriptor = call.int(0)
        if descriptor != -1 {
            guard let known = try task.descriptors.file(descriptor) as? SignalFile else { throw .EINVAL }
            known.setMask(mask)
            return .done(Int64(descriptor))
        }
        let files = task.kernel.anonymousFiles
        let inode = files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task)
        let file = SignalFile(mask: mask, process: task.group, flags: open, inode: inode)
        return .done(Int64(try task.install(file, closeOnExec: open.contains(.closeOnExec))))
    }
}
