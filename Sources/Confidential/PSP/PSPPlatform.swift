/// PLATFORM_INFO of a report (AMD 56860, "ATTESTATION_REPORT").
public struct PlatformInformation: OptionSet, Hashable, Sendable {
    /// The word.
    public let rawValue: UInt64
    /// From the word.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Simultaneous multithreading is on.
    public static let multithreading = PlatformInformation(rawValue: 1 << 0)
    /// All memory is encrypted transparently.
    public static let transparentEncryption = PlatformInformation(rawValue: 1 << 1)
    /// Memory has error correction.
    public static let errorCorrection = PlatformInformation(rawValue: 1 << 2)
    /// RAPL is off.
    public static let raplDisabled = PlatformInformation(rawValue: 1 << 3)
    /// Ciphertext is hidden from the host.
    public static let ciphertextHiding = PlatformInformation(rawValue: 1 << 4)
    /// The check for aliased memory was passed (CVE-2024-21944).
    public static let aliasCheck = PlatformInformation(rawValue: 1 << 5)
}

/// The pretended platform of a software secure processor.
public struct PSPPlatform: Sendable {
    /// The processor.
    public var product: ProcessorProduct
    /// The version of the reports it makes, 2 to 5.
    public var reportVersion: UInt32 = 5
    /// Versions: running, reported, committed; the launch takes the running one.
    public var currentTCB: TCBVersion, reportedTCB: TCBVersion, committedTCB: TCBVersion
    /// The chip's identifier: 64 bytes; Turin uses the first 8.
    public var chipID: [UInt8]
    /// What never leaves the chip, the root of the keys that it derives: 48 bytes. The same chip derives the same keys.
    public var chipSecret: [UInt8]
    /// What the platform says about itself.
    public var information: PlatformInformation = [.multithreading, .errorCorrection, .aliasCheck]
    /// The version of the firmware's interface, and its build.
    public var abi: (major: UInt8, minor: UInt8) = (1, 55), build: UInt8 = 40
    /// Reports carry no chip identifier.
    public var isChipIDMasked = false
    /// Mitigations in force, for reports of version 5.
    public var mitigations: UInt64 = 0
    /// Scale, offset and factor of the guest's own clock.
    public var time: (scale: UInt64, offset: UInt64, factor: UInt32) = (1 << 32, 0, 200)
    /// What CPUID leaves it allows.
    public var cpuid: CPUIDRules

    /// A platform with a random chip.
    public init(_ product: ProcessorProduct = .genoa) {
        self.product = product
        let version = TCBVersion(fmc: product == .turin ? 1 : 0, bootLoader: 10, tee: 1, snp: 27, microcode: 0xD9)
        (currentTCB, reportedTCB, committedTCB) = (version, version, version)
        chipID = RandomBytes.make(product.hardwareIDSize) + [UInt8](repeating: 0, count: 64 - product.hardwareIDSize)
        chipSecret = RandomBytes.make(48)
        cpuid = CPUIDRules(reference: .reference(product))
    }
}
