/// Parameters of an entry as a trace shows them.
enum ParameterText {
    /// As they go in.
    static func given(_ parameters: [TEEParameter]) -> String { text(parameters) { _ in true } ?? "no parameters" }

    /// What comes back; nil when nothing does.
    static func returned(_ parameters: [TEEParameter]) -> String? { text(parameters) { $0.contains(.output) } }

    private static func text(_ parameters: [TEEParameter], _ shows: (TEEDirection) -> Bool) -> String? {
        var words = parameters.map { parameter -> String in
            switch parameter {
            case .value(let direction, let a, let b) where shows(direction): "value \(name(direction)) \(a), \(b)"
            case .memory(let direction, let buffer, let size) where shows(direction): "memory \(name(direction)) \(buffer == nil ? "null of " : "")\(size) bytes"
            default: "none"
            }
        }
        while words.last == "none" { words.removeLast() }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    private static func name(_ direction: TEEDirection) -> String {
        switch direction {
        case .input: "in"
        case .output: "out"
        default: "inout"
        }
    }

    /// From the 72 bytes of a `struct utee_params`; memory without its contents.
    static func words(_ bytes: [UInt8]) -> [TEEParameter] {
        guard bytes.count >= 72 else { return [] }
        func word(_ index: Int) -> UInt64 { bytes[(index * 8)..<(index * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        return (0..<4).map { index in
            let type = word(0) >> UInt64(index * 4) & 15
            let direction = TEEDirection(rawValue: UInt8(type & 3))
            let (a, b) = (word(1 + index * 2), word(2 + index * 2))
            switch type {
            case 1, 2, 3: return .value(direction, a: UInt32(truncatingIfNeeded: a), b: UInt32(truncatingIfNeeded: b))
            case 5, 6, 7: return .memory(direction, a == 0 ? nil : TEEBuffer(size: b), size: b)
            default: return .none
            }
        }
    }
}
