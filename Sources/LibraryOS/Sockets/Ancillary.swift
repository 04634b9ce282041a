/// Ancillary data of a message (cmsg(3)): descriptors and credentials.
struct Ancillary {
    /// Each with a reference that this value owns until `takeFiles`.
    private(set) var files: [OpenFile] = []
    /// SCM_CREDENTIALS, checked.
    private(set) var sender: SocketCredentials?

    static let socketLevel: Int32 = 1, rights: Int32 = 1, credentials: Int32 = 2
    /// SCM_MAX_FD.
    private static let maximumFiles = 253
    private static let headerSize = 16

    init() {}

    /// Reads and checks what a program passes to sendmsg. References are taken last, so that a refused message leaves none behind.
    init(_ task: Task, _ address: GuestAddress, _ length: GuestLength) throws(Errno) {
        if length.value == 0 { return }
        // optmem_max.
        if length.value > 131_072 { throw .ENOBUFS }
        let control = ByteReader(try task.memory.readBytes(address, count: length.clamped(to: 131_072)))
        var wanted: [OpenFile] = []
        var offset = 0
        while offset + Self.headerSize <= control.bytes.count {
            let size = control.u64(offset)
            guard size >= UInt64(Self.headerSize), size <= UInt64(control.bytes.count - offset) else { throw .EINVAL }
            let payload = offset + Self.headerSize
            let payloadSize = Int(size) - Self.headerSize
            if control.i32(offset + 8) == Self.socketLevel {
                switch control.i32(offset + 12) {
                case Self.rights:
                    if wanted.count + payloadSize / 4 > Self.maximumFiles { throw .EINVAL }
                    for index in 0..<(payloadSize / 4) { wanted.append(try task.descriptors.file(control.i32(payload + index * 4))) }
                case Self.credentials:
                    if payloadSize != 12 { throw .EINVAL }
                    sender = try Self.checked(
                        SocketCredentials(process: control.i32(payload), user: control.u32(payload + 4), group: control.u32(payload + 8)), task)
                default: throw .EINVAL
                }
            }
            offset += (Int(size) + 7) & ~7
        }
        if !task.kernel.buffers.chargeDescriptors(wanted.count, limit: max(1024, task.descriptorLimit)) { throw .tooManyReferences }
        for file in wanted {
            if file.retainIfReferenced() { files.append(file) } else { task.kernel.buffers.refundDescriptors(1) }
        }
    }

    /// Only root may speak for others, and only for those that exist.
    private static func checked(_ claimed: SocketCredentials, _ task: Task) throws(Errno) -> SocketCredentials {
        let own = task.credentials
        let isHonest =
            claimed.process == task.group.id && [own.realUser, own.effectiveUser, own.savedUser].contains(claimed.user)
            && [own.realGroup, own.effectiveGroup, own.savedGroup].contains(claimed.group)
        if !isHonest, own.effectiveUser != 0 { throw .EPERM }
        let kernel = task.kernel
        if claimed.process != task.group.id, claimed.process != ProcessTable.initID, kernel.task(claimed.process) == nil, kernel.group(claimed.process) == nil,
            kernel.processes.members(of: claimed.process).isEmpty
        {
            throw .ESRCH
        }
        if claimed.user == .max || claimed.group == .max { throw .EINVAL }
        return claimed
    }

    /// SCM_TIMESTAMP and SCM_TIMESTAMPNS: when the datagram was taken, as nothing stamped it before. Their types are the numbers of the options.
    private static func writeTimestamp(_ option: Int32, _ writer: inout ByteWriter, _ truncated: inout Bool, room: Int, now: Int64) {
        guard room >= headerSize else { return truncated = true }
        let size = min(room, headerSize + 16)
        truncated = size < headerSize + 16
        writer.u64(UInt64(size))
        writer.i32(socketLevel)
        writer.i32(option)
        writer.i64(now / 1_000_000_000)
        writer.i64(KeptSocketOption.isInNanoseconds(option) ? now % 1_000_000_000 : now % 1_000_000_000 / 1000)
    }

    /// The files go into a message; they and their count in flight are its business from now on.
    mutating func takeFiles() -> [OpenFile] {
        defer { files = [] }
        return files
    }

    /// The message was never sent.
    mutating func discard(_ account: BufferAccount, _ domain: UnixDomain) {
        if files.isEmpty { return }
        account.refundDescriptors(files.count)
        domain.bury(takeFiles())
    }

    /// Stores what a message brought into the receiver's control buffer of `room` bytes: descriptors are installed as far as there is room and RLIMIT_NOFILE
    /// allows. Returns the bytes used and whether something was cut (MSG_CTRUNC).
    static func deliver(
        _ received: UnixSocket.Received, to address: GuestAddress, room: Int, closeOnExec: Bool, passesCredentials: Bool, timestamp: Int32, _ task: Task
    ) throws(Errno) -> (used: Int, truncated: Bool) {
        var writer = ByteWriter(capacity: 64)
        var truncated = false
        if timestamp != 0 { writeTimestamp(timestamp, &writer, &truncated, room: room, now: task.kernel.time.realtimeNow()) }
        if passesCredentials {
            let sender = received.sender ?? .unknown
            let start = writer.bytes.count
            if room >= start + headerSize {
                let size = min(room - start, headerSize + 12)
                truncated = truncated || size < headerSize + 12
                writer.u64(UInt64(size))
                writer.i32(socketLevel)
                writer.i32(credentials)
                writer.i32(sender.process)
                writer.u32(sender.user)
                writer.u32(sender.group)
                writer.pad(to: start + 32)
            } else {
                truncated = true
            }
        }
        defer { if !received.files.isEmpty { task.kernel.unixSockets.bury(received.files) } }
        if !received.files.isEmpty {
            let places = max(0, room - writer.bytes.count - headerSize) / 4
            var numbers: [Int32] = []
            let limit = task.descriptorLimit
            for file in received.files.prefix(places) {
                guard let number = try? task.descriptors.install(file, closeOnExec: closeOnExec, limit: limit) else { break }
                numbers.append(number)
            }
            if numbers.count < received.files.count { truncated = true }
            if !numbers.isEmpty {
                writer.u64(UInt64(headerSize + numbers.count * 4))
                writer.i32(socketLevel)
                writer.i32(rights)
                for number in numbers { writer.i32(number) }
                writer.pad(to: (writer.bytes.count + 7) & ~7)
            }
        }
        let bytes = Array(writer.bytes.prefix(room))
        try task.memory.writeBytes(bytes, to: address)
        return (bytes.count, truncated)
    }
}

extension Errno {
    /// ETOOMANYREFS.
    static let tooManyReferences = Errno(109)
}
