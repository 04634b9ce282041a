/// What prctl(2), personality(2) and /proc keep for a whole process. Under the group's lock.
package struct ProcessAttributes: Sendable {
    /// PR_SET_DUMPABLE: 0 or 1.
    package var dumpable: Int32 = 1
    /// PR_SET_CHILD_SUBREAPER.
    package var isChildSubreaper = false
    /// PR_SET_THP_DISABLE.
    package var disablesHugePages = false
    /// PR_MCE_KILL: the policy as PR_MCE_KILL_GET gives it (2: the default).
    package var machineCheckPolicy: UInt64 = 2
    /// personality(2).
    package var personality: UInt32 = 0
    /// /proc/self/oom_score_adj, -1000 to 1000.
    package var outOfMemoryAdjustment: Int32 = 0
    /// /proc/self/coredump_filter, kept and reported.
    package var coreFilter: UInt32 = 0x33
    package init() {}
}

/// Scheduling values of a task that are kept and reported; the host schedules. Under the group's lock.
package struct SchedulingExtras: Sendable {
    /// `sched_priority` of SCHED_FIFO and SCHED_RR.
    package var realtimePriority: Int32 = 0
    /// SCHED_RESET_ON_FORK.
    package var resetsOnFork = false
    /// ioprio_set(2).
    package var ioPriority: UInt16 = 0
    package init() {}
}

extension Task {
    // Other tasks read these (kill, /proc, sched_*), so both sides go through the group's lock.

    /// `comm`.
    package var sharedName: [UInt8] {
        get { group.lock.withLock { name } }
        set { group.lock.withLock { name = newValue } }
    }
    package var sharedCredentials: Credentials {
        get { group.lock.withLock { credentials } }
        set { group.lock.withLock { credentials = newValue } }
    }
    /// Makes changed credentials the task's own. Who has become somebody else has secrets of two users: its memory is not to be looked into, and its parent's
    /// death is no reason to end it (the kernel's `commit_creds`; /proc/sys/fs/suid_dumpable is 0).
    func commit(_ new: Credentials) {
        group.lock.withLock {
            let old = credentials
            credentials = new
            let isSame =
                old.effectiveUser == new.effectiveUser && old.effectiveGroup == new.effectiveGroup && old.fileSystemUser == new.fileSystemUser
                && old.fileSystemGroup == new.fileSystemGroup && new.capabilities.permitted & ~old.capabilities.permitted == 0
            if isSame { return }
            group.attributes.dumpable = 0
            parentDeathSignal = 0
        }
    }
    package var sharedDescriptors: DescriptorTable {
        get { group.lock.withLock { descriptors } }
        set { group.lock.withLock { descriptors = newValue } }
    }
    package var sharedFileSystem: FileSystemContext {
        get { group.lock.withLock { fileSystem } }
        set { group.lock.withLock { fileSystem = newValue } }
    }
    package var sharedMemory: AddressSpace { group.lock.withLock { memory } }
}
