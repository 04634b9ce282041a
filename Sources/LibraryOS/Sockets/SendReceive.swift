/// send(2), recv(2) and their relatives.
extension Syscalls {
    @Sendable static func sendto(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try transferMessage(task, &call, sending: true, flags: call.uint(3)) { socket, call throws(Errno) in
            let buffers = try task.buffer(call.address(1), call.length(2))
            let name = call.address(4).isNull ? nil : try UnixAddress.bytes(task, call.address(4), length: call.int(5))
            // A name of no bytes is none.
            let isNamed = name.map { !$0.bytes.isEmpty } ?? false
            let destination = isNamed ? try Messages.destinationName(task, socket, call.address(4), call.int(5)) : nil
            let transfer = try MessageTransfer(task, socket, buffers, sending: true)
            transfer.destinationName = destination
            return transfer
        }
    }

    @Sendable static func recvfrom(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try transferMessage(task, &call, sending: false, flags: call.uint(3)) { socket, call throws(Errno) in
            let transfer = try MessageTransfer(task, socket, try task.buffer(call.address(1), call.length(2)), sending: false)
            if !call.address(4).isNull { transfer.senderName = (call.address(4), call.address(5)) }
            return transfer
        }
    }

    @Sendable static func sendmsg(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try transferMessage(task, &call, sending: true, flags: call.uint(2)) { socket, call throws(Errno) in
            try Messages.begin(task, socket, call.address(1), sending: true)
        }
    }

    @Sendable static func recvmsg(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try transferMessage(task, &call, sending: false, flags: call.uint(2)) { socket, call throws(Errno) in
            try Messages.begin(task, socket, call.address(1), sending: false)
        }
    }

    private static func transferMessage(
        _ task: Task, _ call: inout SyscallCall, sending: Bool, flags: UInt32,
        _ begin: (UnixSocket, SyscallCall) throws(Errno) -> MessageTransfer
    ) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let transfer: MessageTransfer
            if let existing = call.progress as? MessageTransfer {
                transfer = existing
            } else {
                transfer = try begin(try unixSocket(task, call.int(0)), call)
                call.progress = transfer
            }
            let flags = MessageFlags(rawValue: flags)
            if let count = sending ? try Messages.send(task, transfer, flags) : try Messages.receive(task, transfer, flags) { return .count(count) }
            return try Messages.wait(task, call, transfer)
        }
    }

    // MARK: Many messages

    @Sendable static func sendmmsg(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try transferMany(task, &call, sending: true) }

    @Sendable static func recvmmsg(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try transferMany(task, &call, sending: false) }

    /// `struct mmsghdr`: the header and the length of its message, 64 bytes each.
    private static func transferMany(_ task: Task, _ call: inout SyscallCall, sending: Bool) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let many: ManyMessages
            if let existing = call.progress as? ManyMessages {
                many = existing
            } else {
                let socket = try unixSocket(task, call.int(0))
                let timeout = sending || call.address(4).isNull ? nil : try task.memory.readTimespec(call.address(4))
                many = ManyMessages(deadline: timeout.map { task.kernel.time.monotonicNow().advanced(byNanoseconds: $0) })
                if !many.hold(socket) { throw .EBADF }
                call.progress = many
            }
            guard let socket = many.files.first as? UnixSocket else { throw .EBADF }
            var flags = MessageFlags(rawValue: call.uint(3))
            while many.done < min(Int(call.uint(2)), 1024) {
                if flags.contains(.waitForOne), many.done > 0 { flags.insert(.dontWait) }
                do throws(Errno) {
                    let header = try call.address(1).element(many.done, stride: 64)
                    let transfer: MessageTransfer
                    if let current = many.current { transfer = current } else { transfer = try Messages.begin(task, socket, header, sending: sending) }
                    many.current = transfer
                    guard let count = sending ? try Messages.send(task, transfer, flags) : try Messages.receive(task, transfer, flags) else {
                        return try Messages.wait(task, call, transfer)
                    }
                    try task.memory.writeU32(UInt32(clamping: count), to: try header.advanced(by: 56))
                } catch {
                    if many.done > 0 { return .count(many.done) }
                    throw error
                }
                many.endCurrent()
                many.done += 1
                // recvmmsg(2): the time-out is looked at only after each message.
                if let deadline = many.deadline, deadline <= task.kernel.time.monotonicNow() { break }
            }
            return .count(many.done)
        }
    }
}

/// sendmmsg and recvmmsg: how many messages are done, and the one under way.
private final class ManyMessages: HeldFiles {
    var done = 0
    var current: MessageTransfer?
    let deadline: MonotonicInstant?

    init(deadline: MonotonicInstant?) { self.deadline = deadline }

    func endCurrent() {
        current?.cancel()
        current = nil
    }
    override func cancel() {
        endCurrent()
        super.cancel()
    }
}
