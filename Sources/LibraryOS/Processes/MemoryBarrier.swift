extension Syscalls {
    /// MEMBARRIER_CMD_GLOBAL, GLOBAL_EXPEDITED, REGISTER_GLOBAL_EXPEDITED, PRIVATE_EXPEDITED, REGISTER_PRIVATE_EXPEDITED.
    private static let global: Int32 = 1, globalExpedited: Int32 = 2, registerGlobalExpedited: Int32 = 4, expedited: Int32 = 8, registerExpedited: Int32 = 16

    /// membarrier(2): the host's own barrier reaches the vCPUs, since they are threads of the monitor.
    @Sendable static func membarrier(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard task.kernel.host.hasMemoryBarrier else { throw .ENOSYS }
        if call.uint(1) != 0 { throw .EINVAL }
        switch call.int(0) {
        case 0: return .done(Int64(global | globalExpedited | registerGlobalExpedited | expedited | registerExpedited))
        // The host's barrier reaches every vCPU there is, registered or not.
        case global, globalExpedited: break
        case registerGlobalExpedited: return .success
        case registerExpedited:
            task.group.lock.withLock { task.group.usesMemoryBarriers = true }
            return .success
        case expedited:
            if !task.group.lock.withLock({ task.group.usesMemoryBarriers }) { throw .EPERM }
        default: throw .EINVAL
        }
        task.kernel.host.memoryBarrier()
        return .success
    }
}
