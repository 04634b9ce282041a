/// The flags of mmap(2), x86-64 values.
struct MapFlags: OptionSet {
    let rawValue: UInt32
    static let fixed = MapFlags(rawValue: 0x10)
    static let anonymous = MapFlags(rawValue: 0x20)
    static let below2GiB = MapFlags(rawValue: 0x40)
    static let growsDown = MapFlags(rawValue: 0x100)
    static let locked = MapFlags(rawValue: 0x2000)
    static let noReserve = MapFlags(rawValue: 0x4000)
    static let populate = MapFlags(rawValue: 0x8000)
    static let hugePages = MapFlags(rawValue: 0x40000)
    static let sync = MapFlags(rawValue: 0x80000)
    static let fixedNoReplace = MapFlags(rawValue: 0x100000)
    /// MAP_SHARED, MAP_PRIVATE or MAP_SHARED_VALIDATE.
    var type: UInt32 { rawValue & 0xf }
}

extension Syscalls {
    /// Reads PROT_ bits; PROT_SEM and unknown bits are ignored as Linux does.
    private static func protection(_ bits: UInt64) -> PageProtection { PageProtection(rawValue: UInt8(truncatingIfNeeded: bits & 7)) }

    /// mmap(2).
    @Sendable static func mmap(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = MapFlags(rawValue: call.uint(3))
        let offset = call.raw(5)
        guard offset & 4095 == 0 else { throw .EINVAL }
        guard call.length(1).value > 0 else { throw .EINVAL }
        let length = try call.length(1).roundedUpToPage()
        guard (1...3).contains(flags.type) else { throw .EINVAL }
        let shared = flags.type != 2
        let (end, overflow) = offset.addingReportingOverflow(length)
        if overflow || end > UInt64(Int64.max) { throw .EOVERFLOW }
        let wanted = protection(call.raw(2))
        var request: MappingRequest
        if flags.contains(.anonymous) {
            request = anonymousRequest(task, shared: shared, length: length)
            // MAP_SHARED_VALIDATE is for files only.
            if flags.type == 3 { throw .EINVAL }
            if flags.contains(.hugePages) { throw .ENOMEM }
        } else {
            request = try fileRequest(task, call.int(4), shared: shared, protection: wanted, flags)
            request.backingPage = offset / 4096
        }
        request.address = call.raw(0)
        request.length = length
        request.protection = wanted
        if flags.contains(.growsDown) {
            if shared || !flags.contains(.anonymous) { throw .EINVAL }
            request.flags.insert(.growsDown)
            // Pages below the first one get numbers too when the area grows.
            request.backingPage = 1 << 40
        }
        if flags.contains(.locked) { request.flags.insert(.locked) }
        request.populate = flags.contains(.populate) || flags.contains(.locked)
        request.below2GiB = flags.contains(.below2GiB)
        request.placement = flags.contains(.fixedNoReplace) ? .fixedNoReplace : flags.contains(.fixed) ? .fixed : .anywhere
        let isPrivate = !shared && wanted.contains(.write)
        if isPrivate || shared && flags.contains(.anonymous), !flags.contains(.noReserve) { try checkCommitment(task, length) }
        try checkLimits(task, adding: length, isData: isPrivate && !flags.contains(.growsDown))
        return .done(Int64(bitPattern: try task.memory.map(request).value))
    }

    /// What no host could ever give is refused at once, the rest when it is touched (`vm.overcommit_memory` 0).
    private static func checkCommitment(_ task: Task, _ length: UInt64) throws(Errno) {
        if length > task.kernel.configuration.obviousOvercommit { throw .ENOMEM }
    }

    /// RLIMIT_AS, and RLIMIT_DATA for private memory that can be written: `ENOMEM` when `length` bytes more would not fit.
    static func checkLimits(_ task: Task, adding length: UInt64, isData: Bool) throws(Errno) {
        let limit = task.limit(ResourceLimits.addressSpace)
        if limit != .max { try check(length, fits: limit, besides: task.memory.totalSize) }
        if isData { try checkDataLimit(task) { length } }
    }

    private static func checkDataLimit(_ task: Task, adding length: () -> UInt64) throws(Errno) {
        let limit = task.limit(ResourceLimits.data)
        if limit != .max { try check(length(), fits: limit, besides: task.memory.dataSize) }
    }

    private static func check(_ length: UInt64, fits limit: UInt64, besides size: UInt64) throws(Errno) {
        let (total, overflow) = size.addingReportingOverflow(length)
        if overflow || total > limit { throw .ENOMEM }
    }

    private static func anonymousRequest(_ task: Task, shared: Bool, length: UInt64) -> MappingRequest {
        let memory = task.kernel.physicalMemory
        if shared {
            let object = MemoryObject(physicalMemory: memory, size: Int64(clamping: length))
            return MappingRequest(backing: ObjectBacking(object: object, location: nil))
        }
        return MappingRequest(backing: AnonymousBacking(physicalMemory: memory))
    }

    private static func fileRequest(
        _ task: Task, _ descriptor: Int32, shared: Bool, protection: PageProtection, _ flags: MapFlags
    ) throws(Errno) -> MappingRequest {
        let file = try task.descriptors.file(descriptor)
        if file.statusFlags.contains(.path) { throw .EBADF }
        if flags.type == 3, flags.contains(.sync) { throw .EOPNOTSUPP }
        guard file.statusFlags.canRead else { throw .EACCES }
        let writableHandle = file.statusFlags.canWrite
        if shared, protection.contains(.write), !writableHandle { throw .EACCES }
        guard let source = file.mappingSource() else { throw .ENODEV }
        let memory = task.kernel.physicalMemory
        var request: MappingRequest
        switch source {
        case .anonymous:
            request = anonymousRequest(task, shared: shared, length: 0)
        case .object(let object):
            request = MappingRequest(
                backing: shared ? ObjectBacking(object: object, location: file.location) : PrivateObjectBacking(object: object, location: file.location))
        case .hostFile(let host, let writable):
            request = MappingRequest(
                backing: HostFileBacking(
                    physicalMemory: memory, host: task.kernel.host, file: host, shared: shared, writable: writable && writableHandle, location: file.location))
        }
        let isSealed = shared && isSealedAgainstWriting(file)
        if isSealed, protection.contains(.write) { throw .EPERM }
        if shared, !writableHandle || isSealed { request.flags.insert(.noWrite) }
        return request
    }

    private static func isSealedAgainstWriting(_ file: OpenFile) -> Bool {
        do throws(Errno) { return try !file.seals().isDisjoint(with: [.write, .futureWrite]) } catch { return false }
    }

    /// munmap(2).
    @Sendable static func munmap(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.memory.unmap(call.address(0), length: call.length(1).value)
        return .success
    }

    /// In place, a lock that another thread of the program may hold long is out of reach; where there is one thread, nobody else holds the memory's.
    private static func mustLeave(_ task: Task, _ call: SyscallCall) -> Bool { call.inPlace && task.group.liveTasks.count > 1 }

    /// mprotect(2); PROT_GROWSDOWN and PROT_GROWSUP need an area that grows, which is what is checked here.
    @Sendable static func mprotect(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if mustLeave(task, call) { return .leave }
        let bits = call.raw(2)
        let growth = bits & 0x300_0000
        guard growth != 0x300_0000, bits & ~0x300_000f == 0 else { throw .EINVAL }
        var address = call.address(0)
        var length = call.length(1).value
        if growth == 0x100_0000 {
            guard let start = task.memory.growingAreaStart(address) else { throw .EINVAL }
            length = length &+ (address.value &- start)
            address = GuestAddress(start)
        } else if growth != 0 {
            throw .EINVAL
        }
        if bits & 2 != 0 { try checkDataLimit(task) { task.memory.becomingData(address, length) } }
        try task.memory.protect(address, length: length, protection(bits))
        return .success
    }

    /// brk(2).
    @Sendable static func brk(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if mustLeave(task, call) { return .leave }
        let limits = AddressSpace.BreakLimits(
            data: task.limit(ResourceLimits.data), addressSpace: task.limit(ResourceLimits.addressSpace), growth: task.kernel.configuration.obviousOvercommit)
        return .done(Int64(bitPattern: task.memory.setBreak(call.raw(0), limits)))
    }

    /// mremap(2).
    @Sendable static func mremap(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (old, new) = (call.length(1).value, call.length(2).value)
        if new > old {
            let isData = task.memory.isData(call.address(0))
            if isData { try checkCommitment(task, new &- old) }
            try checkLimits(task, adding: new &- old, isData: isData)
        }
        let address = try task.memory.remap(
            call.address(0), oldLength: old, newLength: new, flags: AddressSpace.RemapFlags(rawValue: call.uint(3)), newAddress: call.address(4))
        return .done(Int64(bitPattern: address.value))
    }

    /// remap_file_pages(2).
    @Sendable static func remapFilePages(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .EINVAL }
}
