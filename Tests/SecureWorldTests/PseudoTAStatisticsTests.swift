import Testing
@testable import SecureWorld

/// Statistics (OP-TEE's pta_stats.h).
@Suite struct PseudoTAStatisticsTests {
    private let bed: PseudoTABed
    private let clock = PseudoTAClock(seconds: 1_700_000_000)

    init() throws { bed = try PseudoTABed(clock: clock) }

    private func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    @Test func allocationsAreFiveStructuresOrOne() throws {
        let session = try bed.open(StatisticsPTA())
        // As tools ask: for the size first.
        let (short, sizes) = session.invoke(1, [.valueIn(0), .memory(.output, nil, size: 0)])
        #expect(short == .shortBuffer)
        #expect(sizes.size(1) == 5 * 64)
        let (result, parameters) = session.invoke(1, [.valueIn(0), PseudoTAClientMemory.output(5 * 64)])
        #expect(result == .success)
        let content = parameters[1].content
        let titles = stride(from: 0, to: 320, by: 64).map { text(content[$0..<$0 + 32]) }
        #expect(titles.allSatisfy { !$0.isEmpty } && Set(titles).count == 5)
        let (one, single) = session.invoke(1, [.valueIn(3), PseudoTAClientMemory.output(1000)])
        #expect(one == .success)
        #expect(single.size(1) == 64)
        #expect(text(single[1].content) == titles[2])
    }

    @Test func memoryOfApplicationsIsCounted() throws {
        let session = try bed.open(StatisticsPTA())
        let (_, parameters) = session.invoke(1, [.valueIn(3), PseudoTAClientMemory.output(64)])
        let numbers = pseudoTAWords(parameters[1].content[40...])
        #expect(numbers[2] == 64 << 20)
        #expect(numbers[0] <= numbers[1] && numbers[1] <= numbers[2])
    }

    @Test func unknownPoolsAndCommandsAreRefused() throws {
        let session = try bed.open(StatisticsPTA())
        #expect(session.invoke(1, [.valueIn(6), PseudoTAClientMemory.output(64)]).result == .badParameters)
        #expect(session.invoke(6).result == .badParameters)
        for command: UInt32 in [0, 1, 3, 4, 5] { #expect(session.invoke(command).result == .badParameters) }
    }

    @Test func thereIsNoPagerNoLeakAndNoDriver() throws {
        let session = try bed.open(StatisticsPTA())
        let (result, parameters) = session.invoke(0, [.value(.output, a: 1, b: 2), .valueOut, .valueOut])
        #expect(result == .success)
        #expect(parameters.value(0) == (0, 0))
        #expect(session.invoke(2).result == .success)
        #expect(session.invoke(5, [.valueIn(0)]).result == .success)
        #expect(session.invoke(5, [.valueIn(1)]).result == .success)
        #expect(session.invoke(5, [.valueIn(2)]).result == .badParameters)
    }

    @Test func timesAreTheHostsAndTheTEEs() throws {
        let (result, parameters) = try bed.open(StatisticsPTA()).invoke(4, [.valueOut, .valueOut])
        #expect(result == .success)
        #expect(parameters.value(0) == (1_700_000_000, 0))
        #expect((1...300).contains(parameters.value(1).a) && parameters.value(1).b < 1000)
    }

    private final class Instances: InstanceListing {
        let list: [InstanceStatistics]
        init(_ list: [InstanceStatistics]) { self.list = list }
        func instanceStatistics() -> [InstanceStatistics] { list }
    }

    @Test func instancesAreListed() throws {
        let heap = AllocationStatistics(allocated: 100, largestAllocated: 200, size: 32768, failures: 3, largestFailure: 5000, allocatedAtFailure: 150)
        nonisolated(unsafe) let instances = Instances([
            InstanceStatistics(uuid: PseudoTABed.application, hasPanicked: false, sessionCount: 2, heap: heap),
            InstanceStatistics(uuid: .null, hasPanicked: true, sessionCount: 1),
        ])
        let session = try bed.open(StatisticsPTA { _ in instances })
        let (short, sizes) = session.invoke(3, [.memory(.output, nil, size: 0)])
        #expect(short == .shortBuffer)
        #expect(sizes.size(0) == 2 * 88)
        let (result, parameters) = session.invoke(3, [PseudoTAClientMemory.output(4 * 88)])
        #expect(result == .success)
        let content = parameters[0].content
        #expect(content.count == 2 * 88)
        #expect(Array(content.prefix(16)) == [0x00, 0xf2, 0xaa, 0x8a, 0x50, 0x24, 0xe4, 0x11, 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b])
        #expect(pseudoTAWords(content[16..<24]) == [0, 2])
        #expect(pseudoTAWords(content[64..<88]) == [100, 200, 32768, 3, 5000, 150])
        #expect(pseudoTAWords(content[104..<112]) == [1, 1])
    }

    @Test func worldWithoutInstancesSaysSoByTheSize() throws {
        nonisolated(unsafe) let none = Instances([])
        let (result, parameters) = try bed.open(StatisticsPTA { _ in none }).invoke(3, [.memory(.output, nil, size: 0)])
        #expect(result == .shortBuffer)
        #expect(parameters.size(0) == 0)
        #expect(try bed.open(StatisticsPTA { _ in nil }).invoke(3, [PseudoTAClientMemory.output(88)]).result == .notSupported)
    }
}
