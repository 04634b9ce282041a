/// What /proc/PID shows of a process's mappings.
extension ProcText {
    /// /proc/PID/maps.
    static func maps(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 4096)
        for region in subject.sharedMemory.regions(from: reader.fileSystem.root) { head(region, &writer) }
        // The gate area, which every program has and no table shows.
        if !subject.group.hasEnded { writer.text("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n") }
        return writer.bytes
    }

    /// The line of one mapping: `show_map_vma` pads so that names begin in column 73.
    private static func head(_ region: MemoryRegion, _ writer: inout TextWriter) {
        let start = writer.bytes.count
        writer.hex(region.start.value, width: 8)
        writer.text("-")
        writer.hex(region.end.value, width: 8)
        writer.text(" ")
        writer.byte(region.protection.contains(.read) ? UInt8(ascii: "r") : 0x2d)
        writer.byte(region.protection.contains(.write) ? UInt8(ascii: "w") : 0x2d)
        writer.byte(region.protection.contains(.execute) ? UInt8(ascii: "x") : 0x2d)
        writer.byte(UInt8(ascii: region.shared ? "s" : "p"))
        writer.text(" ")
        writer.hex(region.offset, width: 8)
        writer.text(" ")
        writer.hex(UInt64(DeviceNumber.major(region.device)), width: 2)
        writer.text(":")
        writer.hex(UInt64(DeviceNumber.minor(region.device)), width: 2)
        writer.text(" ")
        writer.unsigned(region.inode)
        writer.text(" ")
        if !region.name.isEmpty {
            while writer.bytes.count - start < 73 { writer.text(" ") }
            for byte in region.name { if byte == 0x0a { writer.text("\\012") } else { writer.byte(byte) } }
        }
        writer.newline()
    }

    /// Resident bytes by what they are. Who else maps a page, and whether it was written, is not kept: pages count as the process's own, and as written
    /// where they may be.
    private struct Residence {
        var clean: UInt64 = 0, dirty: UInt64 = 0, anonymous: UInt64 = 0, file: UInt64 = 0, shared: UInt64 = 0
        var total: UInt64 { clean &+ dirty }

        mutating func add(_ region: MemoryRegion) {
            let isWritable = region.protection.contains(.write)
            if isWritable || region.inode == 0 { dirty &+= region.resident } else { clean &+= region.resident }
            if region.inode == 0 || (isWritable && !region.shared) {
                anonymous &+= region.resident
            } else if region.shared && isWritable {
                shared &+= region.resident
            } else {
                file &+= region.resident
            }
        }
    }

    private static func row(_ name: StaticString, _ bytes: UInt64, _ writer: inout TextWriter) {
        let start = writer.bytes.count
        writer.text(name)
        writer.text(":")
        while writer.bytes.count - start < 16 { writer.text(" ") }
        writer.unsigned(bytes >> 10, width: 8)
        writer.text(" kB\n")
    }

    /// `__show_smap` of the kernel.
    private static func rows(_ residence: Residence, isRollup: Bool, _ writer: inout TextWriter) {
        row("Rss", residence.total, &writer)
        row("Pss", residence.total, &writer)
        row("Pss_Dirty", residence.dirty, &writer)
        if isRollup {
            row("Pss_Anon", residence.anonymous, &writer)
            row("Pss_File", residence.file, &writer)
            row("Pss_Shmem", residence.shared, &writer)
        }
        row("Shared_Clean", 0, &writer)
        row("Shared_Dirty", 0, &writer)
        row("Private_Clean", residence.clean, &writer)
        row("Private_Dirty", residence.dirty, &writer)
        row("Referenced", residence.total, &writer)
        row("Anonymous", residence.anonymous, &writer)
        let absent: [StaticString] = [
            "KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked",
        ]
        for name in absent { row(name, 0, &writer) }
    }

    /// /proc/PID/smaps.
    static func smaps(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 32768)
        for region in subject.sharedMemory.regions(from: reader.fileSystem.root) {
            head(region, &writer)
            row("Size", region.length, &writer)
            row("KernelPageSize", 4096, &writer)
            row("MMUPageSize", 4096, &writer)
            var residence = Residence()
            residence.add(region)
            rows(residence, isRollup: false, &writer)
            writer.text("THPeligible:           0\nVmFlags: ")
            let protection = region.protection
            if protection.contains(.read) { writer.text("rd ") }
            if protection.contains(.write) { writer.text("wr ") }
            if protection.contains(.execute) { writer.text("ex ") }
            if region.shared { writer.text("sh ") }
            writer.text("mr mw me ")
            if region.shared { writer.text("ms ") }
            if region.name.elementsEqual("[stack]".utf8) { writer.text("gd ") }
            if protection.contains(.write), !region.shared { writer.text("ac ") }
            writer.newline()
        }
        return writer.bytes
    }

    /// /proc/PID/smaps_rollup.
    static func smapsRollup(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        let regions = subject.sharedMemory.regions(from: reader.fileSystem.root)
        guard let first = regions.first, let last = regions.last else { return [] }
        var writer = TextWriter(capacity: 1024)
        head(MemoryRegion(start: first.start, end: last.end, protection: [], name: Array("[rollup]".utf8)), &writer)
        var residence = Residence()
        for region in regions { residence.add(region) }
        rows(residence, isRollup: true, &writer)
        return writer.bytes
    }
}
