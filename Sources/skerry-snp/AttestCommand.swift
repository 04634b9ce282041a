import ArgumentParser

/// `skerry attest`: attestation reports of SEV-SNP guests.
struct AttestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Verify and show attestation reports of SEV-SNP guests.",
        subcommands: [AttestVerifyCommand.self, AttestShowCommand.self])
}
