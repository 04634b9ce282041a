import ArgumentParser
import SNPAttestation

internal import Foundation

/// `skerry attest show`.
struct AttestShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print what a report says, without judging it.",
        discussion: "Nothing that is printed has been verified: skerry attest verify does that. Exit status: 0.")

    @OptionGroup var input: ReportInput

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        let listing = ReportListing(try input.report())
        Output.write(json ? try Output.json(listing.fields) : listing.text)
    }
}
