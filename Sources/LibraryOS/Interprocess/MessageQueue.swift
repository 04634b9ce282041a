/// A message of a System V queue.
final class QueuedMessage: @unchecked Sendable {
    let type: Int64
    let text: [UInt8]
    private let memory: PhysicalMemory
    private static let overhead = 96

    /// `ENOMEM` when the memory limit has no room for it.
    init(type: Int64, _ text: [UInt8], _ memory: PhysicalMemory) throws(Errno) {
        self.type = type
        self.text = text
        self.memory = memory
        guard memory.charge(text.count &+ Self.overhead) else { throw .ENOMEM }
    }
    deinit { memory.refund(text.count &+ Self.overhead) }
}

/// A message queue of System V.
final class MessageQueue: IPCObject, @unchecked Sendable {
    /// MSGMAX, MSGMNB.
    static let mostBytesInMessage: UInt64 = 8192, mostBytes: UInt64 = 16384

    var messages: [QueuedMessage] = []
    /// Bytes in all messages, and how many there may be.
    var bytes: UInt64 = 0, limit: UInt64 = MessageQueue.mostBytes
    var sent: Int64 = 0, received: Int64 = 0
    var sender: Int32 = 0, receiver: Int32 = 0
    /// Woken when there is room, and when there is a message.
    let room = WaitQueue(), arrivals = WaitQueue()

    init(id: Int32, _ permissions: IPCPermissions, kernel: Kernel) throws(Errno) {
        try super.init(id: id, permissions, kernel: kernel, cost: 512)
    }

    /// Whether a message of so many bytes fits (empty ones count as one byte each).
    func fits(_ count: Int) -> Bool { bytes &+ UInt64(count) <= limit && UInt64(messages.count) &+ 1 <= limit }

    /// Which message msgrcv(2) takes.
    func index(of type: Int64, except: Bool, copies: Bool) -> Int? {
        if copies { return type >= 0 && type < Int64(messages.count) ? Int(type) : nil }
        if type == 0 { return messages.isEmpty ? nil : 0 }
        if type > 0 { return messages.firstIndex { ($0.type == type) != except } }
        let highest = type == .min ? Int64.max : -type
        var found: Int?
        for (index, message) in messages.enumerated() where message.type <= highest {
            if let known = found, messages[known].type <= message.type { continue }
            found = index
        }
        return found
    }

    /// struct msqid64_ds.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 120)
        permissions.write(&writer, id: id)
        for time in [sent, received, changed] { writer.i64(time) }
        writer.u64(bytes)
        writer.u64(UInt64(messages.count))
        writer.u64(limit)
        writer.i32(sender)
        writer.i32(receiver)
        writer.pad(to: 120)
        return writer.bytes
    }
}

/// A call of msgsnd(2) between its runs: the message is read once.
final class MessageSend: CallProgress {
    let queue: MessageQueue
    let message: QueuedMessage
    init(_ queue: MessageQueue, _ message: QueuedMessage) {
        self.queue = queue
        self.message = message
    }
}

/// A call of msgrcv(2) between its runs.
final class MessageReceive: CallProgress {
    let queue: MessageQueue
    init(_ queue: MessageQueue) { self.queue = queue }
}
