import ArgumentParser

/// `skerry snp`: launches of SEV-SNP guests.
struct SNPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snp",
        abstract: "Predict, sign and check launches of SEV-SNP guests, and give secrets to them.",
        subcommands: [MeasureCommand.self, IDBlockCommand.self, CheckCommand.self, SelftestCommand.self, ManifestCommand.self, ServeSecretsCommand.self])
}
