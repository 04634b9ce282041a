extension Syscalls {
    /// A page-aligned range from arguments 0 and 1; `EINVAL` or `ENOMEM` as the kernel's `do_madvise` and `mlock` do.
    private static func range(_ call: SyscallCall, aligned: Bool = true) throws(Errno) -> (start: UInt64, end: UInt64) {
        let address = call.address(0)
        if aligned, !address.isPageAligned { throw .EINVAL }
        let start = address.value & ~4095
        let (length, overflow) = call.length(1).value.addingReportingOverflow(address.value &- start)
        if overflow { throw .EINVAL }
        let rounded = length.addingReportingOverflow(4095)
        if rounded.overflow { throw .EINVAL }
        let end = start.addingReportingOverflow(rounded.partialValue & ~4095)
        if end.overflow { throw .EINVAL }
        return (start, end.partialValue)
    }

    /// madvise(2).
    @Sendable static func madvise(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let advice = MemoryAdvice(rawValue: call.int(2)) else { throw .EINVAL }
        let (start, end) = try range(call)
        if start == end { return .success }
        try task.memory.advise(start, end, advice)
        return .success
    }

    /// mincore(2).
    @Sendable static func mincore(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (start, end) = try range(call)
        guard end <= GuestAddress.userEnd.value else { throw .ENOMEM }
        var position = start
        var output = call.address(2)
        while position < end {
            let step = min(end, position &+ (4096 &* 4096))
            let bytes = try task.memory.residency(position, step)
            try task.memory.writeBytes(bytes, to: output)
            output = try output.advanced(by: UInt64(bytes.count))
            position = step
        }
        return .success
    }

    /// msync(2).
    @Sendable static func msync(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = call.uint(2)
        guard flags & ~7 == 0, flags & 5 != 5 else { throw .EINVAL }
        // A length that wraps when it is rounded up is none.
        if call.raw(0) & 4095 == 0, call.raw(1) > UInt64.max - 4095 { return .success }
        let (start, end) = try range(call)
        try task.memory.sync(start, end, now: flags & 4 != 0)
        return .success
    }

    private static func lock(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        let (start, end) = try range(call, aligned: false)
        let limit = task.group.limits[ResourceLimits.lockedMemory]?.soft ?? .max
        if task.credentials.effectiveUser != 0, end &- start > limit { throw limit == 0 ? .EPERM : .ENOMEM }
        try task.memory.lockPages(start, end, locked: true)
        return .success
    }

    /// mlock(2).
    @Sendable static func mlock(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try lock(task, call) }
    /// mlock2(2); MLOCK_ONFAULT is 1.
    @Sendable static func mlock2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(2) & ~1 != 0 { throw .EINVAL }
        return try lock(task, call)
    }
    /// munlock(2).
    @Sendable static func munlock(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (start, end) = try range(call, aligned: false)
        try task.memory.lockPages(start, end, locked: false)
        return .success
    }
    /// mlockall(2).
    @Sendable static func mlockall(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = call.uint(0)
        if flags == 0 || flags & ~7 != 0 || flags == 4 { throw .EINVAL }
        return .success
    }
    /// munlockall(2).
    @Sendable static func munlockall(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .success }

    /// mbind(2): one node, so that every policy means the same.
    @Sendable static func mbind(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        _ = try range(call)
        if call.int(2) & 0xff > 6 { throw .EINVAL }
        return .success
    }
    /// set_mempolicy(2).
    @Sendable static func setMemoryPolicy(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) & 0xff > 6 { throw .EINVAL }
        return .success
    }
    /// get_mempolicy(2).
    @Sendable static func getMemoryPolicy(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = call.raw(4)
        if flags & ~7 != 0 { throw .EINVAL }
        if call.raw(0) != 0 { try task.memory.writeU32(0, to: call.address(0)) }
        if call.raw(1) != 0, call.raw(2) > 0 {
            // Bits beyond one long are zero; MPOL_F_MEMS_ALLOWED (4) names node 0.
            try task.memory.writeU64(flags & 4 != 0 ? 1 : 0, to: call.address(1))
        }
        return .success
    }
}

/// The advice values of madvise(2).
enum MemoryAdvice: Int32 {
    case normal = 0, random = 1, sequential = 2, willNeed = 3, dontNeed = 4
    case free = 8, remove = 9, dontFork = 10, doFork = 11
    case mergeable = 12, unmergeable = 13, hugePage = 14, noHugePage = 15, dontDump = 16, doDump = 17, wipeOnFork = 18, keepOnFork = 19
    case cold = 20, pageOut = 21, populateRead = 22, populateWrite = 23, dontNeedLocked = 24, collapse = 25
}

extension AddressSpace {
    /// Bytes in all areas (VmSize).
    package var totalSize: UInt64 { lock.withLock { areas.totalSize } }

    /// Bytes of private memory that can be written, the stack apart (VmData, RLIMIT_DATA).
    package var dataSize: UInt64 { lock.withLock { dataSizeLocked } }
    /// As `dataSize`. Lock held.
    var dataSizeLocked: UInt64 { areas.areas.reduce(0) { $0 &+ ($1.isData ? $1.end &- $1.start : 0) } }
    /// Bytes of a range that would count as data if they could be written, and do not yet.
    func becomingData(_ address: GuestAddress, _ length: UInt64) -> UInt64 {
        let (end, overflow) = address.value.addingReportingOverflow(length)
        return lock.withLock {
            areas.slices(address.value, overflow ? .max : end).reduce(0) { sum, slice in
                var changed = slice
                changed.protection.insert(.write)
                return changed.isData && !slice.isData ? sum &+ slice.end &- slice.start : sum
            }
        }
    }
    /// Whether the area at the address counts as data.
    func isData(_ address: GuestAddress) -> Bool { lock.withLock { areas.area(at: address.value)?.isData ?? false } }

    /// The start of the growing area that contains the address.
    func growingAreaStart(_ address: GuestAddress) -> UInt64? {
        lock.withLock { areas.area(at: address.value).flatMap { $0.flags.contains(.growsDown) ? $0.start : nil } }
    }

    /// madvise(2) on the mapped parts; `ENOMEM` when some of the range is not mapped.
    func advise(_ start: UInt64, _ end: UInt64, _ advice: MemoryAdvice) throws(Errno) {
        if advice == .populateRead || advice == .populateWrite { try bringAll(start, end, write: advice == .populateWrite) }
        lock.lock()
        defer { lock.unlock() }
        if let change = Self.flagChange(advice) {
            try set(start, end, change.flag, change.on, onlyAnonymous: advice == .wipeOnFork)
        } else {
            for slice in areas.slices(start, end) { try advise(slice, advice) }
        }
        if !areas.covers(start, end) { throw .ENOMEM }
    }

    private func advise(_ slice: VirtualMemoryArea, _ advice: MemoryAdvice) throws(Errno) {
        switch advice {
        case .dontNeed, .dontNeedLocked:
            if advice == .dontNeed, slice.flags.contains(.locked) { throw .EINVAL }
            discard(slice)
        case .free:
            guard slice.backing is AnonymousBacking else { throw .EINVAL }
            discard(slice)
        case .remove:
            guard let object = (slice.backing as? ObjectBacking)?.object, slice.protection.contains(.write) else { throw .EINVAL }
            lock.unlock()
            defer { lock.lock() }
            try object.pager?.makeRoom(2, mayCommit: true)
            defer { object.pager?.roomIsUsed(2) }
            try object.punchHole(offset: Int64(clamping: slice.backingPage &* 4096), length: Int64(clamping: slice.pages &* 4096))
        case .populateRead, .populateWrite:
            guard !slice.protection.isEmpty, advice == .populateRead || slice.protection.contains(.write) else { throw .EFAULT }
            do throws(Errno) { try prepopulate(slice, slice.start, slice.end) } catch {
                // What a pager has taken back again comes by faults.
                if error != .EAGAIN || slice.backing.pagedObject == nil { throw error }
            }
        case .dontFork, .doFork, .dontDump, .doDump, .wipeOnFork, .keepOnFork: break
        case .normal, .random, .sequential, .willNeed, .mergeable, .unmergeable, .hugePage, .noHugePage, .cold, .pageOut, .collapse: break
        }
    }

    /// Drops the content of pages. Where others own the frames, too, it is theirs: the pages just lose them.
    private func discard(_ slice: VirtualMemoryArea) {
        notePeak(losing: slice.pages)
        if let backing = slice.backing as? ExtentBacking {
            for shared in backing.sharedPages(slice.backingPage, count: slice.pages) {
                pageTable.unmap(GuestAddress(slice.address(of: shared.page)), pages: shared.frames.count)
                giveUp(backing.release(shared.page, count: UInt64(shared.frames.count)))
            }
        }
        slice.backing.discard(slice.backingPage, count: slice.pages)
    }

    /// The advice that only marks areas.
    private static func flagChange(_ advice: MemoryAdvice) -> (flag: VirtualMemoryArea.Flags, on: Bool)? {
        switch advice {
        case .dontFork: (.dontFork, true)
        case .doFork: (.dontFork, false)
        case .dontDump: (.dontDump, true)
        case .doDump: (.dontDump, false)
        case .wipeOnFork: (.wipeOnFork, true)
        case .keepOnFork: (.wipeOnFork, false)
        default: nil
        }
    }

    /// Sets or clears a flag of everything mapped in a range. Lock held.
    private func set(_ start: UInt64, _ end: UInt64, _ flag: VirtualMemoryArea.Flags, _ on: Bool, onlyAnonymous: Bool = false) throws(Errno) {
        try checkAreas(adding: 2)
        let slices = areas.slices(start, end)
        if onlyAnonymous, slices.contains(where: { !($0.backing is AnonymousBacking) }) { throw .EINVAL }
        guard let first = slices.first, let last = slices.last else { return }
        areas.replace(
            first.start, last.end,
            with: slices.map { slice in
                var changed = slice
                if on { changed.flags.insert(flag) } else { changed.flags.remove(flag) }
                return changed
            })
    }

    /// mlock(2) and munlock(2).
    func lockPages(_ start: UInt64, _ end: UInt64, locked: Bool) throws(Errno) {
        if locked { try bringAll(start, end, write: false) }
        lock.lock()
        defer { lock.unlock() }
        guard areas.covers(start, end) else { throw .ENOMEM }
        try set(start, end, .locked, locked)
        if !locked { return }
        for slice in areas.slices(start, end) where !slice.protection.isEmpty && slice.backing.pagedObject == nil {
            try prepopulate(slice, slice.start, slice.end)
        }
    }

    /// mincore(2): one byte a page; `ENOMEM` for pages that are not mapped.
    func residency(_ start: UInt64, _ end: UInt64) throws(Errno) -> [UInt8] {
        lock.lock()
        defer { lock.unlock() }
        guard areas.covers(start, end) else { throw .ENOMEM }
        var result: [UInt8] = []
        for slice in areas.slices(start, end) {
            var page = slice.backingPage
            let last = page &+ slice.pages
            while page < last {
                let wanted = Int(min(last &- page, 4096))
                if let run = slice.backing.run(at: page, limit: wanted) {
                    result.append(contentsOf: try physicalMemory.residency(run))
                    page &+= UInt64(run.count)
                } else {
                    let gap = max(1, slice.backing.gap(at: page, limit: wanted))
                    result.append(contentsOf: [UInt8](repeating: 0, count: gap))
                    page &+= UInt64(gap)
                }
            }
        }
        return result
    }

    /// msync(2).
    func sync(_ start: UInt64, _ end: UInt64, now: Bool) throws(Errno) {
        let slices = lock.withLock { areas.slices(start, end) }
        if now { for slice in slices where slice.backing.isShared { try slice.backing.sync(slice.backingPage, count: slice.pages) } }
        if !lock.withLock({ areas.covers(start, end) }) { throw .ENOMEM }
    }
}
