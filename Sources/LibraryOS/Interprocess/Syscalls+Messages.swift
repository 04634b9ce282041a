/// Message queues of System V (msgget(2), msgop(2), msgctl(2)).
extension Syscalls {
    private static let noError: UInt32 = 0o10000, except: UInt32 = 0o20000, copy: UInt32 = 0o40000

    /// msgget(2).
    @Sendable static func msgget(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let kernel = task.kernel
        kernel.interprocess.lock.lock()
        defer { kernel.interprocess.lock.unlock() }
        let id = try kernel.interprocess.queues.get(call.int(0), call.uint(1), task.credentials, suits: { _ in true }) { id, permissions throws(Errno) in
            try MessageQueue(id: id, permissions, kernel: kernel)
        }
        return .done(Int64(id))
    }

    /// msgsnd(2).
    @Sendable static func msgsnd(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let state: MessageSend
        if let known = call.progress as? MessageSend {
            state = known
        } else {
            let size = call.length(2).value
            let type = Int64(bitPattern: try task.memory.readU64(call.address(1)))
            if size > MessageQueue.mostBytesInMessage || call.int(0) < 0 || type < 1 { throw .EINVAL }
            let text = try task.memory.readBytes(try call.address(1).advanced(by: 8), count: Int(size))
            let queue = try find(task, call.int(0))
            state = MessageSend(queue, try QueuedMessage(type: type, text, task.kernel.physicalMemory))
            call.progress = state
        }
        if try append(task, state) {
            state.queue.arrivals.wakeAll()
            return .success
        }
        if call.uint(3) & IPCFlags.noWait != 0 { throw .EAGAIN }
        return try call.wait(on: [state.queue.room], restart: .ERESTARTNOHAND)
    }

    private static func find(_ task: Task, _ id: Int32) throws(Errno) -> MessageQueue {
        let namespace = task.kernel.interprocess
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        return try namespace.queues.object(id)
    }

    private static func append(_ task: Task, _ state: MessageSend) throws(Errno) -> Bool {
        let (queue, now) = (state.queue, IPCNamespace.seconds(task.kernel))
        let lock = task.kernel.interprocess.lock
        lock.lock()
        defer { lock.unlock() }
        if queue.isRemoved { throw .EIDRM }
        try queue.permissions.check(0o222, task.credentials)
        guard queue.fits(state.message.text.count) else { return false }
        queue.messages.append(state.message)
        queue.bytes &+= UInt64(state.message.text.count)
        queue.sent = now
        queue.sender = task.group.id
        return true
    }

    /// msgrcv(2).
    @Sendable static func msgrcv(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (size, flags) = (call.length(2).value, call.uint(4))
        if call.int(0) < 0 || size > UInt64(Int64.max) { throw .EINVAL }
        if flags & copy != 0, flags & except != 0 || flags & IPCFlags.noWait == 0 { throw .EINVAL }
        let state: MessageReceive
        if let known = call.progress as? MessageReceive {
            state = known
        } else {
            state = MessageReceive(try find(task, call.int(0)))
            call.progress = state
        }
        guard let message = try take(task, state.queue, call, limit: size) else {
            if flags & IPCFlags.noWait != 0 { throw .ENOMSG }
            return try call.wait(on: [state.queue.arrivals], restart: .ERESTARTNOHAND)
        }
        if flags & copy == 0 { state.queue.room.wakeAll() }
        // The message is gone even when it cannot be stored, as on Linux.
        try task.memory.writeU64(UInt64(bitPattern: message.type), to: call.address(1))
        let text = Array(message.text.prefix(GuestLength(size).clamped(to: message.text.count)))
        try task.memory.writeBytes(text, to: try call.address(1).advanced(by: 8))
        return .count(text.count)
    }

    private static func take(_ task: Task, _ queue: MessageQueue, _ call: SyscallCall, limit: UInt64) throws(Errno) -> QueuedMessage? {
        let (flags, now) = (call.uint(4), IPCNamespace.seconds(task.kernel))
        let lock = task.kernel.interprocess.lock
        lock.lock()
        defer { lock.unlock() }
        if queue.isRemoved { throw .EIDRM }
        try queue.permissions.check(0o444, task.credentials)
        guard let index = queue.index(of: call.long(3), except: flags & except != 0, copies: flags & copy != 0) else { return nil }
        let message = queue.messages[index]
        if UInt64(message.text.count) > limit, flags & noError == 0 { throw .E2BIG }
        if flags & copy != 0 { return message }
        queue.messages.remove(at: index)
        queue.bytes &-= UInt64(message.text.count)
        queue.received = now
        queue.receiver = task.group.id
        return message
    }

    /// msgctl(2).
    @Sendable static func msgctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (id, command, buffer) = (call.int(0), call.int(1), call.address(2))
        if id < 0 || command < 0 { throw .EINVAL }
        switch command {
        case IPCCommand.information, 12: return try messageLimits(task, buffer, inUse: command == 12)
        case IPCCommand.status, 11, 13: return try messageStatus(task, id, command, buffer)
        case IPCCommand.set:
            let reader = ByteReader(try task.memory.readBytes(buffer, count: 120))
            let limit = reader.u64(88)
            let isPrivileged = task.credentials.has(.resources)
            let queue = try changeQueue(task, id) { queue throws(Errno) in
                if limit > MessageQueue.mostBytes, !isPrivileged { throw .EPERM }
                try queue.permissions.update(reader)
                queue.limit = limit
            }
            queue.room.wakeAll()
        case IPCCommand.remove:
            let queue = try changeQueue(task, id) { queue throws(Errno) in task.kernel.interprocess.queues.remove(queue) }
            queue.room.wakeAll()
            queue.arrivals.wakeAll()
        default: throw .EINVAL
        }
        return .success
    }

    private static func changeQueue(_ task: Task, _ id: Int32, _ change: (MessageQueue) throws(Errno) -> Void) throws(Errno) -> MessageQueue {
        let (namespace, now) = (task.kernel.interprocess, IPCNamespace.seconds(task.kernel))
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        let queue = try namespace.queues.object(id)
        try queue.permissions.checkControl(task.credentials)
        try change(queue)
        queue.changed = now
        return queue
    }

    private static func messageStatus(_ task: Task, _ id: Int32, _ command: Int32, _ buffer: GuestAddress) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let credentials = task.credentials
        let (found, bytes) = try { () throws(Errno) -> (Int32, [UInt8]) in
            namespace.lock.lock()
            defer { namespace.lock.unlock() }
            let queue = command == IPCCommand.status ? try namespace.queues.object(id) : try namespace.queues.object(at: id)
            if command != 13 { try queue.permissions.check(0o444, credentials) }
            return (queue.id, queue.encoded)
        }()
        try task.memory.writeBytes(bytes, to: buffer)
        return .done(command == IPCCommand.status ? 0 : Int64(found))
    }

    /// struct msginfo.
    private static func messageLimits(_ task: Task, _ buffer: GuestAddress, inUse: Bool) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let (highest, queues) = namespace.lock.withLock { (namespace.queues.highestIndex, namespace.queues.sorted) }
        let counts = namespace.lock.withLock { queues.map { ($0.messages.count, $0.bytes) } }
        let (most, all) = (Int32(MessageQueue.mostBytes), IPCNamespace.mostQueues)
        var writer = ByteWriter(capacity: 32)
        writer.i32(inUse ? Int32(clamping: queues.count) : Int32(clamping: Int64(all) * Int64(most) / 1024))
        writer.i32(inUse ? Int32(clamping: counts.reduce(0) { $0 &+ $1.0 }) : most)
        for value in [Int32(MessageQueue.mostBytesInMessage), most, all, 16] { writer.i32(value) }
        writer.i32(inUse ? Int32(clamping: counts.reduce(UInt64(0)) { $0 &+ $1.1 }) : most)
        writer.u16(0xffff)
        writer.u16(0)
        try task.memory.writeBytes(writer.bytes, to: buffer)
        return .done(Int64(highest))
    }
}
