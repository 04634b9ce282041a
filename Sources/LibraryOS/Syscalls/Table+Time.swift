extension Syscalls {
    /// Clocks and sleeps.
    static let timeTable: [SyscallEntry] = [
        SyscallEntry(35, "nanosleep", [.structureIn("timespec"), .structureOut("timespec_remaining")], Syscalls.nanosleep),
        SyscallEntry(96, "gettimeofday", [.structureOut("timeval"), .structureOut("timezone")], inPlace: true, Syscalls.gettimeofday),
        SyscallEntry(159, "adjtimex", [.pointer], .partial, note: "queries only", Syscalls.adjtimex),
        SyscallEntry(201, "time", [.structureOut("time")], inPlace: true, Syscalls.time),
        SyscallEntry(228, "clock_gettime", [.named("clock"), .structureOut("timespec")], inPlace: true, Syscalls.clockGettime),
        SyscallEntry(229, "clock_getres", [.named("clock"), .structureOut("timespec")], inPlace: true, Syscalls.clockGetres),
        SyscallEntry(
            230, "clock_nanosleep", [.named("clock"), .named("timer"), .structureIn("timespec"), .structureOut("timespec_remaining")],
            Syscalls.clockNanosleep),
        SyscallEntry(305, "clock_adjtime", [.named("clock"), .pointer], .partial, note: "queries only", Syscalls.clockAdjtime),
    ]
}
