/// What a relying party demands of a report beyond its being genuine.
///
/// Without any change, a policy refuses guests that the host may debug or that have a migration agent, and demands nothing of what only the relying party can
/// know: measurement, report data, host data, keys. Values that are nil or empty are not compared; the verdict says so and shows what was found.
public struct AttestationPolicy: Sendable, Hashable {
    /// A yes-or-no property of the guest's policy.
    public enum Demand: String, Sendable, Hashable, CaseIterable {
        /// Either will do.
        case any
        /// It must be set.
        case required
        /// It must not be set.
        case forbidden
    }

    /// MEASUREMENT, 48 bytes; one of these.
    public var measurements: [[UInt8]] = []
    /// HOST_DATA, 32 bytes.
    public var hostData: [UInt8]?
    /// REPORT_DATA, 64 bytes.
    public var reportData: [UInt8]?
    /// ID_KEY_DIGEST, 48 bytes; one of these.
    public var idKeyDigests: [[UInt8]] = []
    /// AUTHOR_KEY_DIGEST, 48 bytes; one of these, and the report must say that there was an author key.
    public var authorKeyDigests: [[UInt8]] = []
    /// FAMILY_ID, 16 bytes.
    public var familyID: [UInt8]?
    /// IMAGE_ID, 16 bytes.
    public var imageID: [UInt8]?
    /// The lowest GUEST_SVN.
    public var minimumGuestSVN: UInt32?

    /// POLICY as a whole, when it is to be just this.
    public var guestPolicy: UInt64?
    /// Bit 19 of POLICY. Debugging lets the host read and write the guest, so that nothing else in the report means anything.
    public var debug: Demand = .forbidden
    /// Bit 18 of POLICY.
    public var migrationAgent: Demand = .forbidden
    /// Bit 16 of POLICY.
    public var smt: Demand = .any
    /// Bit 20 of POLICY.
    public var singleSocket: Demand = .any
    /// The lowest ABI_MAJOR and ABI_MINOR that POLICY may ask for.
    public var minimumABI: ABIVersion?
    /// The privilege levels that may have asked for the report. All four unless changed: which level runs the part of a guest that is trusted depends on what was
    /// launched. A guest without levels of its own runs at 0.
    public var vmpls: Set<UInt32> = [0, 1, 2, 3]

    /// The products that are trusted.
    public var products: Set<Product> = Set(Product.allCases)
    /// The kinds of keys that may have signed.
    public var signingKeys: Set<EndorsementKeyKind> = Set(EndorsementKeyKind.allCases)
    /// CSP_ID of the VLEK; one of these.
    public var cspIDs: Set<String> = []
    /// A VLEK says nothing of the chip. Unless this is true, the chip's identity in a report that one signed has to be zero.
    public var vlekReportsMayNameChip = false

    /// The TCB versions of a report.
    public enum TCB: String, Sendable, Hashable, CaseIterable {
        /// REPORTED_TCB.
        case reported
        /// CURRENT_TCB.
        case current
        /// COMMITTED_TCB.
        case committed
        /// LAUNCH_TCB.
        case launch
    }
    /// The lowest security versions, by product and component. Of a product that is not here nothing is demanded.
    public var tcbFloors: [Product: [TCBVersion.Component: UInt8]] = [:]
    /// Which of the report's TCB versions have to reach the floors.
    public var tcbFloorsApplyTo: Set<TCB> = [.reported]

    /// Bits that LAUNCH_MIT_VECTOR must have.
    public var launchMitigations: UInt64 = 0
    /// Bits that CURRENT_MIT_VECTOR must have.
    public var currentMitigations: UInt64 = 0
    /// Whether ALIAS_CHECK_COMPLETE must be set. Firmware before 1.55.22 (Milan) and 1.55.34 (Genoa) never sets it.
    public var aliasCheckRequired = false
    /// Bits that PLATFORM_INFO must have.
    public var platformInfoRequired: PlatformInfo = []
    /// Bits that PLATFORM_INFO must not have.
    public var platformInfoForbidden: PlatformInfo = []
    /// Whether reserved bytes and bits have to be zero. They are signed, and later firmware gives them meanings, so that a genuine report may have them.
    public var reservedMustBeZero = false
    /// Whether the certificate of the key that signed must not have expired. A VLEK's lives a year, and a report carries no time: whoever looks at an old one, or
    /// at a provider that serves an old certificate, may let it pass. It is never accepted before its time, and authorities must be valid in any case.
    public var refusesExpiredKey = true
    /// Whether a revocation list of the chain's root has to be given.
    public var revocationListRequired = false

    /// The policy that refuses debugging and migration agents and demands nothing else.
    public init() {}
}
