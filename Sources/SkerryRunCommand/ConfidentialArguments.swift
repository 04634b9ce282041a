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

    var options: ConfidentialOptions {
        var result = ConfidentialOptions()
        result.mode = mode ?? (confidential ? .kvm : nil)
        result.evidence = evidence
        result.challenge = challenge
        result.certificates = certificates
        result.predicts = predict
        return result
    }
}

extension ConfidentialOptions.Mode: ExpressibleByArgument {}
