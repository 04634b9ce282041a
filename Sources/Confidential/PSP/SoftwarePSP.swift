internal import Synchronization

/// A secure processor in software: the state machine of SEV-SNP's firmware without any protection. What it launches is not confidential; its reports are signed
/// by a test authority, and only who trusts that believes them. It exists so that launches, guests and verifiers can be tested where there is no hardware.
public final class SoftwarePSP: Sendable {
    private let firmware: Mutex<Firmware>
    /// What it pretends to run on.
    public let platform: PSPPlatform
    /// Its keys' certificates.
    public let endorsement: PlatformEndorsement

    /// A secure processor of a platform, initialised.
    ///
    /// - Parameter largestGuestID: How many guests it runs at once.
    /// - Throws: `plan` for a report version that there is not, a chip identifier that has not 64 bytes, or a chip secret that has not 48.
    public init(_ platform: PSPPlatform, endorsement: PlatformEndorsement, largestGuestID: UInt32 = 509) throws(SNPError) {
        guard (2...5).contains(platform.reportVersion), platform.chipID.count == 64, platform.chipSecret.count == 48, largestGuestID >= 1 else {
            throw SNPError(.plan, "the software secure processor", "report versions are 2 to 5, and a chip has an identifier of 64 bytes and a secret of 48")
        }
        self.platform = platform
        self.endorsement = endorsement
        var made = Firmware(platform, endorsement: endorsement, largestGuestID: largestGuestID)
        made.state = .initialized
        firmware = Mutex(made)
    }

    /// One command of the mailbox, alone.
    func command<Result: Sendable>(_ body: (inout Firmware) throws(FirmwareError) -> Result) throws(FirmwareError) -> Result {
        // The failure leaves the lock as a value: `withLock` has no typed error in every toolchain.
        let outcome: Swift.Result<Result, FirmwareError> = firmware.withLock { firmware in
            do { return .success(try body(&firmware)) } catch { return .failure(error as? FirmwareError ?? .hardwareErrorPlatform) }
        }
        return try outcome.get()
    }

    /// SNP_PLATFORM_STATUS: 32 bytes (`struct sev_user_data_snp_status` of `linux/psp-sev.h`).
    public var platformStatus: [UInt8] { firmware.withLock { $0.platformStatus() } }
}
