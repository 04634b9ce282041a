/// The SEV-SNP firmware as a state machine (AMD 56860, chapter 8): its platform state, its guests and the reverse map. One command at a time, as over the mailbox.
struct Firmware: Sendable {
    /// The state of the platform.
    enum State: Sendable { case uninitialized, initialized }

    let platform: PSPPlatform
    let endorsement: PlatformEndorsement
    var state = State.uninitialized
    var reverseMap = ReverseMap()
    var guests: [UInt32: GuestContext] = [:]
    /// How many guests there may be.
    let largestGuestID: UInt32

    init(_ platform: PSPPlatform, endorsement: PlatformEndorsement, largestGuestID: UInt32 = 509) {
        self.platform = platform
        self.endorsement = endorsement
        self.largestGuestID = largestGuestID
    }

    /// SNP_INIT.
    mutating func initialize() throws(FirmwareError) {
        guard state == .uninitialized else { throw .invalidPlatformState }
        state = .initialized
    }

    /// SNP_SHUTDOWN; no guest may be left.
    mutating func shutDown() throws(FirmwareError) {
        guard state == .initialized, guests.isEmpty else { throw .invalidPlatformState }
        state = .uninitialized
    }

    /// SNP_PLATFORM_STATUS: 32 bytes (`struct sev_user_data_snp_status`).
    func platformStatus() -> [UInt8] {
        var status = [UInt8](repeating: 0, count: 32)
        status[0] = platform.abi.major
        status[1] = platform.abi.minor
        status[2] = state == .initialized ? 1 : 0
        status[3] = state == .initialized ? 1 : 0
        status.store(UInt32(platform.build), at: 4)
        status.store(UInt32(platform.isChipIDMasked ? 1 : 0) | UInt32(endorsement.loadedKey == nil ? 0 : 4), at: 8)
        status.store(UInt32(guests.count), at: 12)
        status.store(platform.currentTCB.word(platform.product), at: 16)
        status.store(platform.reportedTCB.word(platform.product), at: 24)
        return status
    }

    /// SNP_GCTX_CREATE and SNP_ACTIVATE: a guest with the lowest free address-space identifier.
    mutating func createGuest() throws(FirmwareError) -> UInt32 {
        guard state == .initialized else { throw .invalidPlatformState }
        guard let asid = (1...largestGuestID).first(where: { guests[$0] == nil }) else { throw .resourceLimit }
        guests[asid] = GuestContext(asid: asid, launchTCB: platform.currentTCB, launchMitigations: platform.mitigations)
        return asid
    }

    /// SNP_DECOMMISSION: the guest's keys are forgotten.
    mutating func decommission(_ asid: UInt32) throws(FirmwareError) {
        guard guests.removeValue(forKey: asid) != nil else { throw .invalidGuest }
    }

    /// A guest's context for a command.
    func guest(_ asid: UInt32) throws(FirmwareError) -> GuestContext {
        guard state == .initialized else { throw .invalidPlatformState }
        guard let guest = guests[asid] else { throw .invalidGuest }
        return guest
    }
}
