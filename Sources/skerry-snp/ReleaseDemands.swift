import ArgumentParser
import Confidential
import KeyRelease
import LaunchManifest
import SNPAttestation

internal import Foundation

/// What `skerry snp serve-secrets` demands of a guest: the options of `skerry attest verify`, as far as they make sense for reports that are made on the spot.
struct ReleaseDemands: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The launch digest, 48 bytes in hexadecimal digits, as are all values. Several: one of them.", valueName: "HEX"))
    var measurement: [String] = []

    @Option(name: .long, help: ArgumentHelp("A launch plan; its digest, its guest policy and its host data are demanded.", valueName: "PLAN.json"))
    var plan: String?

    @Option(name: .long, help: ArgumentHelp("What else is demanded, as JSON: see skerry attest verify --help. Options go before it.", valueName: "FILE"))
    var policy: String?

    @Option(name: .long, help: ArgumentHelp("HOST_DATA, 32 bytes.", valueName: "HEX"))
    var hostData: String?

    @Option(name: .long, help: ArgumentHelp("The guest's manifest: HOST_DATA has to be its SHA-256.", valueName: "FILE"))
    var manifest: String?

    @Option(name: .long, help: ArgumentHelp("The privilege level that asked for the report (default: 0). Several: one of them.", valueName: "0...3"))
    var vmpl: [UInt32] = []

    func validate() throws {
        for level in vmpl where level > 3 { throw ValidationError("--vmpl \(level): there are the levels 0 to 3") }
        if !measurement.isEmpty && plan != nil { throw ValidationError("give the launch digest with either --measurement or --plan") }
        if hostData != nil && manifest != nil { throw ValidationError("give the host data with either --host-data or --manifest") }
    }

    /// The policy that reports are judged by.
    func attestationPolicy() throws -> AttestationPolicy {
        var demands = try policy.map(PolicyFile.read) ?? AttestationPolicy()
        guard demands.reportData == nil else { throw Unusable("reportData of --policy: it is fresh for each guest here; leave it out") }
        // A live guest's report: nothing of it may be out of date. Its most privileged part, unless levels were named.
        demands.refusesExpiredKey = true
        if demands.vmpls == AttestationPolicy().vmpls { demands.vmpls = [0] }
        if !vmpl.isEmpty { demands.vmpls = Set(vmpl) }
        if let plan {
            let launch = try LaunchManifest(file: URL(filePath: plan)).plan
            demands.measurements = [launch.measurement.bytes]
            demands.guestPolicy = launch.policy.rawValue
            demands.hostData = launch.hostData
        }
        if !measurement.isEmpty { demands.measurements = try measurement.map { try HexValue.bytes($0, count: 48, of: "--measurement") } }
        if let hostData { demands.hostData = try HexValue.bytes(hostData, count: 32, of: "--host-data") }
        if let manifest { demands.hostData = try SecretService.hostData(ofManifest: InputFile.read(manifest)) }
        return demands
    }
}
