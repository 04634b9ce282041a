import Testing

@testable import Confidential

@Suite("The software secure processor follows the rules of the firmware")
struct SoftwareLaunchTests {
    private func processor(_ change: (inout PSPPlatform) -> Void = { _ in }) throws -> SoftwarePSP {
        var platform = PSPPlatform(.genoa)
        change(&platform)
        return try SoftwarePSP(platform, endorsement: Authorities.genoa.endorse(platform))
    }

    private func code(_ body: () throws -> Void) -> FirmwareError? {
        do {
            try body()
            return nil
        } catch { return error as? FirmwareError }
    }

    @Test func commandsOutOfTheirState() throws {
        let psp = try processor()
        let asid = try psp.command { firmware throws(FirmwareError) in try firmware.createGuest() }
        let nothing = LaunchFinish(LaunchPlan())
        let start = { _ = try psp.command { firmware throws(FirmwareError) in try firmware.launchStart(asid, policy: .standard, visibleWorkarounds: Array(0..<16)) } }
        let update = {
            try psp.command { firmware throws(FirmwareError) in
                var contents = [UInt8](repeating: 0, count: 4096)
                firmware.reverseMap.set(1) { $0 = ReverseMap.Entry(isAssigned: true, isImmutable: true, asid: asid, address: 0x1000) }
                try firmware.launchUpdate(asid, .normal, page: 1, contents: &contents)
            }
        }
        let finish = { try psp.command { firmware throws(FirmwareError) in try firmware.launchFinish(asid, nothing) } }
        let request = { _ = try psp.command { firmware throws(FirmwareError) in try firmware.guestRequest(asid, []) } }
        for body in [update, finish, request] { #expect(code(body) == .invalidGuestState) }
        try start()
        for body in [start, request] { #expect(code(body) == .invalidGuestState) }
        try update()
        try finish()
        for body in [start, update, finish] { #expect(code(body) == .invalidGuestState) }
        #expect(code { try psp.command { firmware throws(FirmwareError) in try firmware.initialize() } } == .invalidPlatformState)
        #expect(code { try psp.command { firmware throws(FirmwareError) in try firmware.shutDown() } } == .invalidPlatformState)
        try psp.command { firmware throws(FirmwareError) in try firmware.decommission(asid) }
        for body in [start, update, finish, request] { #expect(code(body) == .invalidGuest) }
        try psp.command { firmware throws(FirmwareError) in try firmware.shutDown() }
        #expect(code { _ = try psp.command { firmware throws(FirmwareError) in try firmware.createGuest() } } == .invalidPlatformState)
    }

    @Test func policiesThatThePlatformDoesNotFulfil() throws {
        let policies: [(GuestPolicy, (inout PSPPlatform) -> Void, Bool)] = [
            (.standard, { _ in }, true), ([.multithreading], { _ in }, false), ([.reservedOne], { _ in }, false), ([.reservedOne], { $0.information = [] }, true),
            (GuestPolicy.standard.requiring(abiMajor: 1, minor: 55), { _ in }, true), (GuestPolicy.standard.requiring(abiMajor: 1, minor: 56), { _ in }, false),
            (GuestPolicy.standard.union(.ciphertextHiding), { _ in }, false), (GuestPolicy.standard.union(.ciphertextHiding), { $0.information.insert(.ciphertextHiding) }, true),
            (GuestPolicy.standard.union(.raplDisabled), { _ in }, false), (GuestPolicy(rawValue: 0x30000 | 1 << 40), { _ in }, false),
            (GuestPolicy.standard.union(.debugging), { _ in }, true),
        ]
        for (policy, change, isFulfilled) in policies {
            let psp = try processor(change)
            let outcome = code {
                try psp.command { firmware throws(FirmwareError) in
                    try firmware.launchStart(try firmware.createGuest(), policy: policy, visibleWorkarounds: [UInt8](repeating: 0, count: 16))
                }
            }
            #expect(outcome == (isFulfilled ? nil : .policyFailure), "\(policy)")
        }
    }

    @Test func pagesThatWereNotHandedOver() throws {
        let psp = try processor()
        let entries: [(ReverseMap.Entry, Bool)] = [
            (ReverseMap.Entry(isAssigned: true, isImmutable: true, asid: 1, address: 0x1000), true), (ReverseMap.Entry(), false),
            (ReverseMap.Entry(isAssigned: true, asid: 1, address: 0x1000), false), (ReverseMap.Entry(isAssigned: true, isImmutable: true, asid: 2, address: 0x1000), false),
            (ReverseMap.Entry(isAssigned: true, isValidated: true, isImmutable: true, asid: 1, address: 0x1000), false),
        ]
        for (entry, isRight) in entries {
            let outcome = code {
                try psp.command { firmware throws(FirmwareError) in
                    if firmware.guests.isEmpty { try firmware.launchStart(try firmware.createGuest(), policy: .standard, visibleWorkarounds: [UInt8](repeating: 0, count: 16)) }
                    firmware.reverseMap.set(9) { $0 = entry }
                    var contents = [UInt8](repeating: 0, count: 4096)
                    try firmware.launchUpdate(1, .normal, page: 9, contents: &contents)
                }
            }
            #expect(outcome == (isRight ? nil : .invalidPageState))
        }
    }

    @Test func theReverseMapKeepsPagesApart() {
        var map = ReverseMap()
        let handedOver = map.update(7, to: ReverseMap.Entry(isAssigned: true, asid: 1, address: 0x7000))
        #expect(handedOver && map.access(7, asid: 1, address: 0x7000) == .notValidated)
        let validations = (0..<2).map { _ in map.validate(7, asid: 1, address: 0x7000, true) }
        #expect(validations == [.changed, .unchanged] && map.access(7, asid: 1, address: 0x7000) == .allowed)
        #expect(map.access(7, asid: 1, address: 0x8000) == .nestedFault && map.access(7, asid: 2, address: 0x7000) == .nestedFault)
        let foreign = [map.validate(7, asid: 2, address: 0x7000, true), map.validate(8, asid: 1, address: 0x8000, true)]
        #expect(foreign == [.nestedFault, .nestedFault])
        let adjusted = (0...4).map { map.adjust(7, asid: 1, address: 0x7000, level: $0, permissions: 3) }
        #expect(adjusted == [false, true, true, true, false] && map[7].permissions == [0xF, 3, 3, 3])
        // What the host does to an entry takes the validation away.
        let again = map.update(7, to: ReverseMap.Entry(isAssigned: true, asid: 1, address: 0x7000))
        #expect(again && map.access(7, asid: 1, address: 0x7000) == .notValidated)
        map.set(7) { $0.isImmutable = true }
        let whileBusy = map.update(7, to: ReverseMap.Entry())
        #expect(!whileBusy && map.access(7, asid: 1, address: 0x7000) == .nestedFault)
    }

    @Test func secretsPagesHoldFourKeysOfTheirOwn() throws {
        let (one, two) = (try SoftwareLaunch().launched().guest, try SoftwareLaunch().launched().guest)
        let keys = [one, two].flatMap { guest in (0..<4).map { Array(guest.secrets[0x20 + $0 * 32..<0x40 + $0 * 32]) } }
        #expect(Set(keys).count == 8 && !keys.contains([UInt8](repeating: 0, count: 32)))
        #expect(one.secrets.number(at: 0x160, as: UInt32.self) == 200 && one.secrets.isZero(0xA0..<0x160))
    }

    @Test func launchedPagesAreWhatTheGuestFinds() throws {
        let launch = try SoftwareLaunch()
        let backend = try launch.launched().guest.backend
        #expect(try backend.launchedPage(0x100000) == launch.plan.runs[0].page(0))
        #expect(try backend.launchedPage(0x102000) == [UInt8](repeating: 0, count: 4096))
        #expect(try backend.access(0x106000) == .nestedFault, "never made private")
        try backend.changePageState(0x106000..<0x107000, toPrivate: true)
        #expect(try backend.access(0x106000) == .notValidated)
        #expect(try backend.validate(0x106000, true) == .changed && backend.access(0x106000) == .allowed)
        try backend.changePageState(0x106000..<0x107000, toPrivate: false)
        #expect(try backend.access(0x106000) == .nestedFault)
        #expect(failure { try backend.changePageState(0x300000..<0x301000, toPrivate: true) }?.kind == .guest)
    }

    private func launch(_ page: CPUIDPage, _ deviations: [HostDeviation] = []) throws -> LaunchRecord {
        var launch = try SoftwareLaunch()
        launch.plan.runs[4] = try LaunchRun(.cpuid, at: 0x105000, contents: page.page)
        launch.deviations = deviations
        return try launch.launched().record
    }

    @Test func cpuidFeaturesMayBeWithheldButNotInvented() throws {
        var leaves = CPUIDPage.reference(.genoa).leaves
        leaves[2].ebx &= ~(1 << 16)
        #expect(try launch(CPUIDPage(leaves)).cpuidCorrections.isEmpty)
        leaves[2].edx |= 1 << 31
        leaves.append(CPUIDPage.Leaf(function: 0x4000_0000, eax: 1, ebx: 2))
        leaves.append(CPUIDPage.Leaf(function: 0x1234, eax: 5))
        leaves[3].ebx = 1
        let record = try launch(CPUIDPage(leaves))
        #expect(
            record.cpuidCorrections == [
                "CPUID 0x7/0x0 EDX: 0x90000010 became 0x10000010", "CPUID 0xd/0x0 EBX: 0x1 became 0x340", "CPUID 0x1234/0x0 EAX: 0x5 became 0x0",
            ])
        #expect(record.cpuid?.leaves[2].ebx == leaves[2].ebx)
    }

    @Test func aCPUIDPageWithTooManyLeavesIsRefused() throws {
        #expect(failure { _ = try CPUIDPage([CPUIDPage.Leaf](repeating: .init(function: 0), count: 65)) }?.kind == .plan)
        var page = [UInt8](repeating: 0, count: 4096)
        page[0] = 65
        #expect(failure { _ = try CPUIDPage(page: page) }?.kind == .plan)
        #expect(throws: FirmwareError.invalidParameter) { _ = try CPUIDRules(reference: .reference(.genoa)).corrected(page) }
    }
}
