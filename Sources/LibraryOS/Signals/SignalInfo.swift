/// A signal to be sent, with what siginfo_t will say.
package struct SignalInfo: Sendable {
    /// 1 to 64.
    package var number: Int32
    /// `si_code`.
    package var code: Int32
    /// `si_errno`.
    package var error: Int32 = 0
    /// `si_pid`, `si_uid` of a sender.
    package var sender: Int32 = 0
    package var senderUser: UInt32 = 0
    /// `si_addr` of a fault.
    package var address: UInt64 = 0
    /// `si_value`.
    package var value: UInt64 = 0
    /// `si_status` of SIGCHLD, `si_fd` of SIGIO.
    package var status: Int32 = 0
    /// `si_tid` and `si_overrun` of a POSIX timer.
    package var timer: Int32 = 0
    package var overrun: Int32 = 0
    /// `si_band` of SIGIO.
    package var band: Int64 = 0
    /// `si_utime` and `si_stime` of SIGCHLD, in clock ticks.
    package var userTime: Int64 = 0
    package var systemTime: Int64 = 0
    /// The 128 bytes a program gave to rt_sigqueueinfo(2): handed on as they are.
    package var raw: [UInt8]?
    /// Set for a timer's signal: taking it counts the periods that passed and lets the timer go on.
    package var timerHandle: SignalTimer?

    package init(_ number: Int32, code: Int32 = 0) {
        self.number = number
        self.code = code
    }

    /// SI_USER, SI_KERNEL, SI_TKILL.
    package static let user: Int32 = 0, kernel: Int32 = 0x80, tkill: Int32 = -6
    /// SI_QUEUE, SI_TIMER.
    package static let queue: Int32 = -1, timer: Int32 = -2
    /// SEGV_MAPERR, SEGV_ACCERR, BUS_ADRALN, BUS_ADRERR.
    package static let segvMapError: Int32 = 1, segvAccessError: Int32 = 2, busAlignment: Int32 = 1, busAddress: Int32 = 2

    /// As kill(2) and tgkill(2) say who sent it.
    package static func sent(_ number: Int32, by task: Task, code: Int32 = SignalInfo.user) -> SignalInfo {
        var info = SignalInfo(number, code: code)
        info.sender = task.group.id
        info.senderUser = task.credentials.realUser
        return info
    }

    /// Which part of siginfo_t's union is filled (the kernel's `siginfo_layout`).
    private enum Layout {
        case sender, timer, realTime, child, fault, poll, systemCall
    }

    private var layout: Layout {
        if code > Self.user && code < Self.kernel {
            if SignalSet(Signal.SIGILL, Signal.SIGFPE, Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGTRAP).contains(number) { return .fault }
            if number == Signal.SIGCHLD { return .child }
            if number == Signal.SIGSYS { return .systemCall }
            if number == Signal.SIGIO || code <= 6 { return .poll }
            return .sender
        }
        switch code {
        case Self.timer: return .timer
        case -5: return .poll
        default: return code < 0 ? .realTime : .sender
        }
    }

    /// The 128 bytes of siginfo_t.
    package var encoded: [UInt8] {
        if let raw { return raw }
        var writer = ByteWriter(capacity: Self.size)
        writer.i32(number)
        writer.i32(error)
        writer.i32(code)
        writer.u32(0)
        switch layout {
        case .sender, .realTime:
            writer.i32(sender)
            writer.u32(senderUser)
            writer.u64(value)
        case .timer:
            writer.i32(timer)
            writer.i32(overrun)
            writer.u64(value)
        case .child:
            writer.i32(sender)
            writer.u32(senderUser)
            writer.i32(status)
            writer.u32(0)
            writer.i64(userTime)
            writer.i64(systemTime)
        case .fault:
            writer.u64(address)
        case .poll:
            writer.i64(band)
            writer.i32(status)
        case .systemCall:
            writer.u64(address)
            writer.i32(status)
            // AUDIT_ARCH_X86_64.
            writer.u32(0xc000_003e)
        }
        writer.pad(to: Self.size)
        return writer.bytes
    }

    package static let size = 128

    /// What rt_sigqueueinfo(2) was given; `number` replaces whatever `si_signo` the program wrote.
    package init(raw bytes: [UInt8], number: Int32) {
        let reader = ByteReader(bytes)
        self.init(number, code: reader.i32(8))
        error = reader.i32(4)
        sender = reader.i32(16)
        senderUser = reader.u32(20)
        value = reader.u64(24)
        var writer = ByteWriter(capacity: Self.size)
        writer.i32(number)
        writer.raw(Array(bytes.dropFirst(4).prefix(Self.size - 4)))
        writer.pad(to: Self.size)
        raw = writer.bytes
    }

    /// struct signalfd_siginfo of signalfd(2), also 128 bytes.
    package var encodedForDescriptor: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        let shown = layout
        let sent = shown == .sender || shown == .realTime || shown == .child
        writer.i32(number)
        writer.i32(error)
        writer.i32(code)
        writer.i32(sent ? sender : 0)
        writer.u32(sent ? senderUser : 0)
        writer.i32(shown == .poll ? status : 0)
        writer.u32(shown == .timer ? UInt32(bitPattern: timer) : 0)
        writer.u32(shown == .poll ? UInt32(truncatingIfNeeded: band) : 0)
        writer.u32(shown == .timer ? UInt32(bitPattern: overrun) : 0)
        writer.u32(0)
        writer.i32(shown == .child ? status : 0)
        let valued = shown == .realTime || shown == .timer
        writer.u32(valued ? UInt32(truncatingIfNeeded: value) : 0)
        writer.u64(valued ? value : 0)
        writer.i64(shown == .child ? userTime : 0)
        writer.i64(shown == .child ? systemTime : 0)
        writer.u64(shown == .fault ? address : 0)
        writer.pad(to: Self.size)
        return writer.bytes
    }
}
