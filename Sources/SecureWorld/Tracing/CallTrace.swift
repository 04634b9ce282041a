/// The line that a trace has for a TEE call. What the call is given is read before it is carried out, which may overwrite that, and what it gives back after it.
///
/// Contents of buffers are never shown: they may be keys. Only names are: identifiers of objects, properties, UUIDs.
struct CallTrace {
    private let name: String
    private let fields: [(field: TraceField, index: Int)]
    private var texts: [String] = []

    init(_ entry: TEESyscallTable.Entry, _ call: TEECall) {
        name = entry.name
        var index = 0
        var placed: [(field: TraceField, index: Int)] = []
        for field in TraceField.fields(entry) {
            placed.append((field, index))
            index += field.width
        }
        fields = placed
        texts = placed.map { Self.given($0.field, $0.index, call) }
    }

    /// The line, after the call.
    func line(_ call: TEECall, _ outcome: TEECallOutcome) -> String {
        let result: TEEResult? = if case .result(let value) = outcome { value } else { nil }
        var arguments = texts
        for (number, place) in fields.enumerated() {
            if let result, let text = Self.gave(place.field, place.index, call, result) { arguments[number] += (arguments[number].isEmpty ? "-> " : " -> ") + text }
            // A result that was not given.
            if arguments[number].isEmpty { arguments[number] = "-" }
        }
        let answer = result.map { " = \($0)" } ?? ""
        return "\(name)(\(arguments.joined(separator: ", ")))\(answer)"
    }

    // MARK: Before the call

    private static func given(_ field: TraceField, _ index: Int, _ call: TEECall) -> String {
        let (word, number) = (call.word(index), call.number(index))
        switch field {
        case .number: return "\(word)"
        case .signed: return "\(Int32(truncatingIfNeeded: word))"
        case .address: return TraceName.hexadecimal(word)
        case .result: return "\(TEEResult(rawValue: number))"
        case .algorithm: return TraceName.algorithm(number)
        case .mode: return TraceName.mode(number)
        case .objectType: return TraceName.objectType(number)
        case .attributeID: return TraceName.attribute(TEEAttributeID(rawValue: number))
        case .usage: return TraceName.usage(number)
        case .dataFlags: return TraceName.dataFlags(number)
        case .storage: return TraceName.storage(number)
        case .propertySet: return TraceName.propertySet(number)
        case .access: return TraceName.access(number)
        case .milliseconds: return TraceName.milliseconds(number)
        case .timeCategory: return word < 3 ? ["system", "TA persistent", "REE"][Int(word)] : "\(word)"
        case .whence: return word < 3 ? ["TEE_DATA_SEEK_SET", "TEE_DATA_SEEK_CUR", "TEE_DATA_SEEK_END"][Int(word)] : "\(word)"
        case .cacheOperation: return word < 3 ? ["clean", "flush", "invalidate"][Int(word)] : "\(word)"
        case .object: return number == 0 ? "no object" : "object \(TraceName.hexadecimal(number))"
        case .operation: return "operation \(TraceName.hexadecimal(number))"
        case .enumerator: return "enumerator \(TraceName.hexadecimal(number))"
        case .session: return "session \(number)"
        case .uuid, .parameters, .time, .input, .room, .identifier, .output, .output32, .attributes: return pointed(field, index, call)
        case .numberOut, .handleOut, .sizeOut, .originOut, .timeOut, .informationOut, .identifierOut: return ""
        }
    }

    private static func pointed(_ field: TraceField, _ index: Int, _ call: TEECall) -> String {
        let (address, length, memory) = (call.word(index), call.word(index + 1), call.memory)
        do throws(TEEResult) {
            switch field {
            case .uuid: return TEEUUID(structure: try memory.read(address, 16)).map { "\($0)" } ?? ""
            case .time: return "\(try memory.readUInt32(address)) s \(try memory.readUInt32(address &+ 4)) ms"
            case .parameters: return address == 0 ? "no parameters" : "(\(ParameterText.given(try ParameterText.words(memory.read(address, 72)))))"
            case .input, .room: return address == 0 && length == 0 ? "nothing" : "\(length) bytes"
            case .identifier: return length <= 256 ? TraceName.identifier(try memory.read(address, length)) : "\(length) bytes"
            case .output: return length == 0 ? "no room" : "room for \(try memory.readUInt64(length))"
            case .output32: return length == 0 ? "no room" : "room for \(try memory.readUInt32(length))"
            case .attributes: return "[\(try attributes(address, length, memory))]"
            default: return ""
            }
        } catch { return "bad address \(TraceName.hexadecimal(address))" }
    }

    private static func attributes(_ address: UInt64, _ count: UInt64, _ memory: TAMemory) throws(TEEResult) -> String {
        guard count <= 64 else { return "\(count) attributes" }
        var words: [String] = []
        for index in 0..<count {
            let place = address &+ index &* 24
            let id = TEEAttributeID(rawValue: try memory.readUInt32(place &+ 16))
            let (a, b) = (try memory.readUInt64(place), try memory.readUInt64(place &+ 8))
            // The one value that is the number of a constant.
            let value = id == .rsaOAEPMaskHash || id == .hkdfHashAlgorithm ? TraceName.algorithm(UInt32(truncatingIfNeeded: a)) : "\(a)" + (b == 0 ? "" : ", \(b)")
            words.append(TraceName.attribute(id) + ": " + (id.isValue ? value : "\(b) bytes"))
        }
        return words.joined(separator: "; ")
    }

    // MARK: After the call

    private static func gave(_ field: TraceField, _ index: Int, _ call: TEECall, _ result: TEEResult) -> String? {
        let (address, length, memory) = (call.word(index), call.word(index + 1), call.memory)
        if address == 0, field.width == 1 { return nil }
        let isShown = result == .success
        do throws(TEEResult) {
            switch field {
            case .numberOut where isShown: return "\(try memory.readUInt32(address))"
            case .handleOut where isShown: return TraceName.hexadecimal(try memory.readUInt32(address))
            case .sizeOut where isShown: return "\(try memory.readUInt64(address))"
            // Whoever refused is said of failures, too.
            case .originOut: return TraceName.origin(try memory.readUInt32(address))
            case .timeOut where isShown || result == .timeNeedsReset || result == .overflow:
                return "\(try memory.readUInt32(address)) s \(try memory.readUInt32(address &+ 4)) ms"
            case .informationOut where isShown:
                let (type, size, usage) = (try memory.readUInt32(address), try memory.readUInt32(address &+ 4), try memory.readUInt32(address &+ 12))
                return "\(TraceName.objectType(type)), \(size) bits, \(TraceName.usage(usage)), \(try memory.readUInt32(address &+ 16)) bytes of data"
            case .identifierOut where isShown: return TraceName.identifier(try memory.read(address, min(64, try memory.readUInt64(length))))
            case .output where (isShown || result == .shortBuffer) && length != 0: return "\(try memory.readUInt64(length)) bytes"
            case .output32 where (isShown || result == .shortBuffer) && length != 0: return "\(try memory.readUInt32(length)) bytes"
            case .parameters where isShown: return ParameterText.returned(try ParameterText.words(memory.read(address, 72))).map { "(\($0))" }
            default: return nil
            }
        } catch { return nil }
    }
}
