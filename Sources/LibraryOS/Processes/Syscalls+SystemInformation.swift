/// uname(2), sysinfo(2) and host names.
extension Syscalls {
    @Sendable static func uname(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let identity = task.kernel.identity
        var writer = ByteWriter(capacity: 390)
        for field in [
            KernelVersion.systemName, identity.hostname, KernelVersion.release, KernelVersion.version, KernelVersion.machine, identity.domainName,
        ] {
            writer.fixedString(field, size: 65)
        }
        try task.memory.writeBytes(writer.bytes, to: call.address(0))
        return .success
    }

    @Sendable static func sethostname(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        task.kernel.identity.hostname = try readHostName(task, call)
        return .success
    }
    @Sendable static func setdomainname(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        task.kernel.identity.domainName = try readHostName(task, call)
        return .success
    }
    /// Root of the sandbox names it; Linux asks for CAP_SYS_ADMIN, which would promise mounts as well.
    private static func readHostName(_ task: Task, _ call: SyscallCall) throws(Errno) -> [UInt8] {
        if task.credentials.effectiveUser != 0 { throw .EPERM }
        if call.int(1) < 0 || call.int(1) > 64 { throw .EINVAL }
        let name = try task.memory.readBytes(call.address(0), count: Int(call.int(1)))
        return Array(name.prefix { $0 != 0 })
    }

    @Sendable static func sysinfo(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let memory = task.kernel.machineMemory
        let load = task.kernel.load.read(task.kernel)
        var writer = ByteWriter(capacity: 112)
        writer.i64(task.kernel.time.boottimeNow() / 1_000_000_000)
        for value in load { writer.u64(value) }
        writer.u64(memory.total)
        writer.u64(memory.total &- memory.used)
        // Shared, buffers, swap and free swap: none is told apart here.
        writer.zeros(32)
        writer.u16(UInt16(clamping: task.kernel.taskCount + 1))
        writer.pad(to: 104)
        writer.u32(1)
        writer.pad(to: 112)
        try task.memory.writeBytes(writer.bytes, to: call.address(0))
        return .success
    }

    @Sendable static func getcpu(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !call.address(0).isNull { try task.memory.writeU32(processor(of: task), to: call.address(0)) }
        if !call.address(1).isNull { try task.memory.writeU32(0, to: call.address(1)) }
        return .success
    }
    /// The host schedules and does not say where; a task is shown on one processor of its mask, so that per-processor caches of programs spread.
    static func processor(of task: Task) -> UInt32 {
        let mask = affinity(of: task)
        let allowed = (0..<task.kernel.visibleProcessors).filter { mask[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }
        if allowed.isEmpty { return 0 }
        return UInt32(allowed[Int(task.id) % allowed.count])
    }

    @Sendable static func personality(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let wanted = call.uint(0)
        return task.group.lock.withLock {
            let old = task.group.attributes.personality
            if wanted != .max { task.group.attributes.personality = wanted }
            return .done(Int64(old))
        }
    }
}

extension Kernel {
    /// The processors programs see, one at least and as many as a `cpu_set_t` holds at most.
    package var visibleProcessors: Int { min(max(configuration.processors, 1), 1024) }
}
