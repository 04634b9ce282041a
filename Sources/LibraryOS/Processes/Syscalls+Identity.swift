/// User and group ids: getuid(2) to setgroups(2). As in the kernel, a change concerns the calling thread; the C library makes it one of the process.
extension Syscalls {
    @Sendable static func getpid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.group.id)) }
    @Sendable static func getppid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        .done(Int64(task.group.lock.withLock { task.group.parent }))
    }
    @Sendable static func getuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.credentials.realUser)) }
    @Sendable static func geteuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.credentials.effectiveUser)) }
    @Sendable static func getgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.credentials.realGroup)) }
    @Sendable static func getegid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.credentials.effectiveGroup)) }

    @Sendable static func getresuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try storeIDs(task.credentials.users, task, call)
    }
    @Sendable static func getresgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try storeIDs(task.credentials.groupIDs, task, call)
    }
    private static func storeIDs(_ ids: IdentitySet, _ task: Task, _ call: SyscallCall) throws(Errno) -> Outcome {
        try task.memory.writeU32(ids.real, to: call.address(0))
        try task.memory.writeU32(ids.effective, to: call.address(1))
        try task.memory.writeU32(ids.saved, to: call.address(2))
        return .success
    }

    private static func changeUsers(_ task: Task, _ rule: (inout IdentitySet, Bool) throws(Errno) -> Void) throws(Errno) -> Outcome {
        var credentials = task.credentials
        try credentials.changeUsers(rule)
        task.commit(credentials)
        return .success
    }
    private static func changeGroups(_ task: Task, _ rule: (inout IdentitySet, Bool) throws(Errno) -> Void) throws(Errno) -> Outcome {
        var credentials = task.credentials
        try credentials.changeGroups(rule)
        task.commit(credentials)
        return .success
    }

    @Sendable static func setuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let id = call.uint(0)
        return try changeUsers(task) { ids, privileged throws(Errno) in try ids.set(id, privileged: privileged) }
    }
    @Sendable static func setgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let id = call.uint(0)
        return try changeGroups(task) { ids, privileged throws(Errno) in try ids.set(id, privileged: privileged) }
    }
    @Sendable static func setreuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (real, effective) = (call.uint(0), call.uint(1))
        return try changeUsers(task) { ids, privileged throws(Errno) in try ids.set(real: real, effective: effective, privileged: privileged) }
    }
    @Sendable static func setregid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (real, effective) = (call.uint(0), call.uint(1))
        return try changeGroups(task) { ids, privileged throws(Errno) in try ids.set(real: real, effective: effective, privileged: privileged) }
    }
    @Sendable static func setresuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (real, effective, saved) = (call.uint(0), call.uint(1), call.uint(2))
        return try changeUsers(task) { ids, privileged throws(Errno) in
            try ids.set(real: real, effective: effective, saved: saved, privileged: privileged)
        }
    }
    @Sendable static func setresgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (real, effective, saved) = (call.uint(0), call.uint(1), call.uint(2))
        return try changeGroups(task) { ids, privileged throws(Errno) in
            try ids.set(real: real, effective: effective, saved: saved, privileged: privileged)
        }
    }
    @Sendable static func setfsuid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        var credentials = task.credentials
        var ids = credentials.users
        let old = ids.set(fileSystem: call.uint(0), privileged: credentials.has(.setUserID))
        credentials.users = ids
        credentials.capabilities.fileSystemUserChanged(from: old, to: ids.fileSystem)
        task.commit(credentials)
        return .done(Int64(old))
    }
    @Sendable static func setfsgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        var credentials = task.credentials
        var ids = credentials.groupIDs
        let old = ids.set(fileSystem: call.uint(0), privileged: credentials.has(.setGroupID))
        credentials.groupIDs = ids
        task.commit(credentials)
        return .done(Int64(old))
    }

    @Sendable static func getgroups(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let groups = task.credentials.groups
        let size = call.int(0)
        if size < 0 { throw .EINVAL }
        if size > 0 {
            if Int(size) < groups.count { throw .EINVAL }
            var writer = ByteWriter(capacity: groups.count &* 4)
            for group in groups { writer.u32(group) }
            try task.memory.writeBytes(writer.bytes, to: call.address(1))
        }
        return .count(groups.count)
    }
    @Sendable static func setgroups(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !task.credentials.has(.setGroupID) { throw .EPERM }
        // NGROUPS_MAX.
        let count = try GuestCount(UInt64(call.uint(0))).checked(limit: 65536)
        let reader = ByteReader(try task.memory.readBytes(call.address(1), count: count &* 4))
        var groups: [UInt32] = []
        groups.reserveCapacity(count)
        for index in 0..<count {
            let group = reader.u32(index &* 4)
            if group == IdentitySet.unchanged { throw .EINVAL }
            groups.append(group)
        }
        // The kernel keeps them sorted, and getgroups shows that order.
        groups.sort()
        var credentials = task.credentials
        credentials.groups = groups
        task.commit(credentials)
        return .success
    }
}
