internal import Confidential
internal import Foundation
internal import SNPAttestation
internal import Skerry

extension ConfidentialRun {
    /// What this host lacks for launches on hardware, a sentence for each, and what cannot be told because of that; empty when it lacks nothing.
    package static func missingRequirements() -> [String] {
        let requirements = SNPRequirements().check()
        guard requirements.contains(where: { $0.isMet == false }) else { return [] }
        return requirements.filter { $0.isMet != true }.map { "\($0.isMet == nil ? "unknown" : "missing"): \($0.name): \($0.found); \($0.remedy)" }
    }

    /// By KVM.
    func launchOnHardware() throws(SNPError) -> Int32 {
        let missing = Self.missingRequirements()
        guard missing.isEmpty else {
            for line in missing { Notices.tell(line) }
            throw SNPError(
                .requirement, "--confidential=kvm", "this host cannot launch SEV-SNP guests; --confidential=simulate runs the same image, and nothing is confidential then")
        }
        if !configuration.isQuiet { Notices.tell("runs on SEV-SNP hardware have never been tested by those who wrote them: rely on a report that you have verified yourself") }
        let plan = try plan(.hardware, .ofThisProcessor())
        let backend = KVMBackend()
        let record = try LaunchSequence(plan).launch(on: backend)
        if !configuration.isQuiet { for line in record.cpuidCorrections { Notices.tell("the firmware has corrected the CPUID page: \(line)") } }
        let certificates = try certificates()
        let streams = try GuestSockets.streams(settings, certificates: Self.pem(certificates))
        let guest = try HardwareGuest(on: backend, challenge: challenge, ring: ring(streams))
        let party = RelyingParty(plan: plan, challenge: challenge, roots: .amd, certificates: certificates)
        let judge = EvidenceJudge(party, sandbox.bytes, folder: settings.evidence, certificates: nil)
        guest.acceptsEvidence = { judge.accepts($0) }
        let watch = RunWatch(guest.control, seconds: configuration.timeout)
        let end = try guest.run()
        return status(end, guest.exitStatus, judge, watch.end(), streams)
    }

    /// The certificates as PEM, for relying parties.
    private static func pem(_ bundle: CertificateBundle) -> [UInt8] {
        let blocks = bundle.certificates.map { certificate in
            let text = Data(certificate.der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
        }
        return Array(blocks.joined().utf8)
    }

    /// What `--certs` names; nothing is fetched.
    private func certificates() throws(SNPError) -> CertificateBundle {
        var bundle = CertificateBundle()
        do {
            for path in settings.certificates {
                let url = URL(filePath: path)
                let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
                let files = isFolder ? try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil) : [url]
                for file in files { bundle.add([UInt8](try Data(contentsOf: file)), named: file.lastPathComponent) }
            }
        } catch { throw SNPError(.requirement, "--certs", "\(error.localizedDescription)") }
        return bundle
    }
}
