import ArgumentParser
import KeyRelease
import SNPAttestation

internal import Foundation

/// `skerry snp serve-secrets`.
struct ServeSecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-secrets",
        abstract: "Give secrets to guests that prove to be what is demanded.",
        discussion: """
            Waits for guests. Each gets a fresh nonce, and answers with a fresh key and a report that binds the key to the nonce. When all checks of skerry attest verify \
            hold, with what is demanded here, the secrets are sent sealed for that key, so that the guest's host, which carries the stream, can neither read nor \
            change them. A guest that is refused learns nothing but that; every check is printed here, with what was expected and what was found.

            Unless told otherwise: the host must not be allowed to debug the guest, nor a migration agent; the report has to come from privilege level 0; the processor's \
            certificate must not have expired. Certificates that the guest sends are used beside those of --certs; trusted are AMD's roots alone.

            With --identity the guest can know who gave it the secrets: the public key printed at the start belongs into its manifest. Without, a host may give its guest \
            secrets of the host's own choice in place of these.

            Names have 1 to 64 letters, digits, points, underscores and hyphens; all secrets together have some 4,000 bytes. The socket of unix:PATH is for its owner.

            Exit status: with --once 0 when the guest proved that it has the secrets, 1 when it was refused, 2 when the conversation broke off. Otherwise it serves until a \
            signal ends it. 125 when the words are wrong, a file cannot be used, or nothing can listen there.
            """)

    @Option(name: .long, help: ArgumentHelp("Where to listen: TCP at a host's address, or a socket in the file system.", valueName: "HOST:PORT|unix:PATH"))
    var listen: String

    @Option(name: .long, help: ArgumentHelp("A secret: the bytes of a file, or of standard input (-). Several: each under its name.", valueName: "NAME=FILE"))
    var secret: [String]

    @OptionGroup var demands: ReleaseDemands

    @Option(name: .long, help: ArgumentHelp("Certificates: a folder, a PEM or DER file, or the certificate table of the host. Several are added up.", valueName: "DIR|FILE"))
    var certs: [String] = []

    @Option(name: .long, help: ArgumentHelp("A revocation list, in DER or PEM.", valueName: "FILE"))
    var crl: [String] = []

    @Option(name: .long, help: ArgumentHelp("A private P-384 key in PEM form by which guests know this relying party.", valueName: "PEM"))
    var identity: String?

    @Option(name: .long, help: ArgumentHelp("Trust the root ark.der in this folder INSTEAD of AMD's: for the secure processor in software. NO SECURITY AT ALL.", valueName: "DIR"))
    var testRoot: String?

    @Option(name: .long, help: ArgumentHelp("Conversations at a time.", valueName: "1...256"))
    var parallel = SecretServer.Limits().parallel

    @Option(name: .long, help: ArgumentHelp("Seconds that a conversation may take.", valueName: "1...3600"))
    var timeout = SecretServer.Limits().seconds

    @Flag(name: .long, help: "End after one conversation.")
    var once = false

    @Flag(name: .long, help: "Print JSON, an object a line.")
    var json = false

    func validate() throws {
        let files = secret.map { $0.hasSuffix("=-") ? "-" : "" } + certs + crl + [identity, demands.policy, demands.manifest].compactMap(\.self)
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read only once") }
        guard !secret.isEmpty else { throw ValidationError("give at least one --secret NAME=FILE") }
        guard (1...256).contains(parallel) else { throw ValidationError("--parallel takes 1 to 256") }
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
    }

    func run() throws {
        let address = try ListeningAddress(listen)
        let policy = try demands.attestationPolicy()
        var bundle = CertificateBundle()
        for path in certs { try CertificateInput.add(path, to: &bundle) }
        for path in crl { try CertificateInput.addRevocationList(path, to: &bundle) }
        let roots = try testRoot.map { try RootInput.testRoots($0, others: &bundle) } ?? .amd
        let key = try identity.map { try AgreementKey(pem: InputFile.read($0)) }
        let secrets = try SecretBundle(secret.map(Self.secret))
        let service = try SecretService(secrets, verifier: AttestationVerifier(policy: policy, roots: roots), certificates: bundle, identity: key)
        var limits = SecretServer.Limits()
        (limits.parallel, limits.seconds) = (parallel, timeout)
        let server = try SecretServer(service, at: address, limits: limits)
        announce(server, secrets, policy, roots, key)
        guard once else {
            let json = json
            try server.serve { who, record in Self.tell(who, record, roots, json: json) }
        }
        let (who, record) = server.serveOne()
        Self.tell(who, record, roots, json: json)
        switch record.outcome {
        case .confirmed: return
        case .refused: throw ExitCode(1)
        case .unconfirmed, .interrupted: throw ExitCode(2)
        }
    }

    private static func secret(_ text: String) throws -> (name: String, value: [UInt8]) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex, text.index(after: equals) < text.endIndex else {
            throw Unusable("--secret \(text): write it as NAME=FILE, or as NAME=- for standard input")
        }
        return (String(text[..<equals]), try InputFile.read(String(text[text.index(after: equals)...])))
    }

    private func announce(_ server: SecretServer, _ secrets: SecretBundle, _ policy: AttestationPolicy, _ roots: TrustedRoots, _ key: AgreementKey?) {
        if let warning = VerdictListing.warning(roots) { Output.complain("\(warning). WHOEVER HAS THE TEST KEYS GETS THE SECRETS") }
        if policy.hostData == nil {
            Output.complain("warning: no host data is demanded (--host-data, --manifest, --plan): whatever program the host lets such a guest run gets the secrets")
        }
        if policy.tcbFloors.isEmpty { Output.complain("warning: no TCB floor is demanded (tcbFloor of --policy): firmware with known holes is accepted") }
        if let key { Output.complain("identity \(Hexadecimal.text(key.point))") }
        Output.complain("listening at \(server.address) with the secrets \(secrets.names.joined(separator: ", "))")
    }

    private static func tell(_ who: String, _ record: ReleaseRecord, _ roots: TrustedRoots, json: Bool) {
        let listing = ReleaseListing(record, of: who, roots: roots)
        // An object that cannot be encoded would have to hold what JSON has not; it holds texts.
        Output.write(json ? (try? listing.json()) ?? "" : listing.text)
    }
}
