/// Names of the constants of events, signals and futexes.
extension FlagTable {
    static let events: [String: FlagTable] = [
        "poll": FlagTable(
            .flags, unknown: "POLL???",
            [
                (0x1, "POLLIN"), (0x2, "POLLPRI"), (0x4, "POLLOUT"), (0x40, "POLLRDNORM"), (0x80, "POLLRDBAND"), (0x100, "POLLWRNORM"), (0x200, "POLLWRBAND"),
                (0x8, "POLLERR"), (0x10, "POLLHUP"), (0x20, "POLLNVAL"), (0x400, "POLLMSG"), (0x2000, "POLLRDHUP"),
            ]),
        "epoll": FlagTable(
            .flags, unknown: "EPOLL???",
            [
                (0x1, "EPOLLIN"), (0x2, "EPOLLPRI"), (0x4, "EPOLLOUT"), (0x40, "EPOLLRDNORM"), (0x80, "EPOLLRDBAND"), (0x100, "EPOLLWRNORM"),
                (0x200, "EPOLLWRBAND"), (0x400, "EPOLLMSG"), (0x8, "EPOLLERR"), (0x10, "EPOLLHUP"), (0x2000, "EPOLLRDHUP"), (0x10000000, "EPOLLEXCLUSIVE"),
                (0x20000000, "EPOLLWAKEUP"), (0x40000000, "EPOLLONESHOT"), (0x80000000, "EPOLLET"),
            ]),
        "epoll_ctl": FlagTable(
            .values, unknown: "EPOLL_CTL_???",
            [
                (0x1, "EPOLL_CTL_ADD"), (0x2, "EPOLL_CTL_DEL"), (0x3, "EPOLL_CTL_MOD"),
            ]),
        "epoll_create1": FlagTable(
            .flags, unknown: "EPOLL_???",
            [
                (0x80000, "EPOLL_CLOEXEC"), (0x800, "EPOLL_NONBLOCK"),
            ]),
        "eventfd": FlagTable(
            .flags, unknown: "EFD_???",
            [
                (0x1, "EFD_SEMAPHORE"), (0x80000, "EFD_CLOEXEC"), (0x800, "EFD_NONBLOCK"),
            ]),
        "timerfd": FlagTable(
            .flags, unknown: "TFD_???",
            [
                (0x80000, "TFD_CLOEXEC"), (0x800, "TFD_NONBLOCK"),
            ]),
        "timerfd_settime": FlagTable(
            .flags, unknown: "TFD_???",
            [
                (0x1, "TFD_TIMER_ABSTIME"), (0x2, "TFD_TIMER_CANCEL_ON_SET"),
            ]),
        "signalfd": FlagTable(
            .flags, unknown: "SFD_???",
            [
                (0x80000, "SFD_CLOEXEC"), (0x800, "SFD_NONBLOCK"),
            ]),
        "inotify": FlagTable(
            .flags, unknown: "IN_???",
            [
                (0x80000, "IN_CLOEXEC"), (0x800, "IN_NONBLOCK"),
            ]),
        "inotify_mask": FlagTable(
            .flags, unknown: "IN_???",
            [
                (0x1, "IN_ACCESS"), (0x2, "IN_MODIFY"), (0x4, "IN_ATTRIB"), (0x8, "IN_CLOSE_WRITE"), (0x10, "IN_CLOSE_NOWRITE"), (0x20, "IN_OPEN"),
                (0x40, "IN_MOVED_FROM"), (0x80, "IN_MOVED_TO"), (0x100, "IN_CREATE"), (0x200, "IN_DELETE"), (0x400, "IN_DELETE_SELF"), (0x800, "IN_MOVE_SELF"),
                (0x1000000, "IN_ONLYDIR"), (0x2000000, "IN_DONT_FOLLOW"), (0x4000000, "IN_EXCL_UNLINK"), (0x10000000, "IN_MASK_CREATE"),
                (0x20000000, "IN_MASK_ADD"), (0x80000000, "IN_ONESHOT"),
            ]),
        "sigmask_how": FlagTable(
            .values, unknown: "SIG_???",
            [
                (0x0, "SIG_BLOCK"), (0x1, "SIG_UNBLOCK"), (0x2, "SIG_SETMASK"),
            ]),
        "sa_flags": FlagTable(
            .flags, unknown: "SA_???",
            [
                (0x4000000, "SA_RESTORER"), (0x8000000, "SA_ONSTACK"), (0x10000000, "SA_RESTART"), (0x2, "SA_NOCLDWAIT"), (0x1, "SA_NOCLDSTOP"),
                (0x4, "SA_SIGINFO"), (0x40000000, "SA_NODEFER"), (0x80000000, "SA_RESETHAND"), (0x800, "SA_EXPOSE_TAGBITS"),
            ]),
        "ss_flags": FlagTable(
            .flags, unknown: "SS_???",
            [
                (0x1, "SS_ONSTACK"), (0x2, "SS_DISABLE"), (0x80000000, "SS_AUTODISARM"),
            ]),
        "futex_op": FlagTable(
            .values, unknown: "FUTEX_???",
            [
                (0x0, "FUTEX_WAIT"), (0x1, "FUTEX_WAKE"), (0x2, "FUTEX_FD"), (0x3, "FUTEX_REQUEUE"), (0x4, "FUTEX_CMP_REQUEUE"), (0x5, "FUTEX_WAKE_OP"),
                (0x6, "FUTEX_LOCK_PI"), (0x7, "FUTEX_UNLOCK_PI"), (0x8, "FUTEX_TRYLOCK_PI"), (0x9, "FUTEX_WAIT_BITSET"), (0xa, "FUTEX_WAKE_BITSET"),
                (0xb, "FUTEX_WAIT_REQUEUE_PI"), (0xc, "FUTEX_CMP_REQUEUE_PI"), (0xd, "FUTEX_LOCK_PI2"),
            ]),
    ]
}
