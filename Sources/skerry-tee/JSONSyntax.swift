/// Finds the first place where a text is not JSON (RFC 8259), or where an object has a name twice: `JSONDecoder` tells neither.
struct JSONSyntax {
    /// What is wrong, and where.
    struct Mistake: Error, CustomStringConvertible {
        let line: Int
        let column: Int
        let text: String
        var description: String { "line \(line), column \(column): \(text)" }
    }

    private let bytes: [UInt8]
    private var position = 0
    /// Deeper than any file of ours.
    private static let deepest = 64

    /// Throws the first mistake.
    static func check(_ bytes: [UInt8]) throws(Mistake) {
        var syntax = JSONSyntax(bytes: bytes)
        try syntax.value(depth: 0)
        syntax.skipSpace()
        if syntax.position < bytes.count { throw syntax.mistake("the end of the file is expected") }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func mistake(_ text: String, at place: Int? = nil) -> Mistake {
        let before = bytes[..<(place ?? position)]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Mistake(line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: before[start...].count + 1, text: text)
    }

    private mutating func skipSpace() { while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 } }

    /// Goes beyond a character, if it is there behind white space.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(Mistake) {
        skipSpace()
        guard depth < Self.deepest else { throw mistake("lists and objects are nested too deeply") }
        switch next {
        case UInt8(ascii: "{"): try object(depth)
        case UInt8(ascii: "["): try list(depth)
        case UInt8(ascii: "\""): try string()
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): try number()
        default:
            for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return
            }
            throw mistake("a value is expected")
        }
    }

    private mutating func object(_ depth: Int) throws(Mistake) {
        position += 1
        var names: Set<[UInt8]> = []
        if take("}") { return }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw mistake("a name in quotes is expected") }
            let start = position
            try string()
            let name = Array(bytes[start..<position])
            guard names.insert(name).inserted else { throw mistake("the name \(String(decoding: name, as: UTF8.self)) is there twice", at: start) }
            guard take(":") else { throw mistake("a colon is expected") }
            try value(depth: depth + 1)
        } while take(",")
        guard take("}") else { throw mistake("a comma or } is expected") }
    }

    private mutating func list(_ depth: Int) throws(Mistake) {
        position += 1
        if take("]") { return }
        repeat { try value(depth: depth + 1) } while take(",")
        guard take("]") else { throw mistake("a comma or ] is expected") }
    }

    private mutating func string() throws(Mistake) {
        let start = position
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            if byte < 0x20 { throw mistake("a control character is not written like this in quotes, but as \\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))") }
            position += 1
            if byte == UInt8(ascii: "\\") { try escape() }
        }
        guard next != nil else { throw mistake("a quotation mark is expected") }
        position += 1
        if String(validating: bytes[start..<position], as: UTF8.self) == nil { throw mistake("this text is not UTF-8", at: start) }
    }

    private mutating func escape() throws(Mistake) {
        guard let byte = next, "\"\\/bfnrtu".utf8.contains(byte) else { throw mistake("behind \\ one of \" \\ / b f n r t u is expected") }
        position += 1
        guard byte == UInt8(ascii: "u") else { return }
        let start = position
        // Beyond the first 65,536 characters there are two escapes for one (RFC 8259, 7).
        let unit = try codeUnit()
        guard UTF16.isLeadSurrogate(unit) else {
            if UTF16.isTrailSurrogate(unit) { throw mistake("this is the second half of a character, and there is no first", at: start) }
            return
        }
        guard bytes[position...].starts(with: "\\u".utf8) else { throw mistake("the second half of a character is expected, another \\u") }
        position += 2
        if !UTF16.isTrailSurrogate(try codeUnit()) { throw mistake("this is the first half of a character, and there is no second", at: start) }
    }

    private mutating func codeUnit() throws(Mistake) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else { throw mistake("behind \\u four hexadecimal digits are expected") }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private mutating func number() throws(Mistake) {
        let start = position
        _ = take("-")
        let leading = next
        let whole = digits()
        var isNumber = whole > 0 && (leading != UInt8(ascii: "0") || whole == 1)
        if next == UInt8(ascii: ".") {
            position += 1
            isNumber = digits() > 0 && isNumber
        }
        if let byte = next, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            isNumber = digits() > 0 && isNumber
        }
        if !isNumber { throw mistake("this is no number; hexadecimal ones are written in quotes, such as \"0x29\"", at: start) }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }
}
