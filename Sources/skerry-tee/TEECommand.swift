import ArgumentParser

/// `skerry tee`: trusted applications without a TEE.
struct TEECommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tee",
        abstract: "Build, sign, boot and call trusted applications.",
        discussion: """
            Trusted applications of OP-TEE's kind, compiled for x86-64, run in a virtual machine of their own. Nothing here protects them from the \
            machine they run on: this is for developing, testing and isolating them.
            """,
        subcommands: [
            ExampleCommand.self, RunTACommand.self, CallCommand.self, CallsCommand.self, CompileCommand.self, SignCommand.self, EncryptCommand.self,
            SubkeyCommand.self, SubkeyUUIDCommand.self, VerifyCommand.self, ServeCommand.self, StorageCommand.self,
        ])
}
