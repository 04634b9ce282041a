/// /sys/fs/cgroup: the sandbox's limits and what is used of them as a cgroup v2, as a container sees its own at the root of its namespace. Run times size
/// themselves by it.
public final class ControlGroupFS: FileSystem, @unchecked Sendable {
    /// The group of `kernel`'s sandbox.
    public init(kernel: Kernel) { super.init(typeName: "cgroup2", device: kernel.deviceNumbers.take(), readOnly: true) }

    /// The only group.
    public override var root: Inode { FixedDirectory(fileSystem: self, number: 1, entries: Self.core + Self.processors + Self.memory + Self.tasks) }
    /// statfs(2): CGROUP2_SUPER_MAGIC.
    public override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = 0x6367_7270
        return result
    }

    private static func number(_ value: @escaping @Sendable (Kernel) -> UInt64) -> GeneratedEntry {
        .text { reader throws(Errno) in TextWriter.decimal(value(reader.kernel)) + [0x0a] }
    }
    /// Lines of a name and a number.
    private static func rows(_ rows: @escaping @Sendable (Kernel) -> [(StaticString, UInt64)]) -> GeneratedEntry {
        .text { reader throws(Errno) in
            var writer = TextWriter()
            for (name, value) in rows(reader.kernel) {
                writer.text(name)
                writer.text(" ")
                writer.unsigned(value)
                writer.newline()
            }
            return writer.bytes
        }
    }
    private static func list(_ ids: @escaping @Sendable (Kernel) -> [Int32]) -> GeneratedEntry {
        .text { reader throws(Errno) in ids(reader.kernel).reduce(into: []) { $0 += TextWriter.line(Int64($1)) } }
    }

    private static let core: [(StaticString, GeneratedEntry)] = [
        ("cgroup.controllers", .constant("cpuset cpu memory pids\n")),
        ("cgroup.events", .constant("populated 1\nfrozen 0\n")),
        ("cgroup.freeze", .constant("0\n")),
        ("cgroup.max.depth", .constant("max\n")),
        ("cgroup.max.descendants", .constant("max\n")),
        ("cgroup.procs", list { kernel in kernel.allGroups.map { $0.id } }),
        ("cgroup.stat", .constant("nr_descendants 0\nnr_dying_descendants 0\n")),
        ("cgroup.subtree_control", .constant("")),
        ("cgroup.threads", list { kernel in kernel.allGroups.flatMap { $0.liveTasks.map { $0.id }.sorted() } }),
        ("cgroup.type", .constant("domain\n")),
    ]

    private static func allProcessors(_ reader: Task) throws(Errno) -> [UInt8] {
        ProcText.processorList(Syscalls.allProcessors(reader.kernel)) + [0x0a]
    }
    /// Microseconds of processor time for each 100,000.
    private static func processorShare(_ reader: Task) throws(Errno) -> [UInt8] {
        guard reader.kernel.configuration.limitsProcessors else { return Array("max 100000\n".utf8) }
        return TextWriter.decimal(UInt64(reader.kernel.visibleProcessors) * 100_000) + Array(" 100000\n".utf8)
    }
    private static let processors: [(StaticString, GeneratedEntry)] = [
        ("cpu.max", .text(processorShare)),
        ("cpu.max.burst", .constant("0\n")),
        (
            "cpu.stat",
            rows { kernel in
                let used = kernel.processorUsage
                let (user, system) = (UInt64(used.user) / 1000, UInt64(used.system) / 1000)
                return [
                    ("usage_usec", user &+ system), ("user_usec", user), ("system_usec", system), ("nr_periods", 0), ("nr_throttled", 0),
                    ("throttled_usec", 0), ("nr_bursts", 0), ("burst_usec", 0),
                ]
            }
        ),
        ("cpu.weight", .constant("100\n")),
        ("cpu.weight.nice", .constant("0\n")),
        ("cpuset.cpus", .constant("\n")),
        ("cpuset.cpus.effective", .text(allProcessors)),
        ("cpuset.cpus.partition", .constant("member\n")),
        ("cpuset.mems", .constant("\n")),
        ("cpuset.mems.effective", .constant("0\n")),
    ]

    private static let memory: [(StaticString, GeneratedEntry)] = [
        ("memory.current", number { $0.physicalMemory.usage.resident }),
        (
            "memory.events",
            rows { kernel in
                let shortage = kernel.memoryShortage
                return [
                    ("low", 0), ("high", 0), ("max", shortage.count), ("oom", shortage.count), ("oom_kill", shortage.kills.count), ("oom_group_kill", 0),
                ]
            }
        ),
        ("memory.high", .constant("max\n")),
        ("memory.low", .constant("0\n")),
        ("memory.max", number { $0.physicalMemory.usage.limit }),
        ("memory.min", .constant("0\n")),
        ("memory.oom.group", .constant("0\n")),
        ("memory.peak", number { $0.physicalMemory.peak }),
        (
            "memory.stat",
            rows { kernel in
                // Granted files lie in the host's page cache and cost the sandbox nothing; anonymous memory and tmpfs are not told apart.
                let used = kernel.physicalMemory.usage.resident
                return [
                    ("anon", used), ("file", 0), ("kernel", 0), ("kernel_stack", 0), ("pagetables", 0), ("sock", 0), ("shmem", 0), ("file_mapped", 0),
                    ("file_dirty", 0), ("file_writeback", 0), ("swapcached", 0), ("inactive_anon", 0), ("active_anon", used), ("inactive_file", 0),
                    ("active_file", 0), ("unevictable", 0), ("slab_reclaimable", 0), ("slab_unreclaimable", 0), ("slab", 0),
                ]
            }
        ),
        ("memory.swap.current", .constant("0\n")),
        ("memory.swap.max", .constant("0\n")),
    ]

    private static let tasks: [(StaticString, GeneratedEntry)] = [
        ("pids.current", number { UInt64(clamping: $0.taskCount) }),
        ("pids.events", rows { kernel in [("max" as StaticString, kernel.limitEvents.count(.tasks))] }),
        ("pids.max", number { UInt64(clamping: $0.configuration.maximumTasks) }),
        ("pids.peak", number { UInt64(clamping: $0.processes.peak) }),
    ]
}

extension Kernel {
    /// CPU time of the whole sandbox in nanoseconds, the monitor's own included: what programs themselves have used, and the rest.
    package var processorUsage: (user: Int64, system: Int64) {
        let all = max(0, host.processCPUTime())
        let user = min(all, max(0, processes.userTime))
        return (user, all &- user)
    }
}
