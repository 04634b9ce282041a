import ArgumentParser
import SNPAttestation

internal import Foundation

/// `skerry attest verify`.
struct AttestVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say whether a report is genuine and what is demanded.",
        discussion: """
            The report's signature, the certificates up to AMD's root, what they certify, their dates and revocation lists, the guest's policy and the values \
            given here are checked, all of them, also after one failed. Each is printed with what was expected and what was found. Nothing is fetched: give the VCEK or \
            VLEK with --certs. AMD's own certificates (ARK, ASK, ASVK) are built in, and used when --certs has none of them.

            Unless told otherwise: the host must not be allowed to debug the guest, nor a migration agent; the report may come from any of the four privilege levels \
            (--vmpl); what is not given is not compared, and said so.

            Exit status: 0 when all checks hold, 1 when the report is refused, 125 when the words are wrong or a file cannot be used.

            """ + PolicyFile.help)

    @OptionGroup var input: ReportInput

    @Option(name: .long, help: ArgumentHelp("Certificates: a folder, a PEM or DER file, or the certificate table of the host. Several are added up.", valueName: "DIR|FILE"))
    var certs: [String] = []

    @Option(name: .long, help: ArgumentHelp("A revocation list, in DER or PEM.", valueName: "FILE"))
    var crl: [String] = []

    @Option(name: .long, help: ArgumentHelp("The launch digest, 48 bytes in hexadecimal digits, as are all values. Several: one of them.", valueName: "HEX"))
    var measurement: [String] = []

    @Option(name: .long, help: ArgumentHelp("HOST_DATA, 32 bytes.", valueName: "HEX"))
    var hostData: String?

    @Option(name: .long, help: ArgumentHelp("REPORT_DATA, 64 bytes.", valueName: "HEX"))
    var reportData: String?

    @Option(name: .long, help: ArgumentHelp("The privilege level that asked for the report. Several: one of them.", valueName: "0...3"))
    var vmpl: [UInt32] = []

    @Option(name: .long, help: ArgumentHelp("What is demanded, as JSON. Options go before it.", valueName: "FILE"))
    var policy: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Demands that the key's certificate has not expired by then: now, or a time as in 2026-01-31T12:00:00Z or in seconds since 1970. Other dates are judged by now unless given.",
            valueName: "TIME"))
    var time: String?

    @Option(name: .long, help: ArgumentHelp("Trust this root certificate INSTEAD of AMD's: for tests.", valueName: "FILE"))
    var root: [String] = []

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        for level in vmpl where level > 3 { throw ValidationError("--vmpl \(level): there are the levels 0 to 3") }
        if ([input.path] + certs + crl + root + [policy].compactMap(\.self)).filter({ $0 == "-" }).count > 1 {
            throw ValidationError("standard input (-) can be read only once")
        }
    }

    func run() throws {
        let demands = try policyGiven()
        let roots = try RootInput.roots(root)
        let bytes = try input.bytes()
        var bundle = CertificateBundle()
        for path in certs { try CertificateInput.add(path, to: &bundle) }
        for path in crl { try CertificateInput.addRevocationList(path, to: &bundle) }
        let verdict = AttestationVerifier(policy: demands, roots: roots).verdict(on: bytes, certificates: bundle, at: try Instant.seconds(time))
        let listing = VerdictListing(verdict, roots: roots)
        if let warning = listing.warning { Output.complain(warning) }
        Output.write(json ? try Output.json(listing.fields) : listing.text)
        if !verdict.isAccepted { throw ExitCode(1) }
    }

    private func policyGiven() throws -> AttestationPolicy {
        var demands = try policy.map(PolicyFile.read) ?? AttestationPolicy()
        if !measurement.isEmpty { demands.measurements = try measurement.map { try HexValue.bytes($0, count: 48, of: "--measurement") } }
        if let hostData { demands.hostData = try HexValue.bytes(hostData, count: 32, of: "--host-data") }
        if let reportData { demands.reportData = try HexValue.bytes(reportData, count: 64, of: "--report-data") }
        if !vmpl.isEmpty { demands.vmpls = Set(vmpl) }
        if policy == nil { demands.refusesExpiredKey = false }
        if time != nil { demands.refusesExpiredKey = true }
        return demands
    }
}
