import ArgumentParser
import Confidential
import ConfidentialImage
import ConfidentialRun
import SNPAttestation

internal import Foundation

/// `skerry snp selftest`.
struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Launch the measured guest image, and compare its report with the prediction.",
        discussion: """
            With --simulate the image runs on an ordinary /dev/kvm over a secure processor in software, whose reports only its own test root certifies: \
            everything is exercised, nothing is confidential. Without, it is launched on this host's SEV-SNP processor by KVM, or what this host lacks for that is said. \
            The launch on hardware has never run on silicon: please report what it prints. Exit status 0 when the report has the predicted measurement and verifies, \
            for which --certs names the certificates of this processor (of the host's administrator, or from https://kdsintf.amd.com).

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

    @Option(name: .customLong("certs"), help: ArgumentHelp("Certificates of this host's processor: a folder, or a file in DER or PEM.", valueName: "PATH"))
    var certificates: [String] = []

    @Option(help: ArgumentHelp("The folder of the test authority, which is made there when there is none (default: a new one each time).", valueName: "DIR"))
    var authority: String?

    @Option(help: ArgumentHelp("The socket of a relying party whose secrets the guest asks for.", valueName: "unix:PATH"))
    var secretsFrom: String?

    func validate() throws {
        if (authority != nil || secretsFrom != nil) && !simulate { throw ValidationError("--authority and --secrets-from belong to --simulate") }
        if !certificates.isEmpty && simulate { throw ValidationError("--certs is for hardware: a simulated processor brings its certificates") }
        if let secretsFrom, !secretsFrom.hasPrefix("unix:") { throw ValidationError("--secrets-from takes unix:PATH, not \(secretsFrom)") }
    }

    func run() throws {
        let image = try GuestImage.built()
        if describe { return try Self.describe(image) }
        guard simulate else { return try launchOnHardware(image) }
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
        Self.compare(test.plan, evidence)
        print("the guest ran at CPL \(platform == .simulation ? 0 : 3), accepted \(evidence.acceptedPages) pages of RAM and made the key \(evidence.publicKey.hexadecimal)")
        try Self.require(verdict)
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

    private static func compare(_ plan: LaunchPlan, _ evidence: GuestEvidence) {
        print("predicted measurement  \(plan.measurement.bytes.hexadecimal)")
        print("reported measurement   \(evidence.report[0x90..<0xC0].hexadecimal)")
    }

    private static func require(_ verdict: Verdict) throws {
        guard !verdict.isAccepted else { return }
        for failure in verdict.failures { Output.complain("\(failure.name): expected \(failure.expected), found \(failure.found)") }
        throw ExitCode(1)
    }

    private func launchOnHardware(_ image: GuestImage) throws {
        var bundle = CertificateBundle()
        for path in certificates { try CertificateInput.add(path, to: &bundle) }
        let missing = ConfidentialRun.missingRequirements()
        guard missing.isEmpty else {
            for line in missing { Output.complain(line) }
            Output.complain("no launch on hardware here; --simulate runs the same image over a secure processor in software")
            throw ExitCode(1)
        }
        let test = try HardwareLaunch(image)
        for line in test.corrections { Output.complain("the firmware has corrected the CPUID page: \(line)") }
        let end = try test.guest.run()
        guard end == .succeeded else {
            Output.complain("the guest ended without its report: \(end)")
            throw ExitCode(1)
        }
        Self.compare(test.plan, test.guest.evidence)
        if certificates.isEmpty { Output.complain("without --certs nothing says who has signed the report") }
        try Self.require(test.verdict(bundle))
        print("the report is accepted under AMD's root")
    }
}
