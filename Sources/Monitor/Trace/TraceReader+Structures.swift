import LibraryOS

/// Structures, by the names of the system call table.
extension TraceReader {
    /// The structure argument `index` points to; `result` is nil before the call.
    func structure(_ name: String, _ index: Int, _ result: Int64?) -> String {
        let address = call.raw(index)
        if address == 0 { return "NULL" }
        return decoded(name, address, index, result) ?? TraceText.hex(address)
    }

    private func decoded(_ name: String, _ address: UInt64, _ index: Int, _ result: Int64?) -> String? {
        switch name {
        case "stat": return structure(address, 144).map(stat)
        case "statx": return structure(address, 256).map(statx)
        case "statfs": return structure(address, 120).map(fileSystem)
        case "timespec", "timeval", "itimerspec", "itimerval", "timespec_remaining", "timespecs", "timespec_pair", "timevals", "utimbuf":
            return time(name, address, result)
        case "iovec": return vectors(address, count: call.raw(index + 1), limit: result.map { UInt64(max(0, $0)) })
        case "pollfd": return pollDescriptors(address, count: call.raw(index + 1), returned: false)
        case "epoll_event":
            return result == nil ? structure(address, 12).map(epollEvent) : epollEvents(address, count: Int(clamping: result ?? 0))
        case "fd_set": return descriptorSet(address, count: call.raw(0))
        case "sigset": return structure(address, 8).map { SignalNames.set($0.u64(0)) }
        case "sigaction": return structure(address, 32).map(action)
        case "siginfo": return structure(address, 128).map(information)
        case "stack": return structure(address, 24).map(alternateStack)
        case "msghdr": return message(address, result)
        case "sockaddr":
            // Filled by the call: the length is behind a pointer.
            let length = result == nil ? call.raw(index + 1) : structure(call.raw(index + 1), 4).map { UInt64($0.u32(0)) }
            return length.flatMap { socketAddress(address, length: $0) }
        case "clone_args": return structure(address, 64).map(cloneArguments)
        default: return simple(name, address, index, result)
        }
    }

    private func simple(_ name: String, _ address: UInt64, _ index: Int, _ result: Int64?) -> String? {
        switch name {
        case "rlimit": return structure(address, 16).map { "{rlim_cur=\(limit($0.u64(0))), rlim_max=\(limit($0.u64(8)))}" }
        case "rusage": return structure(address, 144).map { "{ru_utime=\(timeval($0, 0)), ru_stime=\(timeval($0, 16)), ...}" }
        case "utsname": return structure(address, 390).map { "{sysname=\(field($0, 0, 65)), nodename=\(field($0, 65, 65)), ...}" }
        case "sysinfo": return structure(address, 112).map(systemInformation)
        case "tms": return structure(address, 32).map(processTimes)
        case "uint", "int": return structure(address, 4).map { "[\($0.u32(0))]" }
        case "time", "ulong", "offset": return structure(address, 8).map { "[\($0.i64(0))]" }
        case "timezone": return structure(address, 8).map { "{tz_minuteswest=\($0.i32(0)), tz_dsttime=\($0.i32(4))}" }
        case "descriptors":
            return structure(address, 8).map { "[\($0.i32(0)), \($0.i32(4))]" }
        case "groups": return groups(address, count: Int(clamping: result ?? Int64(call.int(index - 1))))
        case "sched_param": return structure(address, 4).map { "[\($0.i32(0))]" }
        case "cpuset": return processors(address, count: Int(clamping: result ?? Int64(call.int(1))))
        case "waitstatus": return structure(address, 4).map { waitStatus($0.i32(0)) }
        case "caphdr": return structure(address, 8).map { "{version=\(capabilityVersion($0.u32(0))), pid=\($0.i32(4))}" }
        case "capdata": return structure(address, 24).map(capabilities)
        case "winsize":
            return structure(address, 8).map { "{ws_row=\($0.u16(0)), ws_col=\($0.u16(2)), ws_xpixel=\($0.u16(4)), ws_ypixel=\($0.u16(6))}" }
        case "address": return structure(address, 8).map { "[\(TraceText.hex($0.u64(0)))]" }
        case "termios":
            return structure(address, 36).map { bytes in
                let flags = ["c_iflag", "c_oflag", "c_cflag", "c_lflag"].enumerated().map { "\($1)=\(TraceText.hex(UInt64(bytes.u32($0 * 4))))" }
                return "{" + flags.joined(separator: ", ") + ", ...}"
            }
        case "flock": return structure(address, 32).map(fileLock)
        case "sigevent": return structure(address, 64).map(signalEvent)
        case "open_how": return structure(address, 24).map(openHow)
        default: return nil
        }
    }

    // MARK: Files

    private func signalEvent(_ event: ByteReader) -> String {
        let kinds: [Int32: String] = [0: "SIGEV_SIGNAL", 1: "SIGEV_NONE", 2: "SIGEV_THREAD", 4: "SIGEV_THREAD_ID"]
        let thread = event.i32(12) == 4 ? ", sigev_notify_thread_id=\(event.i32(16))" : ""
        return "{sigev_signo=\(SignalNames.name(event.i32(8))), sigev_notify=\(kinds[event.i32(12)] ?? "\(event.i32(12))")\(thread)}"
    }

    private func stat(_ bytes: ByteReader) -> String {
        let mode = bytes.u32(24)
        let size = [0o020000, 0o060000].contains(mode & 0o170000) ? "st_rdev=\(device(bytes.u64(40)))" : "st_size=\(bytes.i64(48))"
        return "{st_mode=\(fileMode(mode)), \(size), ...}"
    }
    private func statx(_ bytes: ByteReader) -> String {
        let mask = FlagTable.all["statx_mask"]?.text(UInt64(bytes.u32(0))) ?? ""
        return "{stx_mask=\(mask), stx_attributes=\(bytes.u64(8)), stx_mode=\(fileMode(UInt32(bytes.u16(28)))), stx_size=\(bytes.u64(40)), ...}"
    }
    private func fileMode(_ mode: UInt32) -> String {
        let kinds: [UInt32: String] = [
            0o010000: "S_IFIFO", 0o020000: "S_IFCHR", 0o040000: "S_IFDIR", 0o060000: "S_IFBLK", 0o100000: "S_IFREG", 0o120000: "S_IFLNK", 0o140000: "S_IFSOCK",
        ]
        let special = (mode & 0o4000 != 0 ? "|S_ISUID" : "") + (mode & 0o2000 != 0 ? "|S_ISGID" : "") + (mode & 0o1000 != 0 ? "|S_ISVTX" : "")
        return (kinds[mode & 0o170000] ?? TraceText.octal(UInt64(mode & 0o170000))) + special + "|" + TraceText.octal(UInt64(mode & 0o777), width: 3)
    }
    private func device(_ number: UInt64) -> String {
        "makedev(\(TraceText.hex(UInt64(DeviceNumber.major(number)))), \(TraceText.hex(UInt64(DeviceNumber.minor(number)))))"
    }
    private func fileSystem(_ bytes: ByteReader) -> String {
        let type = FlagTable.all["fs_magic"]?.text(bytes.u64(0)) ?? ""
        let flags = FlagTable.all["st_flags"]?.text(bytes.u64(80)) ?? ""
        return "{f_type=\(type), f_bsize=\(bytes.u64(8)), f_blocks=\(bytes.u64(16)), f_bfree=\(bytes.u64(24)), f_bavail=\(bytes.u64(32)), "
            + "f_files=\(bytes.u64(40)), f_ffree=\(bytes.u64(48)), f_fsid={val=[\(TraceText.hex(UInt64(bytes.u32(56)))), "
            + "\(TraceText.hex(UInt64(bytes.u32(60))))]}, f_namelen=\(bytes.u64(64)), f_frsize=\(bytes.u64(72)), f_flags=\(flags)}"
    }
    private func fileLock(_ bytes: ByteReader) -> String {
        let type = FlagTable.all["lock_type"]?.text(UInt64(bytes.u16(0))) ?? ""
        let whence = FlagTable.all["whence"]?.text(UInt64(bytes.u16(2))) ?? ""
        return "{l_type=\(type), l_whence=\(whence), l_start=\(bytes.i64(8)), l_len=\(bytes.i64(16))}"
    }
    private func openHow(_ bytes: ByteReader) -> String {
        let mode = bytes.u64(8) == 0 ? "" : ", mode=\(TraceText.octal(bytes.u64(8)))"
        return "{flags=\(named("open", bytes.u64(0)))\(mode), resolve=\(named("resolve", bytes.u64(16)))}"
    }
    /// `limit`: of all vectors together only that many bytes were filled.
    func vectors(_ address: UInt64, count: UInt64, limit: UInt64?) -> String? {
        var left = limit
        var parts: [String] = []
        for index in 0..<min(count, 1024) {
            if index >= 32 {
                parts.append("...")
                break
            }
            guard let bytes = structure(address &+ index &* 16, 16) else { return nil }
            let length = bytes.u64(8)
            let shown = min(length, left ?? length)
            left = left.map { $0 - shown }
            parts.append("{iov_base=\(buffer(bytes.u64(0), count: shown)), iov_len=\(length)}")
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }

    // MARK: Time

    private func time(_ name: String, _ address: UInt64, _ result: Int64?) -> String? {
        switch name {
        case "timespec": structure(address, 16).map { timespec($0, 0) }
        // Filled only when a sleep was interrupted.
        case "timespec_remaining": (result ?? 0) == 0 ? TraceText.hex(address) : structure(address, 16).map { timespec($0, 0) }
        case "timeval": structure(address, 16).map { timeval($0, 0) }
        case "itimerspec": structure(address, 32).map { "{it_interval=\(timespec($0, 0)), it_value=\(timespec($0, 16))}" }
        case "itimerval": structure(address, 32).map { "{it_interval=\(timeval($0, 0)), it_value=\(timeval($0, 16))}" }
        case "timevals": structure(address, 32).map { "[\(timeval($0, 0)), \(timeval($0, 16))]" }
        case "utimbuf": structure(address, 16).map { "{actime=\($0.i64(0)), modtime=\($0.i64(8))}" }
        default: structure(address, 32).map { "[\(fileTime($0, 0)), \(fileTime($0, 16))]" }
        }
    }
    private func timespec(_ bytes: ByteReader, _ offset: Int) -> String { "{tv_sec=\(bytes.i64(offset)), tv_nsec=\(bytes.i64(offset + 8))}" }
    func timeval(_ bytes: ByteReader, _ offset: Int) -> String { "{tv_sec=\(bytes.i64(offset)), tv_usec=\(bytes.i64(offset + 8))}" }
    private func fileTime(_ bytes: ByteReader, _ offset: Int) -> String {
        switch bytes.i64(offset + 8) {
        case 0x3fff_ffff: "UTIME_NOW"
        case 0x3fff_fffe: "UTIME_OMIT"
        default: timespec(bytes, offset)
        }
    }

    // MARK: Processes

    private func limit(_ value: UInt64) -> String {
        if value == .max { return "RLIM64_INFINITY" }
        return value > 1024 && value % 1024 == 0 ? "\(value / 1024)*1024" : "\(value)"
    }
    private func field(_ bytes: ByteReader, _ offset: Int, _ size: Int) -> String {
        TraceText.quoted(Array(bytes.bytes.dropFirst(offset).prefix(size).prefix { $0 != 0 }))
    }
    private func systemInformation(_ bytes: ByteReader) -> String {
        let names = ["totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap"]
        let memory = names.enumerated().map { "\($1)=\(bytes.u64(32 + $0 * 8))" }.joined(separator: ", ")
        return "{uptime=\(bytes.i64(0)), loads=[\(bytes.u64(8)), \(bytes.u64(16)), \(bytes.u64(24))], \(memory), procs=\(bytes.u16(80)), "
            + "totalhigh=\(bytes.u64(88)), freehigh=\(bytes.u64(96)), mem_unit=\(bytes.u32(104))}"
    }
    private func processTimes(_ bytes: ByteReader) -> String {
        let names = ["tms_utime", "tms_stime", "tms_cutime", "tms_cstime"]
        return "{"
            + names.enumerated().map { index, name in
                let ticks = bytes.u64(index * 8)
                return "\(name)=\(ticks) /* \(ticks / 100).\(ticks % 100 < 10 ? "0" : "")\(ticks % 100) s */"
            }.joined(separator: ", ") + "}"
    }
    private func groups(_ address: UInt64, count: Int) -> String? {
        guard count > 0 else { return "[]" }
        return structure(address, min(count, 32) * 4).map { bytes in
            "[" + (0..<min(count, 32)).map { "\(bytes.u32($0 * 4))" }.joined(separator: ", ") + (count > 32 ? ", ...]" : "]")
        }
    }
    private func processors(_ address: UInt64, count: Int) -> String? {
        guard count > 0, let bytes = bytes(address, min(count, 128)) else { return nil }
        return "[" + (0..<(bytes.count * 8)).filter { bytes[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }.map { "\($0)" }.joined(separator: " ") + "]"
    }
    private func waitStatus(_ status: Int32) -> String {
        if status & 0x7f == 0 { return "[{WIFEXITED(s) && WEXITSTATUS(s) == \((status >> 8) & 0xff)}]" }
        if status & 0xff == 0x7f { return "[{WIFSTOPPED(s) && WSTOPSIG(s) == \(SignalNames.name((status >> 8) & 0xff))}]" }
        return "[{WIFSIGNALED(s) && WTERMSIG(s) == \(SignalNames.name(status & 0x7f))\(status & 0x80 != 0 ? " && WCOREDUMP(s)" : "")}]"
    }
    private func capabilityVersion(_ version: UInt32) -> String {
        switch version {
        case 0x1998_0330: "_LINUX_CAPABILITY_VERSION_1"
        case 0x2007_1026: "_LINUX_CAPABILITY_VERSION_2"
        case 0x2008_0522: "_LINUX_CAPABILITY_VERSION_3"
        default: TraceText.hex(UInt64(version))
        }
    }
    private func capabilities(_ bytes: ByteReader) -> String {
        func set(_ offset: Int) -> String { TraceText.hex(UInt64(bytes.u32(offset)) | UInt64(bytes.u32(offset + 12)) << 32) }
        return "{effective=\(set(0)), permitted=\(set(4)), inheritable=\(set(8))}"
    }
    private func cloneArguments(_ bytes: ByteReader) -> String {
        var parts = ["flags=\(cloneFlags(bytes.u64(0) & ~0xff))"]
        for (name, offset) in [("child_tid", 16), ("parent_tid", 24)] where bytes.u64(offset) != 0 { parts.append("\(name)=\(TraceText.hex(bytes.u64(offset)))") }
        parts.append("exit_signal=\(SignalNames.name(Int32(truncatingIfNeeded: bytes.u64(32))))")
        parts.append("stack=\(TraceText.pointer(bytes.u64(40)))")
        parts.append("stack_size=\(bytes.u64(48) == 0 ? "0" : TraceText.hex(bytes.u64(48)))")
        if bytes.u64(56) != 0 { parts.append("tls=\(TraceText.hex(bytes.u64(56)))") }
        return "{" + parts.joined(separator: ", ") + "}"
    }
}
