/// The texts of /proc/PID, in the kernel's formats.
enum ProcText {
    /// A decimal number with an optional sign, blanks and newline around it; nil for anything else.
    static func number(_ bytes: [UInt8]) -> Int64? {
        var rest = bytes.drop { $0 == 0x20 }
        while let last = rest.last, last == 0x0a || last == 0x20 || last == 0 { rest = rest.dropLast() }
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest = rest.dropFirst() }
        if rest.isEmpty || rest.count > 18 { return nil }
        var value: Int64 = 0
        for byte in rest {
            if byte < 0x30 || byte > 0x39 { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return negative ? -value : value
    }

    /// As the kernel's `kstrtouint` with base 0; nil for anything else.
    static func unsignedNumber(_ bytes: [UInt8]) -> UInt32? {
        var rest = bytes[...]
        if rest.last == 0x0a { rest = rest.dropLast() }
        let isHexadecimal = rest.starts(with: Array("0x".utf8)) || rest.starts(with: Array("0X".utf8))
        let radix: UInt64 = isHexadecimal ? 16 : rest.first == 0x30 && rest.count > 1 ? 8 : 10
        if isHexadecimal { rest = rest.dropFirst(2) }
        if rest.isEmpty || rest.count > 16 { return nil }
        var value: UInt64 = 0
        for byte in rest {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            if UInt64(digit) >= radix { return nil }
            value = value &* radix &+ UInt64(digit)
            if value > UInt64(UInt32.max) { return nil }
        }
        return UInt32(value)
    }

    /// The argument strings as they are in the program's memory now: programs rewrite them (setproctitle). A process that has ended has none.
    static func arguments(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        if subject.hasDeparted || subject.group.hasEnded { return [] }
        let layout = subject.sharedMemory.imageLayout
        guard var bytes = strings(subject, layout.argumentStart, layout.argumentEnd) else {
            return subject.group.lock.withLock { subject.group.arguments }.reduce(into: []) { $0 += $1 + [0] }
        }
        // Overwritten beyond its end, the text goes on where the environment was.
        if bytes.last != 0, let more = strings(subject, layout.environmentStart, layout.environmentEnd) {
            bytes += more
            bytes = Array(bytes.prefix { $0 != 0 })
        }
        return bytes
    }
    static func environment(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        if subject.hasDeparted || subject.group.hasEnded { return [] }
        let layout = subject.sharedMemory.imageLayout
        if let bytes = strings(subject, layout.environmentStart, layout.environmentEnd) { return bytes }
        return subject.group.lock.withLock { subject.group.environment }.reduce(into: []) { $0 += $1 + [0] }
    }
    private static func strings(_ subject: Task, _ start: UInt64, _ end: UInt64) -> [UInt8]? {
        guard start != 0, end > start else { return nil }
        // execve accepts a quarter of the stack limit; more is nonsense.
        let count = GuestLength(end &- start).clamped(to: 4 << 20)
        do throws(Errno) { return try subject.sharedMemory.readBytes(GuestAddress(start), count: count) } catch { return nil }
    }

    static func mounts(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        subject.kernel.mounts.descriptions(from: subject.sharedFileSystem.root).reduce(into: []) { $0 += $1.mountsLine }
    }
    static func mountInformation(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        subject.kernel.mounts.descriptions(from: subject.sharedFileSystem.root).reduce(into: []) { $0 += $1.mountInformationLine }
    }

    static func personality(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 9)
        writer.hex(UInt64(subject.group.lock.withLock { subject.group.attributes.personality }), width: 8)
        writer.newline()
        return writer.bytes
    }

    static func io(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        // Transfers are not counted.
        Array("rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n".utf8)
    }

    private static let limitRows: [(name: StaticString, unit: StaticString)] = [
        ("Max cpu time", "seconds"), ("Max file size", "bytes"), ("Max data size", "bytes"), ("Max stack size", "bytes"), ("Max core file size", "bytes"),
        ("Max resident set", "bytes"), ("Max processes", "processes"), ("Max open files", "files"), ("Max locked memory", "bytes"),
        ("Max address space", "bytes"), ("Max file locks", "locks"), ("Max pending signals", "signals"), ("Max msgqueue size", "bytes"),
        ("Max nice priority", ""), ("Max realtime priority", ""), ("Max realtime timeout", "us"),
    ]
    static func limits(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        let limits = subject.group.lock.withLock { subject.group.limits }
        var writer = TextWriter(capacity: 2048)
        writer.text("Limit                     Soft Limit           Hard Limit           Units     \n")
        for (index, row) in limitRows.enumerated() {
            guard let limit = limits[index] else { continue }
            writer.padded(row.name.withUTF8Buffer { Array($0) }, width: 26)
            for value in [limit.soft, limit.hard] {
                writer.padded(value == .max ? Array("unlimited".utf8) : TextWriter.decimal(value), width: 21)
            }
            let unit = row.unit.withUTF8Buffer { Array($0) }
            if !unit.isEmpty { writer.padded(unit, width: 10) }
            writer.newline()
        }
        return writer.bytes
    }

    /// How likely the process is to be killed when memory is used up.
    static func outOfMemoryScore(_ subject: Task) -> Int64 { subject.kernel.outOfMemoryScore(of: subject.group) }
}
