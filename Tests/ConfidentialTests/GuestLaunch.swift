import ConfidentialImage
import Foundation
import Testing

@testable import Confidential

/// The guest image over the software secure processor: the one that the package build made, or the file that SKERRY_TEST_GUEST_IMAGE names (an image with a check
/// taken out, by Tests/ConfidentialTests/mutations).
struct GuestLaunch {
    static let challenge: [UInt8] = Array(200..<232)

    static func image() throws -> GuestImage {
        guard let file = ProcessInfo.processInfo.environment["SKERRY_TEST_GUEST_IMAGE"] else { return try GuestImage.built() }
        return try GuestImage(Array(try Data(contentsOf: URL(filePath: file))))
    }

    /// What runs on this host: user mode anywhere, CPL 0 where that is not emulated.
    static var platforms: [GuestPlatform] { GuestPlatform.simulation() == .simulation ? [.simulation, .simulationInUserMode] : [.simulationInUserMode] }

    var platform = PSPPlatform(.genoa)
    var plan: LaunchPlan
    var deviations: [HostDeviation] = []
    var hostile: [GuestDeviation] = []

    /// - Parameter steps: Times 2 MiB of RAM, of which the guest accepts the first.
    init(_ target: GuestPlatform = .simulationInUserMode, cpuid: CPUIDPage = .reference(.genoa), steps: UInt64 = 2) throws {
        plan = try Self.image().plan(for: target, cpuid: cpuid, ram: steps * GuestImage.ramStep)
    }

    /// The launched guest, not run yet.
    func launched() throws -> (guest: SimulatedGuest, endorsement: PlatformEndorsement) {
        let endorsement = try Authorities.genoa.endorse(platform)
        let backend = SoftwareBackend(try SoftwarePSP(platform, endorsement: endorsement), deviations: deviations)
        _ = try LaunchSequence(plan).launch(on: backend)
        return (try SimulatedGuest(plan, on: backend, challenge: Self.challenge, deviations: hostile), endorsement)
    }

    /// How a run with these deviations ends.
    static func end(_ deviations: [HostDeviation] = [], _ hostile: [GuestDeviation] = [], change: (inout GuestLaunch) -> Void = { _ in }) throws -> GuestEnd {
        var launch = try GuestLaunch()
        (launch.deviations, launch.hostile) = (deviations, hostile)
        change(&launch)
        return try launch.launched().guest.run()
    }
}
