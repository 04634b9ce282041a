/// A timerfd(2). Expirations are counted from the clock when somebody looks; the kernel's timer only wakes whoever waits.
package final class TimerFile: OpenFile, @unchecked Sendable {
    private final class Alarm: KernelTimer, @unchecked Sendable {
        private let queue: WaitQueue
        init(_ queue: WaitQueue) { self.queue = queue }
        override func fire() { queue.wake(for: .input) }
    }

    private let kernel: Kernel
    private let clock: Int32
    private let ownInode: Inode
    private let alarm: Alarm
    private let stateLock = Lock(.inode)
    /// The next expiration by the timer's clock, in nanoseconds; nil: disarmed.
    private var expiry: Int64?
    private var interval: Int64 = 0
    /// The flags of the last timerfd_settime(2), for /proc.
    private var setFlags: UInt32 = 0

    /// `clock` is CLOCK_REALTIME (0), CLOCK_MONOTONIC (1) or CLOCK_BOOTTIME (7).
    init(clock: Int32, flags: OpenFlags, kernel: Kernel, inode: Inode) {
        self.clock = clock
        self.kernel = kernel
        ownInode = inode
        let queue = WaitQueue()
        alarm = Alarm(queue)
        super.init(flags: flags.union(.readWrite), location: nil)
        readiness = queue
    }

    package override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:[timerfd]".utf8) }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    private var now: Int64 {
        switch clock {
        case 0: kernel.time.realtimeNow()
        case 1: kernel.time.monotonicNow().nanoseconds
        default: kernel.time.boottimeNow()
        }
    }

    /// Expirations up to `now`, which are taken; the next one is set. Under the lock.
    private func takeTicks(_ now: Int64) -> UInt64 {
        guard let due = expiry, due <= now else { return 0 }
        if interval == 0 {
            expiry = nil
            return 1
        }
        let ticks = (now &- due) / interval + 1
        let (span, overflow) = ticks.multipliedReportingOverflow(by: interval)
        let (next, past) = due.addingReportingOverflow(span)
        expiry = overflow || past ? .max : next
        return UInt64(ticks)
    }

    /// Has waiters woken at the next expiration.
    private func arm() {
        let now = now
        let due = stateLock.withLock { expiry }
        let distance = due.map { max(0, $0 &- now) }
        kernel.timers.schedule(alarm, at: distance.map { kernel.time.monotonicNow().advanced(byNanoseconds: $0) })
        kernel.timers.announce()
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if buffers.remaining < 8 { throw .EINVAL }
        if inPlace { throw .EAGAIN }
        let now = now
        let ticks = stateLock.withLock { takeTicks(now) }
        if ticks == 0 { throw .EAGAIN }
        arm()
        var writer = ByteWriter(capacity: 8)
        writer.u64(ticks)
        return try buffers.copyOut(writer.bytes)
    }

    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        let now = now
        let (due, interval, flags) = stateLock.withLock { (expiry, self.interval, setFlags) }
        writer.text("clockid: ")
        writer.signed(Int64(clock))
        // A periodic timer stands still from its expiration until it is read.
        writer.text(due.map { $0 <= now } ?? false ? "\nticks: 1\nsettime flags: 0" : "\nticks: 0\nsettime flags: 0")
        writer.octal(UInt64(flags))
        writer.text("\nit_value: ")
        writer.duration(due.map { $0 > now ? $0 &- now : 0 } ?? 0)
        writer.text("it_interval: ")
        writer.duration(interval)
    }

    override var supportsEpoll: Bool { true }
    package override func poll() -> PollEvents {
        let now = now
        return stateLock.withLock { expiry.map { $0 <= now ? .input : [] } ?? [] }
    }

    /// timerfd_settime: a first expiration of zero disarms. Returns what was set before, as `setting`.
    func set(value: Int64, interval: Int64, flags: UInt32) -> (value: Int64, interval: Int64) {
        let now = now
        let absolute = flags & 1 != 0
        let old = stateLock.withLock {
            let old = remaining(now)
            let (sum, overflow) = absolute ? (value, false) : now.addingReportingOverflow(value)
            expiry = value == 0 ? nil : overflow ? .max : sum
            self.interval = interval
            setFlags = flags
            return old
        }
        arm()
        return old
    }

    /// timerfd_gettime.
    var setting: (value: Int64, interval: Int64) {
        let now = now
        return stateLock.withLock { remaining(now) }
    }

    /// Time to the next expiration and the interval; expirations nobody has read stay to be read.
    private func remaining(_ now: Int64) -> (value: Int64, interval: Int64) {
        guard let expiry else { return (0, interval) }
        if expiry > now { return (expiry &- now, interval) }
        if interval == 0 { return (0, 0) }
        return (interval &- (now &- expiry) % interval, interval)
    }

    package override func release() {
        kernel.timers.schedule(alarm, at: nil)
        kernel.timers.announce()
    }
}

extension Syscalls {
    @Sendable static func timerfdCreate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = OpenFlags(rawValue: call.uint(1))
        if !flags.isSubset(of: [.closeOnExec, .nonBlocking]) { throw .EINVAL }
        switch call.int(0) {
        case 0, 1, 7: break
        // The alarm clocks need CAP_WAKE_ALARM.
        case 8, 9: throw .EPERM
        default: throw .EINVAL
        }
        let files = task.kernel.anonymousFiles
        let file = TimerFile(
            clock: call.int(0), flags: flags, kernel: task.kernel, inode: files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task))
        return .done(Int64(try task.install(file, closeOnExec: flags.contains(.closeOnExec))))
    }

    @Sendable static func timerfdSettime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let interval = try task.memory.readTimespec(call.address(2))
        let value = try task.memory.readTimespec(try call.address(2).advanced(by: 16))
        // TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET: the clock is never set here.
        if call.uint(1) & ~3 != 0 { throw .EINVAL }
        let old = try timerFile(task, call).set(value: value, interval: interval, flags: call.uint(1))
        if !call.address(3).isNull { try write(task, old, to: call.address(3)) }
        return .success
    }

    @Sendable static func timerfdGettime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try write(task, timerFile(task, call).setting, to: call.address(1))
        return .success
    }

    private static func timerFile(_ task: Task, _ call: SyscallCall) throws(Errno) -> TimerFile {
        guard let file = try task.file(call.int(0)) as? TimerFile else { throw .EINVAL }
        return file
    }

    /// A `struct itimerspec`.
    private static func write(_ task: Task, _ setting: (value: Int64, interval: Int64), to address: GuestAddress) throws(Errno) {
        try task.memory.writeTimespec(nanoseconds: setting.interval, to: address)
        try task.memory.writeTimespec(nanoseconds: setting.value, to: try address.advanced(by: 16))
    }
}
