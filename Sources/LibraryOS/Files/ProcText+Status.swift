/// Sizes of a process, in bytes, for stat, statm and status.
struct ProcMemory {
    var size: UInt64 = 0
    var text: UInt64 = 0
    var libraries: UInt64 = 0
    var data: UInt64 = 0
    var stack: UInt64 = 0
    /// Resident bytes of file mappings, of shared memory, and of the rest.
    var residentFile: UInt64 = 0, residentShared: UInt64 = 0, residentAnonymous: UInt64 = 0
    var resident: UInt64 { residentFile &+ residentShared &+ residentAnonymous }
    var breakStart: UInt64 = 0

    init(_ subject: Task) {
        if subject.hasDeparted { return }
        let executable = subject.group.lock.withLock { subject.group.executable }?.inode
        for region in subject.sharedMemory.regions(from: subject.sharedFileSystem.root) {
            let length = region.length
            size &+= length
            if region.name.elementsEqual("[stack]".utf8) {
                stack &+= length
            } else if region.protection.contains(.execute) {
                if let executable, region.inode == executable.number && region.device == executable.fileSystem.device {
                    text &+= length
                } else {
                    libraries &+= length
                }
            } else if region.protection.contains(.write) && !region.shared {
                data &+= length
            }
            if region.name.elementsEqual("[heap]".utf8) { breakStart = region.start.value }
            if region.inode == 0 || (region.protection.contains(.write) && !region.shared) {
                residentAnonymous &+= region.resident
            } else if region.shared && region.protection.contains(.write) {
                residentShared &+= region.resident
            } else {
                residentFile &+= region.resident
            }
        }
    }
}

extension ProcText {
    /// A task is asleep while a call of it waits; the host does not say which of the others have a processor.
    private static func state(_ subject: Task) -> (letter: UInt8, name: StaticString) {
        if subject.hasDeparted { return (UInt8(ascii: "Z"), "Z (zombie)") }
        if subject.group.signals.isStopped { return (UInt8(ascii: "T"), "T (stopped)") }
        return subject.isAsleep ? (UInt8(ascii: "S"), "S (sleeping)") : (UInt8(ascii: "R"), "R (running)")
    }

    /// The signal sets that status and stat show.
    private struct Signals {
        var pending: UInt64, shared: UInt64, blocked: UInt64, ignored: UInt64 = 0, caught: UInt64 = 0
        init(_ subject: Task) {
            let process = subject.group.signals
            (pending, shared, blocked) = process.lock.withLock {
                (subject.signals.pending.set.bits, process.pending.set.bits, subject.signals.mask.bits)
            }
            for number in 1...Signal.last {
                let action = process.actions[number]
                if action.isIgnore { ignored |= SignalSet.bit(number) } else if !action.isDefault { caught |= SignalSet.bit(number) }
            }
        }
    }

    static func statm(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        let memory = ProcMemory(subject)
        var writer = TextWriter(capacity: 64)
        for (index, bytes) in [memory.size, memory.resident, memory.residentFile &+ memory.residentShared, memory.text, 0, memory.data &+ memory.stack, 0].enumerated() {
            if index > 0 { writer.text(" ") }
            writer.unsigned(bytes / 4096)
        }
        writer.newline()
        return writer.bytes
    }

    static func stat(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        let group = subject.group
        let memory = ProcMemory(subject)
        let layout = subject.sharedMemory.imageLayout
        let signals = Signals(subject)
        let (parent, processGroup, session, threads) = group.lock.withLock { (group.parent, group.processGroup, group.session, group.threadCount) }
        let (nice, policy, priority) = group.lock.withLock { (subject.nice, subject.schedulingPolicy, subject.scheduling.realtimePriority) }
        let (own, children) = (group.usage, subject.kernel.processes.childrenUsage(of: group))
        let ticks = [own.user, own.system, children.user, children.system].map { max(0, $0 / Syscalls.nanosecondsPerTick) }
        let realtime = priority > 0
        let terminal = subject.kernel.processes.terminalState(of: group)
        var writer = TextWriter(capacity: 512)
        writer.signed(Int64(subject.id))
        writer.text(" (")
        writer.raw(subject.sharedName)
        writer.text(") ")
        writer.byte(state(subject).letter)
        let fields: [Int64] = [
            Int64(parent), Int64(processGroup), Int64(session), Int64(terminal?.deviceNumber ?? 0), Int64(terminal?.foregroundGroup ?? -1), 0x40_0000,
            Int64(own.minorFaults), Int64(children.minorFaults), 0, 0, ticks[0], ticks[1], ticks[2], ticks[3],
            realtime ? Int64(-1 - priority) : Int64(20 + nice), Int64(nice), Int64(threads), 0,
            max(0, subject.startTime.nanoseconds / Syscalls.nanosecondsPerTick), Int64(clamping: memory.size), Int64(clamping: memory.resident / 4096),
        ]
        for field in fields {
            writer.text(" ")
            writer.signed(field)
        }
        let rest: [UInt64] = [
            group.lock.withLock { group.limits[ResourceLimits.resident]?.soft ?? .max }, layout.startCode, layout.endCode, layout.startStack, 0, 0,
            signals.pending & 0x7fff_ffff, signals.blocked & 0x7fff_ffff, signals.ignored & 0x7fff_ffff, signals.caught & 0x7fff_ffff, 0, 0, 0, 17,
            UInt64(Syscalls.processor(of: subject)), UInt64(max(0, priority)), UInt64(max(0, policy)), 0, 0, 0,
            layout.startData, layout.endData, memory.breakStart, layout.argumentStart, layout.argumentEnd, layout.environmentStart, layout.environmentEnd, 0,
        ]
        for field in rest {
            writer.text(" ")
            writer.unsigned(field)
        }
        writer.newline()
        return writer.bytes
    }

    static func status(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 1536)
        statusIdentity(subject, reader, &writer)
        statusMemory(subject, &writer)
        statusSignals(subject, &writer)
        let capabilities = subject.sharedCredentials.capabilities
        let sets: [(StaticString, UInt64)] = [
            ("CapInh", capabilities.inheritable), ("CapPrm", capabilities.permitted), ("CapEff", capabilities.effective), ("CapBnd", capabilities.bounding),
            ("CapAmb", capabilities.ambient),
        ]
        for (name, set) in sets { hexRow(&writer, name, set) }
        row(&writer, "NoNewPrivs", subject.noNewPrivileges ? 1 : 0)
        row(&writer, "Seccomp", Int64(subject.seccomp.mode.rawValue))
        row(&writer, "Seccomp_filters", Int64(subject.seccomp.filters.count))
        writer.text("Speculation_Store_Bypass:\tvulnerable\n")
        let mask = Syscalls.affinity(of: subject)
        writer.text("Cpus_allowed:\t")
        writer.raw(processorMask(mask, count: subject.kernel.visibleProcessors))
        writer.text("\nCpus_allowed_list:\t")
        writer.raw(processorList(mask))
        writer.text("\nMems_allowed:\t1\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t")
        writer.signed(Int64(subject.waits.value))
        writer.text("\nnonvoluntary_ctxt_switches:\t0\n")
        return writer.bytes
    }

    private static func row(_ writer: inout TextWriter, _ name: StaticString, _ value: Int64) {
        writer.text(name)
        writer.text(":\t")
        writer.signed(value)
        writer.newline()
    }
    private static func hexRow(_ writer: inout TextWriter, _ name: StaticString, _ value: UInt64) {
        writer.text(name)
        writer.text(":\t")
        writer.hex(value, width: 16)
        writer.newline()
    }
    private static func kilobytes(_ writer: inout TextWriter, _ name: StaticString, _ bytes: UInt64) {
        writer.text(name)
        writer.text(":\t")
        writer.unsigned(bytes >> 10, width: 8)
        writer.text(" kB\n")
    }

    private static func statusIdentity(_ subject: Task, _ reader: Task, _ writer: inout TextWriter) {
        let group = subject.group
        let credentials = subject.sharedCredentials
        let (parent, processGroup, session) = group.lock.withLock { (group.parent, group.processGroup, group.session) }
        writer.text("Name:\t")
        for byte in subject.sharedName {
            if byte == 0x0a { writer.text("\\n") } else if byte == 0x5c { writer.text("\\\\") } else { writer.byte(byte) }
        }
        writer.text("\nUmask:\t")
        writer.octal(UInt64(subject.sharedFileSystem.umask), width: 4)
        writer.text("\nState:\t")
        writer.text(state(subject).name)
        writer.newline()
        row(&writer, "Tgid", Int64(group.id))
        row(&writer, "Ngid", 0)
        row(&writer, "Pid", Int64(subject.id))
        row(&writer, "PPid", Int64(parent))
        row(&writer, "TracerPid", 0)
        for (name, ids) in [("Uid" as StaticString, credentials.users), ("Gid", credentials.groupIDs)] {
            writer.text(name)
            writer.text(":")
            for id in [ids.real, ids.effective, ids.saved, ids.fileSystem] {
                writer.text("\t")
                writer.unsigned(UInt64(id))
            }
            writer.newline()
        }
        let descriptors = subject.sharedDescriptors.openDescriptors.last.map { Int64($0) + 1 } ?? 0
        // Tables grow by powers of two from 64.
        var size: Int64 = 64
        while size < descriptors { size *= 2 }
        row(&writer, "FDSize", size)
        writer.text("Groups:\t")
        for id in credentials.groups {
            writer.unsigned(UInt64(id))
            writer.text(" ")
        }
        if credentials.groups.isEmpty { writer.text(" ") }
        writer.newline()
        row(&writer, "NStgid", Int64(group.id))
        row(&writer, "NSpid", Int64(subject.id))
        row(&writer, "NSpgid", Int64(processGroup))
        row(&writer, "NSsid", Int64(session))
        row(&writer, "Kthread", 0)
    }

    private static func statusMemory(_ subject: Task, _ writer: inout TextWriter) {
        let memory = ProcMemory(subject)
        // Looked at later, so that the peak is not below what was resident.
        let peak = max(memory.resident, subject.hasDeparted ? 0 : subject.sharedMemory.peakResident())
        let rows: [(StaticString, UInt64)] = [
            ("VmPeak", memory.size), ("VmSize", memory.size), ("VmLck", 0), ("VmPin", 0), ("VmHWM", peak), ("VmRSS", memory.resident),
            ("RssAnon", memory.residentAnonymous), ("RssFile", memory.residentFile), ("RssShmem", memory.residentShared), ("VmData", memory.data), ("VmStk", memory.stack),
            ("VmExe", memory.text),
            ("VmLib", memory.libraries), ("VmPTE", 0), ("VmSwap", 0), ("HugetlbPages", 0),
        ]
        for (name, bytes) in rows { kilobytes(&writer, name, bytes) }
        row(&writer, "CoreDumping", 0)
        row(&writer, "THP_enabled", subject.group.lock.withLock { subject.group.attributes.disablesHugePages } ? 0 : 1)
        writer.text("untag_mask:\t0xffffffffffffffff\n")
    }

    private static func statusSignals(_ subject: Task, _ writer: inout TextWriter) {
        let signals = Signals(subject)
        let (threads, limit) = subject.group.lock.withLock { (subject.group.threadCount, subject.group.limits[11]?.soft ?? 0) }
        let queued = subject.group.signals.lock.withLock { subject.group.signals.queued }
        row(&writer, "Threads", Int64(threads))
        writer.text("SigQ:\t")
        writer.signed(Int64(queued))
        writer.text("/")
        writer.unsigned(limit)
        writer.newline()
        let sets: [(StaticString, UInt64)] = [
            ("SigPnd", signals.pending), ("ShdPnd", signals.shared), ("SigBlk", signals.blocked), ("SigIgn", signals.ignored), ("SigCgt", signals.caught),
        ]
        for (name, set) in sets { hexRow(&writer, name, set) }
    }

    /// A processor mask as `%*pb`: 32-bit groups in hexadecimal, highest first, the first as wide as `count` demands.
    static func processorMask(_ mask: [UInt8], count: Int) -> [UInt8] {
        var writer = TextWriter(capacity: 32)
        let groups = (count + 31) / 32
        for group in (0..<groups).reversed() {
            let value = ByteReader(mask).u32(group * 4)
            let bits = group == groups - 1 ? count - group * 32 : 32
            writer.hex(UInt64(value), width: (bits + 3) / 4)
            if group > 0 { writer.text(",") }
        }
        return writer.bytes
    }

    /// A processor mask as `%*pbl`: "0-3,8".
    static func processorList(_ mask: [UInt8]) -> [UInt8] {
        var writer = TextWriter(capacity: 32)
        let members = (0..<(mask.count * 8)).filter { mask[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }
        var index = 0
        while index < members.count {
            var end = index
            while end + 1 < members.count, members[end + 1] == members[end] + 1 { end += 1 }
            if index > 0 { writer.text(",") }
            writer.unsigned(UInt64(members[index]))
            if end > index {
                writer.text("-")
                writer.unsigned(UInt64(members[end]))
            }
            index = end + 1
        }
        return writer.bytes
    }
}
