import Monitor

/// A device tree in source form (Devicetree Specification 0.4, chapter 6), as far as templates need it: one root node, nodes with unit addresses, properties of strings, cells
/// of 32 bits and bytes, comments. There are no labels, references, expressions, includes or overlays.
struct DeviceTreeSource {
    /// A node with what it contains, in the order of the source.
    struct Node {
        let name: String
        fileprivate(set) var properties: [(name: String, value: [UInt8])] = []
        fileprivate(set) var children: [Node] = []
    }

    /// Why a source cannot be read.
    struct Mistake: Error, Hashable, CustomStringConvertible {
        let line: Int
        let expected: String
        /// For whoever edits the source.
        var description: String { "line \(line): \(expected) expected" }
    }

    /// The root, whose name is empty.
    let root: Node

    /// Reads a source. `Mistake` says where it is not one.
    init(_ text: [UInt8]) throws(Mistake) {
        var scanner = Scanner(text)
        try scanner.take("/dts-v1/", "/dts-v1/")
        try scanner.take(";", ";")
        try scanner.take("/", "the root node")
        root = try scanner.node("", depth: 0)
        if !scanner.isAtEnd { throw scanner.mistake("the end") }
    }

    /// The tree in its flattened form, written with libfdt; at most `capacity` bytes.
    func flattened(capacity: Int) throws(MonitorError) -> [UInt8] {
        try DeviceTreeWriter.tree(capacity: capacity) { writer in Self.write(root, to: &writer) }
    }

    private static func write(_ node: Node, to writer: inout DeviceTreeWriter) {
        for property in node.properties { writer.property(property.name, property.value) }
        for child in node.children { writer.node(child.name) { write(child, to: &$0) } }
    }

    private struct Scanner {
        private let text: [UInt8]
        private var position = 0
        private static let deepest = 32

        init(_ text: [UInt8]) {
            self.text = text
            skip()
        }

        var isAtEnd: Bool { position == text.count }

        func mistake(_ expected: String) -> Mistake { Mistake(line: 1 + text[..<position].count { $0 == UInt8(ascii: "\n") }, expected: expected) }

        /// Over blanks and comments.
        private mutating func skip() {
            while position < text.count {
                if " \t\r\n".utf8.contains(text[position]) {
                    position += 1
                } else if text[position...].starts(with: "//".utf8) {
                    position = text[position...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
                } else if text[position...].starts(with: "/*".utf8) {
                    var end = position + 2
                    while end < text.count, !text[end...].starts(with: "*/".utf8) { end += 1 }
                    position = min(end + 2, text.count)
                } else {
                    return
                }
            }
        }

        mutating func takes(_ word: String) -> Bool {
            guard text[position...].starts(with: word.utf8) else { return false }
            position += word.utf8.count
            skip()
            return true
        }

        mutating func take(_ word: String, _ expected: String) throws(Mistake) { if !takes(word) { throw mistake(expected) } }

        private mutating func word(_ allowed: String, _ expected: String) throws(Mistake) -> String {
            let found = text[position...].prefix { byte in
                byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || allowed.utf8.contains(byte)
            }
            guard !found.isEmpty else { throw mistake(expected) }
            position += found.count
            skip()
            return String(decoding: found, as: UTF8.self)
        }

        mutating func node(_ name: String, depth: Int) throws(Mistake) -> Node {
            guard depth < Self.deepest else { throw mistake("fewer levels of nodes") }
            var node = Node(name: name)
            try take("{", "{")
            while !takes("}") {
                let name = try word(",._+?#@-", "a property, a node or }")
                if text[position...].first == UInt8(ascii: "{") {
                    node.children.append(try self.node(name, depth: depth + 1))
                } else if !node.children.isEmpty {
                    // As dtc has it: the flattened form has properties first.
                    throw mistake("a node, since properties come before nodes,")
                } else {
                    node.properties.append((name, takes("=") ? try values() : []))
                    try take(";", ";")
                }
            }
            try take(";", ";")
            return node
        }

        private mutating func values() throws(Mistake) -> [UInt8] {
            var bytes: [UInt8] = []
            repeat {
                if takes("<") {
                    while !takes(">") { bytes += try number("a cell or >", radix: 10, UInt32.self).bigEndianBytes }
                } else if takes("[") {
                    while !takes("]") { bytes += try number("a byte or ]", radix: 16, UInt8.self).bigEndianBytes }
                } else {
                    bytes += try string()
                }
            } while takes(",")
            return bytes
        }

        private mutating func number<Number: FixedWidthInteger>(_ expected: String, radix: Int, _ type: Number.Type) throws(Mistake) -> Number {
            let before = self
            let digits = try word("", expected)
            let value = radix == 10 && digits.hasPrefix("0x") ? Number(digits.dropFirst(2), radix: 16) : Number(digits, radix: radix)
            guard let value else { throw before.mistake(expected) }
            return value
        }

        private mutating func string() throws(Mistake) -> [UInt8] {
            guard text[position...].first == UInt8(ascii: "\"") else { throw mistake("a value") }
            let rest = text[(position + 1)...]
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), !rest[..<end].contains(UInt8(ascii: "\\")) else { throw mistake("a string without escapes") }
            position = end + 1
            skip()
            return Array(rest[..<end]) + [0]
        }
    }
}

extension FixedWidthInteger {
    /// As device trees have numbers.
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
