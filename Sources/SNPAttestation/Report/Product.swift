/// A line of processors with an AMD root key of its own.
public enum Product: String, Sendable, Hashable, CaseIterable {
    /// EPYC 7003.
    case milan = "Milan"
    /// EPYC 9004, and 8004: Bergamo and Siena share Genoa's keys.
    case genoa = "Genoa"
    /// EPYC 9005.
    case turin = "Turin"

    /// The product of a processor; nil when it is none of these.
    public init?(processor: ProcessorIdentity) {
        switch (processor.family, processor.model) {
        case (0x19, 0x00...0x0F): self = .milan
        case (0x19, 0x10...0x1F), (0x19, 0xA0...0xAF): self = .genoa
        case (0x1A, 0x00...0x1F): self = .turin
        default: return nil
        }
    }

    /// The product that a certificate names ("Milan-B0", "Genoa", "Siena-B0", "Turin"); nil when it is none of these.
    public init?(certificateName name: String) {
        switch name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).first {
        case "Milan": self = .milan
        case "Genoa", "Bergamo", "Siena": self = .genoa
        case "Turin": self = .turin
        default: return nil
        }
    }

    /// How many bytes identify a chip of this product.
    public var hardwareIDLength: Int { self == .turin ? 8 : 64 }
    /// Where in a TCB version the components are.
    public var tcbLayout: TCBVersion.Layout { self == .turin ? .fromTurin : .beforeTurin }
}

/// What CPUID leaf 1 tells of a processor, family and model with their extensions added.
public struct ProcessorIdentity: Sendable, Hashable, CustomStringConvertible {
    /// The family: 0x19 for Zen 3 and 4, 0x1A for Zen 5.
    public let family: UInt8
    /// The model.
    public let model: UInt8
    /// The stepping.
    public let stepping: UInt8
    /// An identity.
    public init(family: UInt8, model: UInt8, stepping: UInt8) {
        self.family = family
        self.model = model
        self.stepping = stepping
    }
    /// "family 0x19, model 0x11, stepping 1".
    public var description: String { "family \(Hexadecimal.number(family)), model \(Hexadecimal.number(model)), stepping \(stepping)" }
}
