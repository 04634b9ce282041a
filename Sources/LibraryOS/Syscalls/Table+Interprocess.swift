extension Syscalls {
    /// Shared memory, semaphores and messages of System V, and the memory of other processes.
    static let interprocessTable: [SyscallEntry] =
        [
            SyscallEntry(29, "shmget", [.named("ipc_key"), .unsigned, .named("shmget")], .partial, note: "SHM_HUGETLB answers ENOMEM (no huge page pool)", Syscalls.shmget),
            SyscallEntry(30, "shmat", [.signed, .pointer, .named("shmat")], Syscalls.shmat),
            SyscallEntry(31, "shmctl", [.signed, .named("shmctl"), .pointer], .partial, note: "SHM_LOCK is kept and reported: guest memory is never paged out", Syscalls.shmctl),
            SyscallEntry(64, "semget", [.named("ipc_key"), .signed, .named("ipcget")], Syscalls.semget),
            SyscallEntry(65, "semop", [.signed, .pointer, .unsigned], Syscalls.semop),
            SyscallEntry(66, "semctl", [.signed, .signed, .named("semctl"), .hex], Syscalls.semctl),
            SyscallEntry(67, "shmdt", [.pointer], Syscalls.shmdt),
            SyscallEntry(68, "msgget", [.named("ipc_key"), .named("ipcget")], Syscalls.msgget),
            SyscallEntry(69, "msgsnd", [.signed, .pointer, .unsigned, .named("msgop")], Syscalls.msgsnd),
            SyscallEntry(70, "msgrcv", [.signed, .pointer, .unsigned, .signed, .named("msgop")], Syscalls.msgrcv),
            SyscallEntry(71, "msgctl", [.signed, .named("msgctl"), .pointer], Syscalls.msgctl),
            SyscallEntry(220, "semtimedop", [.signed, .pointer, .unsigned, .structureIn("timespec")], Syscalls.semtimedop),
            SyscallEntry(
                310, "process_vm_readv", [.signed, .structureOut("iovec"), .unsigned, .pointer, .unsigned, .unsigned], Syscalls.process_vm_readv),
            SyscallEntry(
                311, "process_vm_writev", [.signed, .structureIn("iovec"), .unsigned, .pointer, .unsigned, .unsigned], Syscalls.process_vm_writev),
        ]
}
