import Foundation
import Testing
@testable import SecureWorld

/// Sockets of trusted applications (OP-TEE's pta_socket.h; results of its tee-supplicant).
@Suite struct PseudoTASocketTests {
    private static let tcp: UInt32 = 0x65, udp: UInt32 = 0x66, infinite: UInt32 = 0xffff_ffff
    private let bed: PseudoTABed
    private let session: PseudoSession

    init() throws {
        bed = try PseudoTABed(allowsNetwork: true)
        session = try bed.open(SocketPTA(), by: bed.caller)
    }

    private func open(
        _ port: UInt16, _ kind: UInt32 = tcp, host: String = "127.0.0.1\0", version: UInt32 = 0, in session: PseudoSession? = nil
    ) throws -> (result: TEEResult, handle: UInt32) {
        let (result, parameters) = (session ?? self.session).invoke(
            1, [.valueIn(version, UInt32(port)), try bed.input(Array(host.utf8)), .valueIn(kind), .valueOut])
        return (result, parameters.value(3).a)
    }
    private func close(_ handle: UInt32) -> TEEResult { session.invoke(2, [.valueIn(handle)]).result }
    private func send(_ handle: UInt32, _ bytes: [UInt8], _ timeout: UInt32 = infinite) throws -> (result: TEEResult, count: UInt32) {
        let (result, parameters) = session.invoke(3, [.valueIn(handle, timeout), try bed.input(bytes), .value(.output, a: 99, b: 0)])
        return (result, parameters.value(2).a)
    }
    private func receive(_ handle: UInt32, _ room: Int = 100, _ timeout: UInt32 = infinite) throws -> (result: TEEResult, bytes: [UInt8]) {
        let (result, parameters) = session.invoke(4, [.valueIn(handle, timeout), try bed.output(room)])
        return (result, parameters[1].content)
    }
    private func control(_ handle: UInt32, _ code: UInt32, _ bytes: [UInt8]) throws -> TEEResult {
        session.invoke(5, [.valueIn(handle, code), try bed.inout_(bytes)]).result
    }

    private func connection() throws -> (handle: UInt32, other: PseudoTAConnection) {
        let server = try PseudoTALoopback(stream: true)
        let (result, handle) = try open(server.port)
        try #require(result == .success)
        return (handle, try server.accept())
    }

    // MARK: Opening

    @Test func withoutPermissionNothingIsOpened() throws {
        let bed = try PseudoTABed()
        let session = try bed.open(SocketPTA(), by: bed.caller)
        let server = try PseudoTALoopback(stream: true)
        let parameters: [TEEParameter] = [.valueIn(0, UInt32(server.port)), try bed.input(Array("127.0.0.1\0".utf8)), .valueIn(Self.tcp), .valueOut]
        #expect(session.invoke(1, parameters).result == .notSupported)
        #expect(session.invoke(1).result == .badParameters)
    }

    @Test func clientsOfTheNormalWorldAreRefused() throws {
        #expect(throws: TEEResult.accessDenied) { try bed.open(SocketPTA()) }
    }

    @Test func streamCarriesBytesBothWays() throws {
        let (handle, other) = try connection()
        #expect(try send(handle, Array("question".utf8)) == (.success, 8))
        #expect(try other.receive() == Array("question".utf8))
        try other.send(Array("answer".utf8))
        #expect(try receive(handle) == (.success, Array("answer".utf8)))
        #expect(close(handle) == .success)
        #expect(try other.receive() == [])
    }

    @Test func hostIsFoundByItsName() throws {
        let server = try PseudoTALoopback(stream: true)
        #expect(try open(server.port, host: "localhost\0", version: 1).result == .success)
    }

    @Test func nobodyListeningIsACommunicationError() throws {
        let port = try PseudoTALoopback(stream: true).port
        #expect(try open(port).result == .communication)
    }

    @Test func hostThatMeansNothingIsAHostnameError() throws {
        for host in ["127.0.0.1", "\0", "", String(repeating: "x", count: 2000) + "\0"] {
            #expect(try open(1, host: host).result == .socketHostname, "\(host.prefix(20))")
        }
        #expect(try open(1, host: "127.0.0.1\0", version: 2).result == .socketHostname)
        let (result, _) = session.invoke(1, [.valueIn(0, 1), try bed.input([0xff, 0xfe, 0]), .valueIn(Self.tcp), .valueOut])
        #expect(result == .socketHostname)
        #expect(TEEResult.socketHostname.rawValue == 0xf100_7007)
    }

    @Test func unknownVersionsAndProtocolsAreRefused() throws {
        #expect(try open(1, version: 3).result == .badParameters)
        #expect(try open(1, 0x67).result == .badParameters)
    }

    @Test func thereIsALimitOfSockets() throws {
        let session = try bed.open(SocketPTA(most: 2), by: bed.caller)
        let server = try PseudoTALoopback(stream: false)
        let first = try open(server.port, Self.udp, in: session)
        #expect(first.result == .success)
        #expect(try open(server.port, Self.udp, in: session).result == .success)
        #expect(try open(server.port, Self.udp, in: session).result == .socketOutOfResources)
        #expect(session.invoke(2, [.valueIn(first.handle)]).result == .success)
        #expect(try open(server.port, Self.udp, in: session).result == .success)
        session.application.close(session)
        let later = try bed.open(session.application, by: bed.caller)
        #expect(try open(server.port, Self.udp, in: later).result == .success)
        #expect(try open(server.port, Self.udp, in: later).result == .success)
        #expect(TEEResult.socketOutOfResources.rawValue == 0xf100_7004)
    }

    // MARK: Sessions

    @Test func handlesAreTheSessions() throws {
        let (handle, _) = try connection()
        let foreign = try bed.open(session.application, by: bed.caller)
        #expect(foreign.invoke(2, [.valueIn(handle)]).result == .badParameters)
        #expect(close(handle) == .success)
        #expect(close(handle) == .badParameters)
        #expect(try send(handle, [1]) == (.badParameters, 0))
        #expect(try receive(handle).result == .badParameters)
        #expect(try control(handle, 0x65f0_0000, [0, 16, 0, 0]) == .badParameters)
    }

    @Test func socketsAreClosedWithTheirSession() throws {
        let (_, other) = try connection()
        session.application.close(session)
        #expect(try other.receive() == [])
    }

    @Test func socketsAreClosedWithTheWorldThatForgetsTheSession() throws {
        let server = try PseudoTALoopback(stream: true)
        var session: PseudoSession? = try bed.open(SocketPTA(), by: bed.caller)
        #expect(try open(server.port, in: session).result == .success)
        let other = try server.accept()
        session = nil
        #expect(try other.receive() == [])
    }

    // MARK: Waiting

    @Test func waitingEndsWithItsTime() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        let (result, parameters) = session.invoke(4, [.valueIn(handle, 20), try bed.output(64)])
        #expect(result == .socketTimeout)
        #expect(parameters.size(1) == 64)
        #expect(try receive(handle, 64, 0).result == .socketTimeout)
        #expect(TEEResult.socketTimeout.rawValue == 0xf100_7003)
    }

    @Test func sendingToAFullConnectionTakesItsTime() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        #expect(try control(handle, 0x65f0_0001, [0, 16, 0, 0]) == .success)
        var result = TEEResult.success
        for _ in 0..<10_000 where result == .success {
            let sent = try send(handle, [UInt8](repeating: 0, count: 65536), 10)
            result = sent.result
            #expect(sent.count <= 65536 && (sent.result == .success) == (sent.count > 0))
        }
        #expect(result == .socketTimeout)
    }

    @Test func endOfAStreamIsNothing() throws {
        var pair: (handle: UInt32, other: PseudoTAConnection)? = try connection()
        let handle = try #require(pair?.handle)
        pair = nil
        #expect(try receive(handle) == (.success, []))
        // The first may still be taken; the connection is found to be gone then.
        _ = try send(handle, [1])
        var result = TEEResult.success
        for _ in 0..<100 where result == .success {
            usleep(1000)
            result = try send(handle, [1]).result
        }
        #expect(result == .badParameters)
    }

    private func receiveWhile(_ handle: UInt32, timeout: UInt32 = infinite, _ happens: @escaping @Sendable () -> Void) throws -> TEEResult {
        let thread = Thread {
            usleep(30_000)
            happens()
        }
        thread.start()
        return try receive(handle, 64, timeout).result
    }

    @Test func cancellationEndsWaiting() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        let cancellation = Cancellation()
        cancellation.begin(deadline: nil)
        _ = cancellation.setMask(false)
        session.cancellation = cancellation
        #expect(try receiveWhile(handle) { cancellation.request() } == .cancel)
        #expect(try receive(handle).result == .cancel)
    }

    @Test func cancellationByTimeEndsWaiting() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        let cancellation = Cancellation()
        cancellation.begin(deadline: bed.world.clock.monotonic() + 30_000_000)
        _ = cancellation.setMask(false)
        session.cancellation = cancellation
        #expect(try receive(handle).result == .cancel)
    }

    /// cancellationRequestTimeout of TEE_InvokeTACommand: a limit that the caller has set itself, whether or not it listens to its own client.
    @Test func theTimeThatTheCallerGivesACommandEndsWaiting() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        session.begin(Cancellation(), deadline: bed.world.clock.monotonic() + 30_000_000)
        #expect(try receive(handle).result == .cancel)
        session.begin(nil, deadline: nil)
        try other.send([1])
        #expect(try receive(handle).bytes == [1])
    }

    @Test func maskedCancellationEndsNothing() throws {
        let (handle, other) = try connection()
        let cancellation = Cancellation()
        cancellation.begin(deadline: nil)
        session.cancellation = cancellation
        #expect(try receiveWhile(handle, timeout: 100) { cancellation.request() } == .socketTimeout)
        try other.send([1])
        #expect(try receive(handle).bytes == [1])
    }

    @Test func endOfTheInstanceEndsWaiting() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        let caller = bed.caller
        #expect(try receiveWhile(handle) { caller.markDead() } == .targetDead)
    }

    // MARK: Datagrams

    @Test func datagramsGoAndCome() throws {
        let server = try PseudoTALoopback(stream: false)
        let (result, handle) = try open(server.port, Self.udp)
        #expect(result == .success)
        #expect(try send(handle, [1, 2, 3]) == (.success, 3))
        try server.answer(7)
        #expect(try receive(handle) == (.success, [7, 1, 2, 3]))
        #expect(try send(handle, [UInt8](repeating: 0, count: 65508)).result == .badParameters)
        #expect(try send(handle, []).result == .success)
    }

    @Test func datagramsGoToAnotherPortAndAddress() throws {
        let first = try PseudoTALoopback(stream: false)
        let second = try PseudoTALoopback(stream: false)
        let (_, handle) = try open(first.port, Self.udp)
        #expect(try control(handle, 0x6600_0002, [UInt8(second.port & 0xff), UInt8(second.port >> 8)]) == .success)
        #expect(try control(handle, 0x6600_0001, Array("127.0.0.1\0".utf8)) == .success)
        #expect(try send(handle, [1]).result == .success)
        try second.answer(8)
        #expect(try receive(handle) == (.success, [8, 1]))
        #expect(try control(handle, 0x6600_0002, [1]) == .badParameters)
        #expect(try control(handle, 0x6600_0001, Array("127.0.0.1".utf8)) == .socketHostname)
        #expect(try control(handle, 0x6600_0001, []) == .socketHostname)
        #expect(try control(handle, 0x65f0_0000, [0, 16, 0, 0]) == .notSupported)
    }

    // MARK: Malformed

    @Test func buffersOfStreamsHaveASize() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        #expect(try control(handle, 0x65f0_0000, [0, 16, 0, 0]) == .success)
        #expect(try control(handle, 0x65f0_0000, [0, 16]) == .badParameters)
        #expect(try control(handle, 0x6600_0002, [0, 16]) == .notSupported)
        #expect(try control(handle, 0, []) == .notSupported)
    }

    @Test func unknownCommandsAndWrongTypesAreRefused() {
        for command: UInt32 in [0, 6, .max] { #expect(session.invoke(command).result == .notImplemented) }
        for command: UInt32 in 1...5 { #expect(session.invoke(command).result == .badParameters) }
    }

    @Test func sizesBeyondTheBufferAreRefused() throws {
        let (handle, other) = try connection()
        defer { withExtendedLifetime(other) {} }
        let buffer = try bed.memory([1, 2, 3])
        #expect(session.invoke(3, [.valueIn(handle), .memory(.input, buffer, size: 1 << 40), .valueOut]).result == .badParameters)
    }
}
