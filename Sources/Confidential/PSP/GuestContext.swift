/// What the firmware keeps of one guest (AMD 56860, "Guest context").
struct GuestContext: Sendable {
    /// GSTATE of the launch.
    enum State: Sendable, Equatable {
        /// Created, nothing launched.
        case initial
        /// Between SNP_LAUNCH_START and SNP_LAUNCH_FINISH.
        case launching
        /// Launched; only guest requests change it.
        case running
    }

    var state = State.initial
    let asid: UInt32
    var policy = GuestPolicy()
    var digest = LaunchDigest()
    var visibleWorkarounds = [UInt8](repeating: 0, count: 16)
    /// VMPCK0 to VMPCK3, and the last sequence number used with each.
    var messageKeys: [[UInt8]] = []
    var sequences: [UInt64] = [0, 0, 0, 0]
    var reportID = [UInt8]()
    /// VMRK: a root of derived keys that moves with the guest.
    var machineRootKey = [UInt8]()
    var hostData = [UInt8](repeating: 0, count: 32)
    var familyID = [UInt8](repeating: 0, count: 16)
    var imageID = [UInt8](repeating: 0, count: 16)
    var guestSVN: UInt32 = 0
    var idKeyDigest = [UInt8](repeating: 0, count: 48)
    var authorKeyDigest = [UInt8](repeating: 0, count: 48)
    var usesAuthorKey = false
    var isChipKeyDisabled = false
    var launchTCB: TCBVersion
    var launchMitigations: UInt64
}
