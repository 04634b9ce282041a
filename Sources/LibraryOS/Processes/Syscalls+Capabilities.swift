/// capget(2) and capset(2).
extension Syscalls {
    /// _LINUX_CAPABILITY_VERSION_1, 2 and 3.
    private static let capabilityVersions: [UInt32] = [0x1998_0330, 0x2007_1026, 0x2008_0522]

    /// The header: how many 32-bit halves each set has, and the task; nil when the version is unknown (the preferred one is then stored).
    private static func capabilityHeader(_ task: Task, _ address: GuestAddress) throws(Errno) -> (halves: Int, id: Int32)? {
        let header = ByteReader(try task.memory.readBytes(address, count: 8))
        guard let version = capabilityVersions.firstIndex(of: header.u32(0)) else {
            try task.memory.writeU32(capabilityVersions[2], to: address)
            return nil
        }
        return (version == 0 ? 1 : 2, header.i32(4))
    }

    @Sendable static func capget(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let header = try capabilityHeader(task, call.address(0)) else {
            // With no place for the data this only asked for the version.
            if call.address(1).isNull { return .success }
            throw .EINVAL
        }
        if call.address(1).isNull { return .success }
        if header.id < 0 { throw .EINVAL }
        let sets = header.id == initID ? CapabilitySets(user: 0) : try findTask(header.id, task).sharedCredentials.capabilities
        var writer = ByteWriter(capacity: 24)
        for half in 0..<header.halves {
            for set in [sets.effective, sets.permitted, sets.inheritable] { writer.u32(UInt32(truncatingIfNeeded: set >> UInt64(half * 32))) }
        }
        try task.memory.writeBytes(writer.bytes, to: call.address(1))
        return .success
    }

    @Sendable static func capset(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let header = try capabilityHeader(task, call.address(0)) else { throw .EINVAL }
        if header.id != 0 && header.id != task.id { throw .EPERM }
        let reader = ByteReader(try task.memory.readBytes(call.address(1), count: 12 &* header.halves))
        var wanted: [UInt64] = [0, 0, 0]
        for half in 0..<header.halves {
            for set in 0..<3 { wanted[set] |= UInt64(reader.u32(half * 12 + set * 4)) << UInt64(half * 32) }
        }
        let known = (UInt64(1) << (Capability.last + 1)) - 1
        let (effective, permitted, inheritable) = (wanted[0] & known, wanted[1] & known, wanted[2] & known)
        var credentials = task.credentials
        let old = credentials.capabilities
        if !old.has(.setCapabilities) && inheritable & ~(old.inheritable | old.permitted) != 0 { throw .EPERM }
        if inheritable & ~(old.inheritable | old.bounding) != 0 { throw .EPERM }
        if permitted & ~old.permitted != 0 || effective & ~permitted != 0 { throw .EPERM }
        credentials.capabilities.effective = effective
        credentials.capabilities.permitted = permitted
        credentials.capabilities.inheritable = inheritable
        credentials.capabilities.ambient &= permitted & inheritable
        task.commit(credentials)
        return .success
    }
}
