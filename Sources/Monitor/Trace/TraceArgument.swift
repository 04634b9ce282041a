import LibraryOS

/// One argument of a traced call: known when the call is made, or only when it returns.
enum TraceArgument {
    case now(String)
    /// Made from the call's result.
    case later((Int64) -> String)
}

/// Reads what a traced call's arguments point to. Memory that cannot be read shows as an address, as in strace.
struct TraceReader {
    let task: Task
    let call: SyscallCall

    func bytes(_ address: UInt64, _ count: Int) -> [UInt8]? {
        do throws(Errno) { return try task.memory.readBytes(GuestAddress(address), count: count) } catch { return nil }
    }
    func structure(_ address: UInt64, _ count: Int) -> ByteReader? { address == 0 ? nil : bytes(address, count).map { ByteReader($0) } }

    /// A quoted buffer of `count` bytes.
    func buffer(_ address: UInt64, count: UInt64, forceHex: Bool = false) -> String {
        if address == 0 { return "NULL" }
        let shown = Int(min(count, UInt64(TraceText.longestString)))
        guard let bytes = bytes(address, shown) else { return TraceText.hex(address) }
        return TraceText.quoted(bytes, more: count > UInt64(shown), forceHex: forceHex)
    }
    /// A quoted zero-terminated string; paths are shown whole.
    func string(_ address: UInt64, limit: Int = 4096) -> String {
        if address == 0 { return "NULL" }
        var result: [UInt8] = []
        while result.count < limit {
            // To the end of the page at most: the next one may not be there.
            let chunk = min(4096 - Int((address &+ UInt64(result.count)) & 4095), limit - result.count, 256)
            guard let bytes = bytes(address &+ UInt64(result.count), chunk) else { return TraceText.hex(address) }
            if let end = bytes.firstIndex(of: 0) { return TraceText.quoted(result + bytes[..<end]) }
            result += bytes
        }
        return TraceText.quoted(result, more: true)
    }

    /// A null-terminated array of strings: `["a", "b"]`.
    func strings(_ address: UInt64) -> String {
        if address == 0 { return "NULL" }
        var parts: [String] = []
        while parts.count < TraceText.longestString {
            guard let pointer = structure(address &+ UInt64(parts.count * 8), 8)?.u64(0) else { return TraceText.hex(address) }
            if pointer == 0 { return "[" + parts.joined(separator: ", ") + "]" }
            parts.append(string(pointer, limit: TraceText.longestString))
        }
        return "[" + parts.joined(separator: ", ") + ", ...]"
    }
    /// `0x... /* 35 vars */`.
    func countedStrings(_ address: UInt64) -> String {
        if address == 0 { return "NULL" }
        var count = 0
        while count < 4096, let pointer = structure(address &+ UInt64(count * 8), 8)?.u64(0), pointer != 0 { count += 1 }
        return "\(TraceText.hex(address)) \(TraceText.variables(count))"
    }

    func named(_ table: String, _ value: UInt64) -> String {
        switch table {
        case "signal": SignalNames.name(Int32(truncatingIfNeeded: value))
        case "id": value & 0xffff_ffff == 0xffff_ffff ? "-1" : "\(value & 0xffff_ffff)"
        case "futex": futexOperation(value)
        case "clone": cloneFlags(value)
        case "family": FlagTable.all["socket_family"]?.text(value) ?? "\(value)"
        case "socket": socketType(value)
        case "clock": clock(value)
        default: FlagTable.all[Self.aliases[table] ?? table]?.text(table == "open" ? value & 0xffff_ffff : value) ?? (value == 0 ? "0" : TraceText.hex(value))
        }
    }
    /// Names other areas use for tables that are shared.
    private static let aliases = ["timer_flags": "timer", "send": "msg", "inotify_init": "inotify", "at_flags": "at", "rename": "renameat2"]

    private func socketType(_ value: UInt64) -> String {
        let type = FlagTable.all["socket_type"]?.text(value & 0xf) ?? "\(value & 0xf)"
        let flags = value & 0xffff_fff0
        return flags == 0 ? type : type + "|" + (FlagTable.all["socket_flags"]?.text(flags) ?? TraceText.hex(flags))
    }
    private func futexOperation(_ value: UInt64) -> String {
        let name = FlagTable.all["futex_op"]?.text(value & 0x7f) ?? "\(value & 0x7f)"
        return name + (value & 0x80 != 0 ? "_PRIVATE" : "") + (value & 0x100 != 0 ? "|FUTEX_CLOCK_REALTIME" : "")
    }
    /// Flags, with the exit signal in the low byte.
    func cloneFlags(_ value: UInt64) -> String {
        let (flags, signal) = (value & 0xffff_ff00, Int32(value & 0xff))
        var parts: [String] = []
        if flags != 0 { parts.append(FlagTable.all["clone"]?.text(flags) ?? TraceText.hex(flags)) }
        if signal != 0 { parts.append(SignalNames.name(signal)) }
        return parts.isEmpty ? "0" : parts.joined(separator: "|")
    }
    private func clock(_ value: UInt64) -> String {
        let number = Int32(truncatingIfNeeded: value)
        if number >= 0 { return FlagTable.all["clock"]?.text(value) ?? "\(number)" }
        let kinds = ["PROF", "VIRT", "SCHED", "FD"]
        return "~\(~(number >> 3)) /* \(number & 4 != 0 ? "thread" : "process") \(kinds[Int(number & 3)]) */"
    }
    func descriptor(_ value: UInt64, directory: Bool = false) -> String {
        let number = Int32(truncatingIfNeeded: value)
        return directory && number == -100 ? "AT_FDCWD" : "\(number)"
    }

    /// An argument by its format in the system call table.
    func argument(_ format: ArgumentFormat, _ index: Int) -> TraceArgument {
        let value = call.raw(index)
        switch format {
        case .signed:
            // C's int is all most calls look at; longs are told by their upper half.
            let long = Int64(bitPattern: value)
            return .now(value >> 32 == 0 ? "\(Int32(truncatingIfNeeded: value))" : "\(long)")
        case .unsigned: return .now("\(value)")
        case .hex: return .now(value == 0 ? "0" : TraceText.hex(value))
        case .octal: return .now(TraceText.octal(value & 0xffff_ffff, width: value == 0 ? 2 : 0))
        case .descriptor: return .now(descriptor(value))
        case .directoryDescriptor: return .now(descriptor(value, directory: true))
        case .pointer: return .now(TraceText.pointer(value))
        case .path: return .now(string(value))
        case .input(let length): return .now(buffer(value, count: call.raw(length)))
        case .output: return .later { result in result < 0 ? TraceText.pointer(value) : self.buffer(value, count: UInt64(result)) }
        case .named(let table): return .now(named(table, value))
        case .structureIn(let name): return .now(structure(name, index, nil))
        case .structureOut(let name):
            return .later { result in result < 0 && name != "timespec_remaining" ? TraceText.pointer(value) : self.structure(name, index, result) }
        case .strings: return .now(strings(value))
        }
    }
}
