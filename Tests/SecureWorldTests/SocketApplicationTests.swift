import Foundation
import Testing

@testable import SecureWorld

/// A server that answers one datagram, on a thread of its own.
private final class StartedAnswer: Sendable {
    private let answered: Task<Void, Never>

    init(_ server: PseudoTALoopback) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            try? server.answer(7)
            continuation.finish()
        }
        answered = Task { for await _ in stream {} }
    }

    func end() async { await answered.value }
}

/// The sockets of the development kit, up to servers of this machine.
@Suite("Sockets of applications", .enabled(if: TrustedApplications.canRun))
struct SocketApplicationTests {
    private let host = TrustedApplications.Buffer.input("127.0.0.1\0")

    private func with(_ body: (TrustedApplications.World) throws -> Void) throws {
        let world = try TrustedApplications.World { $0.allowsNetwork = true }
        defer { world.end() }
        try body(world)
    }

    @Test func datagramsGoToAServerAndBack() async throws {
        let server = try PseudoTALoopback(stream: false)
        // Not on the pool's few threads, which other tests hold.
        let answer = StartedAnswer(server)
        let reply = TrustedApplications.Buffer([UInt8](repeating: 0, count: 16))
        try with { world in
            let request = world.call(
                "sockets", 0, [.value(.input, a: UInt32(server.port), b: 1), host, TrustedApplications.Buffer.input([1, 2, 3]), reply.parameter(.output)])
            #expect(request.result == .success)
        }
        await answer.end()
        #expect(reply.bytes.prefix(4) == [7, 1, 2, 3])
    }

    /// GlobalPlatform TEE Sockets API 1.0.1, 4.2.8: commands of no protocol concern whoever knows them; those of the socket's protocol and of others have to be known.
    @Test(
        arguments: [
            (0x00f0_0000, 0, TEEResult.success), (0x00f0_0000, 1, .success), (0x65f0_0000, 0, .success), (0x65f0_0001, 0, .success), (0x6500_0000, 0, .targetDead),
            (0x6600_0000, 1, .targetDead), (0x65f0_0000, 1, .targetDead), (0x3200_0000, 0, .targetDead), (0x3200_0000, 1, .targetDead),
        ] as [(UInt32, UInt32, TEEResult)]) func commandsOfASocketAreKnown(_ command: UInt32, _ isDatagram: UInt32, _ result: TEEResult) throws
    {
        try with { world in
            let server = try PseudoTALoopback(stream: isDatagram == 0)
            let bytes = TrustedApplications.Buffer.input([0, 16, 0, 0])
            let request = world.call("sockets", 1, [.value(.input, a: UInt32(server.port), b: isDatagram), host, .value(.input, a: command, b: 0), bytes])
            #expect(request.result == result)
        }
    }
}
