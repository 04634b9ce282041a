import ConfidentialABI
import Testing

@testable import Confidential

/// Each of these fails when the check it is about is taken out of the guest: Tests/ConfidentialTests/mutations does that.
@Suite("Whatever a hostile host does to the running guest, it refuses and never goes on", .timeLimit(.minutes(5)))
struct HostileGuestTests {
    /// One of the three bits is missing, or a feature is on that the guest was not written for.
    private static let statuses: [UInt64] = [0, 1, 3, 5, 6, 0x27, 0x0F]

    @Test(arguments: statuses)
    func securityStatusThatIsNotSNPs(_ status: UInt64) throws { #expect(try GuestLaunch.end([], [.securityStatus(status)]) == .refused(.securityStatus)) }

    @Test(arguments: [GuestDeviation.protocolVersions(smallest: 1, largest: 1), .protocolVersions(smallest: 3, largest: 4), .withoutSNPFeature])
    func anotherProtocol(_ deviation: GuestDeviation) throws { #expect(try GuestLaunch.end([], [deviation]) == .refused(.protocolVersion)) }

    @Test("an encryption bit elsewhere: on a processor that has it there, the page tables would encrypt nothing")
    func anotherEncryptionBit() throws {
        var leaves = CPUIDPage.reference(.genoa).leaves
        let index = try #require(leaves.firstIndex { $0.function == 0x8000_001F })
        leaves[index].ebx = leaves[index].ebx & ~0x3F | 47
        let page = try CPUIDPage(leaves)
        let end = try GuestLaunch.end { launch in
            launch.platform.cpuid = CPUIDRules(reference: page)
            if let plan = try? GuestLaunch(cpuid: page).plan { launch.plan = plan }
        }
        #expect(end == .refused(.encryptionBit))
    }

    @Test("without the leaf, too")
    func noEncryptionBit() throws {
        let page = try CPUIDPage(CPUIDPage.reference(.genoa).leaves.filter { $0.function != 0x8000_001F })
        #expect(try GuestLaunch(cpuid: page).launched().guest.run() == .refused(.encryptionBit))
    }

    @Test func noRandomNumbers() throws {
        #expect(try GuestLaunch.end([.lieInCPUID(function: 1, index: 0, register: 2, bits: 1 << 30)]) == .refused(.cpuid))
    }

    @Test func anotherRegisteredPage() throws { #expect(try GuestLaunch.end([], [.registerAnotherPage]) == .refused(.registration)) }

    @Test(arguments: [GuestDeviation.refuseStateChange(0), .refuseStateChange(3), .refuseStateList, .stallStateList, .resizeStateList])
    func refusedOrUnfinishedStateChanges(_ deviation: GuestDeviation) throws { #expect(try GuestLaunch.end([], [deviation]) == .refused(.pageState)) }

    /// The first four validations give pages to the host, the others take RAM.
    @Test(arguments: [0, 3, 4, 11])
    func validationThatChangesNothing(_ number: Int) throws { #expect(try GuestLaunch.end([.reportUnchanged(number)]) == .refused(.unchanged)) }

    @Test("two pages of RAM that lead to one: it belongs to the later one, the earlier cannot be validated, and the guest stands still")
    func doubleMapping() throws {
        let ram = UInt64(SKERRY_GUEST_RAM)
        #expect(try GuestLaunch.end([.remap(ram + 0x1000, to: ram)]) == .starved(ram))
    }

    @Test(arguments: [UInt64(SKERRY_GUEST_BASE), UInt64(SKERRY_GUEST_SECRETS)])
    func anExchangedLaunchedPage(_ page: UInt64) throws { #expect(try GuestLaunch.end([.remap(page, to: UInt64(SKERRY_GUEST_CPUID))]) == .starved(page)) }

    @Test("a state change that is said to be done, but is not")
    func aDroppedStateChange() throws { #expect(try GuestLaunch.end([.dropPageStateChange(4)]) == .starved(UInt64(SKERRY_GUEST_RAM))) }

    @Test func aPageThatIsTakenBack() throws {
        #expect(try GuestLaunch.end([], [.takeBack(atExit: 20, page: UInt64(SKERRY_GUEST_STACK_END - 0x1000))]) == .refused(.exceptionCode))
    }

    @Test(arguments: 0..<3) func exitsThatFail(_ number: Int) throws { #expect(try GuestLaunch.end([], [.failExit(number)]) == .refused(.exit)) }

    @Test(arguments: [UInt8(13), 6, 14]) func exitsThatAskForAnException(_ vector: UInt8) throws {
        #expect(try GuestLaunch.end([], [.raiseByExit(1, vector: vector)]) == .refused(.exit))
    }

    @Test(arguments: [FirmwareError.sequenceOverflow, .badMeasurement, .invalidParameter])
    func requestsThatFail(_ error: FirmwareError) throws { #expect(try GuestLaunch.end([], [.failRequest(1, error)]) == .refused(.request)) }

    @Test func aHostThatIsBusyForever() throws { #expect(try GuestLaunch.end([], [.busy(.max)]) == .refused(.request)) }

    /// The second request: there is an earlier response to replay.
    private static let responses: [HostDeviation] = [
        .replayResponse(1), .truncateResponse(1, bytes: 0), .truncateResponse(1, bytes: 0x60), .truncateResponse(1, bytes: 600), .flipResponseBit(1, bit: 0),
        .flipResponseBit(1, bit: 0x60 * 8), .flipResponseBit(1, bit: 0x20 * 8), .flipResponseBit(1, bit: 0x34 * 8), .flipResponseBit(1, bit: 0x36 * 8 + 3),
        .flipResponseBit(1, bit: 0x3C * 8), .flipResponseBit(1, bit: (0x60 + 1215) * 8 + 7), .resealResponse(1, bit: 0x34 * 8), .resealResponse(1, bit: 0x35 * 8),
        .resealResponse(1, bit: 0x38 * 8), .resealResponse(1, bit: 0x3C * 8), .resealResponse(1, bit: 0x3F * 8 + 7),
    ]

    @Test(arguments: responses)
    func anotherResponse(_ deviation: HostDeviation) throws { #expect(try GuestLaunch.end([deviation]) == .refused(.response)) }

    @Test(arguments: 0..<2) func aRequestAsItsOwnResponse(_ number: Int) throws { #expect(try GuestLaunch.end([], [.reflectRequest(number)]) == .refused(.response)) }

    @Test("a guest whose memory the host may read by its policy notices that in its own report")
    func aPolicyThatAllowsDebugging() throws { #expect(try GuestLaunch.end { $0.plan.policy.insert(.debugging) } == .refused(.report)) }

    @Test func noKeyToReportWith() throws { #expect(try GuestLaunch.end { $0.plan.isChipKeyDisabled = true } == .refused(.response)) }

    @Test func aChallengeThatIsNone() throws { #expect(try GuestLaunch.end([], [.spoilChallenge]) == .refused(.challenge)) }

    /// Through all of its boot.
    private static let exits = [0, 1, 2, 3, 5, 8, 13, 17, 20, 23, 25]

    @Test("#VC where no CPUID instruction stands, with the code of CPUID (WeSee)", arguments: exits)
    func injectedCPUID(_ exit: Int) throws { #expect(try GuestLaunch.end([], [.inject(atExit: exit, vector: 29, errorCode: 0x72)]) == .refused(.exceptionInstruction)) }

    private static let otherCodes: [UInt64] = [0, 0x40, 0x7B, 0x7C, 0x6E, 0x81, 0x404, .max]

    @Test("#VC with any other code", arguments: otherCodes, [1, 21])
    func injectedCommunication(_ code: UInt64, _ exit: Int) throws {
        #expect(try GuestLaunch.end([], [.inject(atExit: exit, vector: 29, errorCode: code)]) == .refused(.exceptionCode))
    }

    @Test("#VC without any code: the frame is not what it seems", arguments: [0, 21])
    func injectedCommunicationWithoutCode(_ exit: Int) throws {
        #expect(try GuestLaunch.end([], [.inject(atExit: exit, vector: 29, errorCode: nil)]) == .refused(.exceptionCode))
    }

    private static let vectors: [UInt8] = [0, 1, 2, 3, 6, 13, 14, 28, 30, 32, 0x80, 0xFF]

    @Test("int 0x80 and every other vector (Heckler)", arguments: vectors, [0, 8, 24])
    func injectedVectors(_ vector: UInt8, _ exit: Int) throws {
        #expect(try GuestLaunch.end([], [.inject(atExit: exit, vector: vector, errorCode: vector == 13 || vector == 14 ? 0 : nil)]) == .endedByVector(vector))
    }

    @Test("any vector at any exit: the guest ends there, whatever it was doing")
    func injectedAnywhere() throws {
        let (honest, _) = try GuestLaunch().launched()
        #expect(try honest.run() == .succeeded)
        for _ in 0..<24 {
            let (exit, vector) = (Int.random(in: 0..<honest.counts.exits - 1), UInt8.random(in: 0...255))
            let code: UInt64? = [8, 10, 11, 12, 13, 14, 17, 21, 29, 30].contains(vector) ? .random(in: 0...0xFFFF) : nil
            let end = try GuestLaunch.end([], [.inject(atExit: exit, vector: vector, errorCode: code)])
            let expected: [GuestEnd] = vector == 29 ? [.refused(.exceptionCode), .refused(.exceptionInstruction)] : [.endedByVector(vector)]
            #expect(expected.contains(end), "vector \(vector) with code \(String(describing: code)) at exit \(exit): \(end)")
        }
    }

    @Test("#VC with the code of CPUID while another is handled: no CPUID instruction stands in the handler")
    func nestedCommunication() throws { #expect(try GuestLaunch.end([], [.injectNested(vector: 29, errorCode: 0x72)]) == .refused(.exceptionInstruction)) }

    /// Launches that are not the plan: the guest may run, but its report gives the host away.
    private static let launches: [HostDeviation] = [
        .flipLaunchedBit(address: UInt64(SKERRY_GUEST_BASE), bit: 8 * 0xB8), .flipLaunchedBit(address: UInt64(SKERRY_GUEST_PLATFORM), bit: 8 * 0xFFF),
        .swapLaunchedPages(UInt64(SKERRY_GUEST_IDT), UInt64(SKERRY_GUEST_GDT)), .changeLaunchedType(address: UInt64(SKERRY_GUEST_STACK_END) - 0x1000, .unmeasured),
    ]

    @Test(arguments: launches)
    func anotherLaunch(_ deviation: HostDeviation) throws {
        var launch = try GuestLaunch()
        launch.deviations = [deviation]
        let (guest, _) = try launch.launched()
        guard try guest.run() == .succeeded, let evidence = guest.evidence else { return }
        #expect(Array(evidence.report[0x90..<0xC0]) != launch.plan.measurement.bytes)
    }

    @Test func aDroppedPage() throws { #expect(try GuestLaunch.end([.dropLaunchedPage(UInt64(SKERRY_GUEST_IDT))]) == .starved(UInt64(SKERRY_GUEST_IDT))) }
}
