/// A line of EPYC processors, as far as reports and certificates differ.
public enum ProcessorProduct: String, Sendable, CaseIterable {
    /// EPYC 7003.
    case milan = "Milan"
    /// EPYC 9004.
    case genoa = "Genoa"
    /// EPYC 9005.
    case turin = "Turin"

    /// Family, model and stepping of one such processor.
    var signature: (family: UInt8, model: UInt8, stepping: UInt8) {
        switch self {
        case .milan: (0x19, 0x01, 0x01)
        case .genoa: (0x19, 0x11, 0x01)
        case .turin: (0x1A, 0x02, 0x01)
        }
    }

    /// CPUID 1 EAX of that processor.
    var cpuidSignature: UInt32 {
        let (family, model, stepping) = signature
        return UInt32(stepping) | UInt32(model & 0xF) << 4 | 0xF << 8 | UInt32(model >> 4) << 16 | UInt32(family - 0xF) << 20
    }

    /// The product's name in a certificate of the chip's key.
    var certificateName: String { self == .milan ? "Milan-B0" : rawValue }
    /// Bytes of the hardware's identifier.
    var hardwareIDSize: Int { self == .turin ? 8 : 64 }
}

/// Security versions of the parts of the platform's firmware (AMD 56860, "TCB_VERSION").
public struct TCBVersion: Sendable, Hashable {
    /// The firmware's own core; Turin only.
    public var fmc: UInt8
    /// The boot loader.
    public var bootLoader: UInt8
    /// The secure processor's operating system.
    public var tee: UInt8
    /// The SEV-SNP firmware.
    public var snp: UInt8
    /// The microcode.
    public var microcode: UInt8

    /// All parts.
    public init(fmc: UInt8 = 0, bootLoader: UInt8, tee: UInt8, snp: UInt8, microcode: UInt8) {
        (self.fmc, self.bootLoader, self.tee, self.snp, self.microcode) = (fmc, bootLoader, tee, snp, microcode)
    }

    /// The 64-bit word in a report of that product.
    func word(_ product: ProcessorProduct) -> UInt64 {
        let bytes: [UInt8] = product == .turin ? [fmc, bootLoader, tee, snp, 0, 0, 0, microcode] : [bootLoader, tee, 0, 0, 0, 0, snp, microcode]
        return bytes.number(at: 0)
    }
}
