/// A queue of messages from which the first goes in constant time.
struct ReceiveQueue {
    private var messages: [SocketMessage?] = []
    private var head = 0
    /// The bytes in all of them that have not been read.
    private(set) var bytes = 0
    /// One of them is urgent.
    private(set) var hasUrgent = false

    var count: Int { messages.count - head }
    var isEmpty: Bool { head == messages.count }
    var first: SocketMessage? { head < messages.count ? messages[head] : nil }

    /// The message at a place counted from the first.
    subscript(index: Int) -> SocketMessage? { index >= 0 && index < count ? messages[head + index] : nil }

    mutating func append(_ message: SocketMessage) {
        if message.isUrgent {
            endUrgency()
            hasUrgent = true
        }
        messages.append(message)
        bytes += message.count
    }

    /// Where the urgent message is.
    var urgentIndex: Int? { hasUrgent ? (0..<count).first { self[$0]?.isUrgent ?? false } : nil }

    /// The urgent message is one like the others from now on.
    mutating func endUrgency() {
        if let index = urgentIndex { messages[head + index]?.isUrgent = false }
        hasUrgent = false
    }

    mutating func notePeek(at index: Int) {
        if index >= 0, index < count { messages[head + index]?.wasPeeked = true }
    }

    /// Takes a message out wherever it is.
    mutating func remove(at index: Int) -> SocketMessage? {
        if index == 0 { return removeFirst() }
        guard let message = self[index] else { return nil }
        messages.remove(at: head + index)
        bytes -= message.count
        if message.isUrgent { hasUrgent = false }
        return message
    }

    mutating func removeFirst() -> SocketMessage? {
        guard head < messages.count, let message = messages[head] else { return nil }
        messages[head] = nil
        head += 1
        bytes -= message.count
        if message.isUrgent { hasUrgent = false }
        if head == messages.count || (head > 32 && head * 2 > messages.count) {
            messages.removeFirst(head)
            head = 0
        }
        return message
    }

    /// `count` bytes of the message at a place have been read.
    mutating func advance(_ index: Int, by count: Int) {
        guard index >= 0, index < self.count else { return }
        messages[head + index]?.start += count
        bytes -= count
    }

    /// The files of the message at a place; it has none afterwards.
    mutating func takeFiles(at index: Int) -> [OpenFile] {
        guard index >= 0, index < count, let files = messages[head + index]?.files, !files.isEmpty else { return [] }
        messages[head + index]?.files = []
        return files
    }
}
