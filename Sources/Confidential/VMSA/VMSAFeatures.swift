/// SEV_FEATURES of a processor's register page (AMD APM volume 2, table B-4, offset 0x3B0); bits 63:2 of SEV_STATUS in the guest.
public struct VMSAFeatures: OptionSet, Hashable, Sendable {
    /// The word.
    public let rawValue: UInt64

    /// From the word.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Bit 0: SEV-SNP is active. KVM adds it.
    public static let active = VMSAFeatures(rawValue: 1 << 0)
    /// Bit 1: virtual top of memory.
    public static let virtualTOM = VMSAFeatures(rawValue: 1 << 1)
    /// Bit 2: #VC is reflected to a less privileged level's exit.
    public static let reflectVC = VMSAFeatures(rawValue: 1 << 2)
    /// Bit 3: the host injects #HV only.
    public static let restrictedInjection = VMSAFeatures(rawValue: 1 << 3)
    /// Bit 4: interrupts come from the guest's own page.
    public static let alternateInjection = VMSAFeatures(rawValue: 1 << 4)
    /// Bit 5: debug registers are swapped by the hardware.
    public static let debugSwap = VMSAFeatures(rawValue: 1 << 5)
    /// Bit 6: no instruction-based sampling by the host.
    public static let preventHostIBS = VMSAFeatures(rawValue: 1 << 6)
    /// Bit 9: the time stamp counter is the guest's own.
    public static let secureTSC = VMSAFeatures(rawValue: 1 << 9)
}
