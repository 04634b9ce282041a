import ArgumentParser
import Confidential

/// `skerry snp check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether this host can launch SEV-SNP guests, and what it lacks.",
        discussion: "Exit status 0 when nothing is missing, 1 otherwise.")

    @Flag(help: "Print a JSON list instead.")
    var json = false

    func run() throws {
        let requirements = SNPRequirements().check()
        if json {
            let list = requirements.map { Line(name: $0.name, met: $0.isMet, found: $0.found, remedy: $0.isMet == true ? nil : $0.remedy) }
            Output.write(try Output.json(list))
        } else {
            for requirement in requirements {
                print("\(Self.mark(requirement.isMet)) \(requirement.name): \(requirement.found)")
                if requirement.isMet == false { print("        \(requirement.remedy)") }
            }
        }
        if requirements.contains(where: { $0.isMet == false }) { throw ExitCode(1) }
    }

    private struct Line: Encodable {
        let name: String, met: Bool?, found: String, remedy: String?
    }

    private static func mark(_ isMet: Bool?) -> String {
        switch isMet {
        case true?: "yes    "
        case false?: "MISSING"
        case nil: "unknown"
        }
    }
}
