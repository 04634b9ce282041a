import Foundation
import Testing

@testable import SecureWorld

/// Applications that were built with the development kit run in their virtual machine as the specification says.
@Suite(.enabled(if: TrustedApplications.canRun)) struct ApplicationTests {
    private typealias Buffer = TrustedApplications.Buffer

    private func inWorld(timeLimit: Double? = 20, _ body: (TrustedApplications.World) throws -> Void) throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World(timeLimit: timeLimit)
        defer { world.end() }
        try body(world)
    }

    @Test func aValueGoesInAndComesBack() throws {
        try inWorld { world in
            let request = world.call("hello_world", 0, [.value([.input, .output], a: 41, b: 7)])
            #expect(request.result == .success)
            #expect(request.origin == .trustedApplication)
            guard case .value(_, 42, 7) = request.parameters[0] else { return #expect(Bool(false), "\(request.parameters[0])") }
        }
    }

    @Test func memoryComesBackWithItsSize() throws {
        try inWorld { world in
            let buffer = Buffer([UInt8](repeating: 0xff, count: 64))
            let request = world.call("hello_world", 1, [buffer.parameter(.output)])
            #expect(request.result == .success)
            guard case .memory(_, _, let size) = request.parameters[0] else { return }
            #expect(size == 13)
            #expect(buffer.bytes.prefix(13) == Array("Hello, world\0".utf8)[...])
            // What lies behind the result is as it was.
            #expect(buffer.bytes.dropFirst(13).allSatisfy { $0 == 0xff })
        }
    }

    @Test func whatDoesNotFitIsSaidWithTheSizeItNeeds() throws {
        try inWorld { world in
            let request = world.call("hello_world", 1, [Buffer([0, 0]).parameter(.output)])
            #expect(request.result == .shortBuffer)
            guard case .memory(_, _, 13) = request.parameters[0] else { return #expect(Bool(false), "\(request.parameters[0])") }
        }
    }

    @Test func anUnknownApplicationIsNotFound() throws {
        try inWorld { world in
            let request = TEERequest(.open(TEEUUID("00000000-0000-4000-8000-000000000001") ?? .null, TEEClientIdentity(login: 0, uuid: .null)))
            world.world.perform(request)
            #expect(request.result == .itemNotFound)
            #expect(request.origin == .tee)
        }
    }

    /// TEE_Panic, null pointers, writes to code, running data, divisions by zero, stack overflow, misuse of the heap, abort, assert, a smashed stack, wrong handles, an invalid instruction.
    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15] as [UInt32]) func aPanicEndsTheInstanceAndNothingElse(_ command: UInt32) throws {
        try inWorld { world in
            let other = world.open("hello_world")
            let session = world.open("panics")
            #expect(session.result == .success)
            let request = world.invoke(session.session, command, [.value(.input, a: 5, b: 0)])
            #expect(request.result == .targetDead)
            #expect(request.origin == .tee)
            #expect(world.invoke(session.session, 0).result == .targetDead)
            world.world.perform(TEERequest(.close(session: session.session)))
            #expect(world.invoke(other.session, 0, [.value([.input, .output], a: 1, b: 0)]).result == .success)
            #expect(world.open("panics").result == .success)
        }
    }

    @Test func aLoopEndsWithItsTime() throws {
        try inWorld(timeLimit: 1) { world in #expect(world.call("panics", 11).result == .targetDead) }
    }

    @Test func constructorsExceptionsAndThreadLocalsWork() throws {
        try inWorld { world in
            guard case .value(_, 3, 1) = world.call("cplusplus", 0, [.value(.output, a: 0, b: 0)]).parameters[0] else { return #expect(Bool(false)) }
            guard case .value(_, 1234, 0) = world.call("cplusplus", 1, [.value(.output, a: 0, b: 0), .value(.output, a: 0, b: 0)]).parameters[0] else {
                return #expect(Bool(false))
            }
            guard case .value(_, 7, 3) = world.call("cplusplus", 2, [.value(.input, a: 7, b: 0), .value(.output, a: 0, b: 0)]).parameters[1] else {
                return #expect(Bool(false))
            }
        }
    }

    @Test func digestsAreThoseOfTheStandard() throws {
        try inWorld { world in
            let digest = Buffer([UInt8](repeating: 0, count: 32))
            // FIPS 180-2, appendix B.1, in updates of one byte each.
            #expect(world.call("crypto", 0, [.value(.input, a: 0x5000_0004, b: 1), Buffer.input("abc"), digest.parameter(.output)]).result == .success)
            let text = digest.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            #expect(text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    @Test func whatIsStoredIsThereInTheNextSession() throws {
        try inWorld { world in
            #expect(world.call("storage", 0, [Buffer.input("name"), Buffer.input("contents"), .value(.input, a: 1, b: 0)]).result == .success)
            let buffer = Buffer([UInt8](repeating: 0, count: 20))
            let request = world.call("storage", 1, [Buffer.input("name"), .value(.input, a: 3, b: 0), buffer.parameter(.output)])
            #expect(request.result == .success)
            guard case .memory(_, _, 5) = request.parameters[2] else { return #expect(Bool(false)) }
            #expect(buffer.bytes.prefix(5) == Array("tents".utf8)[...])
            #expect(world.call("storage", 1, [Buffer.input("none"), .value(.input, a: 0, b: 0), buffer.parameter(.output)]).result == .itemNotFound)
        }
    }

    @Test func oneApplicationCallsAnother() throws {
        try inWorld { world in
            let target = TrustedApplications.uuid("hello_world").structure
            let request = world.call("callers", 0, [Buffer.input(target), .value(.input, a: 0, b: 0), .value([.input, .output], a: 9, b: 0)])
            #expect(request.result == .success)
            guard case .value(_, 10, _) = request.parameters[2] else { return #expect(Bool(false), "\(request.parameters[2])") }
        }
    }

    @Test func clientsOfSeveralThreadsAreServedAtTheSameTime() async throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World()
        defer { world.end() }
        let service = world.world
        let uuid = TrustedApplications.uuid("hello_world")
        let results = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var good = 0
                    for number in 0..<20 as Range<UInt32> {
                        let opening = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)))
                        service.perform(opening)
                        let request = TEERequest(.invoke(session: opening.session, command: 0), parameters: [.value([.input, .output], a: number, b: 0)])
                        service.perform(request)
                        if case .value(_, number + 1, _) = request.parameters[0], request.result == .success { good += 1 }
                        service.perform(TEERequest(.close(session: opening.session)))
                    }
                    return good
                }
            }
            return await group.reduce(0, +)
        }
        #expect(results == 160)
    }
}
