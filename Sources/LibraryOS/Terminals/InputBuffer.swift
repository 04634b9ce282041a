/// What has been typed and not been read: the ring of the kernel's N_TTY, of which the ends of lines are marked.
///
/// Positions only grow; `lineEnd` is behind the last complete line, and what lies between it and `head` can still be edited.
struct InputBuffer {
    /// N_TTY_BUF_SIZE: a line of 4,095 bytes and its end.
    static let size = 4096
    private var bytes: [UInt8] = []
    private var marks: [Bool] = []
    private(set) var tail: UInt64 = 0
    private(set) var head: UInt64 = 0
    private(set) var lineEnd: UInt64 = 0
    /// The line that was complete when the canonical mode was switched on goes without an end.
    private var isPushed = false

    var count: Int { Int(truncatingIfNeeded: head &- tail) }
    var hasLine: Bool { lineEnd != tail }
    /// Nothing of the line has been typed yet, or all of it was erased.
    var isAtLineStart: Bool { head == lineEnd }

    private static func index(_ position: UInt64) -> Int { Int(position % UInt64(size)) }
    subscript(position: UInt64) -> UInt8 { bytes.isEmpty ? 0 : bytes[Self.index(position)] }

    mutating func append(_ byte: UInt8) {
        // Most terminals are never typed into.
        if bytes.isEmpty {
            bytes = [UInt8](repeating: 0, count: Self.size)
            marks = [Bool](repeating: false, count: Self.size)
        }
        let index = Self.index(head)
        bytes[index] = byte
        marks[index] = false
        head &+= 1
    }

    /// Adds the last byte of a line; zero is an end of file, which no reader sees.
    mutating func endLine(_ byte: UInt8) {
        append(byte)
        marks[Self.index(head &- 1)] = true
        lineEnd = head
    }

    /// Takes back what was typed since `position`.
    mutating func rewind(to position: UInt64) { head = position }

    mutating func removeAll() {
        tail = head
        lineEnd = head
        isPushed = false
        for index in marks.indices { marks[index] = false }
    }

    /// The mode changes: what is there is one unfinished line from now on, or no lines at all.
    mutating func setCanonical(_ canonical: Bool) {
        for index in marks.indices { marks[index] = false }
        if !canonical || count == 0 {
            lineEnd = tail
            isPushed = false
        } else {
            marks[Self.index(head &- 1)] = true
            lineEnd = head
            isPushed = true
        }
    }

    // MARK: Reading

    /// Takes up to `limit` bytes, whatever they are.
    mutating func take(_ limit: Int) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < limit, tail != head {
            result.append(self[tail])
            tail &+= 1
        }
        lineEnd = tail
        return result
    }

    /// Takes up to `limit` bytes of the first line, with its end unless that is an end of file. Empty: an end of file, or no line.
    mutating func takeLine(_ limit: Int) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < limit, tail != lineEnd {
            let index = Self.index(tail)
            tail &+= 1
            if marks[index] {
                marks[index] = false
                let wasPushed = isPushed
                isPushed = false
                if bytes[index] != 0 || wasPushed { result.append(bytes[index]) }
                return result
            }
            result.append(bytes[index])
        }
        // A reader whose buffer is just full does not find the end of file again.
        if result.count == limit, limit > 0, tail != lineEnd, marks[Self.index(tail)], bytes[Self.index(tail)] == 0 {
            marks[Self.index(tail)] = false
            tail &+= 1
        }
        return result
    }

    /// Bytes a reader of lines would get in all.
    var lineBytes: Int {
        var total = 0
        var position = tail
        while position != lineEnd {
            let index = Self.index(position)
            if !(marks[index] && bytes[index] == 0) { total += 1 }
            position &+= 1
        }
        return total
    }
}
