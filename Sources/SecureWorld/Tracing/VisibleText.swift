/// What applications write, for terminals.
public enum VisibleText {
    /// The same bytes with every character made visible that a terminal would obey: control characters but line feed and tabulator, and all that is not UTF-8, as `\\x1b`.
    ///
    /// Escape sequences of an application could move the cursor over what others have written, set titles, or have the terminal answer.
    public static func escaping(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let first = rest.first {
            let count = length(rest)
            if count > 0 { result += rest.prefix(count) } else { result += code(first) }
            rest = rest.dropFirst(max(1, count))
        }
        return result
    }

    /// Bytes of the character at the beginning, when it is one that may pass; else 0.
    private static func length(_ bytes: some Collection<UInt8>) -> Int {
        guard let first = bytes.first else { return 0 }
        if first < 0x80 { return first >= 0x20 && first != 0x7f || first == 0x0a || first == 0x09 ? 1 : 0 }
        let count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
        guard let text = String(validating: Array(bytes.prefix(count)), as: UTF8.self), let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else { return 0 }
        // What formats turns the direction of text; the second set of control characters begins sequences of its own.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return 0
        default: return count
        }
    }

    private static func code(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
