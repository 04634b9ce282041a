/// The texts of system-wide files in /proc.
extension ProcText {
    static func uptime(_ reader: Task) throws(Errno) -> [UInt8] {
        let kernel = reader.kernel
        let up = UInt64(max(0, kernel.time.boottimeNow())) / 10_000_000
        var writer = TextWriter(capacity: 32)
        writer.hundredths(up)
        writer.text(" ")
        writer.hundredths(idleTicks(kernel))
        writer.newline()
        return writer.bytes
    }
    /// Idle time of all processors: what the sandbox has not used, in hundredths of a second.
    private static func idleTicks(_ kernel: Kernel) -> UInt64 {
        let up = UInt64(max(0, kernel.time.boottimeNow())) / 10_000_000
        let used = UInt64(max(0, kernel.host.processCPUTime())) / 10_000_000
        let all = up &* UInt64(kernel.visibleProcessors)
        return all > used ? all - used : 0
    }

    static func loadAverage(_ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 40)
        for value in reader.kernel.load.read(reader.kernel) {
            // Rounded to the nearest hundredth, as the kernel does (FIXED_1 / 200).
            writer.hundredths((value &* 100 &+ 32768) >> 16)
            writer.text(" ")
        }
        writer.text("1/")
        writer.unsigned(UInt64(reader.kernel.taskCount + 1))
        writer.text(" ")
        writer.signed(Int64(reader.kernel.processes.history.latest))
        writer.newline()
        return writer.bytes
    }

    static func version(_ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 96)
        writer.raw(KernelVersion.systemName)
        writer.text(" version ")
        writer.raw(KernelVersion.release)
        writer.text(" (skerry@skerry) (swiftc) ")
        writer.raw(KernelVersion.version)
        writer.newline()
        return writer.bytes
    }

    static func memoryInformation(_ reader: Task) throws(Errno) -> [UInt8] {
        let memory = reader.kernel.machineMemory
        let total = memory.total >> 10
        let used = memory.used >> 10
        let free = total - used
        let rows: [(StaticString, UInt64)] = [
            ("MemTotal:", total), ("MemFree:", free), ("MemAvailable:", free), ("Buffers:", 0), ("Cached:", 0), ("SwapCached:", 0), ("Active:", used),
            ("Inactive:", 0), ("Active(anon):", used), ("Inactive(anon):", 0), ("Active(file):", 0), ("Inactive(file):", 0), ("Unevictable:", 0),
            ("Mlocked:", 0), ("SwapTotal:", 0), ("SwapFree:", 0), ("Dirty:", 0), ("Writeback:", 0), ("AnonPages:", used), ("Mapped:", 0), ("Shmem:", 0),
            ("KReclaimable:", 0), ("Slab:", 0), ("SReclaimable:", 0), ("SUnreclaim:", 0), ("KernelStack:", 0), ("PageTables:", 0), ("SecPageTables:", 0),
            ("NFS_Unstable:", 0), ("Bounce:", 0), ("WritebackTmp:", 0), ("CommitLimit:", total), ("Committed_AS:", used), ("VmallocTotal:", 34_359_738_367),
            ("VmallocUsed:", 0), ("VmallocChunk:", 0), ("Percpu:", 0), ("AnonHugePages:", 0), ("ShmemHugePages:", 0), ("ShmemPmdMapped:", 0),
            ("FileHugePages:", 0), ("FilePmdMapped:", 0),
        ]
        var writer = TextWriter(capacity: 1536)
        for (name, value) in rows {
            writer.padded(name.withUTF8Buffer { Array($0) }, width: 16)
            // Names longer than the column push the number to the right.
            writer.unsigned(value, width: 8)
            writer.text(" kB\n")
        }
        writer.text("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\n")
        writer.text("Hugepagesize:       2048 kB\nHugetlb:               0 kB\n")
        return writer.bytes
    }

    static func systemStatistics(_ reader: Task) throws(Errno) -> [UInt8] {
        let kernel = reader.kernel
        let processors = UInt64(kernel.visibleProcessors)
        let used = kernel.processorUsage
        let (user, system) = (UInt64(used.user) / 10_000_000, UInt64(used.system) / 10_000_000)
        let idle = idleTicks(kernel)
        var writer = TextWriter(capacity: 1024)
        cpuRow(&writer, nil, user, system, idle)
        for processor in 0..<processors { cpuRow(&writer, processor, user / processors, system / processors, idle / processors) }
        writer.text("intr 0\nctxt 0\nbtime ")
        writer.signed((kernel.time.realtimeNow() - kernel.time.boottimeNow()) / 1_000_000_000)
        writer.text("\nprocesses ")
        writer.unsigned(kernel.processes.history.made &+ 1)
        writer.text("\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n")
        return writer.bytes
    }
    private static func cpuRow(_ writer: inout TextWriter, _ processor: UInt64?, _ user: UInt64, _ system: UInt64, _ idle: UInt64) {
        writer.text("cpu")
        if let processor { writer.unsigned(processor) } else { writer.text(" ") }
        writer.text(" ")
        writer.unsigned(user)
        writer.text(" 0 ")
        writer.unsigned(system)
        writer.text(" ")
        writer.unsigned(idle)
        writer.text(" 0 0 0 0 0 0\n")
    }

    /// The first processor's block of the host's text, once for every processor of the sandbox, with its numbers and counts.
    static func processorInformation(_ reader: Task) throws(Errno) -> [UInt8] {
        let count = reader.kernel.visibleProcessors
        let text = reader.kernel.host.processorInformation()
        var lines: [ArraySlice<UInt8>] = []
        for line in text.split(separator: 0x0a, omittingEmptySubsequences: false) {
            if line.isEmpty { break }
            lines.append(line)
        }
        if lines.isEmpty { lines = [Array("processor\t: 0".utf8)[...], Array("vendor_id\t: unknown".utf8)[...]] }
        var writer = TextWriter(capacity: text.count)
        for processor in 0..<count {
            for line in lines {
                let key = line.prefix { $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: ":") }
                if let value = replaced(key, processor: processor, count: count) {
                    writer.raw(line.prefix { $0 != UInt8(ascii: ":") })
                    writer.text(": ")
                    writer.unsigned(UInt64(value))
                } else {
                    writer.raw(line)
                }
                writer.newline()
            }
            writer.newline()
        }
        return writer.bytes
    }
    /// What the sandbox says instead of the host; nil: the host's line is right.
    private static func replaced(_ key: ArraySlice<UInt8>, processor: Int, count: Int) -> Int? {
        let numbered: [StaticString] = ["processor", "core id", "apicid", "initial apicid"]
        if numbered.contains(where: { name in name.withUTF8Buffer { $0.elementsEqual(key) } }) { return processor }
        let counted: [StaticString] = ["siblings", "cpu cores"]
        if counted.contains(where: { name in name.withUTF8Buffer { $0.elementsEqual(key) } }) { return count }
        return key.elementsEqual("physical id".utf8) ? 0 : nil
    }

    static func vmStatistics(_ reader: Task) throws(Errno) -> [UInt8] {
        let usage = reader.kernel.physicalMemory.usage
        let used = min(usage.resident, usage.limit) / 4096
        let faults = reader.kernel.allGroups.reduce(0) { $0 &+ $1.usage.minorFaults }
        let rows: [(StaticString, UInt64)] = [
            ("nr_free_pages ", usage.limit / 4096 - used), ("nr_anon_pages ", used), ("nr_mapped ", 0), ("nr_file_pages ", 0), ("nr_dirty ", 0),
            ("nr_writeback ", 0), ("pgpgin ", 0), ("pgpgout ", 0), ("pswpin ", 0), ("pswpout ", 0), ("pgfault ", UInt64(faults)), ("pgmajfault ", 0),
            ("oom_kill ", reader.kernel.memoryShortage.kills.count),
        ]
        var writer = TextWriter(capacity: 256)
        for (name, value) in rows {
            writer.text(name)
            writer.unsigned(value)
            writer.newline()
        }
        return writer.bytes
    }

    /// A random UUID (version 4) on a line.
    static func uuid(_ random: [UInt8]) -> [UInt8] {
        var bytes = random
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        var writer = TextWriter(capacity: 37)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { writer.text("-") }
            writer.hex(UInt64(byte), width: 2)
        }
        writer.newline()
        return writer.bytes
    }
}
