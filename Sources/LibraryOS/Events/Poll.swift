/// poll(2) and ppoll(2).
extension Syscalls {
    @Sendable static func poll(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timeout = milliseconds(call.int(2))
        do throws(Errno) {
            return try pollDescriptors(task, &call, timeout: timeout)
        } catch {
            // restart_syscall(2) goes on to the same deadline.
            if error == .ERESTARTNOHAND {
                task.restartBlock = call
                throw .ERESTART_RESTARTBLOCK
            }
            throw error
        }
    }

    @Sendable static func ppoll(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timespec = call.address(2)
        let timeout = timespec.isNull || call.progress != nil ? nil : try task.memory.readTimespec(timespec)
        return try task.withTemporaryMask(at: call.address(3), size: call.length(4), &call) { call throws(Errno) in
            let store: TimeStore = { left throws(Errno) in try task.memory.writeTimespec(nanoseconds: left, to: timespec) }
            return try storingRest(task, &call, timespec.isNull ? nil : store) { call throws(Errno) in
                try pollDescriptors(task, &call, timeout: timeout)
            }
        }
    }

    /// Puts what is left of a time-out where the program gave it.
    typealias TimeStore = (Int64) throws(Errno) -> Void

    /// The time that was not slept goes back to the program, however the call ends: made again after a stop, it waits for the rest. Where it cannot be
    /// written that is no error, but the call is not made again, since it would begin anew (`poll_select_finish` of the kernel).
    static func storingRest(
        _ task: Task, _ call: inout SyscallCall, _ store: TimeStore?, _ body: (inout SyscallCall) throws(Errno) -> Outcome
    ) throws(Errno) -> Outcome {
        guard let store else { return try body(&call) }
        let ending: Result<Outcome, Errno>
        do throws(Errno) { ending = .success(try body(&call)) } catch { ending = .failure(error) }
        if case .success(.wait) = ending { return try ending.get() }
        if case .success(.leave) = ending { return try ending.get() }
        guard let wait = call.progress as? PollWait, !wait.isPoll else { return try ending.get() }
        do throws(Errno) { try store(wait.remaining(task)) } catch {
            if case .failure(.ERESTARTNOHAND) = ending { throw .EINTR }
        }
        return try ending.get()
    }

    private static func pollDescriptors(_ task: Task, _ call: inout SyscallCall, timeout: Int64?) throws(Errno) -> Outcome {
        let wait: PollWait
        if let existing = call.progress as? PollWait {
            wait = existing
        } else {
            let count = try GuestCount(UInt64(call.uint(1))).checked(limit: Int(clamping: min(task.descriptorLimit, 1 << 20)))
            let bytes = ByteReader(try task.memory.readBytes(call.address(0), count: count * 8))
            let entries = (0..<count).map { PollWait.Entry(descriptor: bytes.i32($0 * 8), events: bytes.u16($0 * 8 + 4)) }
            wait = PollWait(timeout, task, entries)
            call.progress = wait
        }
        do throws(Errno) {
            let found = wait.look(task)
            if found > 0 || wait.isOver(task, call) {
                try wait.store(task, at: call.address(0))
                wait.releaseFiles()
                return .count(found)
            }
            return try call.wait(on: wait.queues(for: task), until: wait.deadline, restart: .ERESTARTNOHAND)
        } catch {
            // do_sys_poll stores what it found, interrupted or not.
            if error == .ERESTARTNOHAND { try? wait.store(task, at: call.address(0)) }
            wait.releaseFiles()
            throw error
        }
    }
}

/// The descriptors that poll or select look at, read from the program once.
final class PollWait: EventWait {
    struct Entry {
        let descriptor: Int32
        let events: UInt16
        var result: UInt16 = 0

        init(descriptor: Int32, events: UInt16) {
            self.descriptor = descriptor
            self.events = events
        }
    }
    var entries: [Entry]
    /// The open file of each entry; looked up by the first run (and again after a restart).
    private var watched: [OpenFile?] = []

    init(_ timeout: Int64?, _ task: Task, _ entries: [Entry]) {
        self.entries = entries
        super.init(timeout, task)
    }

    /// Looks at every file once and notes what it finds; returns how many entries have something.
    func look(_ task: Task) -> Int {
        if watched.count != entries.count {
            watched = entries.map { entry in
                guard entry.descriptor >= 0, let file = try? task.file(entry.descriptor), hold(file) else { return nil }
                return file
            }
        }
        var found = 0
        for index in entries.indices {
            var result: UInt32 = 0
            if entries[index].descriptor >= 0 {
                if let file = watched[index] {
                    result = file.poll(by: task).rawValue & (UInt32(entries[index].events) | 0x18)
                } else {
                    result = PollEvents.invalid.rawValue
                }
            }
            entries[index].result = UInt16(truncatingIfNeeded: result)
            if result != 0 { found += 1 }
        }
        return found
    }

    /// The queues of all files; host streams are told that somebody waits.
    func queues(for task: Task) -> [WaitQueue] {
        watched.flatMap { file in
            file?.prepareToWait()
            return file?.waitQueues(for: task) ?? []
        }
    }

    /// `revents` of every entry.
    func store(_ task: Task, at address: GuestAddress) throws(Errno) {
        var writer = ByteWriter(capacity: entries.count * 8)
        for entry in entries {
            writer.i32(entry.descriptor)
            writer.u16(entry.events)
            writer.u16(entry.result)
        }
        try task.memory.writeBytes(writer.bytes, to: address)
    }

    override func releaseFiles() {
        watched = []
        super.releaseFiles()
    }
}
