internal import Glibc
internal import Synchronization

/// Launches guests with the software secure processor: the steps KVM takes, the firmware's rules, no encryption. Its guest-facing half is what a simulated run
/// asks when the guest's measured table leads to the simulation instead of to the instructions.
public final class SoftwareBackend: SNPBackend, Sendable {
    /// "software".
    public let name = "software"
    /// The secure processor.
    public let processor: SoftwarePSP
    private let machine: Mutex<SoftwareMachine>

    /// A guest-to-be on a secure processor; `deviations` make the host hostile.
    public init(_ processor: SoftwarePSP, deviations: [HostDeviation] = []) {
        self.processor = processor
        machine = Mutex(SoftwareMachine(deviations: deviations))
    }

    deinit {
        let asid = machine.withLock { $0.asid }
        if asid != 0 { _ = try? processor.command { firmware throws(FirmwareError) in try firmware.decommission(asid) } }
    }

    private func step<Result: Sendable>(
        _ expected: SoftwareMachine.Stage, _ name: String, _ body: (inout SoftwareMachine) throws(SNPError) -> Result
    ) throws(SNPError) -> Result {
        let outcome: Swift.Result<Result, SNPError> = machine.withLock { machine in
            guard machine.stage == expected else { return .failure(SNPError(.order, name, "the launch is at another stage (\(machine.stage)); use LaunchSequence")) }
            do { return .success(try body(&machine)) } catch { return .failure(error as? SNPError ?? SNPError(.order, name, "\(error)")) }
        }
        return try outcome.get()
    }

    private func command<Result: Sendable>(_ step: String, _ body: (inout Firmware) throws(FirmwareError) -> Result) throws(SNPError) -> Result {
        do { return try processor.command(body) } catch { throw SNPError(.firmware(error), step, error.advice) }
    }

    /// SNP_GCTX_CREATE and SNP_ACTIVATE.
    public func createMachine(_ features: VMSAFeatures) throws(SNPError) {
        try step(.empty, "the machine") { machine throws(SNPError) in
            machine.asid = try command("SNP_GCTX_CREATE") { firmware throws(FirmwareError) in try firmware.createGuest() }
            machine.features = features
            machine.stage = .machine
        }
    }

    /// Memory of the guest.
    public func addMemory(_ region: GuestRegion) throws(SNPError) {
        try step(.machine, "memory") { machine throws(SNPError) in machine.regions.append(region) }
    }

    /// RMPUPDATE of each page.
    public func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError) {
        try step(.machine, "private memory") { machine throws(SNPError) in try change(addresses, isPrivate, &machine) }
    }

    private func change(_ addresses: Range<UInt64>, _ isPrivate: Bool, _ machine: inout SoftwareMachine) throws(SNPError) {
        let what = "a page state change at \(addresses.lowerBound.hexadecimal)"
        guard machine.hasMemory(addresses) else { throw SNPError(.guest, what, "no memory region has all of these pages") }
        for address in stride(from: addresses.lowerBound, to: addresses.upperBound, by: PageSize.bytes) {
            let page = machine.page(at: address)
            let entry = isPrivate ? ReverseMap.Entry(isAssigned: true, asid: machine.asid, address: address) : ReverseMap.Entry()
            let isDone = try command(what) { firmware throws(FirmwareError) in firmware.reverseMap.update(page, to: entry) }
            guard isDone else { throw SNPError(.firmware(.invalidPageState), what, "the firmware is working on the page") }
            machine.contents[page] = nil
        }
    }

    /// SNP_LAUNCH_START.
    public func startLaunch(_ policy: GuestPolicy, visibleWorkarounds: [UInt8]) throws(SNPError) {
        try step(.machine, "SNP_LAUNCH_START") { machine throws(SNPError) in
            let asid = machine.asid
            try command("SNP_LAUNCH_START") { firmware throws(FirmwareError) in
                try firmware.launchStart(asid, policy: policy, visibleWorkarounds: visibleWorkarounds)
            }
            machine.stage = .launching
        }
    }

    /// SNP_LAUNCH_UPDATE of each page, as KVM does it: the page is handed to the firmware first, which a page the guest has already cannot be.
    public func load(_ run: LaunchRun) throws(SNPError) -> LoadOutcome {
        try step(.launching, "SNP_LAUNCH_UPDATE") { machine throws(SNPError) in
            for index in 0..<run.pageCount {
                let address = run.address &+ index &* PageSize.small
                for page in machine.launches(run.type, address, run.page(index)) {
                    if let corrected = try launch(page, &machine) { return .corrected(corrected) }
                }
            }
            return .loaded
        }
    }

    /// One page; the contents that the firmware would accept when it refuses a CPUID page.
    private func launch(_ page: (type: LaunchPageType, address: UInt64, contents: [UInt8]), _ machine: inout SoftwareMachine) throws(SNPError) -> [UInt8]? {
        let what = "SNP_LAUNCH_UPDATE of the \(page.type) page \(page.address.hexadecimal)"
        let (asid, number) = (machine.asid, machine.page(at: page.address))
        let outcome = try command(what) { firmware throws(FirmwareError) -> (contents: [UInt8], error: FirmwareError?) in
            var contents = page.contents
            // What the guest has validated stays as it is, so that the firmware can refuse it.
            if firmware.reverseMap[number].isAssigned && !firmware.reverseMap[number].isValidated { firmware.reverseMap.set(number) { $0.isImmutable = true } }
            do throws(FirmwareError) { try firmware.launchUpdate(asid, page.type, page: number, contents: &contents) } catch {
                // SNP_PAGE_RECLAIM.
                firmware.reverseMap.set(number) { $0.isImmutable = false }
                return (contents, error)
            }
            return (contents, nil)
        }
        switch outcome.error {
        case nil: machine.contents[number] = outcome.contents
        case .invalidParameter? where page.type == .cpuid: return outcome.contents
        case let error?: throw SNPError(.firmware(error), what, error.advice)
        }
        return nil
    }

    /// A processor with its registers.
    public func createProcessor(_ processor: LaunchProcessor, cpuid: CPUIDPage?) throws(SNPError) {
        try step(.launching, "a processor") { machine throws(SNPError) in machine.processors.append(processor) }
    }

    /// SNP_LAUNCH_UPDATE of the registers of every processor, then SNP_LAUNCH_FINISH.
    public func finishLaunch(_ finish: LaunchFinish) throws(SNPError) {
        try step(.launching, "SNP_LAUNCH_FINISH") { machine throws(SNPError) in
            let asid = machine.asid
            for (index, registers) in machine.processors.enumerated() {
                let number = machine.registerPage(index)
                var contents = registers.page(features: machine.features)
                try command("SNP_LAUNCH_UPDATE of the registers of processor \(index)") { firmware throws(FirmwareError) in
                    firmware.reverseMap.set(number) { $0 = ReverseMap.Entry(isAssigned: true, isImmutable: true, asid: asid, address: LaunchDigest.vmsaAddress) }
                    try firmware.launchUpdate(asid, .vmsa, page: number, contents: &contents)
                }
            }
            var told = finish
            for case .changeHostData(let data) in machine.deviations { told.hostData = data }
            let last = told
            try command("SNP_LAUNCH_FINISH") { firmware throws(FirmwareError) in try firmware.launchFinish(asid, last) }
            for case .remap(let address, let other) in machine.deviations { machine.remapped[address / PageSize.small] = other / PageSize.small }
            machine.stage = .running
        }
    }
}

extension SoftwareBackend {
    /// The host's part of a page state change that the running guest asks for (GHCB exit 0x80000010).
    ///
    /// - Throws: `guest` for pages that are no memory of its.
    public func changePageState(_ addresses: Range<UInt64>, toPrivate isPrivate: Bool) throws(SNPError) {
        try step(.running, "a page state change") { machine throws(SNPError) in
            defer { machine.counts.changes += 1 }
            let number = machine.counts.changes
            if machine.deviations.contains(.dropPageStateChange(number)) { return }
            try change(addresses, isPrivate, &machine)
            if machine.deviations.contains(.duplicatePageStateChange(number)) { try change(addresses, isPrivate, &machine) }
        }
    }

    /// PVALIDATE of a page of 4,096 bytes.
    ///
    /// - Throws: `order` before the launch is finished.
    public func validate(_ address: UInt64, _ isValid: Bool) throws(SNPError) -> PageValidation {
        try step(.running, "PVALIDATE") { machine throws(SNPError) in
            defer { machine.counts.validations += 1 }
            let (asid, number) = (machine.asid, machine.page(at: address))
            let outcome = try command("PVALIDATE") { firmware throws(FirmwareError) in firmware.reverseMap.validate(number, asid: asid, address: address, isValid) }
            return machine.deviations.contains(.reportUnchanged(machine.counts.validations)) ? .unchanged : outcome
        }
    }

    /// What an access with the encryption bit comes to.
    ///
    /// - Throws: `order` before the launch is finished.
    public func access(_ address: UInt64) throws(SNPError) -> PrivateAccess {
        try step(.running, "an access") { machine throws(SNPError) in
            let (asid, number) = (machine.asid, machine.page(at: address))
            return try command("an access") { firmware throws(FirmwareError) in
                firmware.reverseMap.access(number, asid: asid, address: address & ~(PageSize.small - 1))
            }
        }
    }

    /// The launched contents of a private page as the guest finds them; nil when it cannot access the page.
    ///
    /// - Throws: `order` before the launch is finished.
    public func launchedPage(_ address: UInt64) throws(SNPError) -> [UInt8]? {
        guard try access(address) == .allowed else { return nil }
        return machine.withLock { $0.contents[$0.page(at: address)] ?? [UInt8](repeating: 0, count: PageSize.bytes) }
    }

    /// SNP_GUEST_REQUEST: the page with the response, as the host delivers it.
    ///
    /// - Throws: `firmware` when the firmware refuses the request.
    public func guestRequest(_ page: [UInt8]) throws(SNPError) -> [UInt8] {
        try step(.running, "SNP_GUEST_REQUEST") { machine throws(SNPError) in
            let asid = machine.asid
            let (response, key) = try command("SNP_GUEST_REQUEST") { firmware throws(FirmwareError) in
                (try firmware.guestRequest(asid, page), firmware.guests[asid]?.messageKeys[Int(page[0x3C])] ?? [])
            }
            return machine.delivered(response, key: key)
        }
    }
}
