import Foundation
import Synchronization
import Testing

@testable import LibraryOS
@testable import SecureWorld

/// Many threads at once, and clients that send anything.
@Suite struct DeviceStormTests {
    private let bed: DeviceBed
    private var device: TEEDevice? { bed.devices.compactMap { $0 as? TEEDevice }.first }

    init() throws { bed = try DeviceBed() }

    @Test func threadsThatShareADescriptorDoNotMeet() throws {
        let late = LateService()
        nonisolated(unsafe) let bed = try DeviceBed(backend: late)
        let descriptor = try bed.client()
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            do {
                let own = bed.thread(5000 + Int32(index), sleepingIn: SleepingParker())
                let shared = try own.allocate(descriptor, 4096)
                let address = UInt64(own.task.call(DeviceCall.mmap, 0, 4096, 3, 1, UInt64(shared.descriptor), 0))
                own.close(UInt64(shared.descriptor))
                for round in 0..<20 {
                    let session = try own.openSession(descriptor).session
                    try own.put([UInt8(index), UInt8(round)], at: address)
                    let reply = try own.invoke(descriptor, session, 1, [.memory(7, shared.id, size: 2)])
                    let seen = try own.bytes(at: address, 2)
                    if reply.status != 0 || reply.result != 0 || seen != [UInt8(index) &+ 1, UInt8(round) &+ 1] {
                        failures.withLock { $0.append("\(index).\(round): \(reply) \(seen)") }
                    }
                    if try own.closeSession(descriptor, session) != 0 { failures.withLock { $0.append("close") } }
                }
                if own.task.call(DeviceCall.munmap, address, 4096) != 0 { failures.withLock { $0.append("munmap") } }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(bed.devices.compactMap { ($0 as? TEEDevice)?.memories.count } == [0])
        bed.close(descriptor)
        #expect(late.openSessions == 0)
    }

    /// SKERRY_FUZZ_ROUNDS says how many calls each makes; a failure names the seed.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func anythingIsAnsweredAndNothingIsLost(_ seed: UInt64) throws {
        #expect(try sessionsOfAStorm(seed) > 0)
    }

    /// A client that calls and goes; how many sessions it opened.
    private func sessionsOfAStorm(_ seed: UInt64) throws -> Int {
        var random = Numbers(seed: seed)
        let (frames, descriptors) = (bed.memory.framesInUse, bed.task.descriptors.openDescriptors.count)
        for _ in 0..<Numbers.rounds { try storm(&random) }
        for descriptor in bed.task.descriptors.openDescriptors { bed.close(UInt64(descriptor)) }
        for address in mappings { #expect(bed.task.call(DeviceCall.munmap, address, 65536) == 0) }
        #expect(bed.parker.sleeps == 0, "a double that answers at once keeps nobody waiting")
        #expect(descriptors == 0 && device?.memories.count == 0)
        #expect(bed.memory.framesInUse <= frames + 64, "frames of the client's own memory")
        let opened = bed.service.requests.filter { if case .open = $0.kind { true } else { false } }.count
        #expect(bed.service.closed.count == opened)
        return opened
    }

    /// Fuzzing: as long as SKERRY_STORM_SECONDS says, with other numbers each time from SKERRY_FUZZ_SEED on.
    @Test(.enabled(if: Numbers.seconds != nil)) func anythingIsAnsweredForALongTime() throws {
        let end = ContinuousClock.now + .seconds(Numbers.seconds ?? 0)
        var seed = UInt64(ProcessInfo.processInfo.environment["SKERRY_FUZZ_SEED"] ?? "") ?? 1
        let first = seed
        var before: Int?
        var opened = 0
        while ContinuousClock.now < end {
            seed &+= 1
            let storm = try DeviceStormTests()
            do { opened += try storm.sessionsOfAStorm(seed) } catch { Issue.record("seed \(seed): \(error)") }
            // The bed and its kernel keep each other.
            storm.bed.parker.whenStuck = nil
            storm.bed.kernel.release()
            if seed == first &+ 50 { before = Self.resident }
        }
        print("fuzz: \(seed &- first) clients with \(Numbers.rounds) calls each; \(before ?? 0) KB after the warm-up, \(Self.resident) KB at the end")
        #expect(opened > 0)
        if let before { #expect(Self.resident < before + (48 << 10), "\(before) KB, then \(Self.resident) KB") }
    }

    /// Kilobytes that this process has in memory.
    private static var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4
    }

    private let mapped = Mapped()
    private final class Mapped { var addresses: [UInt64] = [] }
    private var mappings: [UInt64] { mapped.addresses }

    /// One call with a structure that is mostly right.
    private func storm(_ random: inout Numbers) throws {
        let open = bed.task.descriptors.openDescriptors
        if open.count < 3 || random.one(in: 40) { _ = try bed.open() }
        let descriptor = random.one(in: 30) ? UInt64(random.next() % 20) : UInt64(random.element(bed.task.descriptors.openDescriptors) ?? Int32(0))
        switch random.next() % 8 {
        case 0: _ = try bed.allocate(descriptor, random.odd([0, 1, 4096, 65536]), flags: random.one(in: 20) ? 1 : 0)
        case 1: _ = try bed.register(descriptor, random.one(in: 4) ? random.odd([0]) : bed.page + random.next() % 60000, random.odd([0, 1, 100, 8192]))
        case 2: _ = try bed.register(descriptor, file: Int64(bitPattern: random.odd([0, 1, 2, 3, 4])))
        case 3: if open.count > 6 || random.one(in: 8) { bed.close(descriptor) }
        case 4:
            let address = bed.task.call(DeviceCall.mmap, 0, 65536, 3, 1, descriptor, 0)
            if address > 0 { mapped.addresses.append(UInt64(address)) }
        case 5: _ = try bed.openSession(descriptor, login: UInt32(random.next() % 4), group: 0, with: parameters(&random))
        case 6: _ = try bed.invoke(descriptor, 77 + UInt32(random.next() % 40), 1, parameters(&random))
        default:
            let header = bed.invokeHeader(77, count: Int(random.odd([0, 1, 2, 4]) & 0xffff_ffff))
            let requests: [UInt64] = [DeviceRequest.open, DeviceRequest.invoke, DeviceRequest.cancel, DeviceRequest.send, random.odd([0])]
            let request: UInt64 = random.element(requests) ?? 0
            _ = try bed.command(descriptor, request, header, parameters(&random), address: random.one(in: 9) ? random.next() : nil, length: random.odd([24, 56, 88, 1024]))
        }
        if open.count > 30 { bed.close(UInt64(random.element(open) ?? Int32(0))) }
    }

    private func parameters(_ random: inout Numbers) -> [DeviceParameter] {
        (0..<Int(random.next() % 6)).map { _ in
            DeviceParameter(attributes: random.odd([0, 1, 2, 3, 5, 6, 7]), a: random.odd([0, 0, 100]), b: random.odd([0, 1, 16, 4096]), c: random.odd([1, 2, 3, .max]))
        }
    }
}

/// xorshift64*: the same numbers on every run.
private struct Numbers {
    private var state: UInt64
    static let rounds = Int(ProcessInfo.processInfo.environment["SKERRY_FUZZ_ROUNDS"] ?? "") ?? 400
    static let seconds = Double(ProcessInfo.processInfo.environment["SKERRY_STORM_SECONDS"] ?? "")

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return (state &* 0x2545_f491_4f6c_dd1d) >> 8
    }
    mutating func one(in count: UInt64) -> Bool { next() % count == 0 }
    mutating func element<Element>(_ choices: [Element]) -> Element? { choices.isEmpty ? nil : choices[Int(next() % UInt64(choices.count))] }
    /// One of these, or now and then something at the edges of numbers.
    mutating func odd(_ usual: [UInt64]) -> UInt64 {
        if !one(in: 16) { return element(usual) ?? 0 }
        return element([.max, 1 << 63, 1 << 32, (1 << 32) - 1, (1 << 31) - 1, 1 << 47, next(), next() << 20]) ?? 0
    }
}

/// Sleeps as a thread does.
private final class SleepingParker: TaskParker, @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    override func park(until deadline: MonotonicInstant?) -> Bool { semaphore.wait(timeout: .now() + 30) == .success }
    override func unpark() { semaphore.signal() }
    override func kick() { semaphore.signal() }
}

/// A service that answers from other threads, a little later, and adds one to every byte of its memory parameter.
private final class LateService: TEEService, @unchecked Sendable {
    private let state = Mutex<(next: UInt32, open: Set<UInt32>)>((1, []))
    private let queue = DispatchQueue(label: "late", attributes: .concurrent)
    var openSessions: Int { state.withLock { $0.open.count } }

    override func submit(_ request: TEERequest, completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            perform(request)
            completion()
        }
    }

    override func perform(_ request: TEERequest) {
        switch request.kind {
        case .open:
            let session = state.withLock { state in
                state.next += 1
                state.open.insert(state.next)
                return state.next
            }
            request.finish(.success, .trustedApplication, session: session)
        case .invoke(let session, _):
            guard state.withLock({ $0.open.contains(session) }) else { return request.finish(.badState, .tee) }
            if case .memory(_, let buffer?, let size) = request.parameters[0] {
                do throws(TEEResult) { try buffer.write(try buffer.read(at: 0, count: Int(size)).map { $0 &+ 1 }, at: 0) } catch { return request.finish(error, .tee) }
            }
            request.finish(.success, .trustedApplication)
        case .close(let session):
            let isOpen = state.withLock { $0.open.remove(session) != nil }
            request.finish(isOpen ? .success : .badState, .tee)
        }
    }
}
