/// Shared memory of System V (shmget(2), shmop(2), shmctl(2)).
extension Syscalls {
    /// SHMMAX and SHMALL: no limit but that of the sandbox's memory.
    static let mostSharedBytes: UInt64 = .max - (1 << 24)
    private static let readOnly: UInt32 = 0o10000, roundDown: UInt32 = 0o20000, remap: UInt32 = 0o40000, execute: UInt32 = 0o100000

    /// shmget(2).
    @Sendable static func shmget(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kernel, size, flags, creator) = (task.kernel, call.raw(1), call.uint(2), task.group.id)
        let credentials = task.credentials
        kernel.interprocess.lock.lock()
        defer { kernel.interprocess.lock.unlock() }
        let id = try kernel.interprocess.segments.get(call.int(0), flags, credentials, suits: { $0.size >= size }) { id, permissions throws(Errno) in
            guard size >= 1, size <= mostSharedBytes else { throw .EINVAL }
            // SHM_HUGETLB: there is no pool of huge pages.
            if flags & 0o4000 != 0 { throw .ENOMEM }
            // SHM_NORESERVE takes what nobody has promised.
            if flags & 0o10000 == 0, size > kernel.physicalMemory.usage.limit { throw .ENOMEM }
            return try SharedSegment(id: id, permissions, kernel: kernel, size: size, creator: creator)
        }
        return .done(Int64(id))
    }

    /// shmat(2).
    @Sendable static func shmat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (namespace, flags) = (task.kernel.interprocess, call.uint(2))
        var address = call.raw(1)
        if address & 4095 != 0 {
            if flags & roundDown == 0 { throw .EINVAL }
            address &= ~4095
            if address == 0, flags & remap != 0 { throw .EINVAL }
        } else if address == 0, flags & remap != 0 {
            throw .EINVAL
        }
        let wanted: UInt32 = 0o444 | (flags & readOnly == 0 ? 0o222 : 0) | (flags & execute != 0 ? 0o111 : 0)
        namespace.lock.lock()
        let segment: SharedSegment
        let key: Int32
        do throws(Errno) {
            segment = try namespace.segments.object(call.int(0))
            try segment.permissions.check(wanted, task.credentials)
            key = segment.permissions.key
            segment.attaching += 1
        } catch {
            namespace.lock.unlock()
            throw error
        }
        namespace.lock.unlock()
        let result: Result<GuestAddress, Errno>
        do throws(Errno) { result = .success(try attach(task, segment, key: key, at: address, flags)) } catch { result = .failure(error) }
        let now = IPCNamespace.seconds(task.kernel)
        namespace.lock.withLock {
            segment.attaching -= 1
            if case .success = result {
                segment.attached = now
                segment.latest = task.group.id
            }
            _ = namespace.dropDestroyed(segment)
        }
        return .done(Int64(bitPattern: try result.get().value))
    }

    private static func attach(_ task: Task, _ segment: SharedSegment, key: Int32, at address: UInt64, _ flags: UInt32) throws(Errno) -> GuestAddress {
        let length = try GuestLength(segment.size).roundedUpToPage()
        var request = MappingRequest(backing: SegmentBacking(segment, key: key, kernel: task.kernel))
        request.address = address
        request.length = length
        request.protection = [.read]
        if flags & readOnly == 0 { request.protection.insert(.write) } else { request.flags.insert(.noWrite) }
        if flags & execute != 0 { request.protection.insert(.execute) }
        if address != 0 {
            let (end, overflow) = address.addingReportingOverflow(length)
            if overflow || end > GuestAddress.userEnd.value { throw .EINVAL }
            request.placement = flags & remap != 0 ? .fixed : .fixedNoReplace
        }
        try checkLimits(task, adding: length, isData: false)
        do throws(Errno) { return try task.memory.map(request) } catch { throw error == .EEXIST ? .EINVAL : error }
    }

    /// shmdt(2).
    @Sendable static func shmdt(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard call.address(0).isPageAligned, let segment = task.memory.detach(call.raw(0)) else { throw .EINVAL }
        let (namespace, now) = (task.kernel.interprocess, IPCNamespace.seconds(task.kernel))
        namespace.lock.withLock {
            segment.detached = now
            segment.latest = task.group.id
        }
        return .success
    }

    /// shmctl(2).
    @Sendable static func shmctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (id, command, buffer) = (call.int(0), call.int(1), call.address(2))
        if id < 0 || command < 0 { throw .EINVAL }
        switch command {
        case IPCCommand.information: return try sharedLimits(task, buffer)
        case 14: return try sharedTotals(task, buffer)
        case IPCCommand.status, 13, 15: return try sharedStatus(task, id, command, buffer)
        case IPCCommand.set:
            let reader = ByteReader(try task.memory.readBytes(buffer, count: 112))
            try changeSegment(task, id) { segment throws(Errno) in
                try segment.permissions.update(reader)
                segment.changed = IPCNamespace.seconds(task.kernel)
            }
        case IPCCommand.remove:
            try changeSegment(task, id) { segment throws(Errno) in
                segment.permissions.mode |= SharedSegment.destroyed
                task.kernel.interprocess.segments.forgetKey(segment)
                _ = task.kernel.interprocess.dropDestroyed(segment)
            }
        case 11, 12:
            try changeSegment(task, id, refusal: .EPERM) { segment throws(Errno) in
                if command == 11 { segment.permissions.mode |= SharedSegment.locked } else { segment.permissions.mode &= ~SharedSegment.locked }
            }
        default: throw .EINVAL
        }
        return .success
    }

    private static func changeSegment(
        _ task: Task, _ id: Int32, refusal: Errno = .EPERM, _ change: (SharedSegment) throws(Errno) -> Void
    ) throws(Errno) {
        let namespace = task.kernel.interprocess
        let credentials = task.credentials
        // A segment that ends here does so after the lock.
        var kept: SharedSegment?
        defer { withExtendedLifetime(kept) {} }
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        let segment = try namespace.segments.object(id)
        kept = segment
        try segment.permissions.checkControl(credentials)
        try change(segment)
    }

    private static func sharedLimits(_ task: Task, _ buffer: GuestAddress) throws(Errno) -> Outcome {
        var writer = ByteWriter(capacity: 72)
        for value in [mostSharedBytes, 1, UInt64(IPCNamespace.mostSegments), UInt64(IPCNamespace.mostSegments), mostSharedBytes] { writer.u64(value) }
        writer.pad(to: 72)
        try task.memory.writeBytes(writer.bytes, to: buffer)
        let namespace = task.kernel.interprocess
        return .done(Int64(namespace.lock.withLock { namespace.segments.highestIndex }))
    }

    private static func sharedTotals(_ task: Task, _ buffer: GuestAddress) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let (highest, all) = namespace.lock.withLock { (namespace.segments.highestIndex, namespace.segments.sorted) }
        var writer = ByteWriter(capacity: 48)
        writer.i32(Int32(all.count))
        writer.u32(0)
        writer.u64(all.reduce(0) { $0 &+ ($1.size &+ 4095) / 4096 })
        writer.u64(all.reduce(0) { $0 &+ UInt64($1.object.residentPages) })
        writer.pad(to: 48)
        try task.memory.writeBytes(writer.bytes, to: buffer)
        return .done(Int64(highest))
    }

    /// IPC_STAT by id; SHM_STAT and SHM_STAT_ANY by place, whose result is the id.
    private static func sharedStatus(_ task: Task, _ id: Int32, _ command: Int32, _ buffer: GuestAddress) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let segment = try namespace.segment(id, command, task.credentials)
        // The address spaces' locks come before the namespace's.
        let attachments = segment.object.mappingCount
        let bytes = namespace.lock.withLock { segment.encoded(attachments: attachments) }
        try task.memory.writeBytes(bytes, to: buffer)
        return .done(command == IPCCommand.status ? 0 : Int64(segment.id))
    }
}

extension IPCNamespace {
    fileprivate func segment(_ id: Int32, _ command: Int32, _ credentials: Credentials) throws(Errno) -> SharedSegment {
        lock.lock()
        defer { lock.unlock() }
        let segment = command == IPCCommand.status ? try segments.object(id) : try segments.object(at: id)
        if command != 15 { try segment.permissions.check(0o444, credentials) }
        return segment
    }
}
