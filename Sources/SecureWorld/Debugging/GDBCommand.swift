/// How the application is to go on.
struct GDBResumption: Hashable {
    /// One instruction only.
    var isStep = false
    /// The signal it gets (gdb's number); 0: none. What has stopped it with a signal dies of it, unless gdb takes the signal back.
    var signal: UInt8 = 0
    /// Where it goes on, when not where it is.
    var address: UInt64?
}

/// What gdb asks for (GDB manual, "GDB Remote Serial Protocol", Packets and General Query Packets).
enum GDBCommand: Hashable {
    case supported([String])
    case doWithoutAcknowledgements
    case stopReason
    case selectThread
    case listThreads(isFirst: Bool)
    case currentThread
    case threadIsAlive
    case isAttached
    case offsets
    case readRegisters
    case writeRegisters([UInt8])
    case readRegister(Int)
    case writeRegister(Int, [UInt8])
    case readMemory(UInt64, count: Int)
    case writeMemory(UInt64, [UInt8])
    case insertBreakpoint(UInt64)
    case removeBreakpoint(UInt64)
    case resume(GDBResumption)
    case listResumptions
    case kill(answers: Bool)
    case detach
    case transfer(object: String, annex: String, offset: Int, count: Int)
    case file(GDBFileCommand)
    /// Nothing the stub knows: the answer is empty, as the protocol wants.
    case unknown
    /// One it knows, with arguments that make no sense.
    case malformed

    init(_ packet: [UInt8]) {
        var text = GDBText(packet.dropFirst())
        switch packet.first.map({ Character(UnicodeScalar($0)) }) {
        case "?": self = .stopReason
        case "H": self = .selectThread
        case "T": self = .threadIsAlive
        case "g": self = .readRegisters
        case "G": self = text.bytes().map { .writeRegisters($0) } ?? .malformed
        case "p": self = Self.number(&text).map { .readRegister($0) } ?? .malformed
        case "P": self = Self.register(&text) ?? .malformed
        case "m": self = Self.range(&text, then: "").map { .readMemory($0, count: $1) } ?? .malformed
        case "M", "X": self = Self.memory(&text, isBinary: packet.first == UInt8(ascii: "X")) ?? .malformed
        case "Z", "z": self = Self.breakpoint(&text, inserts: packet.first == UInt8(ascii: "Z"))
        case "c", "s", "C", "S": self = Self.oldResumption(packet, &text) ?? .malformed
        case "k": self = .kill(answers: false)
        case "D": self = .detach
        case "q", "Q": self = Self.query(packet)
        case "v": self = Self.multiletter(packet)
        default: self = .unknown
        }
    }

    private static func number(_ text: inout GDBText) -> Int? { text.number().flatMap { Int(exactly: $0) } }

    private static func register(_ text: inout GDBText) -> GDBCommand? {
        guard let index = number(&text), text.take("="), let bytes = text.bytes() else { return nil }
        return .writeRegister(index, bytes)
    }

    /// `ADDRESS,COUNT`.
    private static func range(_ text: inout GDBText, then separator: String) -> (UInt64, Int)? {
        guard let address = text.number(), text.take(","), let count = number(&text), separator.isEmpty ? text.isAtEnd : text.take(separator) else { return nil }
        return (address, count)
    }

    private static func memory(_ text: inout GDBText, isBinary: Bool) -> GDBCommand? {
        guard let (address, count) = range(&text, then: ":"), let bytes = isBinary ? Array(text.rest) : text.bytes(), bytes.count == count else { return nil }
        return .writeMemory(address, bytes)
    }

    /// Only software breakpoints; of other kinds gdb knows how to do without.
    private static func breakpoint(_ text: inout GDBText, inserts: Bool) -> GDBCommand {
        guard text.take("0,") else { return .unknown }
        guard let address = text.number(), text.take(","), text.number() != nil else { return .malformed }
        return inserts ? .insertBreakpoint(address) : .removeBreakpoint(address)
    }

    /// `c [ADDRESS]`, `s [ADDRESS]`, `C SIGNAL[;ADDRESS]`, `S SIGNAL[;ADDRESS]`.
    private static func oldResumption(_ packet: [UInt8], _ text: inout GDBText) -> GDBCommand? {
        var result = GDBResumption(isStep: packet.first == UInt8(ascii: "s") || packet.first == UInt8(ascii: "S"))
        if packet.first == UInt8(ascii: "C") || packet.first == UInt8(ascii: "S") {
            guard let signal = text.number(), let small = UInt8(exactly: signal) else { return nil }
            result.signal = small
            if !text.isAtEnd, !text.take(";") { return nil }
        }
        if text.isAtEnd { return .resume(result) }
        guard let address = text.number(), text.isAtEnd else { return nil }
        result.address = address
        return .resume(result)
    }

    // MARK: Longer names

    private static func query(_ packet: [UInt8]) -> GDBCommand {
        var text = GDBText(packet)
        if text.take("qSupported") {
            return .supported(text.take(":") ? text.rest.split(separator: UInt8(ascii: ";")).map { String(decoding: $0, as: UTF8.self) } : [])
        }
        if text.take("qXfer:") { return transfer(&text) ?? .malformed }
        if text.take("qAttached") { return .isAttached }
        switch String(decoding: packet, as: UTF8.self) {
        case "QStartNoAckMode": return .doWithoutAcknowledgements
        case "qfThreadInfo": return .listThreads(isFirst: true)
        case "qsThreadInfo": return .listThreads(isFirst: false)
        case "qC": return .currentThread
        case "qOffsets": return .offsets
        default: return .unknown
        }
    }

    /// `qXfer:OBJECT:read:ANNEX:OFFSET,COUNT`.
    private static func transfer(_ text: inout GDBText) -> GDBCommand? {
        let object = String(decoding: text.field(until: ":"), as: UTF8.self)
        guard text.take("read:") else { return .unknown }
        let annex = String(decoding: text.field(until: ":"), as: UTF8.self)
        guard let (offset, count) = range(&text, then: ""), let offset = Int(exactly: offset) else { return nil }
        return .transfer(object: object, annex: annex, offset: offset, count: count)
    }

    private static func multiletter(_ packet: [UInt8]) -> GDBCommand {
        var text = GDBText(packet)
        if text.take("vFile:") { return .file(GDBFileCommand(&text)) }
        if text.take("vCont?") { return .listResumptions }
        if text.take("vCont;") { return resumption(&text) ?? .malformed }
        if text.take("vKill") { return .kill(answers: true) }
        return .unknown
    }

    /// `ACTION[:THREAD];...`: there is one thread, so the first action is its.
    private static func resumption(_ text: inout GDBText) -> GDBCommand? {
        let action = text.field(until: ";")
        var rest = GDBText(action.dropFirst())
        switch action.first.map({ Character(UnicodeScalar($0)) }) {
        case "c": return .resume(GDBResumption())
        case "s": return .resume(GDBResumption(isStep: true))
        case "C", "S":
            guard let signal = rest.number(), let small = UInt8(exactly: signal) else { return nil }
            return .resume(GDBResumption(isStep: action.first == UInt8(ascii: "S"), signal: small))
        default: return nil
        }
    }
}
