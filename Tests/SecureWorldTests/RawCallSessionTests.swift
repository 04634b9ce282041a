import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// An application is the client of another (OP-TEE's syscall_open_ta_session and its neighbours).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallSessionTests: RawCallTests {
    private static let infinite: RawArgument = 0xffff_ffff

    private struct End: Equatable {
        var result: TEEResult
        var origin: TEEOrigin
    }

    /// Opens a session with an application. The session is at 0 then.
    private func open(_ application: RawApplication, _ uuid: TEEUUID, session: RawArgument? = nil) throws -> End {
        application.put(uuid.structure, at: 64)
        application.put(word: 99, at: 8)
        let at = application.at
        let result = try application.call("open_ta_session", at(64), Self.infinite, 0, session ?? at(0), at(8))
        return End(result: result, origin: TEEOrigin(rawValue: application.word(8)) ?? .api)
    }

    /// `struct utee_params` at 128.
    private func put(_ application: RawApplication, types: UInt64, _ values: [UInt64]) {
        for (index, value) in ([types] + values).enumerated() { application.put(long: value, at: 128 + index * 8) }
    }

    @Test func valuesGoThereAndComeBack() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try open(application, TrustedApplications.uuid("hello_world")) == End(result: .success, origin: .trustedApplication))
            let session = application.handle(0)
            put(application, types: 3, [41, 7])
            #expect(try application.call("invoke_ta_command", session, Self.infinite, 0, at(128), at(8)) == .success)
            #expect(application.long(136) == 42 && application.long(144) == 7)
            #expect(application.word(8) == TEEOrigin.trustedApplication.rawValue)
            #expect(try application.call("close_ta_session", session) == .success)
            #expect(try application.call("close_ta_session", session) == .itemNotFound)
            #expect(try application.call("invoke_ta_command", session, Self.infinite, 0, at(128), at(8)) == .badParameters)
        }
    }

    @Test func memoryIsTheOneThatTheCallerMayUse() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try open(application, TrustedApplications.uuid("hello_world")).result == .success)
            let session = application.handle(0)
            func greet(_ address: UInt64, _ size: UInt64) throws -> TEEResult {
                put(application, types: 6, [address, size])
                application.put(word: 99, at: 8)
                return try application.call("invoke_ta_command", session, Self.infinite, 1, at(128), at(8))
            }
            #expect(try greet(application.base + 512, 64) == .success)
            #expect(application.long(144) == 13 && application.bytes(512, 13) == Array("Hello, world\0".utf8))
            // What does not fit says so to the caller.
            #expect(try greet(application.base + 512, 2) == .shortBuffer)
            #expect(application.long(144) == 13)
            #expect(try greet(application.constant, 16) == .accessDenied)
            #expect(application.word(8) == TEEOrigin.tee.rawValue)
            #expect(try greet(0, 16) == .badParameters)
            #expect(try application.call("invoke_ta_command", session, Self.infinite, 1, .nowhere, at(8)) == .accessDenied)
        }
    }

    @Test func whatIsNotThereIsNotFoundByTheTEE() throws {
        try withApplication { (application) throws in
            let at = application.at
            let unknown = TEEUUID("00000000-0000-4000-8000-000000000001") ?? .null
            #expect(try open(application, unknown) == End(result: .itemNotFound, origin: .tee))
            #expect(try open(application, TrustedApplications.uuid("hello_world"), session: .nowhere) == End(result: .accessDenied, origin: .tee))
            #expect(try open(application, TrustedApplications.uuid("hello_world"), session: .parameter(0)).result == .accessDenied)
            #expect(try application.call("open_ta_session", .nowhere, Self.infinite, 0, at(0), at(8)) == .accessDenied)
            #expect(try application.call("open_ta_session", .parameter(0), Self.infinite, 0, at(0), at(8)) == .accessDenied)
            // The origin may be wanted or not.
            application.put(TrustedApplications.uuid("hello_world").structure, at: 64)
            #expect(try application.call("open_ta_session", at(64), Self.infinite, 0, at(0), .nowhere) == .success)
        }
    }

    @Test func sessionsOfOthersAreNobodys() throws {
        try withApplication { (application) throws in
            let other = try RawApplication(application.world)
            #expect(try open(application, TrustedApplications.uuid("hello_world")).result == .success)
            let session = application.handle(0)
            #expect(try other.call("invoke_ta_command", session, Self.infinite, 0, 0, other.at(8)) == .badParameters)
            #expect(try other.call("close_ta_session", session) == .itemNotFound)
            #expect(try other.call("close_ta_session", .number(other.session)) == .itemNotFound)
        }
    }

    @Test func aCommandIsGivenUpWhenItsTimeIsOver() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try open(application, TrustedApplications.uuid("cancellation")).result == .success)
            #expect(try application.call("invoke_ta_command", application.handle(0), 30, 1, 0, at(8)) == .cancel)
            #expect(application.word(8) == TEEOrigin.trustedApplication.rawValue)
        }
    }

    /// Two applications want the third one at the same time: one waits for the other.
    @Test func whoCallsABusyApplicationWaits() async throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World()
        defer { world.end() }
        var requests: [TEERequest] = []
        for _ in 0..<3 {
            let application = try RawApplication(world)
            #expect(try open(application, TrustedApplications.uuid("cancellation")).result == .success)
            put(application, types: 1, [60, 0])
            requests.append(
                application.request(try RawApplication.number("invoke_ta_command"), [application.handle(0), Self.infinite, 0, application.at(128), application.at(8)]))
        }
        let service = world.world
        await withTaskGroup(of: Void.self) { group in
            for request in requests {
                group.addTask { await withCheckedContinuation { continuation in service.submit(request) { continuation.resume() } } }
            }
        }
        for request in requests {
            #expect(request.result == .success)
            guard case .value(_, 0, 0) = request.parameters[1] else { return #expect(Bool(false), "\(request.parameters[1])") }
        }
    }

    @Test func anApplicationThatCallsItselfIsBusy() throws {
        try withApplication { (application) throws in
            let uuid = TrustedApplications.uuid("callers")
            let request = application.world.call("callers", 4, [TrustedApplications.Buffer.input(uuid.structure), .value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            guard case .value(_, TEEResult.busy.rawValue, TEEOrigin.tee.rawValue) = request.parameters[1] else {
                return #expect(Bool(false), "\(request.parameters[1])")
            }
        }
    }

    @Test func twoThatWouldWaitForEachOtherDoNot() throws {
        try withApplication { (application) throws in
            let world = application.world.world
            let threads = (0..<2).map { _ in TAThread(world.processors) }
            let instances = try ["hello_world", "clocks"].map { try world.loader.load(TrustedApplications.uuid($0), in: world, on: threads[0]) }
            #expect(world.turns.ask(instances[0], threads[0]) == .entered)
            #expect(world.turns.ask(instances[0], threads[0]) == .never)
            #expect(world.turns.ask(instances[1], threads[1]) == .entered)
            #expect(world.turns.ask(instances[1], threads[0]) == .wait)
            #expect(world.turns.ask(instances[0], threads[1]) == .never)
            // So the second thread goes back, and the first one comes in.
            world.turns.leave(instances[1])
            #expect(world.turns.ask(instances[1], threads[0]) == .entered)
            #expect(world.turns.ask(instances[0], threads[1]) == .wait)
            for instance in instances { instance.end() }
        }
    }
}
