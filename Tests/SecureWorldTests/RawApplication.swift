import Testing

@testable import SecureWorld

/// An argument of a raw system call: a number, or a place in the client's memory.
struct RawArgument: ExpressibleByIntegerLiteral {
    let value: UInt64
    let isInParameter: Bool

    init(integerLiteral value: UInt64) { self.init(value) }
    init(_ value: UInt64, isInParameter: Bool = false) {
        self.value = value
        self.isInParameter = isInParameter
    }

    static func number(_ value: some UnsignedInteger) -> RawArgument { RawArgument(UInt64(value)) }
    /// Memory of the client, that many bytes behind its beginning.
    static func parameter(_ offset: UInt64) -> RawArgument { RawArgument(offset, isInParameter: true) }
    /// An address where nothing is.
    static let nowhere: RawArgument = 0x10
}

/// A session with the application raw_calls, which makes the system calls that a test wants and nothing else. Its memory is the test's: `own` goes there before
/// each call and comes back after it.
final class RawApplication {
    let world: TrustedApplications.World
    let session: UInt32
    /// Where `own` is in the application's memory, and where bytes are that cannot be written.
    let base: UInt64
    let constant: UInt64
    var own = [UInt8](repeating: 0, count: 8192)
    var client = [UInt8](repeating: 0, count: 4096)

    init(_ world: TrustedApplications.World) throws {
        self.world = world
        let opening = world.open("raw_calls")
        try #require(opening.result == .success)
        session = opening.session
        let request = world.invoke(session, 1, [.value(.output, a: 0, b: 0), .value(.output, a: 0, b: 0)])
        base = Self.long(request.parameters[0])
        constant = Self.long(request.parameters[1])
    }

    private static func long(_ parameter: TEEParameter) -> UInt64 {
        guard case .value(_, let low, let high) = parameter else { return 0 }
        return UInt64(high) << 32 | UInt64(low)
    }

    /// The number of a call.
    static func number(_ name: String) throws -> UInt64 { UInt64(try #require(TEESyscallTable.entries.first { $0.name == name }).number) }

    /// Makes a call; its result, or that of the command when the application did not get so far as to tell.
    func call(_ name: String, _ arguments: RawArgument...) throws -> TEEResult {
        let request = self.request(try Self.number(name), arguments)
        world.world.perform(request)
        return take(request)
    }

    /// Makes a call of any number.
    func call(number: UInt64, _ arguments: RawArgument...) -> TEEResult {
        let request = self.request(number, arguments)
        world.world.perform(request)
        return take(request)
    }

    /// What `call` performs.
    func request(_ number: UInt64, _ arguments: [RawArgument]) -> TEERequest {
        let values = arguments.map(\.value) + [UInt64](repeating: 0, count: 8 - arguments.count)
        var mask: UInt64 = 0
        for (index, argument) in arguments.enumerated() where argument.isInParameter { mask |= 1 << UInt64(index) }
        let program: [UInt8] = ([number] + values + [mask]).flatMap { Self.little($0) }
        typealias Buffer = TrustedApplications.Buffer
        return TEERequest(
            .invoke(session: session, command: 0),
            parameters: [
                Buffer.input(program), .value(.output, a: 0, b: 0), Buffer(own).parameter([.input, .output]), Buffer(client).parameter([.input, .output]),
            ])
    }

    /// Takes over what a request has left.
    func take(_ request: TEERequest) -> TEEResult {
        guard request.result == .success, case .value(_, let low, 0) = request.parameters[1] else { return request.result }
        if case .memory(_, let buffer as TrustedApplications.Buffer, _) = request.parameters[2] { own = buffer.bytes }
        if case .memory(_, let buffer as TrustedApplications.Buffer, _) = request.parameters[3] { client = buffer.bytes }
        return TEEResult(rawValue: low)
    }

    func close() { world.world.perform(TEERequest(.close(session: session))) }

    // MARK: Its memory

    static func little(_ value: some FixedWidthInteger) -> [UInt8] { (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

    /// A place in its own memory.
    func at(_ offset: Int) -> RawArgument { RawArgument(base + UInt64(offset)) }
    /// Bytes that it can read and not write.
    var readOnly: RawArgument { RawArgument(constant) }

    func put(_ bytes: [UInt8], at offset: Int) { own.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    func put(_ text: String, at offset: Int) { put(Array(text.utf8), at: offset) }
    func put(long value: UInt64, at offset: Int) { put(Self.little(value), at: offset) }
    func put(word value: UInt32, at offset: Int) { put(Self.little(value), at: offset) }
    func bytes(_ offset: Int, _ count: Int) -> [UInt8] { Array(own[offset..<offset + count]) }
    func long(_ offset: Int) -> UInt64 { bytes(offset, 8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    func word(_ offset: Int) -> UInt32 { bytes(offset, 4).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    /// The handle that a call has left there.
    func handle(_ offset: Int) -> RawArgument { RawArgument(UInt64(word(offset))) }

    /// `struct utee_attribute` for each, followed by the bytes they point to. Returns how many there are.
    func put(_ attributes: [TEEAttribute], at offset: Int) -> RawArgument {
        var data = offset + attributes.count * 24
        for (index, attribute) in attributes.enumerated() {
            let words: [UInt64]
            switch attribute {
            case .buffer(_, let bytes):
                words = [base + UInt64(data), UInt64(bytes.count)]
                put(bytes, at: data)
                data += bytes.count
            case .value(_, let a, let b): words = [UInt64(a), UInt64(b)]
            }
            for (place, word) in (words + [UInt64(attribute.id.rawValue)]).enumerated() { put(long: word, at: offset + index * 24 + place * 8) }
        }
        return .number(UInt64(attributes.count))
    }

    // MARK: What most tests begin with

    /// The handle of a new object, populated when there are attributes.
    func object(_ type: TEEObjectType, _ size: UInt32, _ attributes: [TEEAttribute] = []) throws -> RawArgument {
        try #require(try call("cryp_obj_alloc", .number(type.rawValue), .number(size), at(0)) == .success)
        let handle = handle(0)
        if !attributes.isEmpty {
            let count = put(attributes, at: 4096)
            try #require(try call("cryp_obj_populate", handle, at(4096), count) == .success)
        }
        return handle
    }

    /// The handle of a new object with a key that was generated.
    func generated(_ type: TEEObjectType, _ size: UInt32, _ attributes: [TEEAttribute] = []) throws -> RawArgument {
        let handle = try object(type, size)
        let count = put(attributes, at: 4096)
        try #require(try call("cryp_obj_generate_key", handle, .number(size), at(4096), count) == .success)
        return handle
    }

    /// The handle of a new operation.
    func operation(_ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, _ key: RawArgument = 0, _ second: RawArgument = 0) throws -> RawArgument {
        try #require(try call("cryp_state_alloc", .number(algorithm.rawValue), .number(mode.rawValue), key, second, at(0)) == .success)
        return handle(0)
    }
}

/// Tests of the system calls as they are: what the runtime library of the development kit, or OP-TEE's, would never ask for included.
protocol RawCallTests {}

extension RawCallTests {
    /// A world with an application that makes raw calls.
    func withApplication(log: TEELog = TEELog(), _ body: (RawApplication) throws -> Void) throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World(log: log)
        defer { world.end() }
        try body(try RawApplication(world))
    }
}
