extension Syscalls {
    static let signalsTable: [SyscallEntry] = [
        SyscallEntry(
            13, "rt_sigaction", [.named("signal"), .structureIn("sigaction"), .structureOut("sigaction"), .unsigned], inPlace: true, Syscalls.rt_sigaction),
        SyscallEntry(
            14, "rt_sigprocmask", [.named("sigmask_how"), .structureIn("sigset"), .structureOut("sigset"), .unsigned], inPlace: true,
            Syscalls.rt_sigprocmask),
        SyscallEntry(15, "rt_sigreturn", [], Syscalls.rt_sigreturn),
        SyscallEntry(34, "pause", [], Syscalls.pause),
        SyscallEntry(36, "getitimer", [.named("itimer"), .structureOut("itimerval")], .partial, note: cpuTimers, Syscalls.getitimer),
        SyscallEntry(37, "alarm", [.unsigned], Syscalls.alarm),
        SyscallEntry(
            38, "setitimer", [.named("itimer"), .structureIn("itimerval"), .structureOut("itimerval")], .partial, note: cpuTimers, Syscalls.setitimer),
        SyscallEntry(62, "kill", [.signed, .named("signal")], Syscalls.kill),
        SyscallEntry(127, "rt_sigpending", [.structureOut("sigset"), .unsigned], inPlace: true, Syscalls.rt_sigpending),
        SyscallEntry(
            128, "rt_sigtimedwait", [.structureIn("sigset"), .structureOut("siginfo"), .structureIn("timespec"), .unsigned], Syscalls.rt_sigtimedwait),
        SyscallEntry(129, "rt_sigqueueinfo", [.signed, .named("signal"), .structureIn("siginfo")], Syscalls.rt_sigqueueinfo),
        SyscallEntry(130, "rt_sigsuspend", [.structureIn("sigset"), .unsigned], Syscalls.rt_sigsuspend),
        SyscallEntry(131, "sigaltstack", [.structureIn("stack"), .structureOut("stack")], Syscalls.sigaltstack),
        SyscallEntry(200, "tkill", [.signed, .named("signal")], Syscalls.tkill),
        SyscallEntry(219, "restart_syscall", [], Syscalls.restart_syscall),
        SyscallEntry(222, "timer_create", [.named("clock"), .structureIn("sigevent"), .structureOut("int")], Syscalls.timer_create),
        SyscallEntry(
            223, "timer_settime", [.signed, .named("timer_flags"), .structureIn("itimerspec"), .structureOut("itimerspec")], Syscalls.timer_settime),
        SyscallEntry(224, "timer_gettime", [.signed, .structureOut("itimerspec")], Syscalls.timer_gettime),
        SyscallEntry(225, "timer_getoverrun", [.signed], Syscalls.timer_getoverrun),
        SyscallEntry(226, "timer_delete", [.signed], Syscalls.timer_delete),
        SyscallEntry(234, "tgkill", [.signed, .signed, .named("signal")], Syscalls.tgkill),
        SyscallEntry(282, "signalfd", [.descriptor, .structureIn("sigset"), .unsigned], Syscalls.signalfd),
        SyscallEntry(289, "signalfd4", [.descriptor, .structureIn("sigset"), .unsigned, .named("signalfd")], Syscalls.signalfd4),
        SyscallEntry(297, "rt_tgsigqueueinfo", [.signed, .signed, .named("signal"), .structureIn("siginfo")], Syscalls.rt_tgsigqueueinfo),
    ]
    private static let cpuTimers = "the CPU timers look at the clock every 4 ms"
}
