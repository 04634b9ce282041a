/// An option of socket(7) that AF_UNIX takes, shows again and does not heed.
struct KeptSocketOption {
    /// Which values it takes; others are `EINVAL`.
    enum Values {
        /// 0 or 1.
        case flag
        case any, positive, timestamping
        /// SO_MAX_PACING_RATE: 32 bits or 64, where all ones mean no limit.
        case rate
    }
    /// What it is kept under.
    let number: Int32
    let values: Values
    /// Before it is set.
    var initial: Int64 = 0
    /// Of what getsockopt gives.
    var size = 4

    static let debug: Int32 = 1, priority: Int32 = 12, mark: Int32 = 36, lockFilter: Int32 = 44, busyPoll: Int32 = 46, preferBusyPoll: Int32 = 69

    static func find(_ number: Int32) -> KeptSocketOption? {
        switch number {
        // SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_NO_CHECK, SO_PASSSEC, SO_RXQ_OVFL, SO_WIFI_STATUS, SO_NOFCS,
        // SO_LOCK_FILTER, SO_SELECT_ERR_QUEUE, SO_PREFER_BUSY_POLL, SO_RCVMARK, SO_RCVPRIORITY.
        case debug, 2, 5, 6, 9, 11, 34, 40, 41, 43, lockFilter, 45, preferBusyPoll, 75, 82: return KeptSocketOption(number: number, values: .flag)
        case priority, mark: return KeptSocketOption(number: number, values: .any)
        // SO_INCOMING_CPU.
        case 49: return KeptSocketOption(number: number, values: .any, initial: -1)
        // SO_BINDTOIFINDEX.
        case busyPoll, 62: return KeptSocketOption(number: number, values: .positive)
        // SO_TIMESTAMPING and its successor.
        case 37, 65: return KeptSocketOption(number: 37, values: .timestamping, size: 8)
        case 47: return KeptSocketOption(number: number, values: .rate, initial: -1, size: 8)
        default: return nil
        }
    }

    /// What is kept of a value; `wide` is its 64 bits when the program gave as many.
    func checked(_ value: Int32, wide: Int64?, old: Int64, _ capabilities: CapabilitySets) throws(Errno) -> Int64 {
        let mayAdminister = capabilities.has(.administerNetwork)
        let mayMark = mayAdminister || capabilities.has(.rawNetwork)
        switch number {
        case Self.debug: if value != 0, !mayAdminister { throw .EACCES }
        case Self.priority: if value < 0 || value > 6, !mayMark { throw .EPERM }
        case Self.mark: if !mayMark { throw .EPERM }
        case Self.lockFilter: if value == 0, old != 0 { throw .EPERM }
        case Self.preferBusyPoll: if value != 0, !mayAdminister { throw .EPERM }
        case Self.busyPoll: if Int64(value) > old, !mayAdminister { throw .EPERM }
        default: break
        }
        switch values {
        case .flag: return value != 0 ? 1 : 0
        case .any: return Int64(value)
        case .positive:
            if value < 0 { throw .EINVAL }
            return Int64(value)
        case .timestamping:
            // SOF_TIMESTAMPING_MASK.
            if UInt32(bitPattern: value) & ~0x7ffff != 0 { throw .EINVAL }
            return Int64(value)
        case .rate: return wide ?? (value == -1 ? -1 : Int64(UInt32(bitPattern: value)))
        }
    }

    // MARK: Time stamps

    /// SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMP_NEW and SO_TIMESTAMPNS_NEW: one of them is on.
    static func isTimestamp(_ option: Int32) -> Bool { option == 29 || option == 35 || option == 63 || option == 64 }
    static func isInNanoseconds(_ option: Int32) -> Bool { option == 35 || option == 64 }
}

/// The options that getsockopt(2) answers the same way always, or from what the socket counts.
extension UnixSocket {
    /// nil: not one of them.
    func fixedOption(_ option: Int32, room: Int) throws(Errno) -> ByteWriter? {
        var writer = ByteWriter(capacity: 40)
        switch option {
        // SO_BSDCOMPAT, SO_REUSEPORT, SO_INCOMING_NAPI_ID, SO_ZEROCOPY, SO_RESERVE_MEM.
        case 14, 15, 56, 60, 73: writer.u32(0)
        // SO_BINDTODEVICE and SO_GET_FILTER: none.
        case 25, 26: break
        // SO_PEERNAME: no more than the name's length may be asked for.
        case 28:
            guard let peer = domain.lock.withLock({ peer }) else { throw .ENOTCONN }
            let name = peer.name?.bytes ?? [1, 0]
            if name.count < room { throw .EINVAL }
            writer.raw(name)
        // SO_BPF_EXTENSIONS: SKF_AD_MAX.
        case 48: writer.u32(64)
        case 55: writeMemoryInformation(&writer)
        // SO_COOKIE.
        case 57:
            if room < 8 { throw .EINVAL }
            writer.u64(number)
        // SO_TXTIME.
        case 61: writer.u64(0)
        // SO_NETNS_COOKIE.
        case 71:
            if room != 8 { throw .EINVAL }
            writer.u64(1)
        default: return nil
        }
        return writer
    }

    /// SO_MEMINFO: what is in the queue and may be, what has been sent and may be; the rest counts nothing here.
    private func writeMemoryInformation(_ writer: inout ByteWriter) {
        let (sent, options) = domain.lock.withLock { (inTransit, self.options) }
        for value in [0, options.receiveBuffer, sent, options.sendBuffer, 0, 0, 0, 0, 0] { writer.u32(UInt32(clamping: value)) }
    }

    /// Options whose setting is refused, or changes nothing, in a way of their own; true when it was one that changes nothing.
    static func acceptsWithoutEffect(_ option: Int32, _ value: Int32, length: Int32, _ capabilities: CapabilitySets) throws(Errno) -> Bool {
        switch option {
        // SO_BSDCOMPAT.
        case 14: return true
        // SO_REUSEPORT and SO_ZEROCOPY are for the internet's families.
        case 15:
            if value != 0 { throw .EOPNOTSUPP }
            return true
        case 60: throw .EOPNOTSUPP
        // SO_DETACH_FILTER: there is none.
        case 27: throw .ENOENT
        // SO_TXTIME needs its structure; no queue would heed it.
        case 61: throw length == 8 ? .EPERM : .EINVAL
        // SO_BUSY_POLL_BUDGET, which cannot be asked for.
        case 70:
            if value < 0 || value > 0xffff { throw .EINVAL }
            if value > 8, !capabilities.has(.administerNetwork) { throw .EPERM }
            return true
        // SO_RESERVE_MEM.
        case 73: throw value < 0 ? .EINVAL : .EOPNOTSUPP
        default: return false
        }
    }
}
