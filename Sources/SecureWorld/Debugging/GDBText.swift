/// Reads the fields of a packet from left to right.
struct GDBText {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// Whether the text goes on with `prefix`, which is passed then.
    mutating func take(_ prefix: String) -> Bool {
        guard rest.starts(with: prefix.utf8) else { return false }
        rest = rest.dropFirst(prefix.utf8.count)
        return true
    }

    /// A hexadecimal number of at most 64 bits; nil when there is none.
    mutating func number() -> UInt64? {
        let digits = rest.prefix { Self.digit($0) != nil }
        guard !digits.isEmpty, digits.drop(while: { $0 == UInt8(ascii: "0") }).count <= 16 else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 << 4 | UInt64(Self.digit($1) ?? 0) }
    }

    /// The bytes up to a separator or the end; the separator is passed.
    mutating func field(until separator: Character) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: separator.asciiValue ?? 0) ?? rest.endIndex
        defer { rest = rest[end...].dropFirst() }
        return rest[..<end]
    }

    /// Pairs of hexadecimal digits up to the end; nil for anything else.
    mutating func bytes() -> [UInt8]? {
        defer { rest = [] }
        return Self.bytes(rest)
    }

    /// The bytes that pairs of hexadecimal digits mean; nil for anything else.
    static func bytes(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        var position = text.startIndex
        while position < text.endIndex {
            guard let high = digit(text[position]), let low = digit(text[position + 1]) else { return nil }
            result.append(high << 4 | low)
            position += 2
        }
        return result
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)
    /// Two digits.
    static func hex(_ byte: UInt8) -> [UInt8] { [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    /// Two digits for each byte.
    static func hex(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { hex($0) } }
}
