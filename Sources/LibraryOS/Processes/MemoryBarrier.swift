/// The commands of membarrier(2), which are bits of what its query answers.
private struct MemoryBarrierCommand: OptionSet {
    let rawValue: Int32
    static let global = MemoryBarrierCommand(rawValue: 1), globalExpedited = MemoryBarrierCommand(rawValue: 2)
    static let registerGlobalExpedited = MemoryBarrierCommand(rawValue: 4)
    static let expedited = MemoryBarrierCommand(rawValue: 8), registerExpedited = MemoryBarrierCommand(rawValue: 16)
    static let synchronizeCores = MemoryBarrierCommand(rawValue: 32), registerSynchronizeCores = MemoryBarrierCommand(rawValue: 64)
    static let registrations = MemoryBarrierCommand(rawValue: 512)
    /// Not those that restart rseq(2) sections, which nobody here can have.
    static let served: MemoryBarrierCommand = [
        .global, .globalExpedited, .registerGlobalExpedited, .expedited, .registerExpedited, .synchronizeCores, .registerSynchronizeCores, .registrations,
    ]
}

extension Syscalls {
    /// membarrier(2): the host's own barrier reaches the vCPUs, since they are threads of the monitor. It interrupts the processors they run on, which
    /// enter the guest again by an instruction that serializes: that is what SYNC_CORE asks for besides.
    @Sendable static func membarrier(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard task.kernel.host.hasMemoryBarrier else { throw .ENOSYS }
        if call.uint(1) != 0 { throw .EINVAL }
        let command = MemoryBarrierCommand(rawValue: call.int(0))
        let group = task.group
        switch command {
        case []: return .done(Int64(MemoryBarrierCommand.served.rawValue))
        // The host's barrier reaches every vCPU there is, registered or not.
        case .global, .globalExpedited: break
        case .registerGlobalExpedited, .registerExpedited, .registerSynchronizeCores:
            group.lock.withLock { group.memoryBarriers |= command.rawValue }
            return .success
        case .expedited, .synchronizeCores:
            // The bit of a registration follows that of what it is for.
            if group.lock.withLock({ group.memoryBarriers }) & command.rawValue << 1 == 0 { throw .EPERM }
        case .registrations:
            var registered = MemoryBarrierCommand(rawValue: group.lock.withLock { group.memoryBarriers })
            // Both are private ones to the kernel, and it tells them apart only when they are used.
            if registered.contains(.registerSynchronizeCores) { registered.insert(.registerExpedited) }
            return .done(Int64(registered.rawValue))
        default: throw .EINVAL
        }
        task.kernel.host.memoryBarrier()
        return .success
    }
}
