internal import Confidential
internal import SNPAttestation
internal import Skerry

extension ConfidentialRun {
    /// Over the secure processor in software.
    func simulate() throws(SNPError) -> Int32 {
        Notices.tell("SIMULATED: nothing is confidential; this host reads and writes all of the guest's memory, and its report is signed by a test root")
        let page = CPUIDPage.ofThisProcessor()
        var processor = PSPPlatform(.genoa)
        processor.cpuid = CPUIDRules(reference: page)
        let authority = try SimulatedRoot.authority()
        // What one run seals, the next opens.
        processor.chipSecret = authority.chipSecret
        let endorsement = try authority.endorse(processor)
        let backend = SoftwareBackend(try SoftwarePSP(processor, endorsement: endorsement))
        let plan = try plan(GuestPlatform.simulation(), page)
        _ = try LaunchSequence(plan).launch(on: backend)
        let streams = try GuestSockets.streams(settings, certificates: endorsement.table.bytes)
        let guest = try SimulatedGuest(plan, on: backend, challenge: challenge, ring: ring(streams))
        let root: Certificate
        do throws(CertificateError) { root = try Certificate(der: endorsement.authority.ark) } catch {
            throw SNPError(.requirement, "the test root", "\(error)")
        }
        var certificates = CertificateBundle()
        certificates.add(endorsement.table.bytes, named: "the simulated host's table")
        let party = RelyingParty(plan: plan, challenge: challenge, roots: TrustedRoots(notAMDs: [root]), certificates: certificates)
        let judge = EvidenceJudge(party, sandbox.bytes, folder: settings.evidence, certificates: endorsement.table)
        guest.acceptsEvidence = { judge.accepts($0) }
        let watch = RunWatch(guest.control, seconds: configuration.timeout)
        let end = try guest.run()
        return status(end, guest.exitStatus, judge, watch.end(), streams)
    }

    /// The monitor's end of the guest's ring.
    func ring(_ streams: NamedStreams) -> RingService {
        RingService(manifest: sandbox.bytes, root: sandbox.store, sealed: sandbox.sealed?.store, connector: streams, proxy: sandbox.proxy, counterFrequency: counter.hertz)
    }

    /// How it ended, said where the program cannot say it itself.
    func status(_ end: GuestEnd, _ exitStatus: UInt8?, _ judge: EvidenceJudge, _ reason: RunWatch.Reason?, _ streams: NamedStreams) -> Int32 {
        if let exitStatus {
            if let address = settings.secrets?.address, let failure = streams.failure(of: GuestSockets.secrets) {
                Notices.tell("--secrets \(address): \(failure); is `skerry snp serve-secrets` listening there?")
            }
            return Int32(exitStatus)
        }
        if end == .stopped, let reason {
            switch reason {
            case .signal(let number): return 128 + number
            case .timeout:
                if !configuration.isQuiet { Notices.tell("the program was ended after \(configuration.timeout ?? 0) seconds (--timeout)") }
                return 124
            }
        }
        for line in judge.complaints { Notices.tell(line) }
        switch end {
        case .distrusted: Notices.tell("the guest's report does not verify: its program was not started, and nothing of it was shown")
        case .refused(let refusal): Notices.tell("the guest refused to go on (\(refusal)): what its host has done, or given, is not what was measured")
        case .endedByVector(let vector): Notices.tell("the guest ended itself: vector \(vector) is none that it expects")
        default: Notices.tell("the guest ended without its program's status: \(end)")
        }
        return 125
    }
}
