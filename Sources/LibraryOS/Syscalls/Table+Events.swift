extension Syscalls {
    /// Waiting for many things at once.
    static let eventsTable: [SyscallEntry] = [
        SyscallEntry(7, "poll", [.structureIn("pollfd"), .unsigned, .signed], Syscalls.poll),
        SyscallEntry(23, "select", [.signed, .structureIn("fd_set"), .structureIn("fd_set"), .structureIn("fd_set"), .structureIn("timeval")], Syscalls.select),
        SyscallEntry(213, "epoll_create", [.signed], Syscalls.epollCreate),
        SyscallEntry(232, "epoll_wait", [.descriptor, .structureOut("epoll_event"), .signed, .signed], Syscalls.epollWait),
        SyscallEntry(233, "epoll_ctl", [.descriptor, .named("epoll_ctl"), .descriptor, .structureIn("epoll_event")], Syscalls.epollControl),
        SyscallEntry(253, "inotify_init", Syscalls.inotifyInit),
        SyscallEntry(
            254, "inotify_add_watch", [.descriptor, .path, .named("inotify_mask")], .partial,
            note: "what programs of the sandbox do, not what others of the host change in granted folders", Syscalls.inotifyAddWatch),
        SyscallEntry(255, "inotify_rm_watch", [.descriptor, .signed], Syscalls.inotifyRemoveWatch),
        SyscallEntry(
            270, "pselect6",
            [.signed, .structureIn("fd_set"), .structureIn("fd_set"), .structureIn("fd_set"), .structureIn("timespec"), .pointer], Syscalls.pselect6),
        SyscallEntry(271, "ppoll", [.structureIn("pollfd"), .unsigned, .structureIn("timespec"), .structureIn("sigset"), .unsigned], Syscalls.ppoll),
        SyscallEntry(
            281, "epoll_pwait", [.descriptor, .structureOut("epoll_event"), .signed, .signed, .structureIn("sigset"), .unsigned], Syscalls.epollPwait),
        SyscallEntry(283, "timerfd_create", [.named("clock"), .named("timerfd")], Syscalls.timerfdCreate),
        SyscallEntry(284, "eventfd", [.unsigned], Syscalls.eventfd),
        SyscallEntry(
            286, "timerfd_settime", [.descriptor, .named("timer"), .structureIn("itimerspec"), .structureOut("itimerspec")], Syscalls.timerfdSettime),
        SyscallEntry(287, "timerfd_gettime", [.descriptor, .structureOut("itimerspec")], Syscalls.timerfdGettime),
        SyscallEntry(290, "eventfd2", [.unsigned, .named("eventfd")], Syscalls.eventfd2),
        SyscallEntry(294, "inotify_init1", [.named("inotify")], Syscalls.inotifyInit1),
        SyscallEntry(291, "epoll_create1", [.named("epoll_create1")], Syscalls.epollCreate1),
        SyscallEntry(
            441, "epoll_pwait2",
            [.descriptor, .structureOut("epoll_event"), .signed, .structureIn("timespec"), .structureIn("sigset"), .unsigned], Syscalls.epollPwait2),
    ]
}
