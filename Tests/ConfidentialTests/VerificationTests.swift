import Foundation
import SNPAttestation
import Testing

@testable import Confidential

@Suite("The verifier believes the software secure processor under its own root, and nobody believes it under AMD's")
struct VerificationTests {
    private let now = Int64(Date().timeIntervalSince1970)

    /// The verdict of a relying party that predicted the measurement, chose the host data and asked with a challenge of its own.
    private func verdict(
        _ report: [UInt8], _ launch: SoftwareLaunch, _ measurement: LaunchDigest, _ endorsement: PlatformEndorsement, roots: TrustedRoots?,
        change: (inout AttestationPolicy) -> Void = { _ in }
    ) throws -> Verdict {
        var policy = AttestationPolicy()
        policy.measurements = [measurement.bytes]
        policy.hostData = launch.plan.hostData
        policy.reportData = Array(0..<64)
        policy.aliasCheckRequired = true
        policy.reservedMustBeZero = true
        policy.guestPolicy = launch.plan.policy.rawValue
        change(&policy)
        var certificates = CertificateBundle()
        #expect(certificates.add(endorsement.table.bytes, named: "the host's table") == .added)
        if endorsement.vlek != nil { certificates.add(endorsement.authority.asvk, named: "ASVK") }
        let trusted = try roots ?? TrustedRoots(notAMDs: [Certificate(der: endorsement.authority.ark)])
        return AttestationVerifier(policy: policy, roots: trusted).verdict(on: report, certificates: certificates, at: now)
    }

    @Test(arguments: ProcessorProduct.allCases, 2...5)
    func acceptedUnderTheTestRootOnly(_ product: ProcessorProduct, _ version: Int) throws {
        var launch = try SoftwareLaunch(product)
        launch.platform.reportVersion = UInt32(version)
        let (guest, record, endorsement) = try launch.launched()
        let report = try guest.report()
        let accepted = try verdict(report, launch, record.measurement, endorsement, roots: nil)
        #expect(accepted.isAccepted, "\(accepted.failures)")
        #expect(accepted.product?.rawValue.lowercased() == product.rawValue.lowercased() && !accepted.rootsAreAMDs)
        let refused = try verdict(report, launch, record.measurement, endorsement, roots: .amd)
        #expect(!refused.isAccepted && refused[.rootPinned]?.outcome == .failed)
    }

    @Test(arguments: ProcessorProduct.allCases)
    func ofALoadedKey(_ product: ProcessorProduct) throws {
        var launch = try SoftwareLaunch(product)
        launch.provider = "a provider"
        let (guest, record, endorsement) = try launch.launched()
        for selection: UInt32 in [1, 2] {
            let report = try guest.report(level: 1, selection: selection)
            let accepted = try verdict(report, launch, record.measurement, endorsement, roots: nil)
            #expect(accepted.isAccepted, "\(accepted.failures)")
            #expect(try !verdict(report, launch, record.measurement, endorsement, roots: .amd).isAccepted)
        }
    }

    @Test func withAnIDBlock() throws {
        var launch = try SoftwareLaunch()
        let (idKey, authorKey) = (try LaunchKey.generate(), try LaunchKey.generate())
        let block = try IDBlock(digest: launch.plan.measurement, imageID: Array(1...16), guestSVN: 4)
        launch.plan.identity = try LaunchIdentity(block: block.bytes, authentication: IDAuthentication(signing: block, idKey: idKey, authorKey: authorKey))
        let (guest, record, endorsement) = try launch.launched()
        let report = try guest.report()
        func verdict(_ change: (inout AttestationPolicy) -> Void) throws -> Verdict {
            try self.verdict(report, launch, record.measurement, endorsement, roots: nil, change: change)
        }
        let accepted = try verdict {
            $0.idKeyDigests = [idKey.digest]
            $0.authorKeyDigests = [authorKey.digest]
            $0.imageID = Array(1...16)
            $0.minimumGuestSVN = 4
        }
        #expect(accepted.isAccepted, "\(accepted.failures)")
        #expect(try !verdict { $0.idKeyDigests = [authorKey.digest] }.isAccepted)
        #expect(try !verdict { $0.minimumGuestSVN = 5 }.isAccepted)
    }

    @Test func guestsThatTheHostMayDebugAreRefused() throws {
        var launch = try SoftwareLaunch()
        launch.plan.policy.insert(.debugging)
        let (guest, record, endorsement) = try launch.launched()
        let refused = try verdict(guest.report(), launch, record.measurement, endorsement, roots: nil)
        #expect(refused.failures.map(\.name) == [.debug])
    }

    @Test(arguments: [HostDeviation.flipLaunchedBit(address: 0x101000, bit: 9), .dropLaunchedPage(0x102000), .swapLaunchedPages(0x100000, 0x101000)])
    func anotherLaunchIsRefused(_ deviation: HostDeviation) throws {
        var launch = try SoftwareLaunch()
        launch.deviations = [deviation]
        let (guest, record, endorsement) = try launch.launched()
        #expect(try verdict(guest.report(), launch, record.measurement, endorsement, roots: nil).failures.map(\.name) == [.measurement])
    }

    @Test func aReportOfAnOlderFirmwareIsNotCertified() throws {
        var launch = try SoftwareLaunch()
        let endorsement = try Authorities.genoa.endorse(launch.platform)
        launch.platform.reportedTCB.snp -= 1
        let backend = SoftwareBackend(try SoftwarePSP(launch.platform, endorsement: endorsement))
        let record = try LaunchSequence(launch.plan).launch(on: backend)
        let refused = try verdict(SoftwareGuest(backend).report(), launch, record.measurement, endorsement, roots: nil)
        #expect(refused.failures.map(\.name) == [.reportedTCB])
    }

    @Test("an authority that was kept is the same root; with its keys alone it is another certificate of the same key")
    func keptAuthorities() throws {
        let kept = try TestAuthority(keys: Authorities.genoa.keys, certificates: (Authorities.genoa.ark, Authorities.genoa.ask, Authorities.genoa.asvk))
        #expect(kept.ark == Authorities.genoa.ark && kept.keys == Authorities.genoa.keys)
        let issued = try TestAuthority(keys: kept.keys)
        #expect(issued.ark != kept.ark && issued.keys == kept.keys)
        let (launch, processor) = (try SoftwareLaunch(), try SoftwareLaunch().platform)
        let endorsement = try kept.endorse(processor)
        let backend = SoftwareBackend(try SoftwarePSP(processor, endorsement: endorsement))
        let record = try LaunchSequence(launch.plan).launch(on: backend)
        let report = try SoftwareGuest(backend).report()
        let accepted = try verdict(report, launch, record.measurement, endorsement, roots: TrustedRoots(notAMDs: [Certificate(der: Authorities.genoa.ark)]))
        #expect(accepted.isAccepted, "\(accepted.failures)")
        #expect(try !verdict(report, launch, record.measurement, endorsement, roots: TrustedRoots(notAMDs: [Certificate(der: issued.ark)])).isAccepted)
    }

    @Test func anotherKeyIsNoAuthoritys() throws {
        let keys = Authorities.genoa.keys
        let curve = try LaunchKey.generate().privatePEM()
        for other in [curve, [], Array("-----BEGIN PRIVATE KEY-----".utf8)] {
            #expect(failure { _ = try TestAuthority(keys: (keys.root, other, keys.loadedIntermediate)) }?.kind == .plan)
        }
    }
}
