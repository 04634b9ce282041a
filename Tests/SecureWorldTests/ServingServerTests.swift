import Foundation
import TEEClient
import Testing

@testable import SecureWorld

private typealias Raw = ServingRawClient

@Suite("The server of the socket")
struct ServingServerTests {
    @Test("stopping cancels what is under way, closes all sessions and removes the file")
    func stopping() throws {
        let fixture = try ServingFixture()
        let clients = try (0..<3).map { _ in try Raw(fixture.path) }
        for client in clients { client.send(SKERRY_TEE_INVOKE, id: 1, Raw.invoke(try client.session(), 4)) }
        #expect(fixture.eventually { fixture.service.record.running == 3 })
        fixture.server.stop()
        #expect(fixture.service.record.cancelled == 3 && fixture.service.record.open.isEmpty && fixture.server.connectionCount == 0)
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
        #expect(clients.allSatisfy { $0.isEnded })
        fixture.server.stop()
        fixture.server.wait()
    }

    @Test("only a socket that nobody listens to is replaced")
    func replacing() throws {
        let fixture = try ServingFixture()
        #expect(throws: TEEResult.accessConflict) { try TEESocketServer(service: fixture.service, path: fixture.path) }
        let abandoned = fixture.folder.path + "/abandoned"
        let listener = try ListeningSocket.make(path: abandoned, mode: 0o600)
        #expect(throws: TEEResult.accessConflict) { try TEESocketServer(service: fixture.service, path: abandoned) }
        shutdown(listener.number, Int32(SHUT_RDWR))
        try TEESocketServer(service: fixture.service, path: abandoned).stop()
        let file = fixture.folder.path + "/file"
        try "kept".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(throws: TEEResult.accessConflict) { try TEESocketServer(service: fixture.service, path: file) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
        #expect(throws: TEEResult.accessDenied) { try TEESocketServer(service: fixture.service, path: fixture.folder.path + "/missing/socket") }
        for path in ["", String(repeating: "x", count: 108), "a\0b"] {
            #expect(throws: TEEResult.badParameters) { try TEESocketServer(service: fixture.service, path: path) }
        }
    }

    @Test("the file has the permissions asked for", arguments: [0o600, 0o660, 0o666])
    func permissions(_ mode: UInt32) throws {
        let folder = try ServingFolder()
        let server = try TEESocketServer(service: ServingTestService(), path: folder.path + "/socket", mode: mode)
        let attributes = try FileManager.default.attributesOfItem(atPath: server.path)
        // What the process's mask leaves of it: nobody else changes that in a test.
        #expect((attributes[.posixPermissions] as? Int).map { UInt32($0) & ~mode == 0 && $0 & 0o600 == 0o600 } ?? false)
        server.stop()
    }

    @Test("connections beyond the limits are told that the server is busy", arguments: [true, false])
    func connections(_ isOfUser: Bool) throws {
        var limits = TEEServingLimits()
        if isOfUser { limits.connectionsPerUser = 2 } else { limits.connections = 2 }
        let fixture = try ServingFixture(limits: limits)
        var clients = try (0..<2).map { _ in try Raw(fixture.path) }
        let third = try Raw(fixture.path, greeting: false)
        #expect(third.welcome()?.result == TEEResult.busy.rawValue)
        #expect(third.isEnded)
        let outcome = try ServingClients.run("hanging", socket: fixture.path)
        #expect(outcome.lines == ["initialize: ffff000d from 0"])
        clients.removeLast()
        #expect(fixture.eventually { fixture.server.connectionCount == 1 })
        clients.append(try Raw(fixture.path))
    }

    @Test("a connection that says nothing is ended")
    func silence() throws {
        var limits = TEEServingLimits()
        limits.greetingSeconds = 2
        let fixture = try ServingFixture(limits: limits)
        let silent = try Raw(fixture.path, greeting: false)
        let greeted = try Raw(fixture.path)
        #expect(silent.isEnded)
        usleep(2_200_000)
        #expect(try greeted.session() != 0)
    }

    @Test("sessions and requests beyond the limits are busy, and cancellations arrive all the same")
    func requests() throws {
        var limits = TEEServingLimits()
        limits.sessions = 2
        limits.requests = 3
        let fixture = try ServingFixture(limits: limits)
        let client = try Raw(fixture.path)
        let session = try client.session()
        _ = try client.session()
        client.send(SKERRY_TEE_OPEN, id: 1, Raw.open())
        #expect(client.answer()?.code == .busy)
        for id in 10..<13 as Range<UInt64> { client.send(SKERRY_TEE_INVOKE, id: id, Raw.invoke(session, 4)) }
        for id in 20..<40 as Range<UInt64> {
            client.send(SKERRY_TEE_INVOKE, id: id, Raw.invoke(session, 4))
            let answer = try #require(client.answer())
            #expect(answer.id == id && answer.code == .busy && answer.result.origin == TEEOrigin.communication.rawValue)
        }
        for id in [99, 11, 10, 12] as [UInt64] {
            client.send(SKERRY_TEE_CANCEL, id: 0, skerry_tee_cancel(request: id))
            guard id != 99 else { continue }
            let answer = try #require(client.answer())
            #expect(answer.id == id && answer.code == .cancel)
        }
        client.send(SKERRY_TEE_INVOKE, id: 50, Raw.invoke(session, 0))
        #expect(client.answer()?.code == .success)
    }

    @Test("a session that is closed while a command runs closes after it")
    func closing() throws {
        let fixture = try ServingFixture()
        let client = try Raw(fixture.path)
        let session = try client.session()
        client.send(SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 4))
        #expect(fixture.eventually { fixture.service.record.running == 1 })
        client.send(SKERRY_TEE_CLOSE, id: 2, skerry_tee_close(session: session, reserved: 0))
        #expect(client.answer().map { $0.id == 2 && $0.code == .success } ?? false)
        client.send(SKERRY_TEE_INVOKE, id: 3, Raw.invoke(session, 0))
        #expect(client.answer()?.code == .badParameters)
        #expect(fixture.service.record.closed.isEmpty)
        client.send(SKERRY_TEE_CANCEL, id: 0, skerry_tee_cancel(request: 1))
        #expect(client.answer().map { $0.id == 1 && $0.code == .cancel } ?? false)
        #expect(fixture.eventually { fixture.service.record.closed.count == 1 && fixture.service.record.open.isEmpty })
    }

    @Test("descriptors are limited: those of a connection, of a user, and all together")
    func descriptors() throws {
        var limits = TEEServingLimits()
        limits.descriptors = 20
        let fixture = try ServingFixture(limits: limits)
        let outcome = try ServingClients.run("descriptors", socket: fixture.path)
        #expect(outcome.lines.suffix(2) == ["too many: ffff000c after 20", "again: 00000000"])
        limits.descriptorsPerUser = 10
        let smaller = try ServingFixture(limits: limits)
        #expect(try ServingClients.run("descriptors", socket: smaller.path).lines.suffix(2) == ["too many: ffff000c after 10", "again: 00000000"])
    }
}
