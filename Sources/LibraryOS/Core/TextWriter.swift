/// Builds the text of generated files, in the formats of the kernel's seq_printf.
package struct TextWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func text(_ value: StaticString) {
        value.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
    package mutating func raw<Bytes: Sequence>(_ value: Bytes) where Bytes.Element == UInt8 { bytes.append(contentsOf: value) }
    package mutating func byte(_ value: UInt8) { bytes.append(value) }
    package mutating func newline() { bytes.append(0x0a) }

    /// `%*llu`.
    package mutating func unsigned(_ value: UInt64, width: Int = 0, fill: UInt8 = 0x20) { digits(value, radix: 10, width: width, fill: fill) }
    /// `%0*llx`, or with blanks `%*llx`.
    package mutating func hex(_ value: UInt64, width: Int = 0, fill: UInt8 = 0x30) { digits(value, radix: 16, width: width, fill: fill) }
    /// `%0*llo`.
    package mutating func octal(_ value: UInt64, width: Int = 0) { digits(value, radix: 8, width: width, fill: 0x30) }
    /// `%lld`.
    package mutating func signed(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        unsigned(value.magnitude)
    }
    /// Text padded with blanks to a column width (`%-*s`).
    package mutating func padded<Bytes: Collection>(_ value: Bytes, width: Int) where Bytes.Element == UInt8 {
        bytes.append(contentsOf: value)
        for _ in 0..<max(0, width - value.count) { bytes.append(0x20) }
    }
    /// Hundredths as `%lu.%02lu`.
    package mutating func hundredths(_ value: UInt64) {
        unsigned(value / 100)
        bytes.append(UInt8(ascii: "."))
        unsigned(value % 100, width: 2, fill: 0x30)
    }

    private mutating func digits(_ value: UInt64, radix: UInt64, width: Int, fill: UInt8) {
        var reversed: [UInt8] = []
        var rest = value
        repeat {
            let digit = UInt8(rest % radix)
            reversed.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            rest /= radix
        } while rest > 0
        for _ in 0..<max(0, width - reversed.count) { bytes.append(fill) }
        bytes.append(contentsOf: reversed.reversed())
    }
}

extension TextWriter {
    /// A number on a line of its own, as most files below /proc/sys are.
    package static func line(_ value: Int64) -> [UInt8] {
        var writer = TextWriter(capacity: 24)
        writer.signed(value)
        writer.newline()
        return writer.bytes
    }
    package static func decimal(_ value: UInt64) -> [UInt8] {
        var writer = TextWriter(capacity: 24)
        writer.unsigned(value)
        return writer.bytes
    }
}
