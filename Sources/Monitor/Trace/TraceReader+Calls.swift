import LibraryOS

/// Calls of which one argument says what another is.
extension TraceReader {
    /// All arguments of the call.
    func arguments(_ entry: SyscallEntry?) -> [TraceArgument] {
        guard let entry else { return (0..<6).map { .now(TraceText.hex(call.raw($0))) } }
        if let special = special(entry) { return special }
        return entry.arguments.prefix(6).enumerated().map { argument($1, $0) }
    }

    private func hex(_ index: Int) -> TraceArgument { .now(TraceText.hex(call.raw(index))) }
    private func int(_ index: Int) -> TraceArgument { .now("\(call.int(index))") }
    private func pointer(_ index: Int) -> TraceArgument { .now(TraceText.pointer(call.raw(index))) }
    private func name(_ table: String, _ index: Int) -> TraceArgument { .now(named(table, call.raw(index))) }

    private func special(_ entry: SyscallEntry) -> [TraceArgument]? {
        let generic = { entry.arguments.prefix(6).enumerated().map { self.argument($1, $0) } }
        switch entry.name {
        case "open", "openat":
            // The mode is only looked at when a file is made.
            let flags = call.raw(entry.name == "open" ? 1 : 2)
            return flags & 0o100 != 0 || flags & 0o20200000 == 0o20200000 ? generic() : Array(generic().dropLast())
        case "fcntl": return [int(0), name("fcntl", 1)] + controlArgument()
        case "ioctl": return [int(0), name("ioctl", 1), ioctlArgument()]
        case "futex": return futex()
        case "prctl": return prctl()
        case "arch_prctl":
            let get = [0x1003, 0x1004].contains(call.raw(0))
            return [name("arch_prctl", 0), get ? argument(.structureOut("address"), 1) : hex(1)].map { $0 }
        case "clone": return clone()
        case "execve": return [.now(string(call.a0)), .now(strings(call.a1)), .now(countedStrings(call.a2))]
        case "execveat":
            return [.now(descriptor(call.a0, directory: true)), .now(string(call.a1)), .now(strings(call.a2)), .now(countedStrings(call.a3)), name("at", 4)]
        case "getrandom":
            let address = call.a0
            return [
                .later { $0 < 0 ? TraceText.pointer(address) : self.buffer(address, count: UInt64($0), forceHex: true) }, .now("\(call.a1)"),
                name("getrandom", 2),
            ]
        case "mremap":
            // The new address is only looked at with MREMAP_FIXED or MREMAP_DONTUNMAP.
            return call.raw(3) & 6 == 0 ? Array(generic().dropLast()) : generic()
        case "getcwd": return [.later { $0 < 0 ? TraceText.pointer(self.call.a0) : self.string(self.call.a0) }, .now("\(call.a1)")]
        case "statx":
            // A synchronisation mode is always one of three, of which none sets a bit.
            let plain = call.raw(2) & 0x6000 == 0
            let flags = plain ? call.raw(2) == 0 ? "AT_STATX_SYNC_AS_STAT" : "AT_STATX_SYNC_AS_STAT|\(named("statx_flags", call.raw(2)))" : named("statx_flags", call.raw(2))
            return [.now(descriptor(call.a0, directory: true)), .now(string(call.a1)), .now(flags), name("statx_mask", 3), argument(.structureOut("statx"), 4)]
        case "mincore":
            let (address, pages) = (call.a2, call.a1 / 4096 + (call.a1 % 4096 == 0 ? 0 : 1))
            return [pointer(0), .now("\(call.a1)"), .later { self.residency(address, pages, $0) }]
        case "sendfile": return [int(0), int(1), offsetArgument(2), .now("\(call.a3)")]
        case "rt_sigreturn":
            // The frame's sigset lies behind the return address that the handler has taken, siginfo_t and ucontext_t: uc_sigmask.
            let mask = structure(task.registers.rsp &+ 296, 8).map { SignalNames.set($0.u64(0)) }
            return [.now("{mask=\(mask ?? "[]")}")]
        case "getdents", "getdents64": return [int(0), entries(call.a1), .now("\(call.a2)")]
        case "utimensat": return [.now(descriptor(call.a0, directory: true)), .now(string(call.a1)), argument(.structureIn("timespecs"), 2), name("at", 3)]
        case "getsockname", "getpeername": return [int(0), argument(.structureOut("sockaddr"), 1), lengthArgument(2)]
        case "accept", "accept4":
            let flags = entry.name == "accept4" ? [name("socket_flags", 3)] : []
            return [int(0), argument(.structureOut("sockaddr"), 1), lengthArgument(2)] + flags
        case "setsockopt", "getsockopt":
            let option = call.uint(1) == 1 ? name("so", 2) : int(2)
            if entry.name == "setsockopt" { return [int(0), name("sol", 1), option, option4(), int(4)] }
            return [int(0), name("sol", 1), option, argument(.structureOut("int"), 3), lengthArgument(4)]
        case "connect", "bind": return [int(0), .now(socketAddress(call.a1, length: UInt64(call.uint(2))) ?? TraceText.hex(call.a1)), int(2)]
        case "sendmsg": return [int(0), argument(.structureIn("msghdr"), 1), name("msg", 2)]
        case "sendmmsg":
            // How much of each was sent is known only afterwards.
            let (address, count) = (call.a1, call.uint(2))
            return [int(0), .later { self.messages(address, count: count, filled: $0, received: false) ?? TraceText.hex(address) }, .now("\(count)"), name("msg", 3)]
        case "recvmmsg":
            let address = call.a1
            let vector = TraceArgument.later { result in
                result < 0 ? TraceText.pointer(address) : self.messages(address, count: UInt32(clamping: result), filled: result, received: true) ?? TraceText.hex(address)
            }
            return [int(0), vector, .now("\(call.uint(2))"), name("msg", 3), argument(.structureIn("timespec"), 4)]
        case "recvmsg": return [int(0), argument(.structureOut("msghdr"), 1), name("msg", 2)]
        default: return nil
        }
    }

    private func controlArgument() -> [TraceArgument] {
        switch call.int(1) {
        case 1, 3, 9, 11, 1025, 1032, 1034: []
        case 2: [name("fd_flags", 2)]
        case 4: [name("open", 2)]
        case 5, 36: [argument(.structureOut("flock"), 2)]
        case 6, 7, 37, 38: [argument(.structureIn("flock"), 2)]
        case 10: [name("signal", 2)]
        case 1033: [name("seals", 2)]
        case 0, 8, 1024, 1026, 1030, 1031: [int(2)]
        default: [hex(2)]
        }
    }

    /// `[1, 0]`: the pages of a range that are there.
    private func residency(_ address: UInt64, _ pages: UInt64, _ result: Int64) -> String {
        let shown = Int(min(pages, UInt64(TraceText.longestString)))
        guard result >= 0, let bytes = bytes(address, shown) else { return TraceText.pointer(address) }
        return "[" + bytes.map { "\($0 & 1)" }.joined(separator: ", ") + (pages > UInt64(shown) ? ", ..." : "") + "]"
    }

    /// `[0] => [3]`: an offset the call moves.
    private func offsetArgument(_ index: Int) -> TraceArgument {
        let address = call.raw(index)
        guard let before = structure(address, 8)?.i64(0) else { return .now(TraceText.pointer(address)) }
        return .later { result in
            guard result >= 0, let after = self.structure(address, 8)?.i64(0), after != before else { return "[\(before)]" }
            return "[\(before)] => [\(after)]"
        }
    }

    /// A socket option of four bytes shows as a number, others as bytes.
    private func option4() -> TraceArgument { call.int(4) == 4 ? argument(.structureIn("int"), 3) : .now(buffer(call.a3, count: UInt64(call.uint(4)))) }

    /// `[128 => 2]`: a length the call changes.
    private func lengthArgument(_ index: Int) -> TraceArgument {
        let address = call.raw(index)
        guard let before = structure(address, 4)?.u32(0) else { return .now(TraceText.pointer(address)) }
        return .later { result in
            guard result >= 0, let after = self.structure(address, 4)?.u32(0), after != before else { return "[\(before)]" }
            return "[\(before) => \(after)]"
        }
    }

    private func ioctlArgument() -> TraceArgument {
        switch call.uint(1) {
        case 0x5413: argument(.structureOut("winsize"), 2)
        case 0x5414: argument(.structureIn("winsize"), 2)
        case 0x540f, 0x541b, 0x5411, 0x5429, 0x8004_5430, 0x8004_5432, 0x8004_5438...0x8004_5440: argument(.structureOut("int"), 2)
        case 0x5410, 0x5420, 0x5421, 0x4004_5431: argument(.structureIn("int"), 2)
        case 0x5401, 0x802c_542a: argument(.structureOut("termios"), 2)
        case 0x5402...0x5404, 0x402c_542b...0x402c_542d: argument(.structureIn("termios"), 2)
        case 0x540a: name("tcflow", 2)
        case 0x540b: name("tcflush", 2)
        case 0x540e, 0x5409, 0x5425: int(2)
        case 0x5441: name("open", 2)
        default: pointer(2)
        }
    }

    private func futex() -> [TraceArgument] {
        let first: [TraceArgument] = [pointer(0), name("futex", 1)]
        let bitset: TraceArgument = .now(call.uint(5) == .max ? "FUTEX_BITSET_MATCH_ANY" : TraceText.hex(UInt64(call.uint(5))))
        let value: TraceArgument = .now("\(call.uint(2))")
        let timeout = argument(.structureIn("timespec"), 3)
        switch call.uint(1) & 0x7f {
        case 0: return first + [value, timeout]
        case 1: return first + [.now("\(call.int(2))")]
        case 3, 11: return first + [value, .now("\(call.uint(3))"), pointer(4)]
        case 4, 12: return first + [value, .now("\(call.uint(3))"), pointer(4), .now("\(call.uint(5))")]
        case 6, 13: return first + [timeout]
        case 7, 8: return first
        case 9: return first + [value, timeout, bitset]
        case 10: return first + [.now("\(call.int(2))"), bitset]
        default: return first + [value, pointer(3), pointer(4), hex(5)]
        }
    }

    private func prctl() -> [TraceArgument] {
        let option = name("prctl", 0)
        switch call.int(0) {
        case 1: return [option, name("signal", 1)]
        case 2, 37, 25: return [option, argument(.structureOut("int"), 1)]
        case 3, 7, 21, 27, 30: return [option]
        case 4: return [option, name("dumpable", 1)]
        case 8, 29, 36: return [option, .now("\(call.a1)")]
        case 15: return [option, .now(string(call.a1, limit: 16))]
        case 16:
            let address = call.a1
            return [option, .later { $0 < 0 ? TraceText.pointer(address) : self.string(address, limit: 16) }]
        case 23, 24: return [option, .now("\(call.a1)")]
        case 38: return [option, .now("\(call.a1)"), .now("\(call.a2)"), .now("\(call.a3)"), .now("\(call.a4)")]
        case 0x53_564d_41:
            return [option, .now(call.a1 == 0 ? "PR_SET_VMA_ANON_NAME" : TraceText.hex(call.a1)), pointer(2), .now("\(call.a3)"), .now(string(call.a4, limit: 80))]
        default: return [option, hex(1), hex(2), hex(3), hex(4)]
        }
    }

    private func clone() -> [TraceArgument] {
        var result: [TraceArgument] = [.now("child_stack=\(TraceText.pointer(call.a1))"), .now("flags=\(cloneFlags(call.a0))")]
        // CLONE_PARENT_SETTID and CLONE_PIDFD; CLONE_CHILD_SETTID and CLEARTID; CLONE_SETTLS.
        if call.a0 & 0x10_1000 != 0 { result.append(.now("parent_tid=\(TraceText.pointer(call.a2))")) }
        if call.a0 & 0x8_0000 != 0 { result.append(.now("tls=\(TraceText.pointer(call.a4))")) }
        if call.a0 & 0x120_0000 != 0 { result.append(.now("child_tidptr=\(TraceText.pointer(call.a3))")) }
        return result
    }

    /// `0x... /* 7 entries */`.
    private func entries(_ address: UInt64) -> TraceArgument {
        .later { result in
            guard result >= 0, let bytes = self.bytes(address, Int(min(result, 1 << 20))) else { return TraceText.pointer(address) }
            let reader = ByteReader(bytes)
            var (offset, count) = (0, 0)
            while offset + 19 <= bytes.count, reader.u16(offset + 16) > 0 {
                offset += Int(reader.u16(offset + 16))
                count += 1
            }
            return "\(TraceText.hex(address)) /* \(count) entr\(count == 1 ? "y" : "ies") */"
        }
    }

    /// The result as strace prints it, with what belongs behind it.
    func result(_ entry: SyscallEntry?, _ result: Int64) -> String {
        if result < 0 && result >= -4095 {
            let number = Int32(-result)
            return (number >= 512 ? "? " : "-1 ") + "\(ErrnoNames.name(number)) (\(ErrnoNames.text(number)))"
        }
        switch entry?.name {
        case "mmap", "brk", "mremap", "shmat": return TraceText.hex(UInt64(bitPattern: result))
        case "umask": return TraceText.octal(UInt64(result), width: 1)
        case "rt_sigreturn": return "\(Int64(bitPattern: task.registers.rax))"
        case "membarrier":
            if call.int(0) == 0 { return "\(TraceText.hex(UInt64(result))) (\(FlagTable.all["membarrier"]?.combined(UInt64(result)) ?? ""))" }
        case "sched_getscheduler": return "\(result) (\(named("sched_policy", UInt64(result))))"
        case "prctl":
            // PR_GET_DUMPABLE.
            if call.int(0) == 3 { return "\(result) (\(named("dumpable", UInt64(result))))" }
        case "fcntl":
            if call.int(1) == 3 { return "\(TraceText.hex(UInt64(result))) (flags \(named("open", UInt64(result))))" }
            if call.int(1) == 1 && result != 0 { return "\(TraceText.hex(UInt64(result))) (flags \(named("fd_flags", UInt64(result))))" }
        case "poll", "ppoll":
            if result == 0 { return "0 (Timeout)" }
            return "\(result) (\(pollDescriptors(call.a0, count: call.a1, returned: true) ?? ""))"
        case "recvmmsg":
            guard result > 0, call.a4 != 0 else { break }
            return "\(result) (left \(structure("timespec", 4, nil)))"
        case "select", "pselect6": return "\(result) (\(selected(result)))"
        default: break
        }
        return "\(result)"
    }

    private func selected(_ result: Int64) -> String {
        if result == 0 { return "Timeout" }
        return [("in", call.a1), ("out", call.a2), ("except", call.a3)].compactMap { name, address in
            guard address != 0, let set = descriptorSet(address, count: call.a0), set != "[]" else { return nil }
            return "\(name) \(set)"
        }.joined(separator: ", ")
    }
}
