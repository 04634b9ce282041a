/// epoll_create(2), epoll_ctl(2), epoll_wait(2).
extension Syscalls {
    @Sendable static func epollCreate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) <= 0 { throw .EINVAL }
        return try makeEpoll(task, closeOnExec: false)
    }
    @Sendable static func epollCreate1(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = OpenFlags(rawValue: call.uint(0))
        if !flags.isSubset(of: .closeOnExec) { throw .EINVAL }
        return try makeEpoll(task, closeOnExec: flags.contains(.closeOnExec))
    }
    private static func makeEpoll(_ task: Task, closeOnExec: Bool) throws(Errno) -> Outcome {
        let files = task.kernel.anonymousFiles
        return .done(
            Int64(try task.install(EpollFile(inode: files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task)), closeOnExec: closeOnExec)))
    }

    @Sendable static func epollControl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (operation, descriptor) = (call.int(1), call.int(2))
        let add: Int32 = 1, delete: Int32 = 2, modify: Int32 = 3
        var events: UInt32 = 0
        var data: UInt64 = 0
        if operation != delete {
            // Packed on x86-64: 32 bits of events, then the data.
            let event = ByteReader(try task.memory.readBytes(call.address(3), count: 12))
            events = event.u32(0)
            data = event.u64(4)
        }
        let instance = try task.file(call.int(0))
        let file = try task.file(descriptor)
        if !file.supportsEpoll { throw .EPERM }
        events &= ~EpollFlags.wakeUp
        guard let epoll = instance as? EpollFile, epoll !== file else { throw .EINVAL }
        if operation != delete, events & EpollFlags.exclusive != 0 {
            // POLLIN, POLLOUT, POLLERR and POLLHUP.
            let allowed = EpollFlags.exclusive | EpollFlags.edgeTriggered | 0x1d
            if operation == modify || file is EpollFile || events & ~allowed != 0 { throw .EINVAL }
        }
        // POLLERR and POLLHUP are always reported.
        let wanted = events | 0x18
        switch operation {
        case add:
            if let nested = file as? EpollFile { try checkNesting(of: nested, in: epoll) }
            guard file.retainIfReferenced() else { throw .EBADF }
            defer { file.drop() }
            try epoll.add(file, descriptor, events: wanted, data: data, task)
        case delete: try epoll.remove(file, descriptor)
        case modify: try epoll.modify(file, descriptor, events: wanted, data: data, task)
        default: throw .EINVAL
        }
        return .success
    }

    /// `ELOOP` when the instance would watch itself through others, or chains get longer than five.
    private static func checkNesting(of nested: EpollFile, in epoll: EpollFile) throws(Errno) {
        var level = [nested]
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(nested)]
        var depth = 1
        while !level.isEmpty {
            if level.contains(where: { $0 === epoll }) || depth > 4 { throw .ELOOP }
            var next: [EpollFile] = []
            for instance in level {
                for child in instance.watchedInstances where seen.insert(ObjectIdentifier(child)).inserted { next.append(child) }
            }
            level = next
            depth += 1
        }
        // Instances above: those that watch `epoll`.
        var above = epoll.watchingInstances
        while !above.isEmpty {
            depth += 1
            if depth > 6 { throw .ELOOP }
            above = above.flatMap { $0.watchingInstances }
            if above.count > 500 { throw .EINVAL }
        }
    }

    // MARK: Waiting

    @Sendable static func epollWait(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try wait(task, &call, timeout: milliseconds(call.int(3)))
    }
    @Sendable static func epollPwait(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timeout = milliseconds(call.int(3))
        return try task.withTemporaryMask(at: call.address(4), size: call.length(5), &call) { call throws(Errno) in
            try wait(task, &call, timeout: timeout)
        }
    }
    @Sendable static func epollPwait2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let progress = call.progress as? EventWait
        let timeout = call.address(3).isNull || progress != nil ? nil : try task.memory.readTimespec(call.address(3))
        return try task.withTemporaryMask(at: call.address(4), size: call.length(5), &call) { call throws(Errno) in
            try wait(task, &call, timeout: timeout)
        }
    }

    /// poll's and epoll's time-out: negative means for ever.
    static func milliseconds(_ value: Int32) -> Int64? { value < 0 ? nil : Int64(value) * 1_000_000 }

    private static func wait(_ task: Task, _ call: inout SyscallCall, timeout: Int64?) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let progress: EventWait
            if let existing = call.progress as? EventWait {
                progress = existing
            } else {
                if call.int(2) <= 0 || call.int(2) > Int32.max / 12 { throw .EINVAL }
                try task.checkRange(call.address(1), GuestLength(UInt64(call.int(2)) * 12))
                let instance = try task.file(call.int(0))
                if !(instance is EpollFile) { throw .EINVAL }
                progress = EventWait(timeout, task)
                if !progress.hold(instance) { throw .EBADF }
                call.progress = progress
            }
            guard let epoll = progress.files.first as? EpollFile else { throw .EBADF }
            guard let events = epoll.collect(limit: Int(call.int(2)), task) else {
                return try call.wait(on: [epoll.collectors, epoll.readiness], until: progress.deadline, restart: .EINTR)
            }
            if !events.isEmpty {
                var writer = ByteWriter(capacity: events.count * 12)
                for event in events {
                    writer.u32(event.events)
                    writer.u64(event.data)
                }
                try task.memory.writeBytes(writer.bytes, to: call.address(1))
                return .count(events.count)
            }
            if progress.isOver(task, call) { return .done(0) }
            // Not on `collectors`: the look before the sleep would itself be what wakes from it.
            return try call.wait(on: [epoll.readiness], until: progress.deadline, restart: .EINTR)
        }
    }
}

/// A wait for events with an optional time-out.
class EventWait: HeldFiles {
    /// nil: no time-out.
    let deadline: MonotonicInstant?
    let isPoll: Bool

    /// `timeout` in nanoseconds; zero looks once.
    init(_ timeout: Int64?, _ task: Task) {
        isPoll = timeout == 0
        deadline = timeout.map { task.kernel.time.monotonicNow().advanced(byNanoseconds: $0) }
    }

    /// The time-out has passed.
    func isOver(_ task: Task, _ call: SyscallCall) -> Bool {
        guard let deadline else { return false }
        return isPoll || call.wake == .deadline || deadline <= task.kernel.time.monotonicNow()
    }

    /// What is left of the time-out, in nanoseconds.
    func remaining(_ task: Task) -> Int64 {
        guard let deadline else { return 0 }
        return max(0, deadline.nanoseconds &- task.kernel.time.monotonicNow().nanoseconds)
    }
}

extension OpenFile {
    /// The epoll instances that watch this file.
    var watchingInstances: [EpollFile] { lock.withLock { watchers.map { $0.epoll } } }
}
