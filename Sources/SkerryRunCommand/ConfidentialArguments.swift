import ArgumentParser
import SkerryRun

/// `--confidential` of `skerry run`, and what goes with it.
struct ConfidentialArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Run in an encrypted guest of an SEV-SNP processor; --confidential=simulate: the same image over a secure processor in software, nothing is confidential.",
            discussion: """
                Before the program starts, all files that it may see are packed into an image in $TMPDIR (/var/tmp unless set), which takes as long as reading, \
                hashing and writing them, and as much space: with --system that is all of /usr. Grant what the program needs.
                """))
    var confidential = false

    @Option(name: .customLong("confidential-mode"), help: ArgumentHelp("kvm or simulate.", visibility: .hidden))
    var mode: ConfidentialOptions.Mode?

    @Option(help: ArgumentHelp("Keep the guest's report, and what `skerry attest verify` needs for it, in a folder.", valueName: "DIR"))
    var evidence: String?

    @Option(help: ArgumentHelp("32 bytes that the report binds, as a relying party has chosen them; random ones unless given.", valueName: "HEX"))
    var challenge: String?

    @Option(
        name: .customLong("certs"),
        help: ArgumentHelp("Certificates of this host's processor (a folder, or a file in DER or PEM), to verify the report with before the program starts.", valueName: "PATH"))
    var certificates: [String] = []

    @Flag(help: "Print what the report of this run will say, as a policy file of `skerry attest verify`, and run nothing.")
    var predict = false

    @Flag(
        help: ArgumentHelp(
            "Files are the host's, served call by call, --rw included: the results of system calls are host-controlled, which the report says, and nothing is confidential.",
            discussion: "Nothing is packed. Every run warns, with --quiet, too."))
    var proxy = false

    @Option(
        help: ArgumentHelp(
            "Where a relying party listens (`skerry snp serve-secrets`): it verifies the report, and what it then sends the program finds as files in /run/secrets.",
            discussion: "What --predict prints is a policy for it. Without its secrets the program is not started: exit status 125.", valueName: "HOST:PORT|unix:PATH"))
    var secrets: String?

    @Option(
        help: ArgumentHelp(
            "The relying party's public key: its 97 bytes in hexadecimal digits, as serve-secrets --identity prints them, or a PEM file. Without, the host can give secrets of its own.",
            valueName: "HEX|FILE"))
    var secretsProvider: String?

    @Option(
        name: .customLong("connect"),
        help: ArgumentHelp(
            "Make a socket at PATH in the sandbox; connect(2) to it, as to any AF_UNIX stream socket, leads to ADDRESS: HOST:PORT (TCP) or unix:PATH.",
            discussion: """
                Confidential runs only; up to 61 connections at a time. The report covers PATH, and not ADDRESS: where the bytes go is up to the host, which sees them and \
                may change them. Programs have to use TLS.
                """, valueName: "PATH=ADDRESS"))
    var connections: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep files in a sealed store: what the program writes below PATH, /store unless given, is encrypted block by block into FILE, and is there in the next run.",
            discussion: """
                AES-256-GCM in the guest: the host sees sizes and when something is written, and can neither read nor change anything unnoticed; a run that finds a changed block ends. \
                What the host can do is to give an older FILE back as a whole. SIZE, such as 4g, is for a new store, 1g unless given; FILE takes as much of the disk as is written. \
                One run at a time. Changes are durable after fsync(2) and the like, at the end of the program, and five seconds later at the latest.
                """, valueName: "FILE[:PATH[:SIZE]]"))
    var store: String?

    @Flag(help: "Make an empty store in the FILE of --store, which must not exist, or have nothing in it.")
    var storeNew = false

    @Option(
        help: ArgumentHelp(
            "derived: only this program with the same arguments, files and options, on this processor, opens the store. released: whoever gets the secret skerry-store-key.",
            discussion: """
                derived is what happens unless given: the processor derives the key from itself, the image's measurement and the manifest, and nobody has a copy. \
                released: 32 bytes that --secrets gives; they open the store for other programs and on other processors, as the relying party decides.
                """, valueName: "derived|released"))
    var storeKey: ConfidentialOptions.StoreKey?

    var options: ConfidentialOptions {
        var result = ConfidentialOptions()
        result.mode = mode ?? (confidential ? .kvm : nil)
        result.evidence = evidence
        result.challenge = challenge
        result.certificates = certificates
        result.predicts = predict
        result.proxy = proxy
        result.secrets = secrets
        result.secretsProvider = secretsProvider
        result.connections = connections
        result.store = store
        result.makesStore = storeNew
        result.storeKey = storeKey
        return result
    }
}

extension ConfidentialOptions.Mode: ExpressibleByArgument {}
extension ConfidentialOptions.StoreKey: ExpressibleByArgument {}
