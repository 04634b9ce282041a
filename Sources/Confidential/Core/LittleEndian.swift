extension [UInt8] {
    /// Writes a little-endian number; the offset is one of a layout this module declares, and inside.
    mutating func store<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
        for byte in 0..<MemoryLayout<Number>.size { self[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }

    /// Replaces bytes from an offset on.
    mutating func store(_ bytes: some Collection<UInt8>, at offset: Int) { replaceSubrange(offset..<offset + bytes.count, with: bytes) }

    /// Reads a little-endian number; the caller has checked the size of the whole.
    func number<Number: FixedWidthInteger>(at offset: Int, as: Number.Type = Number.self) -> Number {
        var value: Number = 0
        for byte in 0..<MemoryLayout<Number>.size { value |= Number(truncatingIfNeeded: self[offset + byte]) << (8 * byte) }
        return value
    }

    /// Whether every byte of a range is zero.
    func isZero(_ range: Range<Int>) -> Bool { self[range].allSatisfy { $0 == 0 } }
}

/// Sizes of the machine.
enum PageSize {
    /// A page, in bytes.
    static let small: UInt64 = 4096
    /// A page, in bytes, for the length of an array.
    static let bytes = 4096
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

extension FixedWidthInteger {
    /// "0x…".
    var hexadecimal: String { "0x" + String(self, radix: 16) }
}
