/// Whom the signals of an open file go to: F_SETOWN and F_SETOWN_EX of fcntl(2).
struct FileOwner {
    /// Processes and threads are kept, not their numbers, which may come to mean others.
    enum Recipient {
        case nobody
        case thread(Task)
        case process(ThreadGroup)
        case processGroup(Int32)
    }
    var recipient = Recipient.nobody
    /// What the number that was given meant, whether it meant somebody or not.
    var kind = Self.thread
    /// Of the one who said so: signals go only where it may send them.
    var realUser: UInt32 = 0
    var effectiveUser: UInt32 = 0

    /// F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP.
    static let thread: Int32 = 0, process: Int32 = 1, processGroup: Int32 = 2

    /// Who has the number now; `ESRCH` for nobody, `EINVAL` for a kind that is none. Number 0 means nobody.
    static func find(_ kind: Int32, _ id: Int32, for task: Task) throws(Errno) -> FileOwner {
        let credentials = task.credentials
        var owner = FileOwner(kind: kind, realUser: credentials.realUser, effectiveUser: credentials.effectiveUser)
        guard kind >= thread, kind <= processGroup else { throw .EINVAL }
        if id == 0 { return owner }
        switch kind {
        case thread:
            guard let found = task.kernel.task(id) else { throw .ESRCH }
            owner.recipient = .thread(found)
        case process:
            if let found = task.kernel.group(id) {
                owner.recipient = .process(found)
            } else if task.kernel.task(id) == nil {
                throw .ESRCH
            }
        // The number of another thread is somebody's, but no process's: nobody gets the signals.
        default:
            if task.kernel.processes.members(of: id).isEmpty { throw .ESRCH }
            owner.recipient = .processGroup(id)
        }
        return owner
    }

    /// Kind and number as F_GETOWN_EX shows them; one that has ended is nobody.
    func shown(_ kernel: Kernel) -> (kind: Int32, id: Int32) {
        let id: Int32 =
            switch recipient {
            case .nobody: 0
            case .thread(let task): kernel.task(task.id) === task ? task.id : 0
            case .process(let group): kernel.group(group.id) === group ? group.id : 0
            case .processGroup(let id): kernel.processes.members(of: id).isEmpty ? 0 : id
            }
        return (kind, id)
    }

    /// `sigio_perm` of the kernel.
    private func maySignal(_ group: ThreadGroup) -> Bool {
        let target = group.credentials
        return effectiveUser == 0 || [effectiveUser, realUser].contains { $0 == target.realUser || $0 == target.savedUser }
    }

    /// Sends to all that may be sent to. A queue that is full gets a SIGIO without details instead.
    func send(_ info: SignalInfo, _ kernel: Kernel) {
        func post(_ group: ThreadGroup, _ thread: Task?) {
            if !maySignal(group) || group.post(info, to: thread) != .refused { return }
            _ = group.post(SignalInfo(Signal.SIGIO, code: SignalInfo.kernel), to: thread)
        }
        switch recipient {
        case .nobody: break
        case .thread(let task): post(task.group, task)
        case .process(let group): post(group, nil)
        case .processGroup(let id): for group in kernel.processes.members(of: id) { post(group, nil) }
        }
    }
}

/// What a signal of an open file tells: POLL_IN, POLL_OUT, POLL_MSG, POLL_PRI and POLL_HUP of sigaction(2) with their `si_band`.
enum FileSignalReason: Int32 {
    case input = 1, output = 2, message = 3, urgent = 5, hangUp = 6

    var band: Int64 {
        let events: PollEvents =
            switch self {
            case .input: [.input, .readNormal]
            case .output: [.output, .writeNormal, .writeBand]
            // EPOLLMSG.
            case .message: [.input, .readNormal, PollEvents(rawValue: 0x400)]
            case .urgent: [.priority, .readBand]
            case .hangUp: [.hangUp, .error]
            }
        return Int64(events.rawValue)
    }
}

/// The signals of an open file: whose they are, which, and with O_ASYNC what sends them. Under the lock of the file.
struct FileSignals {
    var owner = FileOwner()
    /// F_SETSIG; 0 is SIGIO without details.
    var number: Int32 = 0
    /// There while O_ASYNC is set.
    var watcher: FileSignalWatcher?
    /// The watches of F_NOTIFY.
    var notifications: [DirectoryNotification] = []
    /// The file has been released: nothing may be added that would keep it.
    var isOver = false

    /// The signals that use the codes of SIGIO's for something of their own (`sig_specific_sicodes` of the kernel).
    private static let specific = SignalSet(
        Signal.SIGILL, Signal.SIGFPE, Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGTRAP, Signal.SIGCHLD, Signal.SIGSYS)

    func send(_ reason: FileSignalReason, descriptor: Int32, _ kernel: Kernel) {
        // SI_SIGIO is -5.
        var info = SignalInfo(number == 0 ? Signal.SIGIO : number, code: Self.specific.contains(number) ? -5 : reason.rawValue)
        if number == 0 {
            info.code = SignalInfo.kernel
        } else {
            info.band = reason.band
            info.status = descriptor
        }
        owner.send(info, kernel)
    }
}

/// Waits for a file with O_ASYNC to become ready and sends its signals.
final class FileSignalWatcher: WaitQueueWaiter, @unchecked Sendable {
    private let file: OpenFile
    private let wanted: PollEvents
    private let kernel: Kernel
    /// The descriptor through which it was asked for last, which the signal names. Under the lock of the file.
    var descriptor: Int32

    init(_ file: OpenFile, wanted: PollEvents, descriptor: Int32, _ kernel: Kernel) {
        self.file = file
        self.wanted = wanted
        self.descriptor = descriptor
        self.kernel = kernel
    }

    /// The waker does not say what became ready. Room to write is always told of by name, so that it was there before.
    override func wake(from queue: WaitQueue) {
        if file.isHungUp { return }
        let now = file.poll().intersection(wanted).subtracting(.output)
        tell(now.contains(.hangUp) ? .hangUp : now)
    }
    override func wake(from queue: WaitQueue, events: PollEvents) { tell(events.intersection(wanted)) }

    private func tell(_ events: PollEvents) {
        guard let reason: FileSignalReason = events.contains(.input) ? .input : events.contains(.output) ? .output : events.contains(.hangUp) ? .hangUp : nil
        else { return }
        if reason == .output, !file.takesOutputSignal() { return }
        let (signals, descriptor) = file.lock.withLock { (file.signals, self.descriptor) }
        signals.send(reason, descriptor: descriptor, kernel)
    }
}

extension OpenFile {
    /// F_SETOWN. A process that ends with its last reference does so when the lock is free.
    func setOwner(_ owner: FileOwner) {
        let former = lock.withLock {
            let former = signals.owner
            signals.owner = owner
            return former
        }
        withExtendedLifetime(former) {}
    }

    /// Sets or clears O_ASYNC as F_SETFL does. False for files that send no signals, where nothing changes.
    @discardableResult func setAsync(_ on: Bool, descriptor: Int32, by task: Task) -> Bool {
        guard let wanted = signalledEvents else { return false }
        let fallback = on ? defaultOwner(task) : nil
        let (added, removed) = lock.withLock { () -> (FileSignalWatcher?, FileSignalWatcher?) in
            if !on {
                statusFlags.remove(.async)
                let old = signals.watcher
                signals.watcher = nil
                return (nil, old)
            }
            // Another thread has closed the last descriptor meanwhile.
            if signals.isOver { return (nil, nil) }
            statusFlags.insert(.async)
            if let fallback, case .nobody = signals.owner.recipient { signals.owner = fallback }
            if let watcher = signals.watcher {
                watcher.descriptor = descriptor
                return (nil, nil)
            }
            let watcher = FileSignalWatcher(self, wanted: wanted, descriptor: descriptor, task.kernel)
            signals.watcher = watcher
            // Here, so that whoever takes the watcher away finds it in the queue.
            readiness.add(watcher)
            return (watcher, nil)
        }
        if added != nil { prepareToWait() }
        if let removed { readiness.remove(removed) }
        return true
    }

    /// The last reference is gone: nobody hears of the file any more.
    func endSignals() {
        let ended = lock.withLock {
            let ended = signals
            signals = FileSignals()
            signals.isOver = true
            return ended
        }
        if let watcher = ended.watcher { readiness.remove(watcher) }
        for notification in ended.notifications { notification.inode.fileSystem.marks.remove(notification) }
    }
}
