/// The flags of SECCOMP_SET_MODE_FILTER.
private struct SeccompFlags: OptionSet {
    let rawValue: UInt64
    static let synchronise = SeccompFlags(rawValue: 1), log = SeccompFlags(rawValue: 2), allowSpeculation = SeccompFlags(rawValue: 4)
    static let newListener = SeccompFlags(rawValue: 8), noSuchThread = SeccompFlags(rawValue: 16), waitKillable = SeccompFlags(rawValue: 32)
    static let served: SeccompFlags = [.synchronise, .log, .allowSpeculation, .noSuchThread]
}

extension Syscalls {
    static let policyTable: [SyscallEntry] = [
        SyscallEntry(
            317, "seccomp", [.named("seccomp_op"), .named("seccomp_flags"), .pointer], .partial,
            note: "no SECCOMP_FILTER_FLAG_NEW_LISTENER (EINVAL); SECCOMP_RET_USER_NOTIF and SECCOMP_RET_TRACE answer ENOSYS, as without a listener or tracer; "
                + "logged calls are not logged anywhere", Syscalls.seccomp)
    ]

    /// seccomp(2).
    @Sendable static func seccomp(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        switch call.uint(0) {
        case 0:
            if call.uint(1) != 0 || !call.address(2).isNull { throw .EINVAL }
            return try setStrictMode(task)
        case 1: return try installFilter(task, flags: UInt64(call.uint(1)), call.address(2))
        case 2:
            if call.uint(1) != 0 { throw .EINVAL }
            let actions = [
                SeccompVerdict.killProcess, SeccompVerdict.killThread, SeccompVerdict.trap, SeccompVerdict.error, SeccompVerdict.trace, SeccompVerdict.log,
                SeccompVerdict.allow,
            ]
            if !actions.contains(try task.memory.readU32(call.address(2))) { throw .EOPNOTSUPP }
            return .success
        case 3:
            if call.uint(1) != 0 { throw .EINVAL }
            // struct seccomp_notif, seccomp_notif_resp, seccomp_data.
            var writer = ByteWriter(capacity: 6)
            for size: UInt16 in [80, 24, 64] { writer.u16(size) }
            try task.memory.writeBytes(writer.bytes, to: call.address(2))
            return .success
        default: throw .EINVAL
        }
    }

    /// prctl(PR_SET_SECCOMP).
    static func setSeccomp(_ task: Task, mode: UInt64, _ filter: GuestAddress) throws(Errno) -> Outcome {
        switch mode {
        case 1: try setStrictMode(task)
        case 2: try installFilter(task, flags: 0, filter)
        default: throw .EINVAL
        }
    }

    private static func setStrictMode(_ task: Task) throws(Errno) -> Outcome {
        let accepted = task.group.lock.withLock {
            if task.seccomp.mode == .filter { return false }
            task.seccomp.set(.strict, [])
            return true
        }
        if !accepted { throw .EINVAL }
        return .success
    }

    private static func installFilter(_ task: Task, flags bits: UInt64, _ address: GuestAddress) throws(Errno) -> Outcome {
        let flags = SeccompFlags(rawValue: bits)
        if !flags.isSubset(of: .served) { throw .EINVAL }
        let instructions = try readFilter(task, address)
        let program = try BPFProgram(checking: instructions)
        task.group.lock.lock()
        defer { task.group.lock.unlock() }
        return .done(Int64(try install(program, task, flags)))
    }

    /// struct sock_fprog and the instructions it points to.
    private static func readFilter(_ task: Task, _ address: GuestAddress) throws(Errno) -> [BPFInstruction] {
        let header = ByteReader(try task.memory.readBytes(address, count: 16))
        let count = Int(header.u16(0))
        if count == 0 || count > BPFProgram.maximumLength { throw .EINVAL }
        // CAP_SYS_ADMIN.
        if !task.noNewPrivileges, task.credentials.capabilities.effective & (1 << 21) == 0 { throw .EACCES }
        let place = GuestAddress(header.u64(8))
        if place.isNull { throw .EINVAL }
        let bytes = ByteReader(try task.memory.readBytes(place, count: count &* 8))
        return (0..<count).map { index in
            let at = index &* 8
            return BPFInstruction(bytes.u16(at), jumpTrue: bytes.u8(at &+ 2), jumpFalse: bytes.u8(at &+ 3), bytes.u32(at &+ 4))
        }
    }

    /// Adds a filter with the process's lock held; the id of the thread that cannot follow, or zero.
    private static func install(_ program: BPFProgram, _ task: Task, _ flags: SeccompFlags) throws(Errno) -> Int32 {
        if task.seccomp.mode == .strict { throw .EINVAL }
        let old = task.seccomp.filters
        let filter = try SeccompFilter(program, after: old.last, task.kernel.physicalMemory)
        let others = flags.contains(.synchronise) ? task.group.tasks.values.filter { $0 !== task && !$0.signals.departed } : []
        for other in others.sorted(by: { $0.id < $1.id }) {
            let mode = other.seccomp.mode
            if mode == .disabled || (mode == .filter && Seccomp.descends(old, from: other.seccomp.filters)) { continue }
            if flags.contains(.noSuchThread) { throw .ESRCH }
            return other.id
        }
        let new = old + [filter]
        task.seccomp.set(.filter, new)
        for other in others {
            other.seccomp.set(.filter, new)
            if task.noNewPrivileges { other.noNewPrivileges = true }
        }
        return 0
    }
}
