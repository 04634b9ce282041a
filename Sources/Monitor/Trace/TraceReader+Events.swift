import LibraryOS

/// Structures of signals, readiness and sockets.
extension TraceReader {
    // MARK: Readiness

    /// `returned`: only what is ready, as strace shows it behind the result.
    func pollDescriptors(_ address: UInt64, count: UInt64, returned: Bool) -> String? {
        var parts: [String] = []
        for index in 0..<min(count, 1024) {
            guard let bytes = structure(address &+ index &* 8, 8) else { return nil }
            let events = bytes.u16(returned ? 6 : 4)
            if returned && events == 0 { continue }
            if parts.count >= 32 {
                parts.append("...")
                break
            }
            parts.append("{fd=\(bytes.i32(0)), \(returned ? "revents" : "events")=\(named("poll", UInt64(events)))}")
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }
    func epollEvent(_ bytes: ByteReader) -> String {
        // Packed on x86-64: the data follows at once.
        let data = bytes.u64(4)
        return "{events=\(named("epoll", UInt64(bytes.u32(0)))), data={u32=\(data & 0xffff_ffff), u64=\(data)}}"
    }
    func epollEvents(_ address: UInt64, count: Int) -> String? {
        var parts: [String] = []
        for index in 0..<min(max(0, count), 32) {
            guard let bytes = structure(address &+ UInt64(index * 12), 12) else { return nil }
            parts.append(epollEvent(bytes))
        }
        return "[" + parts.joined(separator: ", ") + (count > 32 ? ", ...]" : "]")
    }
    func descriptorSet(_ address: UInt64, count: UInt64) -> String? {
        if address == 0 { return "NULL" }
        let number = Int(min(count, 1024))
        guard let bytes = bytes(address, (number + 7) / 8) else { return nil }
        return "[" + (0..<number).filter { bytes[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }.map { "\($0)" }.joined(separator: " ") + "]"
    }

    // MARK: Signals

    func action(_ bytes: ByteReader) -> String {
        let handler: String
        switch bytes.u64(0) {
        case 0: handler = "SIG_DFL"
        case 1: handler = "SIG_IGN"
        default: handler = TraceText.hex(bytes.u64(0))
        }
        let flags = bytes.u64(8)
        let restorer = flags & 0x400_0000 != 0 ? ", sa_restorer=\(TraceText.pointer(bytes.u64(16)))" : ""
        return "{sa_handler=\(handler), sa_mask=\(SignalNames.set(bytes.u64(24))), sa_flags=\(named("sa_flags", flags))\(restorer)}"
    }
    func alternateStack(_ bytes: ByteReader) -> String {
        "{ss_sp=\(TraceText.pointer(bytes.u64(0))), ss_flags=\(named("ss_flags", UInt64(bytes.u32(8)))), ss_size=\(bytes.u64(16))}"
    }
    /// siginfo_t in memory; the fields behind `si_code` as the code says.
    func information(_ bytes: ByteReader) -> String {
        let (number, code) = (bytes.i32(0), bytes.i32(8))
        var text = "{si_signo=\(SignalNames.name(number)), si_code=\(SignalNames.code(number, code))"
        if [4, 5, 7, 8, 11].contains(number) && code > 0 {
            text += ", si_addr=\(TraceText.pointer(bytes.u64(16)))"
        } else if code == -2 {
            text += ", si_timerid=\(bytes.i32(16)), si_overrun=\(bytes.i32(20))"
        } else if code != 0x80 {
            text += ", si_pid=\(bytes.i32(16)), si_uid=\(bytes.u32(20))"
            if number == 17 && code > 0 {
                let status = code == 1 ? "\(bytes.i32(24))" : SignalNames.name(bytes.i32(24))
                text += ", si_status=\(status), si_utime=\(bytes.i64(32)), si_stime=\(bytes.i64(40))"
            } else if code == -1 {
                text += ", si_int=\(bytes.i32(24)), si_ptr=\(TraceText.pointer(bytes.u64(24)))"
            }
        }
        return text + "}"
    }

    // MARK: Sockets

    func socketAddress(_ address: UInt64, length: UInt64) -> String? {
        if address == 0 { return "NULL" }
        let size = Int(min(length, 128))
        guard size >= 2, let bytes = bytes(address, size) else { return nil }
        let reader = ByteReader(bytes)
        let family = reader.u16(0)
        let name = FlagTable.all["socket_family"]?.text(UInt64(family)) ?? "\(family)"
        switch family {
        case 1:
            let path = Array(bytes.dropFirst(2))
            if path.isEmpty { return "{sa_family=\(name)}" }
            if path[0] == 0 { return "{sa_family=\(name), sun_path=@\(TraceText.quoted(Array(path.dropFirst())))}" }
            return "{sa_family=\(name), sun_path=\(TraceText.quoted(Array(path.prefix { $0 != 0 })))}"
        case 2:
            let port = UInt16(bigEndian: reader.u16(2))
            return "{sa_family=\(name), sin_port=htons(\(port)), sin_addr=inet_addr(\"\(reader.u8(4)).\(reader.u8(5)).\(reader.u8(6)).\(reader.u8(7))\")}"
        default:
            return "{sa_family=\(name), sa_data=\(TraceText.quoted(Array(bytes.dropFirst(2).prefix(14))))}"
        }
    }

    /// struct mmsghdr: of each message that was sent or received, how long it was.
    func messages(_ address: UInt64, count: UInt32, filled: Int64, received: Bool) -> String? {
        if address == 0 { return "NULL" }
        var parts: [String] = []
        for index in 0..<UInt64(min(count, 1024)) {
            if index >= 32 {
                parts.append("...")
                break
            }
            guard let place = try? GuestAddress(address).advanced(by: index * 64).value, let tail = structure(place &+ 56, 4) else { return nil }
            let isFilled = Int64(index) < filled
            guard let header = message(place, isFilled && received ? Int64(tail.u32(0)) : nil) else { return nil }
            parts.append("{msg_hdr=\(header)" + (isFilled ? ", msg_len=\(tail.u32(0))}" : "}"))
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }

    func message(_ address: UInt64, _ result: Int64?) -> String? {
        guard let header = structure(address, 56) else { return nil }
        let nameLength = UInt64(header.u32(8))
        let name = header.u64(0) == 0 ? "NULL" : socketAddress(header.u64(0), length: nameLength) ?? TraceText.hex(header.u64(0))
        let vectors = header.u64(16) == 0 ? "NULL" : vectors(header.u64(16), count: header.u64(24), limit: result.map { UInt64(max(0, $0)) })
        var text = "{msg_name=\(name), msg_namelen=\(nameLength), msg_iov=\(vectors ?? TraceText.hex(header.u64(16))), msg_iovlen=\(header.u64(24))"
        if header.u64(32) != 0 && header.u64(40) != 0 { text += ", msg_control=\(control(header.u64(32), header.u64(40)))" }
        return text + ", msg_controllen=\(header.u64(40)), msg_flags=\(named("msg", UInt64(header.u32(48))))}"
    }

    private func control(_ address: UInt64, _ length: UInt64) -> String {
        guard let bytes = bytes(address, Int(min(length, 4096))) else { return TraceText.hex(address) }
        let reader = ByteReader(bytes)
        var parts: [String] = []
        var offset = 0
        while offset + 16 <= bytes.count, parts.count < 16 {
            let size = Int(clamping: reader.u64(offset))
            if size < 16 || size > bytes.count - offset { break }
            let (level, type) = (reader.u32(offset + 8), reader.u32(offset + 12))
            var text = "{cmsg_len=\(size), cmsg_level=\(named("sol", UInt64(level))), cmsg_type="
            if level == 1 && type == 1 {
                let numbers = (0..<((size - 16) / 4)).map { "\(reader.i32(offset + 16 + $0 * 4))" }
                text += "SCM_RIGHTS, cmsg_data=[\(numbers.joined(separator: ", "))]"
            } else if level == 1 && type == 2 {
                text += "SCM_CREDENTIALS, cmsg_data={pid=\(reader.i32(offset + 16)), uid=\(reader.u32(offset + 20)), gid=\(reader.u32(offset + 24))}"
            } else {
                text += TraceText.hex(UInt64(type))
            }
            parts.append(text + "}")
            offset += (size + 7) & ~7
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }
}
