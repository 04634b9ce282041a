import ConfidentialABI
import Foundation
import GuestHost
import Testing

@testable import Confidential

/// Each of these fails when the check it is about is taken out of the guest: Tests/ConfidentialTests/mutations and Tests/GuestHostTests/mutations do that.
@Suite("Whatever a hostile host does to a guest that runs programs, it refuses and never goes on with other data", .timeLimit(.minutes(5)))
struct HostileWorkloadTests {
    @Test(arguments: GuestLaunch.platforms)
    func theProgramRuns(_ target: GuestPlatform) throws {
        let run = try WorkloadRun(target)
        #expect(try run.guest.run() == .succeeded)
        #expect(run.guest.exitStatus == 7)
        #expect(run.output == WorkloadRun.expectedOutput)
        let evidence = try #require(run.guest.evidence)
        #expect(Array(evidence.report[0x90..<0xC0]) == run.plan.measurement.bytes)
        #expect(Array(evidence.report[0xC0..<0xE0]) == run.plan.hostData)
    }

    /// What a response is that no honest host gives, for the first requests of a run.
    private static let requests: [Int] = [0, 1, 2, 3, 4, 6, 8]
    private static let statuses: [UInt32] = [6, 1000, .max], excesses: [UInt32] = [1, 4096, 1 << 20, .max / 2]

    @Test(arguments: requests) func responsesToSomethingElse(_ number: Int) throws { #expect(try WorkloadRun.end([.wrongTag(number)]) == .refused(.ring)) }

    @Test(arguments: [1, 2, 3, 4, 6, 8]) func replayedResponses(_ number: Int) throws { #expect(try WorkloadRun.end([.replay(number)]) == .refused(.ring)) }

    @Test(arguments: requests) func responsesThatAreMissing(_ number: Int) throws { #expect(try WorkloadRun.end([.keepSilent(number)]) == .refused(.ring)) }

    @Test(arguments: requests, statuses) func unknownStatuses(_ number: Int, _ status: UInt32) throws {
        #expect(try WorkloadRun.end([.status(number, status)]) == .refused(.ring))
    }

    @Test(arguments: requests, excesses) func overlongResponses(_ number: Int, _ excess: UInt32) throws {
        #expect(try WorkloadRun.end([.overlong(number, by: excess)]) == .refused(.ring))
    }

    @Test("a root image with a flipped bit, in any block that is read", arguments: 0..<8) func flippedBlocks(_ block: Int) throws {
        let run = try WorkloadRun(ring: [.flipBlock(store: UInt64(SKERRY_RING_STORE_ROOT), block: UInt64(block))])
        let end = try run.guest.run()
        // A block that the program does not need is not read.
        if end == .succeeded { #expect(run.guest.exitStatus == 7 && run.output == WorkloadRun.expectedOutput) } else { #expect(end == .refused(.rootImage)) }
    }

    @Test("the superblock, the inodes, and the program are read by every run")
    func neededBlocks() throws {
        let ends = try (0..<8).map { try WorkloadRun.end([.flipBlock(store: UInt64(SKERRY_RING_STORE_ROOT), block: $0)]) }
        #expect(ends[0] == .refused(.rootImage) && ends[1] == .refused(.rootImage))
        #expect(ends[2...].contains(.refused(.rootImage)))
        #expect(ends.allSatisfy { $0 == .refused(.rootImage) || $0 == .succeeded })
    }

    @Test("blocks in another order: what belongs to one request comes for the next", arguments: 3..<9)
    func reorderedBlocks(_ number: Int) throws {
        let run = try WorkloadRun(ring: [.substitute(number)])
        let end = try run.guest.run()
        if end == .succeeded {
            #expect(run.guest.exitStatus == 7 && run.output == WorkloadRun.expectedOutput)
        } else {
            #expect([.refused(.rootImage), .refused(.ring)].contains(end))
        }
    }

    @Test(arguments: [0, 8 * 100, 8 * 177 + 3]) func alteredManifests(_ bit: Int) throws { #expect(try WorkloadRun.end([.flipManifest(bit: bit)]) == .refused(.manifest)) }

    @Test func aManifestWithoutEnd() throws { #expect(try WorkloadRun.end([.endlessManifest]) == .refused(.ring)) }

    @Test("another manifest than the one that was launched with")
    func anotherManifest() throws {
        let run = try WorkloadRun(launchedHostData: [UInt8](repeating: 9, count: 32))
        #expect(try run.guest.run() == .refused(.manifest))
    }

    @Test(arguments: [RingDeviation.date(0), .date(.max), .frequency(0), .frequency(.max)])
    func timeThatCannotBe(_ deviation: RingDeviation) throws { #expect(try WorkloadRun.end([deviation]) == .refused(.ring)) }

    @Test("a host that goes on after the end gets nothing more")
    func afterTheEnd() throws {
        let run = try WorkloadRun(ring: [.goOnAfterExit])
        #expect(try run.guest.run() == .succeeded)
        #expect(run.guest.exitStatus == nil)
    }

    /// What programs can cause: such an exception may become a signal that the program did not deserve, and ends it.
    private static let faults: [UInt8] = [6, 11, 12, 13, 14, 17]

    @Test("any vector at any exit: the library OS ends the guest, the program dies or does not notice")
    func injectedAnywhere() throws {
        let honest = try WorkloadRun()
        #expect(try honest.guest.run() == .succeeded)
        for _ in 0..<24 {
            let (exit, vector) = (Int.random(in: 0..<honest.guest.counts.exits - 1), UInt8.random(in: 0...255))
            let code: UInt64? = [8, 10, 11, 12, 13, 14, 17, 21, 29, 30].contains(vector) ? .random(in: 0...0xFFFF) : nil
            try check(.inject(atExit: exit, vector: vector, errorCode: code), vector)
        }
    }

    @Test("any vector when the program is entered, and when it is after its first call", arguments: 0...40 as ClosedRange<UInt8>, [0, 1])
    func injectedIntoAProgram(_ vector: UInt8, _ stay: Int) throws {
        try check(.injectIntoProgram(stay, vector: vector, errorCode: [14, 29].contains(vector) ? 4 : nil), vector)
    }

    @Test("#VC while a program runs, with the code of CPUID where no CPUID stands (WeSee), and with other codes")
    func communicationInAProgram() throws {
        #expect(try WorkloadRun(hostile: [.injectIntoProgram(1, vector: 29, errorCode: 0x72)]).guest.run() == .refused(.exceptionInstruction))
        for code: UInt64 in [0, 0x7C, 0x404, .max] {
            #expect(try WorkloadRun(hostile: [.injectIntoProgram(1, vector: 29, errorCode: code)]).guest.run() == .refused(.exceptionCode))
        }
    }

    private func check(_ deviation: GuestDeviation, _ vector: UInt8) throws {
        let run = try WorkloadRun(hostile: [deviation])
        let end = try run.guest.run()
        let comment: Comment = "\(deviation): \(end), status \(String(describing: run.guest.exitStatus))"
        if end == .succeeded {
            let output = run.output
            let goesOn = run.guest.exitStatus == 7 && output == WorkloadRun.expectedOutput && [14, 32].contains(vector)
            let dies = run.guest.exitStatus.map { $0 > 128 } == true && WorkloadRun.expectedOutput.hasPrefix(output) && Self.faults.contains(vector)
            #expect(goesOn || dies, comment)
        } else if vector == 29 {
            #expect(end == .refused(.exceptionCode) || end == .refused(.exceptionInstruction), comment)
        } else {
            #expect(end == .endedByVector(vector), comment)
        }
    }
}
