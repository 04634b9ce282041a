/// A queue of messages from which the first goes in constant time.
struct ReceiveQueue {
    private var messages: [SocketMessage?] = []
    private var head = 0
    /// The bytes in all of them that have not been read.
    private(set) var bytes = 0

    var count: Int { messages.count - head }
    var isEmpty: Bool { head == messages.count }
    var first: SocketMessage? { head < messages.count ? messages[head] : nil }

    /// The message at a place counted from the first.
    subscript(index: Int) -> SocketMessage? { index >= 0 && index < count ? messages[head + index] : nil }

    mutating func append(_ message: SocketMessage) {
        messages.append(message)
        bytes += message.count
    }

    mutating func removeFirst() -> SocketMessage? {
        guard head < messages.count, let message = messages[head] else { return nil }
        messages[head] = nil
        head += 1
        bytes -= message.count
        if head == messages.count || (head > 32 && head * 2 > messages.count) {
            messages.removeFirst(head)
            head = 0
        }
        return message
    }

    /// `count` bytes of the first message have been read.
    mutating func advanceFirst(by count: Int) {
        guard head < messages.count else { return }
        messages[head]?.start += count
        bytes -= count
    }

    /// The files of the message at a place; it has none afterwards.
    mutating func takeFiles(at index: Int) -> [OpenFile] {
        guard index >= 0, index < count, let files = messages[head + index]?.files, !files.isEmpty else { return [] }
        messages[head + index]?.files = []
        return files
    }
}
