import Foundation
import LibraryOS
import Synchronization
import Testing

@testable import SecureWorld

/// Commands in a quick row, for which a processor waits inside the application (`TAStandby`).
@Suite(.enabled(if: TrustedApplications.canRun)) struct StandbyTests {
    /// Hands the request over as `/dev/tee0` does, and waits on the calling thread.
    private static func submit(_ request: TEERequest, to world: SecureWorld) {
        let done = DispatchSemaphore(value: 0)
        world.submit(request) { done.signal() }
        done.wait()
    }

    private static func addOne(_ session: UInt32, to number: UInt32, in world: SecureWorld) -> TEERequest {
        let request = TEERequest(.invoke(session: session, command: 0), parameters: [.value([.input, .output], a: number, b: 0)])
        submit(request, to: world)
        return request
    }

    /// A thread of its own: what waits here must not hold up other tests.
    private static func onThread(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                body()
                continuation.resume()
            }
        }
    }

    /// How many of `count` commands did not answer the number after theirs.
    private static func wrongAnswers(_ session: UInt32, count: UInt32, in world: SecureWorld) -> Int {
        (0..<count).count { number in
            let request = addOne(session, to: number, in: world)
            guard request.result == .success, request.origin == .trustedApplication, case .value(_, let answer, _) = request.parameters[0] else { return true }
            return answer != number + 1
        }
    }

    @Test func everyCommandOfAQuickRowHasItsAnswer() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let (session, service) = (world.open("hello_world").session, world.world)
        // Beside other tests no processor may be free to wait for a while.
        for row in 0..<20 where row == 0 || service.standbyCommands.load(ordering: .relaxed) == 0 {
            await Self.onThread { #expect(Self.wrongAnswers(session, count: 3000, in: service) == 0) }
        }
        if ProcessInfo.processInfo.activeProcessorCount > 1 { #expect(service.standbyCommands.load(ordering: .relaxed) > 0) }
    }

    /// The row moves from one thread to another, and so does the virtual processor that runs the application.
    @Test func aRowThatMovesBetweenThreadsHasItsAnswers() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let (session, service) = (world.open("hello_world").session, world.world)
        for turn in 0..<40 {
            await Self.onThread {
                #expect(Self.wrongAnswers(session, count: 60, in: service) == 0)
                // Directly, which sends the processor that waits away.
                let request = TEERequest(.invoke(session: session, command: 0), parameters: [.value([.input, .output], a: UInt32(turn), b: 0)])
                service.perform(request)
                #expect(request.result == .success)
            }
        }
    }

    @Test func clientsThatComeAndGoMeanwhileHaveTheirAnswers() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let service = world.world
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await Self.onThread {
                        for _ in 0..<8 {
                            let opening = TEERequest(.open(TrustedApplications.uuid("callers"), TEEClientIdentity(login: 0, uuid: .null)))
                            Self.submit(opening, to: service)
                            #expect(opening.result == .success)
                            for _ in 0..<40 {
                                let request = TEERequest(.invoke(session: opening.session, command: 0x7fff_ffff))
                                Self.submit(request, to: service)
                                #expect(request.origin == .trustedApplication && request.result != .targetDead)
                            }
                            Self.submit(TEERequest(.close(session: opening.session)), to: service)
                        }
                    }
                }
            }
        }
    }

    /// Calls that are quick, calls that go on elsewhere, and some that do not fit into the mailbox: the same answers as without a processor that waits.
    @Test(
        arguments: [
            ("get_time", [0, 64]), ("check_access_rights", [1, 0, 64]), ("wait", [1]), ("log", [0, 16]), ("get_property", [0, 0, 64, 8, 256, 16, 128]),
            ("cryp_random_number_generate", [256, 4096]), ("cryp_obj_get_info", [77, 64]), ("storage_obj_del", [77]), ("no such call", []),
        ] as [(String, [UInt64])])
    func everyCallIsAnsweredAsOtherwise(_ name: String, _ offsets: [UInt64]) async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let application = try RawApplication(world)
        let number = try name == "no such call" ? 1000 : RawApplication.number(name)
        // Room for the property's type and name; offsets below 64 stand for numbers.
        application.own[8] = 32
        application.own[16] = 64
        let arguments = offsets.enumerated().map { index, offset in
            offset >= 64 && offset < 4096 || name == "get_property" && index == 3 || name == "get_property" && index == 5
                ? RawArgument(application.base + offset) : RawArgument(offset)
        }
        let usual = application.request(number, arguments)
        world.world.perform(usual)
        let expected = application.take(usual)
        let service = world.world
        let requests = (0..<60).map { _ in application.request(number, arguments) }
        await Self.onThread { for request in requests { Self.submit(request, to: service) } }
        for request in requests { #expect(application.take(request) == expected) }
    }

    @Test func aPanicInARowEndsTheInstanceAndNothingElse() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let service = world.world
        let (session, other) = (world.open("hello_world").session, world.open("hello_world").session)
        let raw = try RawApplication(world)
        let harmless = try raw.request(RawApplication.number("check_access_rights"), [1, RawArgument(raw.base), 64])
        let panic = try raw.request(RawApplication.number("panic"), [7])
        await Self.onThread {
            for _ in 0..<40 { Self.submit(harmless, to: service) }
            Self.submit(panic, to: service)
            #expect(panic.result == .targetDead)
            Self.submit(harmless, to: service)
            #expect(harmless.result == .targetDead)
            #expect(Self.wrongAnswers(session, count: 40, in: service) == 0)
            #expect(Self.wrongAnswers(other, count: 40, in: service) == 0)
        }
    }

    /// Applications that call each other: a processor waits only where its thread has nothing else to do.
    @Test func commandsThatApplicationsGiveEachOtherEnd() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let service = world.world
        let raw = try RawApplication(world)
        raw.own.replaceSubrange(64..<80, with: TrustedApplications.uuid("hello_world").structure)
        let infinite = RawArgument(0xffff_ffff)
        #expect(try raw.call("open_ta_session", RawArgument(raw.base + 64), infinite, 0, RawArgument(raw.base), RawArgument(raw.base + 8)) == .success)
        let session = raw.handle(0)
        let invoke = try RawApplication.number("invoke_ta_command")
        let requests = (0..<40).map { _ in raw.request(invoke, [session, infinite, 9, 0, RawArgument(raw.base + 8)]) }
        let harmless = try raw.request(RawApplication.number("check_access_rights"), [1, RawArgument(raw.base), 64])
        await Self.onThread {
            for request in requests {
                Self.submit(request, to: service)
                Self.submit(harmless, to: service)
            }
        }
        for request in requests { #expect(raw.take(request) == .notSupported) }
    }

    /// It asks for the flag again and again, each time quickly.
    @Test func aCommandOfManyQuickCallsLeavesTheClientsThread() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let (session, service) = (world.open("cancellation").session, world.world)
        await Self.onThread {
            for _ in 0..<8 {
                let unknown = TEERequest(.invoke(session: session, command: 77))
                Self.submit(unknown, to: service)
                #expect(unknown.result == .notSupported)
            }
            let endless = TEERequest(.invoke(session: session, command: 2))
            let done = DispatchSemaphore(value: 0)
            // Returns although the command does not.
            service.submit(endless) { done.signal() }
            endless.cancel()
            done.wait()
            #expect(endless.result == .success)
        }
    }

    /// A completion may give the same application a command.
    @Test func aCompletionMayWaitForTheSameApplication() async throws {
        let world = try TrustedApplications.World()
        defer { world.end() }
        let (session, service) = (world.open("hello_world").session, world.world)
        await Self.onThread {
            for number in 0..<40 {
                let done = DispatchSemaphore(value: 0)
                service.submit(TEERequest(.invoke(session: session, command: 0), parameters: [.value([.input, .output], a: UInt32(number), b: 0)])) {
                    let next = TEERequest(.invoke(session: session, command: 0), parameters: [.value([.input, .output], a: 1, b: 0)])
                    service.perform(next)
                    #expect(next.result == .success)
                    done.signal()
                }
                done.wait()
            }
        }
    }

    /// It says in its mailbox that it has returned, and loops.
    @Test func anApplicationThatOnlySaysItReturnsIsEnded() async throws {
        let world = try TrustedApplications.World(timeLimit: 1)
        defer { world.end() }
        let service = world.world
        let session = world.open("impostor").session
        await Self.onThread {
            #expect(Self.wrongAnswers(session, count: 60, in: service) == 0)
            let request = TEERequest(.invoke(session: session, command: 1))
            Self.submit(request, to: service)
            #expect(request.result == .success || request.result == .targetDead)
            let next = Self.addOne(session, to: 1, in: service)
            #expect(next.result == .targetDead || next.result == .success)
        }
        // Nobody waits for it: it leaves the processor by itself, or rather not by itself.
        let instance = try #require(service.session(session)?.instance)
        while instance.standby.isStanding { try await Swift.Task.sleep(for: .milliseconds(20)) }
    }

    @Test func theSecureWorldEndsWhileAProcessorWaits() async throws {
        for _ in 0..<5 {
            let world = try TrustedApplications.World()
            let (session, service) = (world.open("hello_world").session, world.world)
            await Self.onThread { #expect(Self.wrongAnswers(session, count: 60, in: service) == 0) }
            world.end()
            await Self.onThread { #expect(Self.addOne(session, to: 1, in: service).result != .success) }
        }
    }
}
