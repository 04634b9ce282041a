import Dispatch
import Synchronization

@testable import SecureWorld

/// The applications that the test clients in Tests/TEEClient use (the commands are those of client.h), without a secure world.
final class ServingTestService: TEEService, @unchecked Sendable {
    struct Record {
        var open: [UInt32: TEEClientIdentity] = [:]
        var opened = 0
        var closed: [UInt32] = []
        var running = 0
        var cancelled = 0
        var mostRunning = 0
    }
    static let echo = "8aaaf200-2450-11e4-abe2-0002a5d5c51b"
    static let sleeper = "8aaaf200-2450-11e4-abe2-0002a5d5c51c"
    private let state = Mutex(Record())

    var record: Record { state.withLock { $0 } }

    override func perform(_ request: TEERequest) {
        state.withLock { state in
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        switch request.kind {
        case .open(let application, let client): open(request, application.description, client)
        case .invoke(let session, let command): invoke(request, session, command)
        case .close(let session):
            state.withLock { state in
                state.open[session] = nil
                state.closed.append(session)
            }
            request.finish(.success, .tee)
        }
    }

    private func open(_ request: TEERequest, _ application: String, _ client: TEEClientIdentity) {
        guard application == Self.echo || application == Self.sleeper else { return request.finish(.itemNotFound, .tee) }
        if application == Self.sleeper { return request.finish(sleep(request), .trustedApplication) }
        let session = state.withLock { state in
            state.opened += 1
            let session = UInt32(1000 + state.opened)
            state.open[session] = client
            return session
        }
        request.finish(.success, .trustedApplication, session: session)
    }

    private func invoke(_ request: TEERequest, _ session: UInt32, _ command: UInt32) {
        guard let client = state.withLock({ $0.open[session] }) else { return request.finish(.badParameters, .tee) }
        var parameters = request.parameters
        do throws(TEEResult) {
            let result = try command == 4 ? sleep(request) : Self.carryOut(command, &parameters, client)
            request.finish(result, .trustedApplication, parameters: parameters)
        } catch {
            request.finish(error, .trustedApplication)
        }
    }

    private func sleep(_ request: TEERequest) -> TEEResult {
        let isWanted = DispatchSemaphore(value: 0)
        request.whenCancelled { isWanted.signal() }
        isWanted.wait()
        request.whenCancelled(nil)
        state.withLock { $0.cancelled += 1 }
        return .cancel
    }

    private static func carryOut(_ command: UInt32, _ parameters: inout [TEEParameter], _ client: TEEClientIdentity) throws(TEEResult) -> TEEResult {
        switch (command, parameters[0], parameters[1]) {
        case (0, _, _): return .success
        case (1, .value(let direction, let a, let b), _): parameters[0] = .value(direction, a: a &+ b, b: b)
        case (2, .memory(_, let from?, let size), .memory(let direction, let to?, let room)):
            parameters[1] = .memory(direction, to, size: size)
            guard size <= room else { return .shortBuffer }
            try to.write(try from.read(at: 0, count: Int(size)), at: 0)
        case (3, .memory(_, let buffer?, let size), _): try buffer.write(try buffer.read(at: 0, count: Int(size)).map { ~$0 }, at: 0)
        case (5, .memory(let direction, let buffer, let size), _):
            parameters[0] = .memory(direction, buffer, size: size + 16)
            return .shortBuffer
        case (6, .value(let direction, _, _), .memory(_, let buffer, let size)):
            parameters[0] = .value(direction, a: parameters[1].type, b: UInt32(size) | (buffer == nil ? 0x8000_0000 : 0))
        case (7, .value(let direction, _, _), .memory(_, let buffer?, _)):
            parameters[0] = .value(direction, a: client.login, b: 0)
            try buffer.write(client.uuid.octets, at: 0)
        case (8, .value(_, let a, _), _): return TEEResult(rawValue: a)
        case (9, .memory(let direction, let buffer?, let size), _):
            try buffer.write((0..<Int(size)).map { UInt8(truncatingIfNeeded: $0 * 7) }, at: 0)
            parameters[0] = .memory(direction, buffer, size: size - 5)
        default: return .notSupported
        }
        return .success
    }
}
