extension Task {
    private static let traceCapability: UInt64 = 1 << 19

    /// Whether this task may look into another's memory (ptrace(2), "Ptrace access mode checking", with real credentials): its own process always, another
    /// one of the same user that is dumpable and has no more capabilities, or any with CAP_SYS_PTRACE.
    ///
    /// `asFileSystemUser`: who asks is taken by the file-system ids and effective capabilities (/proc), not by the real ids and permitted ones.
    func mayInspect(_ target: Task, asFileSystemUser: Bool = false) -> Bool {
        if group === target.group { return true }
        let (mine, theirs) = (credentials, target.sharedCredentials)
        if mine.capabilities.effective & Self.traceCapability != 0 { return true }
        let (user, own) = asFileSystemUser ? (mine.fileSystemUser, mine.fileSystemGroup) : (mine.realUser, mine.realGroup)
        let sameUser = [theirs.realUser, theirs.effectiveUser, theirs.savedUser].allSatisfy { $0 == user }
        let sameGroup = [theirs.realGroup, theirs.effectiveGroup, theirs.savedGroup].allSatisfy { $0 == own }
        // What has ended has no memory to be secret.
        let isDumpable = target.hasDeparted || target.group.lock.withLock { target.group.attributes.dumpable == 1 }
        let held = asFileSystemUser ? mine.capabilities.effective : mine.capabilities.permitted
        return sameUser && sameGroup && isDumpable && theirs.capabilities.permitted & ~held == 0
    }

    /// It has ended: as a whole process, or as the first thread of one that lives on. What stands for it in /proc is a zombie.
    var hasDeparted: Bool { group.hasEnded || group.endedLeader === self }
}

extension Syscalls {
    /// process_vm_readv(2).
    @Sendable static func process_vm_readv(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try moveMemory(task, call, writes: false) }
    /// process_vm_writev(2).
    @Sendable static func process_vm_writev(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try moveMemory(task, call, writes: true) }

    private static func moveMemory(_ task: Task, _ call: SyscallCall, writes: Bool) throws(Errno) -> Outcome {
        if call.raw(5) != 0 { throw .EINVAL }
        var local = try task.buffers(call.address(1), call.count(2))
        if local.remaining == 0 { return .success }
        let ranges = try remoteRanges(task, call.address(3), call.count(4))
        if !ranges.contains(where: { $0.length > 0 }) { return .success }
        guard let target = task.kernel.task(call.int(0)) else { throw .ESRCH }
        if !task.mayInspect(target) { throw .EPERM }
        var remote = UserBuffers(target.sharedMemory, ranges)
        return .count(try writes ? move(from: &local, to: &remote) : move(from: &remote, to: &local))
    }

    /// The ranges in the other process: read once, their addresses checked when they are used.
    private static func remoteRanges(_ task: Task, _ address: GuestAddress, _ count: GuestCount) throws(Errno) -> [UserBuffers.Range] {
        let count = try count.checked(limit: 1024)
        let bytes = ByteReader(try task.memory.readBytes(address, count: count &* 16))
        var left = GuestLength.maximumTransfer
        var ranges: [UserBuffers.Range] = []
        for index in 0..<count {
            let length = GuestLength(bytes.u64(index &* 16 &+ 8))
            if length.value > UInt64(Int64.max) { throw .EINVAL }
            let kept = length.clamped(to: left)
            left &-= kept
            ranges.append(UserBuffers.Range(address: GuestAddress(bytes.u64(index &* 16)), length: kept))
        }
        return ranges
    }

    private static func move(from source: inout UserBuffers, to destination: inout UserBuffers) throws(Errno) -> Int {
        var done = 0
        while source.remaining > 0, destination.remaining > 0 {
            do throws(Errno) {
                let bytes = try source.copyIn(limit: min(65536, destination.remaining))
                if bytes.isEmpty { break }
                let moved = try destination.copyOut(bytes)
                done &+= moved
                if moved < bytes.count { break }
            } catch {
                if done > 0 { break }
                throw error
            }
        }
        return done
    }
}
