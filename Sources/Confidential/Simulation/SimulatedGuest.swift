internal import CLinux
internal import ConfidentialABI
internal import KVM

/// Runs the guest image on an ordinary /dev/kvm over the software secure processor. The image's measured platform table leads to a port here instead of to the
/// instructions of SEV-SNP; everything else is the binary that an encrypted guest runs. **Nothing is confidential:** the host reads and writes all its memory.
///
/// What the guest does here is checked as the hardware would: it can reach the host only by pages that it has shared, and only after it has registered them.
/// One thread runs a guest, once.
public final class SimulatedGuest {
    /// The most exits; a guest of this image takes some hundreds.
    private static let patience = 100_000

    let backend: SoftwareBackend
    let deviations: [GuestDeviation]
    let challenge: [UInt8]
    let requester: GuestRequester?
    let memory: SimulatedMemory
    let flushMemory: SimulatedMemory
    let plan: LaunchPlan
    private let profile: VMSAProfile
    let vcpu: VCPU
    let machine: VirtualMachine

    /// Who serves the ring; nil when the guest is to give its evidence and end.
    let ring: RingService?
    /// What the guest has said of its program's end.
    public internal(set) var exitStatus: UInt8?
    /// Judges the guest's evidence before it gets anything by the ring, its manifest included: false ends it. Nothing that its program writes is shown before.
    public var acceptsEvidence: ((GuestEvidence) -> Bool)?
    /// What belongs to the guest while one of its programs runs.
    var suspended: SuspendedGuest?
    /// Programs are interrupted now and then.
    var ticker: Ticker?

    /// The GHCB MSR's page once it is registered.
    var registered: UInt64?
    /// Pages that the guest's page table has without the encryption bit.
    var sharedMappings: Set<UInt64> = []
    /// Pages that the guest believes to be its own and accessible.
    var ownedPages: Set<UInt64>
    var counts = (exits: 0, pageExits: 0, requests: 0, busy: 0, stateChanges: 0, programs: 0)
    /// Every request as the host got it, for tests that compare.
    public private(set) var requests: [[UInt8]] = []
    private(set) var end: GuestEnd?

    /// A guest that a back end has launched.
    ///
    /// - Parameters:
    ///   - challenge: 32 bytes that the report will bind.
    ///   - requester: How the guest asks a relying party for its secrets; it does not without.
    /// - Throws: `requirement` without a usable /dev/kvm, `plan` for a plan that is not one of `GuestImage`.
    public init(
        _ plan: LaunchPlan, on backend: SoftwareBackend, challenge: [UInt8], ring: RingService? = nil, deviations: [GuestDeviation] = [], requester: GuestRequester? = nil
    ) throws(SNPError) {
        guard case .registers(let profile)? = plan.processors.first, plan.processors.count == 1, let region = plan.effectiveMemory.first, plan.effectiveMemory.count == 1,
            challenge.count == 32, region.size <= GuestImage.largestRAM
        else { throw SNPError(.plan, "the simulated guest", "it needs one processor with registers, one piece of memory, and a challenge of 32 bytes; use GuestImage.plan") }
        (self.backend, self.deviations, self.challenge, self.plan, self.profile, self.ring) = (backend, deviations, challenge, plan, profile, ring)
        self.requester = requester
        memory = try SimulatedMemory(region.addresses)
        flushMemory = try SimulatedMemory(0..<PageSize.small)
        ownedPages = []
        do throws(KVMError) {
            let system = try KVMSystem()
            machine = try system.createVirtualMachine()
            // Intel keeps four pages of its own; far away from the guest's.
            try machine.reserveRealModePages(at: 0xFFFB_C000)
            try machine.setMemory(slot: 0, address: region.address, size: region.size, host: memory.start)
            vcpu = try machine.createVCPU(id: 0)
            try vcpu.writeCPUID(try system.supportedCPUID())
            var special = try vcpu.readSpecialRegisters()
            profile.apply(to: &special)
            try vcpu.writeSpecialRegisters(special)
            // Where CPL 0 is emulated, CPL 3 has the states of the host, whatever is said here.
            if special.cs.selector & 3 == 0 {
                try vcpu.writeXCR0(profile.xcr0)
            } else {
                try prepareCalls()
                try addFlushSlot()
            }
        } catch { throw SNPError(.requirement, "the simulation on /dev/kvm", "\(error); `skerry doctor` says what /dev/kvm needs") }
        vcpu.registers.pointee = profile.generalRegisters
        vcpu.registersChanged()
    }

    /// Ends the guest from another thread, whatever it does.
    public let control = GuestControl()

    /// The guest's library OS runs at CPL 0, and its programs without the simulation's help.
    var isAtRing0: Bool { profile.cs.selector & 3 == 0 }

    /// Runs the guest to its end.
    ///
    /// - Throws: `guest` when it does what the hardware forbids, or never comes to an end; `requirement` when KVM fails.
    public func run() throws(SNPError) -> GuestEnd {
        if let missing = try load() { return .starved(missing) }
        if ring != nil { ticker = Ticker(control, requestExit: { [vcpu] in vcpu.requestExit() }) }
        defer { ticker = nil }
        while end == nil, exitStatus == nil {
            if control.isStopped {
                finish(.stopped)
                break
            }
            let exit = vcpu.enter()
            if suspended != nil {
                try leaveProgram(exit)
                continue
            }
            switch exit {
            case .portOut(UInt16(SKERRY_SIMULATION_PORT)):
                guard vcpu.finishInstruction(), ring != nil || counts.exits < Self.patience else { throw Self.fault("it never comes to an end") }
                try serve()
                try deviate()
                counts.exits += 1
            // Not a program's: the guest looks at it.
            case .portOut(UInt16(SKERRY_EXCEPTION_PORT)): _ = vcpu.finishInstruction()
            case .interrupted:
                vcpu.clearExitRequest()
                if ticker?.isRunning == true { try preempt() }
            case .interruptWindow: try preempt()
            case .shutdown, .entryFailed, .internalError: end = .crashed
            case .failed(let error): throw SNPError(.requirement, "KVM_RUN of the simulated guest", "\(error)")
            case let other: throw Self.fault("it left by \(other), at \(String(vcpu.registers.pointee.rip, radix: 16))")
            }
        }
        return end ?? .succeeded
    }

    /// What the guest has left for the relying party; nil unless it succeeded.
    public var evidence: GuestEvidence? {
        guard end == .succeeded || ring != nil, sharedMappings.contains(UInt64(SKERRY_GUEST_EVIDENCE)) else { return nil }
        return memory.read(UInt64(SKERRY_GUEST_EVIDENCE), PageSize.bytes).map { GuestEvidence(ring: $0) }
    }

    /// The secrets page as it is in memory now: in an encrypted guest nobody could ask.
    public var secretsPage: [UInt8] { memory.read(UInt64(SKERRY_GUEST_SECRETS), PageSize.bytes) ?? [] }

    /// The launched pages, as the firmware and the host left them; the first one that the guest cannot access.
    private func load() throws(SNPError) -> UInt64? {
        for run in plan.runs {
            for address in stride(from: run.addresses.lowerBound, to: run.addresses.upperBound, by: PageSize.bytes) {
                guard let contents = try backend.launchedPage(address) else { return address }
                guard memory.write(contents, at: address) else { throw Self.fault("a launched page lies outside its memory") }
                ownedPages.insert(address)
            }
        }
        return nil
    }

    static func fault(_ what: String) -> SNPError { SNPError(.guest, "the simulated guest", what) }

    func finish(_ end: GuestEnd) { if self.end == nil { self.end = end } }

    func note(request: [UInt8]) { requests.append(request) }
}
