import ArgumentParser
import ConfidentialRun
import Skerry
import SkerryRun
import SkerryRunCommand

internal import Foundation

/// `skerry run --confidential`.
struct ConfidentialRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: RunCommand.configuration.abstract, discussion: RunCommand.configuration.discussion)

    @OptionGroup var sandbox: RunCommand

    func run() throws { try Self.run(sandbox.options) }

    /// Runs the program and ends with its exit status.
    static func run(_ options: RunOptions) throws {
        if let refusal = ConfidentialOptions.refusal(of: options) { throw Unusable(refusal) }
        let confidential = options.confidential
        if confidential.mode == .kvm, !confidential.predicts {
            // Before anything is packed.
            let missing = ConfidentialRun.missingRequirements()
            for line in missing { Output.complain(line) }
            if !missing.isEmpty {
                throw Unusable("this host cannot launch SEV-SNP guests; --confidential=simulate runs the same image, and nothing is confidential then")
            }
        }
        var settings = ConfidentialRun.Settings(confidential.mode == .simulate ? .simulation : .hardware)
        settings.evidence = confidential.evidence
        settings.challenge = try confidential.challenge.map { try HexValue.bytes($0, count: 32, of: "--challenge") }
        settings.certificates = confidential.certificates
        let prediction: ConfidentialRun.Prediction?
        do throws(SandboxError) {
            let run = try ConfidentialRun(try options.configuration(), settings)
            prediction = confidential.predicts ? try run.prediction() : nil
            if prediction == nil { Console.leave(try run.run()) }
        } catch {
            Console.complain("\(error)")
            Console.leave(error.kind.rawValue)
        }
        if let prediction { Output.write(try Output.json(prediction)) }
    }
}
