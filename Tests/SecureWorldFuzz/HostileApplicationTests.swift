import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// Applications that mean no good end themselves at most: their own instance answers TARGET_DEAD, and everybody else is served as before.
@Suite(.enabled(if: FuzzApplications.canRun)) struct HostileApplicationTests {
    typealias Hostile = FuzzApplications.Hostile

    private func inWorld(timeLimit: Double = 60, _ body: (FuzzWorld) throws -> Void) throws {
        let world = try FuzzWorld(timeLimit: timeLimit)
        defer { world.end() }
        try body(world)
        #expect(world.log.counts.failures == [], "KVM failed")
    }

    private func session(_ world: FuzzWorld, _ variant: Hostile = .plain) throws -> UInt32 {
        let opening = world.open(variant.uuid)
        try #require(opening.result == .success)
        return opening.session
    }

    private func expectLife(_ world: FuzzWorld, _ session: UInt32) {
        let request = world.invoke(session, 0, [.value([.input, .output], a: 6, b: 0)])
        #expect(request.result == .success)
        if case .value(_, let a, _) = request.parameters[0] { #expect(a == 7) }
    }

    /// The numbers of all live calls but `return` and `panic`, by the table of OP-TEE's tee_syscall_numbers.h.
    private static let calls: [UInt32] = [1] + Array(3...54) + [70]

    @Test(arguments: calls) func badPointersAreAnswered(_ call: UInt32) throws {
        try inWorld { world in
            let session = try session(world)
            let accepted = (0..<8).compactMap { answer(world, session, call, $0) }
            #expect(accepted.isEmpty)
            expectLife(world, session)
        }
    }

    /// What was wrong with the answer of a call with bad pointers; nil: nothing.
    private func answer(_ world: FuzzWorld, _ session: UInt32, _ call: UInt32, _ kind: UInt32) -> String? {
        let request = world.invoke(session, 2, [.value(.input, a: call, b: kind), .value(.output, a: 0, b: 0)])
        guard request.result == .success else { return "call \(call), kind \(kind): the application did not survive" }
        guard case .value(_, let result, let takesPointers) = request.parameters[1] else { return "no value came back" }
        // Some may be asked about anything: a name or a time where code is, rights to any memory; the vector of a digest is not looked at, in OP-TEE neither; and the
        // sixth kind is code, which can be read.
        let isGood = [1, 4, 8, 14, 18].contains(call) || kind == 6
        return takesPointers == 0 || result != 0 || isGood ? nil : "call \(call), kind \(kind): a bad pointer was accepted"
    }

    @Test(arguments: [3, 4] as [UInt32]) func whatNeverEndsEndsWithItsTime(_ command: UInt32) throws {
        try inWorld(timeLimit: 0.5) { world in
            let (other, session) = (try session(world), try session(world))
            let request = world.invoke(session, command)
            #expect(request.result == .targetDead && request.origin == .tee)
            #expect(world.invoke(session, 0).result == .targetDead)
            world.close(session)
            expectLife(world, other)
        }
    }

    @Test(arguments: [Hostile.loopsInCreate, .loopsInOpen]) func loopsOfAnOpeningEndWithItsTime(_ variant: Hostile) throws {
        try inWorld(timeLimit: 0.5) { world in
            let other = try session(world)
            for _ in 0..<2 {
                let opening = world.open(variant.uuid)
                #expect(opening.result == .targetDead && opening.origin == .tee && opening.session == 0)
            }
            expectLife(world, other)
        }
    }

    @Test(arguments: [Hostile.loopsInDestroy, .loopsInClose]) func loopsOfAClosingEndWithItsTime(_ variant: Hostile) throws {
        try inWorld(timeLimit: 0.5) { world in
            let (other, session) = (try session(world), try session(world, variant))
            world.close(session)
            #expect(world.invoke(session, 0).result == .badParameters)
            expectLife(world, other)
            let again = try self.session(world, variant)
            expectLife(world, again)
        }
    }

    @Test func aStackThatIsUsedUpEndsTheInstance() throws {
        try inWorld { world in
            let (other, session) = (try session(world), try session(world))
            #expect(world.invoke(session, 5).result == .targetDead)
            expectLife(world, other)
        }
    }

    @Test func whatIsBeyondABufferIsNobodysMemory() throws {
        try inWorld { world in
            let (other, session) = (try session(world), try session(world))
            let memory = FuzzBuffer.Memory(8192)
            let request = world.invoke(session, 10, [.memory([.input, .output], FuzzBuffer(memory, 0, 4096), size: 4096)])
            #expect(request.result == .targetDead)
            #expect(memory.bytes.withLock { $0.allSatisfy { $0 == 0xa5 } })
            expectLife(world, other)
        }
    }

    /// Heap, mapped memory, random bytes, a line of the log, access rights, a name, a cache operation, an object of these sizes.
    @Test(arguments: 0..<8 as Range<UInt32>) func giantSizesAreRefused(_ kind: UInt32) throws {
        try inWorld { world in
            let session = try session(world)
            let request = world.invoke(session, 6, [.value(.input, a: kind, b: 0), .value(.output, a: 1, b: 0)])
            #expect(request.result == .success)
            if case .value(_, let granted, _) = request.parameters[1] { #expect(granted == 0) }
            expectLife(world, session)
        }
    }

    @Test(arguments: 0..<45 as Range<UInt32>) func instructionsOfAKernelDisturbNobody(_ instruction: UInt32) throws {
        try inWorld(timeLimit: 5) { world in
            let (other, session) = (try session(world), try session(world))
            let request = world.invoke(session, 8, [.value(.input, a: instruction, b: 0)])
            #expect([.success, .targetDead].contains(request.result))
            expectLife(world, other)
            // Flags, registers and floating point are as they should be for whoever uses the processor next.
            expectLife(world, try self.session(world))
        }
    }

    /// One call of the core that would take hours: the instance's time counts there as well, and the world can end.
    @Test func aCallThatTakesLongEndsWithItsTime() throws {
        try inWorld(timeLimit: 1) { world in
            let (other, session) = (try session(world), try session(world))
            let start = ContinuousClock.now
            #expect(world.invoke(session, 9, [.value(.input, a: .max, b: 0)]).result == .targetDead)
            // It would take more than an hour on any machine.
            #expect(ContinuousClock.now - start < .seconds(120))
            expectLife(world, other)
        }
    }

    @Test func sessionsWithOthersComeToAnEnd() throws {
        try inWorld(timeLimit: 120) { world in
            let session = try session(world)
            let request = world.invoke(session, 12, [.value(.input, a: UInt32(Hostile.plain.rawValue), b: 0), .value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            guard case .value(_, let count, let last) = request.parameters[1] else { return }
            #expect(count > 0 && last == TEEResult.outOfMemory.rawValue, "\(count) sessions, then 0x\(String(last, radix: 16))")
            world.close(session)
            // What it had opened went with it.
            #expect(world.isAlive)
            expectLife(world, try self.session(world))
        }
    }

    /// What the host keeps for handles counts against the secure world's memory, and is given back.
    @Test func handlesWithoutEndAreRefusedAndGivenBack() throws {
        let world = try FuzzWorld(timeLimit: 300, memoryLimit: 48 << 20)
        defer { world.end() }
        let other = try session(world)
        let before = world.used
        for _ in 0..<2 {
            let session = try session(world)
            let request = world.invoke(session, 11, [.value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            // Objects of at least a kilobyte in 48 MiB.
            if case .value(_, let count, _) = request.parameters[0] { #expect(count > 1000 && count < 48 << 10) }
            expectLife(world, other)
            world.close(session)
            #expect(world.used < before + (2 << 20))
        }
    }

    @Test func anInstanceThatEndsTakesNoOtherSessionWithIt() throws {
        try inWorld(timeLimit: 1) { world in
            let (first, second) = (try session(world, .shared), try session(world, .shared))
            let other = try session(world)
            #expect(world.invoke(first, 3).result == .targetDead)
            #expect(world.invoke(second, 0).result == .targetDead)
            expectLife(world, other)
            world.close(first)
            world.close(second)
            // The next client gets an instance that lives.
            expectLife(world, try session(world, .shared))
        }
    }

    /// Threads that use a session and threads that close it and open others, as a client's may.
    @Test func aSessionThatIsClosedByOneThreadAndUsedByAnotherIsOneOrTheOther() throws {
        try inWorld { world in
            for variant in [Hostile.plain, .shared] {
                for _ in 0..<60 {
                    let session = try session(world, variant)
                    let results = Mutex<[TEEResult]>([])
                    together(4) { index in
                        if index == 3 { return world.close(session) }
                        for seed in 0..<3 as Range<UInt32> {
                            let direction: TEEDirection = index == 2 ? .input : [.input, .output]
                            let request = world.invoke(session, index == 2 ? 1 : 0, [.value(direction, a: seed, b: 1), .value(.input, a: 5, b: 1000)])
                            results.withLock { $0.append(request.result) }
                        }
                    }
                    let allowed: Set<TEEResult> = [.success, .badParameters, .targetDead]
                    #expect(results.withLock { $0.allSatisfy { allowed.contains($0) || $0.rawValue < 0xf000_0000 } }, "\(results.withLock { $0 })")
                }
            }
        }
    }

    /// A world may end while clients are inside.
    @Test func aWorldEndsWithItsClientsInside() throws {
        for delay in [0, 1000, 30_000] as [UInt32] {
            let world = try FuzzWorld(timeLimit: 60)
            let sessions = try [Hostile.plain, .plain, .shared].map { try session(world, $0) }
            let ended = Mutex(0)
            together(4) { index in
                if index == 3 {
                    usleep(delay)
                    world.world.end()
                } else {
                    let result = world.invoke(sessions[index], 3).result
                    if result == .targetDead || result == .badParameters { ended.withLock { $0 += 1 } }
                }
            }
            #expect(ended.withLock { $0 } == 3)
            #expect(world.open(Hostile.plain.uuid).result == .outOfMemory)
            world.end()
        }
    }
}
