import SecureWorld

/// A parameter of a command file: what goes in, and what is expected to come out.
struct FileParameter: Decodable {
    /// TEE_PARAM_TYPE_*.
    enum Kind: String, CaseIterable {
        case none
        case valueIn = "value-in"
        case valueOut = "value-out"
        case valueInOut = "value-inout"
        case memoryIn = "memory-in"
        case memoryOut = "memory-out"
        case memoryInOut = "memory-inout"

        var isMemory: Bool { [.memoryIn, .memoryOut, .memoryInOut].contains(self) }
        var isInput: Bool { [.valueIn, .valueInOut, .memoryIn, .memoryInOut].contains(self) }
        var isOutput: Bool { [.valueOut, .valueInOut, .memoryOut, .memoryInOut].contains(self) }
        var direction: TEEDirection { isInput ? (isOutput ? [.input, .output] : .input) : .output }
    }

    var kind = Kind.none
    var a: UInt32 = 0
    var b: UInt32 = 0
    /// What the buffer has before the command; nil: a null reference of `size` bytes.
    var bytes: [UInt8]?
    var size = 0
    var expectation = Expectation()

    /// What is expected of an output.
    struct Expectation: Decodable {
        var a: UInt32?
        var b: UInt32?
        /// The size that the application gives back.
        var size: Int?
        /// The bytes, as many as that.
        var bytes: [UInt8]?

        init() {}
    }

    private enum Keys: String, CommandFileKey { case type, a, b, text, hex, file, size, null, expect }

    init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        let name = try values.decode(String.self, forKey: .type)
        guard let kind = Kind(rawValue: name) else {
            throw (decoder.codingPath + [Keys.type]).mistake("'\(name)' is no type; there are \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.kind = kind
        var fitting: [Keys] = [.type]
        if kind.isMemory { fitting += [.size, .null] } else if kind.isInput { fitting += [.a, .b] }
        if kind.isMemory, kind.isInput { fitting += [.text, .hex, .file] }
        if kind.isOutput { fitting.append(.expect) }
        for key in Keys.allCases where values.contains(key) && !fitting.contains(key) {
            throw (decoder.codingPath + [key]).mistake("goes not with the type \(name); what does: \(fitting.dropFirst().map(\.rawValue).joined(separator: ", "))")
        }
        a = try values.decodeIfPresent(FileNumber.self, forKey: .a)?.value ?? 0
        b = try values.decodeIfPresent(FileNumber.self, forKey: .b)?.value ?? 0
        if kind.isMemory { try readMemory(values, decoder) }
        expectation = try values.decodeIfPresent(Expectation.self, forKey: .expect) ?? Expectation()
        try check(values)
    }

    private mutating func readMemory(_ values: KeyedDecodingContainer<Keys>, _ decoder: any Decoder) throws {
        let contents = try values.contents(text: .text, hex: .hex, file: .file, decoder)
        let wanted = try values.number(.size, in: 0...CommandFile.largestBuffer)
        if try values.decodeIfPresent(Bool.self, forKey: .null) == true {
            if contents != nil { throw decoder.codingPath.mistake("null", "a null reference has no contents") }
            size = wanted ?? 0
            return
        }
        guard let size = wanted ?? contents?.count else {
            throw decoder.codingPath.mistake(kind.isInput ? "memory needs one of text, hex, file, size and null" : "memory for an output needs its \"size\"")
        }
        guard (contents?.count ?? 0) <= size else {
            throw decoder.codingPath.mistake("size", "\(contents?.count ?? 0) bytes do not fit into \(size)")
        }
        self.size = size
        bytes = (contents ?? []) + [UInt8](repeating: 0, count: size - (contents?.count ?? 0))
    }

    private func check(_ values: KeyedDecodingContainer<Keys>) throws {
        let place = values.codingPath + [Keys.expect]
        if kind.isMemory, expectation.a != nil || expectation.b != nil { throw place.mistake("a and b are expected of values; of memory it is size, text, hex and file") }
        if !kind.isMemory, expectation.size != nil || expectation.bytes != nil { throw place.mistake("of values a and b are expected, not size, text, hex or file") }
    }
}

extension FileParameter.Expectation {
    private enum Keys: String, CommandFileKey { case a, b, size, text, hex, file }

    init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        a = try values.decodeIfPresent(FileNumber.self, forKey: .a)?.value
        b = try values.decodeIfPresent(FileNumber.self, forKey: .b)?.value
        size = try values.number(.size, in: 0...Int(UInt32.max))
        bytes = try values.contents(text: .text, hex: .hex, file: .file, decoder)
        if let size, let bytes, size != bytes.count { throw decoder.codingPath.mistake("size", "\(size) and the \(bytes.count) bytes of the contents contradict each other") }
    }
}

extension KeyedDecodingContainer where Key: CommandFileKey {
    /// Bytes from one of three keys; nil when none is there.
    func contents(text: Key, hex: Key, file: Key, _ decoder: any Decoder) throws -> [UInt8]? {
        guard [text, hex, file].filter({ contains($0) }).count < 2 else { throw codingPath.mistake("only one of text, hex and file says what the contents are") }
        if let words = try decodeIfPresent(String.self, forKey: text) { return Array(words.utf8) }
        if let digits = try decodeIfPresent(String.self, forKey: hex) {
            guard let bytes = KeyFile.hexadecimal(digits.filter { $0 != " " }) else {
                throw (codingPath + [hex]).mistake("pairs of hexadecimal digits are expected, such as \"00ff\"")
            }
            return bytes
        }
        guard let name = try decodeIfPresent(String.self, forKey: file) else { return nil }
        let folder = CodingUserInfoKey.folder.flatMap { decoder.userInfo[$0] as? String } ?? ""
        do {
            let bytes = try HostFile.read(name.hasPrefix("/") ? name : folder + name)
            guard bytes.count <= CommandFile.largestBuffer else { throw (codingPath + [file]).mistake("\(name) is larger than \(CommandFile.largestBuffer) bytes") }
            return bytes
        } catch let failure as HostFile.Failure { throw (codingPath + [file]).mistake(failure.description) }
    }
}
