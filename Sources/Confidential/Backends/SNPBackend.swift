/// What becomes of a run of pages.
public enum LoadOutcome: Sendable, Equatable {
    /// All pages belong to the guest.
    case loaded
    /// The firmware did not accept a CPUID page and says what it would accept.
    case corrected([UInt8])
}

/// What SNP_LAUNCH_FINISH takes.
public struct LaunchFinish: Sendable, Equatable {
    /// ID block and authentication.
    public var identity: LaunchIdentity?
    /// 32 bytes for the report.
    public var hostData: [UInt8]
    /// The key of the chip may not sign reports.
    public var isChipKeyDisabled: Bool

    /// What a plan says.
    public init(_ plan: LaunchPlan) {
        identity = plan.identity
        hostData = plan.hostData
        isChipKeyDisabled = plan.isChipKeyDisabled
    }
}

/// Something that launches encrypted guests: KVM with a secure processor, KVM's code over a replayed transcript, or the software secure processor.
///
/// The methods are called in the order in which they stand here, by one thread (`LaunchSequence`); one that comes out of order throws `order`. After an error
/// the launch is over: the guest is given back with the back end itself.
public protocol SNPBackend: AnyObject {
    /// For messages: "kvm", "software".
    var name: String { get }

    /// Makes an empty machine of the encrypted kind.
    ///
    /// - Throws: `requirement` when the host cannot, `kernel` or `firmware` when it will not.
    func createMachine(_ features: VMSAFeatures) throws(SNPError)

    /// Adds memory, all of it shared with the host at first.
    func addMemory(_ region: GuestRegion) throws(SNPError)

    /// Makes pages private to the guest, or shared again; their contents are lost.
    func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError)

    /// SNP_LAUNCH_START.
    func startLaunch(_ policy: GuestPolicy, visibleWorkarounds: [UInt8]) throws(SNPError)

    /// SNP_LAUNCH_UPDATE of private pages, to the end of the run.
    func load(_ run: LaunchRun) throws(SNPError) -> LoadOutcome

    /// Makes the next processor and sets its registers, and its CPUID leaves when there is a page of them.
    func createProcessor(_ processor: LaunchProcessor, cpuid: CPUIDPage?) throws(SNPError)

    /// SNP_LAUNCH_FINISH: the registers become part of the measurement, then the guest can run and nobody can change it.
    func finishLaunch(_ finish: LaunchFinish) throws(SNPError)
}
