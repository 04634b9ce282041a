import ArgumentParser
import Confidential
import ConfidentialImage
import SNPAttestation

internal import Foundation

/// `skerry snp selftest`.
struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Launch the measured guest image, and compare its report with the prediction.",
        discussion: """
            With --simulate the image runs on an ordinary /dev/kvm over a secure processor in software, whose reports only its own test root certifies: \
            everything is exercised, nothing is confidential. Without, it says what this host lacks for a launch on SEV-SNP hardware; the launch itself is not \
            part of this version yet. Exit status 0 when the report is accepted.

            With --secrets-from the guest also asks a relying party for its secrets, which is to be started before:

              skerry snp selftest --simulate --authority DIR
              skerry snp serve-secrets --listen unix:PATH --secret NAME=FILE --test-root DIR --measurement HEX
              skerry snp selftest --simulate --authority DIR --secrets-from unix:PATH

            The first line makes the authority and prints the measurement.
            """)

    @Flag(help: "Over the secure processor in software.")
    var simulate = false

    @Flag(help: "Print the image's description and the predicted measurements, and run nothing.")
    var describe = false

    @Option(help: ArgumentHelp("The folder of the test authority, which is made there when there is none (default: a new one each time).", valueName: "DIR"))
    var authority: String?

    @Option(help: ArgumentHelp("The socket of a relying party whose secrets the guest asks for.", valueName: "unix:PATH"))
    var secretsFrom: String?

    func validate() throws {
        if (authority != nil || secretsFrom != nil) && !simulate { throw ValidationError("--authority and --secrets-from belong to --simulate") }
        if let secretsFrom, !secretsFrom.hasPrefix("unix:") { throw ValidationError("--secrets-from takes unix:PATH, not \(secretsFrom)") }
    }

    func run() throws {
        let image = try GuestImage.built()
        if describe { return try Self.describe(image) }
        guard simulate else { return try Self.explain() }
        print("simulated: nothing is confidential; the host reads and writes all of the guest's memory")
        let platform = GuestPlatform.simulation()
        let stream = try secretsFrom.map { try SocketStream(path: String($0.dropFirst(5))) }
        let test = try SimulatedLaunch(image, platform, authority: authority.map(AuthorityFolder.authority) ?? TestAuthority(.genoa), stream: stream)
        let end = try test.guest.run()
        guard end == .succeeded, let evidence = test.guest.evidence else {
            Output.complain("the guest ended without its report: \(end)")
            throw ExitCode(1)
        }
        let verdict = try test.verdict(evidence)
        print("predicted measurement  \(test.plan.measurement.bytes.hexadecimal)")
        print("reported measurement   \(evidence.report[0x90..<0xC0].hexadecimal)")
        print("the guest ran at CPL \(platform == .simulation ? 0 : 3), accepted \(evidence.acceptedPages) pages of RAM and made the key \(evidence.publicKey.hexadecimal)")
        guard verdict.isAccepted else {
            for failure in verdict.failures { Output.complain("\(failure.name): expected \(failure.expected), found \(failure.found)") }
            throw ExitCode(1)
        }
        print("the report is accepted under the test root, and under that alone")
        guard secretsFrom != nil else { return }
        guard evidence.release == .released else {
            Output.complain("the guest got no secrets: \(evidence.release)")
            throw ExitCode(1)
        }
        print("the guest has the secrets; SHA-512 of its challenge and all of them: \(evidence.secretsProof.hexadecimal)")
    }

    private static func describe(_ image: GuestImage) throws {
        print(image.description)
        print("\(image.bytes.count) bytes, SHA-384 \(image.digest.hexadecimal)")
        let names: [(GuestPlatform, String)] = [(.hardware, "hardware, CPL 0"), (.simulation, "simulation, CPL 0"), (.simulationInUserMode, "simulation, CPL 3")]
        for (platform, name) in names { print("\(try image.plan(for: platform, cpuid: .reference(.genoa)).measurement.bytes.hexadecimal)  \(name)") }
    }

    private static func explain() throws {
        let missing = SNPRequirements().check().filter { $0.isMet != true }
        for requirement in missing {
            Output.complain("\(requirement.isMet == false ? "missing" : "unknown"): \(requirement.name): \(requirement.found); \(requirement.remedy)")
        }
        Output.complain(
            missing.isEmpty
                ? "this host has what SEV-SNP launches need, but this version launches the image over the software secure processor only: use --simulate"
                : "no launch on hardware here; --simulate runs the same image over a secure processor in software")
        throw ExitCode(1)
    }
}

/// A launch of the image over a secure processor in software, with a test root of its own, and the relying party that believes that root.
private struct SimulatedLaunch {
    let plan: LaunchPlan
    let guest: SimulatedGuest
    private let endorsement: PlatformEndorsement
    private let challenge = (0..<32).map { _ in UInt8.random(in: 0...255) }

    init(_ image: GuestImage, _ platform: GuestPlatform, authority: TestAuthority, stream: SocketStream?) throws {
        let processor = PSPPlatform(.genoa)
        endorsement = try authority.endorse(processor)
        let backend = SoftwareBackend(try SoftwarePSP(processor, endorsement: endorsement))
        plan = try image.plan(for: platform, cpuid: .reference(.genoa))
        _ = try LaunchSequence(plan).launch(on: backend)
        var requester = stream.map { GuestRequester($0) }
        requester?.certificates = endorsement.table.bytes
        guest = try SimulatedGuest(plan, on: backend, challenge: challenge, requester: requester)
    }

    func verdict(_ evidence: GuestEvidence) throws -> Verdict {
        var policy = AttestationPolicy()
        policy.measurements = [plan.measurement.bytes]
        policy.hostData = plan.hostData
        policy.guestPolicy = plan.policy.rawValue
        policy.reportData = GuestEvidence.reportData(challenge: challenge, publicKey: evidence.publicKey)
        var certificates = CertificateBundle()
        certificates.add(endorsement.table.bytes, named: "the simulated host's table")
        let roots = try TrustedRoots(notAMDs: [Certificate(der: endorsement.authority.ark)])
        return AttestationVerifier(policy: policy, roots: roots).verdict(on: evidence.report, certificates: certificates, at: Int64(Date().timeIntervalSince1970))
    }
}
