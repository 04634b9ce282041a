/// Numbers and strings in strace's notation.
enum TraceText {
    static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
    static func pointer(_ value: UInt64) -> String { value == 0 ? "NULL" : hex(value) }
    /// Octal with a leading zero.
    static func octal(_ value: UInt64, width: Int = 0) -> String {
        let digits = String(value, radix: 8)
        return "0" + String(repeating: "0", count: max(0, width - digits.count)) + (value == 0 && width == 0 ? "" : digits)
    }
    /// What strace says of an environment.
    static func variables(_ count: Int) -> String { "/* \(count) var\(count == 1 ? "" : "s") */" }
    /// The longest string or buffer that is shown (`strace -s 32`).
    static let longestString = 32

    /// A quoted string with C escapes; octal escapes are as short as the next character allows.
    static func quoted(_ bytes: [UInt8], more: Bool = false, forceHex: Bool = false) -> String {
        var result = "\""
        for (index, byte) in bytes.enumerated() {
            if forceHex {
                result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): result += "\\\""
            case UInt8(ascii: "\\"): result += "\\\\"
            case 0x09: result += "\\t"
            case 0x0a: result += "\\n"
            case 0x0b: result += "\\v"
            case 0x0c: result += "\\f"
            case 0x0d: result += "\\r"
            case 0x20...0x7e: result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let nextIsDigit = index + 1 < bytes.count && (0x30...0x39).contains(bytes[index + 1])
                let digits = String(byte, radix: 8)
                result += "\\" + (nextIsDigit ? String(repeating: "0", count: 3 - digits.count) : "") + digits
            }
        }
        return result + "\"" + (more ? "..." : "")
    }

    /// A string for JSON.
    static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
