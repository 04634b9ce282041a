import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// Parameters of any type, value, size and place, from several clients at a time, with memory that others change meanwhile, harm no one but the application they are for.
@Suite(.enabled(if: FuzzApplications.canRun)) struct ParameterFuzzTests {
    @Test func randomParametersHarmNobodyElse() throws { try Fuzzing.inChild("parameterFuzz") }

    /// Not a test by itself: the process that fuzzes.
    @Test(.enabled(if: Fuzzing.isChild("parameterFuzz"))) func parameterFuzzChild() throws { try ParameterFuzzer().run() }
}

/// Clients of one secure world that share their sessions and their memory.
private final class ParameterFuzzer: @unchecked Sendable {
    private let memory = FuzzBuffer.Memory(2 << 20)
    /// Sessions that are open, and some that were; any client may use any of them.
    private let sessions = Mutex<[UInt32]>([])
    private let results = Mutex<[TEEResult: Int]>([:])
    private let applications: [TEEUUID] =
        ["hello_world", "properties", "panics", "callers", "crypto", "storage", "memory_references", "library"].map(FuzzApplications.uuid)
        + [FuzzApplications.Hostile.plain.uuid, FuzzApplications.Hostile.shared.uuid]
    private var world: FuzzWorld?

    func run() throws {
        try Fuzzing.rounds(settle: settle) { random, round in
            let world = try self.world ?? FuzzWorld(timeLimit: 2)
            self.world = world
            let seeds = (0..<3).map { _ in random.next() }
            together(3) { [self] index in
                var own = FuzzRandom(seed: seeds[index], round: 0)
                for _ in 0..<30 { if index == 2 { scribble(&own) } else { act(&own, world) } }
            }
            if round % 8 == 0 { #expect(world.isAlive, "another application does not answer after round \(round)") }
            if round % 40 == 39 { try settle() }
        }
        let results = results.withLock { $0 }
        Fuzzing.say("\(results.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
        #expect(results[.success, default: 0] > 0 && results[.badParameters, default: 0] > 0)
    }

    private func settle() throws {
        guard let world else { return }
        #expect(world.log.counts.failures == [], "KVM failed")
        for session in sessions.withLock({ $0 }) { world.close(session) }
        sessions.withLock { $0 = [] }
        world.end()
        self.world = nil
    }

    /// What another thread of the client does to its memory.
    private func scribble(_ random: inout FuzzRandom) {
        for _ in 0..<200 {
            let (place, value) = (random.below(2 << 20), UInt8(truncatingIfNeeded: random.next()))
            memory.bytes.withLock { $0[place] = value }
        }
    }

    private func act(_ random: inout FuzzRandom, _ world: FuzzWorld) {
        let known = sessions.withLock { $0 }
        let session = known.isEmpty || random.one(in: 20) ? UInt32(truncatingIfNeeded: random.edge()) : random.element(known)
        let kind: TEERequest.Kind
        switch random.next() % 8 {
        case 0, 1: kind = .open(random.one(in: 30) ? .null : random.element(applications), identity(&random))
        case 2: kind = .close(session: session)
        default: kind = .invoke(session: session, command: command(&random))
        }
        let request = TEERequest(kind, parameters: (0..<random.below(6)).map { _ in parameter(&random) })
        if random.one(in: 12) {
            // Elsewhere, and given up.
            let done = DispatchSemaphore(value: 0)
            world.world.submit(request) { done.signal() }
            request.cancel()
            done.wait()
        } else {
            world.world.perform(request)
        }
        results.withLock { $0[request.result, default: 0] += 1 }
        if case .open = kind, request.result == .success {
            let surplus = sessions.withLock { sessions -> UInt32? in
                sessions.append(request.session)
                return sessions.count > 24 ? sessions.remove(at: random.below(sessions.count)) : nil
            }
            if let surplus { world.close(surplus) }
        }
        if case .close = kind, random.one(in: 2) { sessions.withLock { sessions in sessions.removeAll { $0 == session } } }
    }

    /// Not what loops for ever: that takes its time and is tried elsewhere.
    private func command(_ random: inout FuzzRandom) -> UInt32 {
        let command = random.one(in: 16) ? UInt32(truncatingIfNeeded: random.edge()) : UInt32(random.below(13))
        return [3, 4, 9, 11, 12].contains(command) && !random.one(in: 200) ? 0 : command
    }

    private func identity(_ random: inout FuzzRandom) -> TEEClientIdentity {
        let logins: [UInt32] = [0, 1, 2, 4, 0xf000_0000, UInt32(truncatingIfNeeded: random.edge())]
        return TEEClientIdentity(login: random.element(logins), uuid: TEEUUID(bigEndian: random.bytes(16)) ?? .null)
    }

    private func parameter(_ random: inout FuzzRandom) -> TEEParameter {
        // Also the types that do not exist: values and memory that go nowhere.
        let direction = TEEDirection(rawValue: UInt8(random.one(in: 12) ? 0 : 1 + random.below(3)))
        switch random.next() % 8 {
        case 0: return .none
        case 1, 2: return .value(direction, a: UInt32(truncatingIfNeeded: random.edge()), b: UInt32(truncatingIfNeeded: random.edge()))
        case 3: return .memory(direction, nil, size: random.one(in: 2) ? 0 : random.edge())
        case 4: return .memory(direction, FuzzBuffer(absent: random.edge()), size: random.edge())
        default:
            let start = random.below(2 << 20)
            let most = random.one(in: 10) ? 2 << 20 : 5000
            let size = random.below(min(most, (2 << 20) - start) + 1)
            // A size that is not the buffer's.
            return .memory(direction, FuzzBuffer(memory, start, size), size: random.one(in: 10) ? random.edge() : UInt64(size))
        }
    }
}
