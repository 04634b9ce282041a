/// select(2) and pselect6(2).
extension Syscalls {
    // POLLIN_SET, POLLOUT_SET and POLLEX_SET of the kernel.
    private static let inputBits: UInt16 = 0x40 | 0x80 | 0x01 | 0x10 | 0x08
    private static let outputBits: UInt16 = 0x200 | 0x100 | 0x04 | 0x08
    private static let exceptionBits: UInt16 = 0x02

    @Sendable static func select(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timeval = call.address(4)
        var timeout: Int64?
        if !timeval.isNull, call.progress == nil {
            let reader = ByteReader(try task.memory.readBytes(timeval, count: 16))
            let (seconds, microseconds) = (reader.i64(0), reader.i64(8))
            if seconds < 0 || microseconds < 0 { throw .EINVAL }
            let (part, first) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (fraction, second) = microseconds.multipliedReportingOverflow(by: 1000)
            let (sum, third) = part.addingReportingOverflow(fraction)
            timeout = first || second || third ? .max : sum
        }
        let store: TimeStore = { left throws(Errno) in
            var writer = ByteWriter(capacity: 16)
            writer.i64(left / 1_000_000_000)
            writer.i64(left % 1_000_000_000 / 1000)
            try task.memory.writeBytes(writer.bytes, to: timeval)
        }
        return try storingRest(task, &call, timeval.isNull ? nil : store) { call throws(Errno) in
            try selectDescriptors(task, &call, timeout: timeout)
        }
    }

    @Sendable static func pselect6(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timespec = call.address(4)
        let timeout = timespec.isNull || call.progress != nil ? nil : try task.memory.readTimespec(timespec)
        var (mask, size) = (GuestAddress(0), GuestLength(8))
        if !call.address(5).isNull, call.progress == nil {
            let pair = ByteReader(try task.memory.readBytes(call.address(5), count: 16))
            mask = GuestAddress(pair.u64(0))
            size = GuestLength(pair.u64(8))
        }
        return try task.withTemporaryMask(at: mask, size: size, &call) { call throws(Errno) in
            let store: TimeStore = { left throws(Errno) in try task.memory.writeTimespec(nanoseconds: left, to: timespec) }
            return try storingRest(task, &call, timespec.isNull ? nil : store) { call throws(Errno) in
                try selectDescriptors(task, &call, timeout: timeout)
            }
        }
    }

    private static func selectDescriptors(_ task: Task, _ call: inout SyscallCall, timeout: Int64?) throws(Errno) -> Outcome {
        if call.int(0) < 0 { throw .EINVAL }
        let wait: PollWait
        if let existing = call.progress as? PollWait {
            wait = existing
        } else {
            wait = PollWait(timeout, task, try readSets(task, call, count: min(Int(call.int(0)), task.descriptors.capacity)))
            call.progress = wait
        }
        do throws(Errno) {
            _ = wait.look(task)
            var found = 0
            for entry in wait.entries {
                if entry.result & 0x20 != 0 { throw .EBADF }
                for set in 0..<3 where isSet(entry, set) { found += 1 }
            }
            if found > 0 || wait.isOver(task, call) {
                try storeSets(task, call, wait)
                wait.releaseFiles()
                return .count(found)
            }
            return try call.wait(on: wait.queues(for: task), until: wait.deadline, restart: .ERESTARTNOHAND)
        } catch {
            wait.releaseFiles()
            throw error
        }
    }

    private static func bits(_ set: Int) -> UInt16 { set == 0 ? inputBits : set == 1 ? outputBits : exceptionBits }

    /// Whether the result has the bit of a set that the program asked for. The asked sets are coded in `events` by their telling bit.
    private static func isSet(_ entry: PollWait.Entry, _ set: Int) -> Bool {
        let asked: UInt16 = set == 0 ? 0x40 : set == 1 ? 0x100 : 0x02
        return entry.events & asked != 0 && entry.result & bits(set) != 0
    }

    /// Words of 64 descriptors, as the kernel copies them.
    private static func bytes(for count: Int) -> Int { (count + 63) / 64 * 8 }

    private static func readSets(_ task: Task, _ call: SyscallCall, count: Int) throws(Errno) -> [PollWait.Entry] {
        var sets: [[UInt8]] = []
        for index in 1...3 {
            let address = call.address(index)
            sets.append(address.isNull ? [] : try task.memory.readBytes(address, count: bytes(for: count)))
        }
        var entries: [PollWait.Entry] = []
        for descriptor in 0..<count {
            var events: UInt16 = 0
            for set in 0..<3 where !sets[set].isEmpty && sets[set][descriptor / 8] & (1 << UInt8(descriptor % 8)) != 0 { events |= bits(set) }
            if events != 0 { entries.append(PollWait.Entry(descriptor: Int32(descriptor), events: events)) }
        }
        return entries
    }

    private static func storeSets(_ task: Task, _ call: SyscallCall, _ wait: PollWait) throws(Errno) {
        let size = bytes(for: min(Int(call.int(0)), task.descriptors.capacity))
        for set in 0..<3 where !call.address(set + 1).isNull {
            var result = [UInt8](repeating: 0, count: size)
            for entry in wait.entries where isSet(entry, set) && Int(entry.descriptor) / 8 < size {
                result[Int(entry.descriptor) / 8] |= 1 << UInt8(entry.descriptor % 8)
            }
            try task.memory.writeBytes(result, to: call.address(set + 1))
        }
    }
}
