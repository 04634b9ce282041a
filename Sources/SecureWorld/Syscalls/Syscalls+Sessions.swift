import LibraryOS

/// TEE_OpenTASession, TEE_CloseTASession, TEE_InvokeTACommand: an application is the client of another (TEE Internal Core API 4.9; OP-TEE's tee_svc.c).
extension TEESyscallTable {
    static let sessionEntries: [Entry] = [
        Entry(
            number: 5, name: "open_ta_session", argumentCount: 5, summary: "Opens a session with another application or a pseudo application.",
            limits: "4,096 sessions; applications may call each other 8 deep, then TEE_ERROR_BUSY; so does one that would wait for itself", handler: openSession),
        entry(6, "close_ta_session", 1, "Closes a session that this instance opened.", closeSession),
        Entry(
            number: 7, name: "invoke_ta_command", argumentCount: 5, summary: "Has the application of such a session carry out a command.",
            limits: "as open_ta_session; memory parameters are copied, 256 MiB a call at the most", handler: invokeCommand),
    ]

    /// TEE_LOGIN_TRUSTED_APP.
    static let loginTrustedApplication: UInt32 = 0xf000_0000

    /// (dest, cancel_req_to, params, sess, ret_orig)
    @Sendable private static func openSession(_ call: inout TEECall) throws(TEEResult) -> TEECallOutcome {
        var end = TAEntryResult(result: .success, origin: .tee)
        do throws(TEEResult) {
            try call.require(0, count: 16, write: false)
            try call.require(3, count: 4, write: true)
            guard let uuid = TEEUUID(structure: try call.memory.read(call.word(0), 16)) else { throw .badParameters }
            var parameters = try readParameters(call, at: call.word(2))
            let client = TEEClientIdentity(login: loginTrustedApplication, uuid: call.instance.uuid)
            let opened = call.world.open(uuid, client, &parameters, deadline: deadline(call), on: call.thread)
            end = opened.end
            if end.result == .success {
                call.instance.handles.sessions.insert(opened.session)
                try writeParameters(call, parameters, at: call.word(2))
                try call.memory.writeUInt32(opened.session, to: call.word(3))
            }
        } catch { end = TAEntryResult(result: error, origin: .tee) }
        giveOrigin(end.origin, call)
        return .result(end.result)
    }

    /// As OP-TEE: an origin that cannot be written does not change the result.
    private static func giveOrigin(_ origin: TEEOrigin, _ call: TEECall) {
        guard call.word(4) != 0 else { return }
        do throws(TEEResult) {
            try call.require(4, count: 4, write: true)
            try call.memory.writeUInt32(origin.rawValue, to: call.word(4))
        } catch {}
    }

    @Sendable private static func closeSession(_ call: inout TEECall) throws(TEEResult) {
        guard call.instance.handles.sessions.remove(call.number(0)) != nil else { throw .itemNotFound }
        call.world.close(call.number(0), on: call.thread)
    }

    /// (sess, cancel_req_to, cmd_id, params, ret_orig)
    @Sendable private static func invokeCommand(_ call: inout TEECall) throws(TEEResult) -> TEECallOutcome {
        guard call.instance.handles.sessions.contains(call.number(0)) else { throw .badParameters }
        var end = TAEntryResult(result: .success, origin: .tee)
        do throws(TEEResult) {
            var parameters = try readParameters(call, at: call.word(3))
            end = call.world.invoke(call.number(0), call.number(2), &parameters, deadline: deadline(call), on: call.thread)
            try writeParameters(call, parameters, at: call.word(3))
        } catch { end = TAEntryResult(result: error, origin: .tee) }
        giveOrigin(end.origin, call)
        return .result(end.result)
    }

    /// When the operation cancels itself: argument 1 in milliseconds, TEE_TIMEOUT_INFINITE for never.
    private static func deadline(_ call: TEECall) -> Int64? {
        call.number(1) == 0xffff_ffff ? nil : call.world.clock.monotonic() &+ Int64(call.number(1)) &* 1_000_000
    }

    // MARK: Parameters

    /// Reads a `struct utee_params`; null: four times nothing.
    private static func readParameters(_ call: TEECall, at address: UInt64) throws(TEEResult) -> [TEEParameter] {
        var result = [TEEParameter](repeating: .none, count: 4)
        if address == 0 { return result }
        let bytes = try call.memory.read(address, 72)
        func word(_ index: Int) -> UInt64 { bytes[(index * 8)..<(index * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        for index in 0..<4 {
            let type = word(0) >> UInt64(index * 4) & 15
            let (a, b) = (word(1 + index * 2), word(2 + index * 2))
            let direction = TEEDirection(rawValue: UInt8(type & 3))
            switch type {
            case 1, 2, 3: result[index] = .value(direction, a: UInt32(truncatingIfNeeded: a), b: UInt32(truncatingIfNeeded: b))
            case 5, 6, 7:
                if a == 0 {
                    guard b == 0 else { throw .badParameters }
                    result[index] = .memory(direction, nil, size: 0)
                } else {
                    guard call.memory.allows(write: direction.contains(.output), a, b) else { throw .accessDenied }
                    result[index] = .memory(direction, TAMemoryBuffer(call.memory, a, size: b), size: b)
                }
            default: break
            }
        }
        return result
    }

    /// Writes back what outputs have become.
    private static func writeParameters(_ call: TEECall, _ parameters: [TEEParameter], at address: UInt64) throws(TEEResult) {
        for (index, parameter) in parameters.enumerated() {
            let place = address &+ UInt64(8 + index * 16)
            switch parameter {
            case .value(let direction, let a, let b) where direction.contains(.output):
                try call.memory.writeUInt64(UInt64(a), to: place)
                try call.memory.writeUInt64(UInt64(b), to: place &+ 8)
            case .memory(let direction, _, let size) where direction.contains(.output): try call.memory.writeUInt64(size, to: place &+ 8)
            default: break
            }
        }
    }
}

/// Memory of an application that is another one's client.
final class TAMemoryBuffer: TEEBuffer, @unchecked Sendable {
    private let memory: TAMemory
    /// Where it lies in that application's memory.
    let address: UInt64

    init(_ memory: TAMemory, _ address: UInt64, size: UInt64) {
        self.memory = memory
        self.address = address
        super.init(size: size)
    }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        try memory.read(try place(offset, count), UInt64(count))
    }
    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) { try memory.write(bytes, to: try place(offset, bytes.count)) }

    private func place(_ offset: UInt64, _ count: Int) throws(TEEResult) -> UInt64 {
        guard count >= 0, offset <= size, UInt64(count) <= size &- offset else { throw .accessDenied }
        return address &+ offset
    }
}
