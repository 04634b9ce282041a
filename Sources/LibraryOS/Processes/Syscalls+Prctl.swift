/// prctl(2): options that concern a single thread and process. Unknown ones answer `EINVAL`, as an old kernel does.
extension Syscalls {
    @Sendable static func prctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        switch call.int(0) {
        case 1, 2, 15, 16: try prctlThread(task, call)
        case 3, 4, 33, 34, 36, 37, 41, 42: try prctlProcess(task, call)
        case 7, 8, 23, 24, 27, 28, 38, 39, 47: try prctlCredentials(task, call)
        // PR_GET_SECCOMP, PR_SET_SECCOMP.
        case 21: .done(Int64(task.seccomp.mode.rawValue))
        case 22: try setSeccomp(task, mode: call.raw(1), call.address(2))
        // PR_GET_TIMING: statistical.
        case 13: .success
        // PR_SET_TIMING.
        case 14: call.raw(1) == 0 ? .success : .done(Errno.EINVAL.syscallResult)
        // PR_GET_TSC: PR_TSC_ENABLE. PR_SET_TSC cannot trap rdtsc on every kind of host, so only enabling is accepted.
        case 25: try store(task, call, 1)
        case 26: call.raw(1) == 1 ? .success : .done(Errno.EINVAL.syscallResult)
        case 29: try setTimerSlack(task, call)
        case 30: .done(Int64(clamping: task.timerSlack))
        // PR_TASK_PERF_EVENTS_DISABLE and ENABLE: there are none.
        case 31, 32: .success
        // PR_GET_TID_ADDRESS.
        case 40: try getTIDAddress(task, call)
        // PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL.
        case 52, 53: try speculationControl(call)
        // PR_SET_IO_FLUSHER, PR_GET_IO_FLUSHER.
        case 57, 58: try flusherState(task, call)
        // PR_SET_VMA: names of anonymous mappings are accepted and not shown.
        case 0x53_564d_41: try setAnonymousName(task, call)
        default: .done(Errno.EINVAL.syscallResult)
        }
    }

    private static func store(_ task: Task, _ call: SyscallCall, _ value: UInt32) throws(Errno) -> Outcome {
        try task.memory.writeU32(value, to: call.address(1))
        return .success
    }
    private static func restIsZero(_ call: SyscallCall, from first: Int) -> Bool { (first..<5).allSatisfy { call.raw($0) == 0 } }

    private static func prctlThread(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        switch call.int(0) {
        case 1:  // PR_SET_PDEATHSIG
            if call.raw(1) > 64 { throw .EINVAL }
            task.parentDeathSignal = call.int(1)
        case 2:  // PR_GET_PDEATHSIG
            return try store(task, call, UInt32(bitPattern: task.parentDeathSignal))
        case 15:  // PR_SET_NAME: silently cut to 15 bytes.
            task.sharedName = try readName(task, call.address(1))
        default:  // PR_GET_NAME
            var writer = ByteWriter(capacity: 16)
            writer.fixedString(task.sharedName, size: 16)
            try task.memory.writeBytes(writer.bytes, to: call.address(1))
        }
        return .success
    }

    private static func readName(_ task: Task, _ address: GuestAddress) throws(Errno) -> [UInt8] {
        var name: [UInt8] = []
        for index in 0..<15 {
            let byte = try task.memory.readU8(try address.advanced(by: UInt64(index)))
            if byte == 0 { break }
            name.append(byte)
        }
        return name
    }

    private static func prctlProcess(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        let group = task.group
        switch call.int(0) {
        case 3:  // PR_GET_DUMPABLE
            return .done(Int64(group.lock.withLock { group.attributes.dumpable }))
        case 4:  // PR_SET_DUMPABLE
            if call.raw(1) > 1 { throw .EINVAL }
            group.lock.withLock { group.attributes.dumpable = call.int(1) }
        case 33:  // PR_MCE_KILL
            try setMachineCheckPolicy(task, call)
        case 34:  // PR_MCE_KILL_GET
            if !restIsZero(call, from: 1) { throw .EINVAL }
            return .done(Int64(clamping: group.lock.withLock { group.attributes.machineCheckPolicy }))
        case 36:  // PR_SET_CHILD_SUBREAPER
            group.lock.withLock { group.attributes.isChildSubreaper = call.raw(1) != 0 }
        case 37:  // PR_GET_CHILD_SUBREAPER
            return try store(task, call, group.lock.withLock { group.attributes.isChildSubreaper } ? 1 : 0)
        case 41:  // PR_SET_THP_DISABLE
            if !restIsZero(call, from: 2) { throw .EINVAL }
            group.lock.withLock { group.attributes.disablesHugePages = call.raw(1) != 0 }
        default:  // PR_GET_THP_DISABLE
            if !restIsZero(call, from: 1) { throw .EINVAL }
            return .done(group.lock.withLock { group.attributes.disablesHugePages } ? 1 : 0)
        }
        return .success
    }

    private static func setMachineCheckPolicy(_ task: Task, _ call: SyscallCall) throws(Errno) {
        if !restIsZero(call, from: 3) { throw .EINVAL }
        let policy: UInt64
        switch (call.raw(1), call.raw(2)) {
        case (0, 0): policy = 2
        case (1, 0...2): policy = call.raw(2)
        default: throw .EINVAL
        }
        task.group.lock.withLock { task.group.attributes.machineCheckPolicy = policy }
    }

    private static func prctlCredentials(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        var credentials = task.credentials
        let mask: UInt64 = call.raw(1) <= Capability.last ? 1 << call.raw(1) : 0
        switch call.int(0) {
        case 7:  // PR_GET_KEEPCAPS
            return .done(credentials.capabilities.keepsPermitted ? 1 : 0)
        case 8:  // PR_SET_KEEPCAPS
            if call.raw(1) > 1 { throw .EINVAL }
            credentials.capabilities.keepsPermitted = call.raw(1) == 1
        case 23:  // PR_CAPBSET_READ
            if mask == 0 { throw .EINVAL }
            return .done(credentials.capabilities.bounding & mask != 0 ? 1 : 0)
        case 24:  // PR_CAPBSET_DROP
            if !credentials.has(.setCapabilities) { throw .EPERM }
            if mask == 0 { throw .EINVAL }
            credentials.capabilities.bounding &= ~mask
        case 27:  // PR_GET_SECUREBITS: SECBIT_KEEP_CAPS is the only one that can be set.
            return .done(credentials.capabilities.keepsPermitted ? 16 : 0)
        case 28:  // PR_SET_SECUREBITS
            if !credentials.has(.setCapabilities) || call.raw(1) & ~16 != 0 { throw .EPERM }
            credentials.capabilities.keepsPermitted = call.raw(1) & 16 != 0
        case 38:  // PR_SET_NO_NEW_PRIVS: can only be set.
            if call.raw(1) != 1 || !restIsZero(call, from: 2) { throw .EINVAL }
            task.noNewPrivileges = true
            return .success
        case 39:  // PR_GET_NO_NEW_PRIVS
            if !restIsZero(call, from: 1) { throw .EINVAL }
            return .done(task.noNewPrivileges ? 1 : 0)
        default:  // PR_CAP_AMBIENT
            return try changeAmbient(task, call)
        }
        task.sharedCredentials = credentials
        return .success
    }

    private static func changeAmbient(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        var credentials = task.credentials
        if call.raw(3) != 0 || call.raw(4) != 0 { throw .EINVAL }
        if call.raw(1) == 4 {  // PR_CAP_AMBIENT_CLEAR_ALL
            if call.raw(2) != 0 { throw .EINVAL }
            credentials.capabilities.ambient = 0
        } else {
            if call.raw(2) > Capability.last { throw .EINVAL }
            let mask: UInt64 = 1 << call.raw(2)
            switch call.raw(1) {
            case 1: return .done(credentials.capabilities.ambient & mask != 0 ? 1 : 0)
            case 2:
                if credentials.capabilities.permitted & credentials.capabilities.inheritable & mask == 0 { throw .EPERM }
                credentials.capabilities.ambient |= mask
            case 3: credentials.capabilities.ambient &= ~mask
            default: throw .EINVAL
            }
        }
        task.sharedCredentials = credentials
        return .success
    }

    /// As on a processor whose speculation the kernel leaves as it is: what a guest does is not more than its host allows.
    private static func speculationControl(_ call: SyscallCall) throws(Errno) -> Outcome {
        let isSet = call.int(0) == 53
        if !restIsZero(call, from: isSet ? 3 : 2) { throw .EINVAL }
        // PR_SPEC_ENABLE (speculation is on), PR_SPEC_DISABLE, PR_SPEC_FORCE_DISABLE.
        let enabled: UInt64 = 2, disabled: UInt64 = 4, forcedOff: UInt64 = 8
        switch call.raw(1) {
        case 0:  // PR_SPEC_STORE_BYPASS
            if isSet { throw .ENXIO }
            return .done(Int64(enabled))
        case 1:  // PR_SPEC_INDIRECT_BRANCH
            if !isSet { return .done(Int64(enabled)) }
            switch call.raw(2) {
            case enabled: return .success
            case disabled, forcedOff: throw .EPERM
            default: throw .ERANGE
            }
        case 2:  // PR_SPEC_L1D_FLUSH
            if isSet { throw .EPERM }
            return .done(Int64(forcedOff))
        default: throw .ENODEV
        }
    }

    private static func flusherState(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        if !task.credentials.has(.resources) { throw .EPERM }
        if call.int(0) == 58 {
            if !restIsZero(call, from: 1) { throw .EINVAL }
            return .done(task.isFlusher ? 1 : 0)
        }
        if !restIsZero(call, from: 2) || call.raw(1) > 1 { throw .EINVAL }
        task.isFlusher = call.raw(1) == 1
        return .success
    }

    private static func setTimerSlack(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        // Zero or less restores the default.
        task.timerSlack = call.long(1) <= 0 ? 50_000 : call.raw(1)
        return .success
    }
    private static func getTIDAddress(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        try task.memory.writeU64(task.clearChildTID.value, to: call.address(1))
        return .success
    }
    private static func setAnonymousName(_ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        // PR_SET_VMA_ANON_NAME is the only operation.
        if call.raw(1) != 0 || !call.address(2).isPageAligned { throw .EINVAL }
        if call.raw(4) != 0 {
            let name = try task.memory.readCString(call.address(4), limit: 80, tooLong: .EINVAL)
            // Printable, and none of \ ` $ [ ].
            if name.contains(where: { $0 < 0x20 || $0 > 0x7e || [0x5c, 0x60, 0x24, 0x5b, 0x5d].contains($0) }) { throw .EINVAL }
        }
        return .success
    }
}
