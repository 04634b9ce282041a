/// arch_prctl(2): the FS and GS bases. Shadow stacks and address masking (CET, LAM) are not there and answer `EINVAL`, as on CPUs without them.
extension Syscalls {
    @Sendable static func archPrctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // The program may have changed either base with wrfsbase or wrgsbase since the task last saw them.
        if let current = task.machine?.segmentBases() {
            task.fsBase = current.fs
            task.gsBase = current.gs
        }
        switch call.int(0) {
        case 0x1001:  // ARCH_SET_GS
            task.gsBase = try base(call.address(1))
            task.machine?.reloadSegmentBases()
        case 0x1002:  // ARCH_SET_FS
            task.fsBase = try base(call.address(1))
            task.machine?.reloadSegmentBases()
        case 0x1003:  // ARCH_GET_FS
            try task.memory.writeU64(task.fsBase, to: call.address(1))
        case 0x1004:  // ARCH_GET_GS
            try task.memory.writeU64(task.gsBase, to: call.address(1))
        case 0x1011:  // ARCH_GET_CPUID: cpuid is not trapped.
            return .done(1)
        case 0x1012:  // ARCH_SET_CPUID
            throw .ENODEV
        default:
            throw .EINVAL
        }
        return .success
    }

    /// An address outside the program's half would fault when it is loaded.
    private static func base(_ address: GuestAddress) throws(Errno) -> UInt64 {
        if address >= .userEnd { throw .EPERM }
        return address.value
    }
}
