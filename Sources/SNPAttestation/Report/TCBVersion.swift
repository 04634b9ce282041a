/// TCB_VERSION: the security versions of the firmware's parts, a byte each (AMD document 56860, "TCB_VERSION"; Turin's layout differs).
public struct TCBVersion: RawRepresentable, Sendable, Hashable {
    /// The eight bytes, the first in the lowest bits.
    public let rawValue: UInt64
    /// A version of these bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A part of the firmware.
    public enum Component: String, Sendable, Hashable, CaseIterable {
        /// The FMC, the first-stage boot loader; from Turin on.
        case fmc
        /// The boot loader.
        case bootLoader
        /// The security processor's operating system.
        case tee
        /// The SEV-SNP firmware.
        case snp
        /// The processors' microcode.
        case microcode

        /// The last number of the object identifier, below 1.3.6.1.4.1.3704.1.3, of the extension that certifies it.
        var certifiedAs: Int {
            switch self {
            case .bootLoader: 1
            case .tee: 2
            case .snp: 3
            case .microcode: 8
            case .fmc: 9
            }
        }
    }

    /// Where the components are.
    public enum Layout: Sendable, Hashable {
        /// Milan, Genoa and their kin.
        case beforeTurin
        /// Turin.
        case fromTurin

        /// The components with the number of their byte, the lowest first.
        public var positions: [(component: Component, byte: Int)] {
            switch self {
            case .beforeTurin: [(.bootLoader, 0), (.tee, 1), (.snp, 6), (.microcode, 7)]
            case .fromTurin: [(.fmc, 0), (.bootLoader, 1), (.tee, 2), (.snp, 3), (.microcode, 7)]
            }
        }
    }

    /// A component; nil when the layout has none of that name.
    public func value(of component: Component, in layout: Layout) -> UInt8? {
        layout.positions.first { $0.component == component }.map { byte($0.byte) }
    }

    /// "bootLoader 10, tee 0, snp 27, microcode 88".
    public func description(in layout: Layout) -> String {
        layout.positions.map { "\($0.component.rawValue) \(byte($0.byte))" }.joined(separator: ", ")
    }

    func byte(_ number: Int) -> UInt8 { UInt8(truncatingIfNeeded: rawValue >> (UInt64(number) * 8)) }
}
