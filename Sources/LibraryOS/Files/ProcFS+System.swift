/// The system-wide part of /proc.
enum ProcSystem {
    private static func readerID(_ reader: Task) throws(Errno) -> [UInt8] { TextWriter.decimal(UInt64(reader.group.id)) }

    static let entries: [(StaticString, GeneratedEntry)] = [
        ("cgroups", .constant("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\ncpu\t0\t1\t1\ncpuacct\t0\t1\t1\nmemory\t0\t1\t1\npids\t0\t1\t1\n")),
        ("cmdline", .constant("\n")),
        ("cpuinfo", .text(ProcText.processorInformation)),
        ("devices", .constant("Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n")),
        ("diskstats", .constant("")),
        ("filesystems", .constant("nodev\ttmpfs\nnodev\tproc\nnodev\tsysfs\nnodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\tpipefs\nnodev\tsockfs\nnodev\toverlay\n")),
        ("interrupts", .text(interrupts)),
        ("loadavg", .text(ProcText.loadAverage)),
        ("meminfo", .text(ProcText.memoryInformation)),
        ("modules", .constant("")),
        ("mounts", .link { _ throws(Errno) in Array("self/mounts".utf8) }),
        ("net", .link { _ throws(Errno) in Array("self/net".utf8) }),
        ("partitions", .constant("major minor  #blocks  name\n\n")),
        ("self", .link(readerID)),
        ("stat", .text(ProcText.systemStatistics)),
        ("swaps", .constant("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")),
        ("sys", .directory([("fs", .directory(fileSystems)), ("kernel", .directory(kernel)), ("net", .directory(netSettings)), ("vm", .directory(memory))])),
        (
            "sysvipc",
            .directory([("msg", .text(ProcText.messageQueues)), ("sem", .text(ProcText.semaphoreSets)), ("shm", .text(ProcText.sharedSegments))])
        ),
        ("thread-self", .link { reader throws(Errno) in try readerID(reader) + Array("/task/".utf8) + TextWriter.decimal(UInt64(reader.id)) }),
        ("tty", .directory([("drivers", .constant(terminalDrivers)), ("ldiscs", .constant("n_tty       0\n"))])),
        ("uptime", .text(ProcText.uptime)),
        ("version", .text(ProcText.version)),
        ("vmstat", .text(ProcText.vmStatistics)),
    ]

    /// ps(1) finds the names of terminals here.
    private static let terminalDrivers: StaticString = """
        /dev/tty             /dev/tty        5       0 system:/dev/tty
        /dev/console         /dev/console    5       1 system:console
        /dev/ptmx            /dev/ptmx       5       2 system
        pty_slave            /dev/pts      136 0-1048575 pty:slave

        """

    private static func interrupts(_ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 64)
        writer.text("           ")
        for processor in 0..<reader.kernel.visibleProcessors {
            let start = writer.bytes.count
            writer.text("CPU")
            writer.unsigned(UInt64(processor))
            while writer.bytes.count - start < 11 { writer.text(" ") }
        }
        writer.newline()
        return writer.bytes
    }

    /// A sandbox without a network has not even a loopback.
    static let network: [(StaticString, GeneratedEntry)] = [
        ("arp", .constant("IP address       HW type     Flags       HW address            Mask     Device\n")),
        (
            "dev",
            .constant(
                """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

                """)
        ),
        ("if_inet6", .constant("")),
        ("route", .constant("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n")),
        ("unix", .text(ProcText.unixSockets)),
    ]

    private static func domainName(_ reader: Task) throws(Errno) -> [UInt8] { reader.kernel.identity.domainName + [0x0a] }
    private static func hostname(_ reader: Task) throws(Errno) -> [UInt8] { reader.kernel.identity.hostname + [0x0a] }
    private static func name(_ writer: Task, _ bytes: [UInt8]) throws(Errno) -> [UInt8] {
        if writer.credentials.effectiveUser != 0 { throw .EPERM }
        return Array(bytes.prefix(64).prefix { $0 != 0 && $0 != 0x0a })
    }

    private static let kernel: [(StaticString, GeneratedEntry)] = [
        ("cap_last_cap", .text { _ throws(Errno) in TextWriter.line(Int64(Capability.last)) }),
        ("core_pattern", .constant("core\n")),
        ("core_uses_pid", .constant("0\n")),
        ("domainname", .file(0o644, domainName, { writer, bytes throws(Errno) in writer.kernel.identity.domainName = try name(writer, bytes) })),
        ("dmesg_restrict", .constant("1\n")),
        ("hostname", .file(0o644, hostname, { writer, bytes throws(Errno) in writer.kernel.identity.hostname = try name(writer, bytes) })),
        ("kptr_restrict", .constant("2\n")),
        ("msgmax", .constant("8192\n")),
        ("msgmnb", .constant("16384\n")),
        ("msgmni", .constant("32000\n")),
        ("ngroups_max", .constant("65536\n")),
        ("osrelease", .text { _ throws(Errno) in KernelVersion.release + [0x0a] }),
        ("ostype", .text { _ throws(Errno) in KernelVersion.systemName + [0x0a] }),
        ("overflowgid", .constant("65534\n")),
        ("overflowuid", .constant("65534\n")),
        ("perf_event_paranoid", .constant("4\n")),
        ("pid_max", .constant("4194304\n")),
        (
            "pty",
            .directory([
                ("max", .text { _ throws(Errno) in TextWriter.line(Int64(PtsFS.most)) }),
                ("nr", .text { reader throws(Errno) in TextWriter.line(Int64(reader.kernel.terminals.count)) }),
                ("reserve", .constant("1024\n")),
            ])
        ),
        (
            "random",
            .directory([
                ("boot_id", .text { reader throws(Errno) in ProcText.uuid(reader.kernel.identity.bootID(reader.kernel.host)) }),
                ("entropy_avail", .constant("256\n")),
                ("poolsize", .constant("256\n")),
                ("uuid", .text { reader throws(Errno) in ProcText.uuid(randomBytes(reader.kernel.host)) }),
            ])
        ),
        ("randomize_va_space", .text { reader throws(Errno) in TextWriter.line(reader.kernel.configuration.randomisesLayout ? 2 : 0) }),
        ("seccomp", .directory([("actions_avail", .constant("kill_process kill_thread trap errno trace log allow\n"))])),
        ("sem", .constant("32000\t1024000000\t500\t32000\n")),
        ("shm_rmid_forced", .constant("0\n")),
        ("shmall", .constant("18446744073692774399\n")),
        ("shmmax", .constant("18446744073692774399\n")),
        ("shmmni", .constant("4096\n")),
        ("threads-max", .text { reader throws(Errno) in TextWriter.line(Int64(reader.kernel.configuration.maximumTasks)) }),
        ("unprivileged_userns_clone", .constant("0\n")),
        ("version", .text { _ throws(Errno) in KernelVersion.version + [0x0a] }),
        ("yama", .directory([("ptrace_scope", .constant("3\n"))])),
    ]

    static func randomBytes(_ host: Host) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes.withUnsafeMutableBytes { host.random($0) }
        return bytes
    }

    private static let memory: [(StaticString, GeneratedEntry)] = [
        ("max_map_count", .constant("65530\n")),
        ("mmap_min_addr", .constant("65536\n")),
        ("nr_hugepages", .constant("0\n")),
        ("overcommit_memory", .constant("0\n")),
        ("overcommit_ratio", .constant("50\n")),
        ("swappiness", .constant("60\n")),
        ("vfs_cache_pressure", .constant("100\n")),
    ]

    private static let fileSystems: [(StaticString, GeneratedEntry)] = [
        ("epoll", .directory([("max_user_watches", .constant("1048576\n"))])),
        ("file-max", .constant("9223372036854775807\n")),
        ("file-nr", .text { reader throws(Errno) in openFiles(reader) }),
        (
            "inotify",
            .directory([
                ("max_queued_events", .text { _ throws(Errno) in TextWriter.line(Int64(InotifyLimits.queuedEvents)) }),
                ("max_user_instances", .text { _ throws(Errno) in TextWriter.line(Int64(InotifyLimits.instances)) }),
                ("max_user_watches", .text { _ throws(Errno) in TextWriter.line(Int64(InotifyLimits.watches)) }),
            ])
        ),
        ("nr_open", .text { reader throws(Errno) in TextWriter.line(Int64(clamping: reader.kernel.mostOpenFiles)) }),
        ("pipe-max-size", .constant("1048576\n")),
        ("pipe-user-pages-hard", .constant("0\n")),
        ("pipe-user-pages-soft", .constant("16384\n")),
        ("protected_hardlinks", .constant("1\n")),
        ("protected_symlinks", .constant("1\n")),
        ("suid_dumpable", .constant("0\n")),
    ]
    private static func openFiles(_ reader: Task) -> [UInt8] {
        var writer = TextWriter(capacity: 48)
        writer.unsigned(UInt64(reader.sharedDescriptors.openDescriptors.count))
        writer.text("\t0\t9223372036854775807\n")
        return writer.bytes
    }

    private static let netSettings: [(StaticString, GeneratedEntry)] = [
        ("core", .directory([("somaxconn", .text { _ throws(Errno) in TextWriter.line(Int64(UnixDomain.longestBacklog)) })])),
        ("unix", .directory([("max_dgram_qlen", .text { _ throws(Errno) in TextWriter.line(Int64(UnixDomain.datagramQueue)) })])),
    ]
}
