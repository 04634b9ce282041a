internal import ConfidentialABI

/// The measured guest image (`guest/confidential`): its bytes from `SKERRY_GUEST_BASE` on, and what its head says of them.
public struct GuestImage: Sendable {
    /// Code, constants and initialised data.
    public let bytes: [UInt8]
    /// What it was made from: compiler, and the cryptographic library with its version and digest.
    public let description: String
    let entry: UInt64
    /// Where code, constants, data and zeros end.
    let codeEnd: UInt64, constantsEnd: UInt64, dataEnd: UInt64, zeroEnd: UInt64
    let vectors: UInt64, thread: UInt64
    /// The bodies of the operations of the platform, at the virtual addresses that the table has.
    private let hardwareBodies: [UInt64], simulationBodies: [UInt64], userModeBodies: [UInt64]
    /// The page of the gate.
    let gate: UInt64

    static let base = UInt64(SKERRY_GUEST_BASE)
    /// From guest-physical addresses to those the processor is given.
    static let alias = UInt64(SKERRY_GUEST_ALIAS)
    /// The guest-physical address of one that the guest sees, at either place.
    static func physical(_ address: UInt64) -> UInt64 { address >= alias ? address - alias : address }

    /// From the bytes that `guest/confidential/build` writes.
    ///
    /// - Throws: `plan` when the head is not that of such an image.
    public init(_ bytes: [UInt8]) throws(SNPError) {
        let failed = SNPError(.plan, "the guest image", "its head is not that of an image of this version; build it anew with guest/confidential/build")
        guard bytes.count >= Int(SKERRY_IMAGE_HEAD_WORDS) * 8, bytes.count % PageSize.bytes == 0 else { throw failed }
        func word(_ index: Int) -> UInt64 { bytes.number(at: index * 8) }
        func word(_ name: skerry_image_word) -> UInt64 { word(Int(name.rawValue)) }
        func place(_ name: skerry_image_word) -> UInt64 { Self.physical(word(name)) }
        func bodies(_ name: skerry_image_word, _ count: Int) -> [UInt64] { (0..<count).map { word(Int(name.rawValue) + $0) } }
        guard word(skerry_image_magic) == UInt64(SKERRY_IMAGE_MAGIC) else { throw failed }
        self.bytes = bytes
        (entry, gate) = (place(skerry_image_entry), place(skerry_image_gate))
        (codeEnd, constantsEnd) = (place(skerry_image_code_end), place(skerry_image_constants_end))
        (dataEnd, zeroEnd) = (place(skerry_image_data_end), place(skerry_image_zero_end))
        (vectors, thread) = (place(skerry_image_vectors), place(skerry_image_thread))
        let count = Int(SKERRY_PLATFORM_BODIES)
        (hardwareBodies, simulationBodies, userModeBodies) = (bodies(skerry_image_hardware, count), bodies(skerry_image_simulation, count), bodies(skerry_image_user_mode, 3))
        let ends = [Self.base, codeEnd, constantsEnd, dataEnd, zeroEnd, UInt64(SKERRY_GUEST_TABLES)]
        guard zip(ends, ends.dropFirst()).allSatisfy({ $0 <= $1 }), ends.allSatisfy({ $0 % PageSize.small == 0 }), dataEnd - Self.base == UInt64(bytes.count),
            Self.areInside((hardwareBodies + simulationBodies + userModeBodies).map { Self.physical($0) } + [entry, vectors, gate], Self.base..<codeEnd),
            gate % PageSize.small == 0, Self.areInside([thread], constantsEnd..<dataEnd)
        else { throw failed }
        let text = (place(skerry_image_description), place(skerry_image_description_end))
        guard codeEnd <= text.0, text.0 <= text.1, text.1 <= constantsEnd else { throw failed }
        description = String(decoding: bytes[Int(text.0 - Self.base)..<Int(text.1 - Self.base)], as: UTF8.self)
    }

    /// The platform table's addresses.
    func bodies(_ platform: GuestPlatform) -> [UInt64] {
        switch platform {
        case .hardware: hardwareBodies
        case .simulation: simulationBodies
        case .simulationInUserMode: simulationBodies.dropLast(3) + userModeBodies
        }
    }

    private static func areInside(_ addresses: [UInt64], _ range: Range<UInt64>) -> Bool { addresses.allSatisfy { range.contains($0) } }

    /// SHA-384 of the bytes, for comparing builds; the measurement of a launch is that of its `LaunchPlan`.
    public var digest: [UInt8] { SHA384.digest(bytes) }
}

/// What the image's measured platform table makes of it.
public enum GuestPlatform: Hashable, Sendable, CaseIterable {
    /// The instructions of an SEV-SNP processor, at CPL 0.
    case hardware
    /// The simulation port, at CPL 0: for KVM on hardware virtualisation.
    case simulation
    /// The simulation port, at CPL 3: for a page-table-based KVM, which emulates CPL 0 code a thousand times slower.
    case simulationInUserMode

    /// The simulation that is fast on this host: whether KVM is page-table-based is told by the processor, which offers neither SVM nor VMX then.
    public static func simulation(on facts: any HostFacts = LinuxHostFacts()) -> GuestPlatform {
        let hasSVM = facts.cpuid(0x8000_0001, 0).ecx & 1 << 2 != 0
        let hasVMX = facts.cpuid(1, 0).ecx & 1 << 5 != 0
        return hasSVM || hasVMX ? .simulation : .simulationInUserMode
    }

    /// The bit that makes a page private; where nothing is encrypted it would be a reserved bit.
    var encryption: UInt64 { self == .hardware ? 1 << 51 : 0 }
    var isUserMode: Bool { self == .simulationInUserMode }
    /// U/S.
    var entryBits: UInt64 { isUserMode ? 4 : 0 }
}
