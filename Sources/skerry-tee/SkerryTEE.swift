import ArgumentParser
import SecureWorld
import SkerryRun
import SkerryRunCommand

/// The part of the command line that has a secure world: `skerry tee` and `skerry run --tee`. `skerry` goes on here, with the same words.
@main
struct SkerryTEE: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skerry", abstract: "Trusted applications.", subcommands: [TEECommand.self, SecureRunCommand.self])

    static func main() {
        do {
            var command = try parseAsRoot(RunCommand.optionsSpeltOut(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch {
            let status = exitCode(for: error)
            // Whoever runs programs through skerry tells its own failures from the program's, and from an application's, by 125.
            guard status == .validationFailure || !(error is ExitCode || status == .success) else { exit(withError: error) }
            Console.complain(message(for: error))
            Console.leave(125)
        }
    }
}

/// `skerry run --tee`.
struct SecureRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: RunCommand.configuration.abstract, discussion: RunCommand.configuration.discussion)

    @OptionGroup var sandbox: RunCommand

    func run() throws {
        let options = sandbox.options
        let world = try DeviceSettings(options).world()
        options.run(devices: TEEDevice.devices(for: world))
    }
}

extension DeviceSettings {
    /// As `skerry run` names them.
    init(_ options: RunOptions) {
        let world = options.secureWorld
        self.init(
            device: world.device, applications: world.applications, key: world.key, unsigned: world.unsigned, timeout: world.timeout,
            storageLimit: world.storageLimit, trace: world.trace, network: world.network, quiet: options.quiet)
    }
}
