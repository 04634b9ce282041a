import Testing

@testable import Confidential

@Suite("What a hostile host does at the launch or afterwards is noticed")
struct HostileHostTests {
    private func launch(_ deviations: [HostDeviation], identity: Bool = false) throws -> (guest: SoftwareGuest, record: LaunchRecord) {
        var launch = try SoftwareLaunch()
        launch.deviations = deviations
        if identity {
            let block = try IDBlock(digest: launch.plan.measurement)
            launch.plan.identity = try LaunchIdentity(block: block.bytes, authentication: IDAuthentication(signing: block, idKey: .generate()))
        }
        let (guest, record, _) = try launch.launched()
        return (guest, record)
    }

    private static let launches: [HostDeviation] = [
        .flipLaunchedBit(address: 0x101000, bit: 4095), .dropLaunchedPage(0x102000), .swapLaunchedPages(0x100000, 0x101000), .swapLaunchedPages(0x101000, 0x103000),
        .changeLaunchedType(address: 0x102000, .unmeasured), .changeLaunchedType(address: 0x103000, .normal),
    ]

    @Test(arguments: launches)
    func anotherLaunchHasAnotherMeasurement(_ deviation: HostDeviation) throws {
        let (guest, record) = try launch([deviation])
        #expect(try Array(guest.report()[0x90..<0xC0]) != record.measurement.bytes)
    }

    @Test(arguments: launches)
    func anotherLaunchFailsWithAnIDBlock(_ deviation: HostDeviation) throws {
        #expect(failure { _ = try launch([deviation], identity: true) }?.kind == .firmware(.badMeasurement))
    }

    @Test func theHonestLaunchDoesNot() throws {
        let (guest, record) = try launch([], identity: true)
        #expect(try Array(guest.report()[0x90..<0xC0]) == record.measurement.bytes)
    }

    @Test func contentsThatAreNotMeasuredMayBeChangedUnnoticed() throws {
        let (guest, record) = try launch([.flipLaunchedBit(address: 0x103000, bit: 0)])
        #expect(try Array(guest.report()[0x90..<0xC0]) == record.measurement.bytes)
        #expect(try guest.backend.launchedPage(0x103000)?[0] == 0)
    }

    @Test func aPageIsLaunchedOnce() { #expect(failure { _ = try launch([.launchTwice(0x100000)]) }?.kind == .firmware(.invalidPageState)) }

    @Test("a feature the processor does not have is not invented, however often the host tries")
    func inventedCPUIDFeatures() { #expect(failure { _ = try launch([.lieInCPUID(function: 7, index: 0, register: 1, bits: 1 << 1)]) }?.kind == .firmware(.invalidParameter)) }

    @Test("a feature the host withholds is missing in the guest, which is its right")
    func withheldCPUIDFeatures() throws {
        let (guest, record) = try launch([.lieInCPUID(function: 7, index: 0, register: 1, bits: 1 << 31)])
        let page = try CPUIDPage(page: #require(try guest.backend.launchedPage(0x105000)))
        #expect(record.cpuidCorrections.isEmpty && page.leaves[2].ebx == CPUIDPage.reference(.genoa).leaves[2].ebx & ~(1 << 31))
    }

    @Test func otherHostDataIsReported() throws {
        let (guest, _) = try launch([.changeHostData([UInt8](repeating: 1, count: 32))])
        #expect(try Array(guest.report()[0xC0..<0xE0]) == [UInt8](repeating: 1, count: 32))
    }

    @Test func anExchangedPageIsNotTheGuests() throws {
        let (guest, _) = try launch([.remap(0x100000, to: 0x101000)])
        #expect(try guest.backend.access(0x100000) == .nestedFault && guest.backend.access(0x101000) == .allowed)
    }

    @Test func aDroppedPageStateChangeIsNoticed() throws {
        let (guest, _) = try launch([.dropPageStateChange(0)])
        try guest.backend.changePageState(0x106000..<0x107000, toPrivate: true)
        #expect(try guest.backend.validate(0x106000, true) == .nestedFault)
    }

    @Test func aRepeatedPageStateChangeTakesTheValidationAway() throws {
        let (guest, _) = try launch([.duplicatePageStateChange(1)])
        try guest.backend.changePageState(0x106000..<0x107000, toPrivate: true)
        #expect(try guest.backend.validate(0x106000, true) == .changed)
        try guest.backend.changePageState(0x106000..<0x107000, toPrivate: true)
        #expect(try guest.backend.access(0x106000) == .notValidated)
    }

    @Test func anUnchangedValidationIsTold() throws {
        let (guest, _) = try launch([.reportUnchanged(0)])
        try guest.backend.changePageState(0x106000..<0x107000, toPrivate: true)
        #expect(try guest.backend.validate(0x106000, true) == .unchanged)
    }

    @Test(arguments: [HostDeviation.replayResponse(1), .truncateResponse(1, bytes: 200), .flipResponseBit(1, bit: 0x60 * 8), .flipResponseBit(1, bit: 0)])
    func anotherResponseIsRefused(_ deviation: HostDeviation) throws {
        let (guest, _) = try launch([deviation])
        _ = try guest.report()
        #expect(throws: SoftwareGuest.Refusal.response) { _ = try guest.report() }
    }
}
