/// Guest-physical memory: one memory slot with its private and its shared side.
public struct GuestRegion: Sendable, Hashable {
    /// The first address, a multiple of 4096.
    public let address: UInt64
    /// Bytes, a multiple of 4096.
    public let size: UInt64

    /// Memory from `address` on.
    public init(address: UInt64, size: UInt64) {
        self.address = address
        self.size = size
    }

    /// The addresses; empty when they would wrap.
    var addresses: Range<UInt64> { address..<max(address, address &+ size) }
}

/// How a virtual processor starts.
public enum LaunchProcessor: Sendable, Equatable {
    /// With these registers.
    case registers(VMSAProfile)
    /// With a page of registers that only its bytes describe: good for predictions and for the software secure processor, not for KVM, which builds the page itself.
    case page([UInt8])

    /// The page that is measured, 4,096 bytes.
    public func page(features: VMSAFeatures) -> [UInt8] {
        switch self {
        case .registers(let profile): profile.page(features: features)
        case .page(let bytes): bytes
        }
    }
}

/// Everything that decides what an encrypted guest is when it starts to run, in the order in which it is loaded: pages, processors, and what the report says
/// beside the measurement.
public struct LaunchPlan: Sendable, Equatable {
    /// The guest's memory. Empty: one region that covers all pages (`coveringRegion`).
    public var memory: [GuestRegion] = []
    /// The pages, in the order of loading: the order is measured.
    public var runs: [LaunchRun] = []
    /// The processors, the boot processor first.
    public var processors: [LaunchProcessor] = []
    /// Features of the hardware that the guest is launched with, beside SEV-SNP itself.
    public var features: VMSAFeatures = []
    /// What the owner allows the host.
    public var policy: GuestPolicy = .standard
    /// 32 bytes the host chooses; reported, not measured.
    public var hostData = [UInt8](repeating: 0, count: 32)
    /// GOSVW: workarounds the guest may see, 16 bytes the host chooses.
    public var visibleWorkarounds = [UInt8](repeating: 0, count: 16)
    /// ID block and its authentication.
    public var identity: LaunchIdentity?
    /// Reports may not be signed with the key of the chip (VCEK), only with the loaded one (VLEK).
    public var isChipKeyDisabled = false

    /// An empty plan.
    public init() {}

    /// The predicted measurement: what the report of the launched guest will say.
    public var measurement: LaunchDigest {
        var digest = LaunchDigest()
        for run in runs { digest.extend(run) }
        for processor in processors { digest.extendRegisters(processor.page(features: features)) }
        return digest
    }

    /// The memory, or the smallest region that covers every page when none was given.
    public var effectiveMemory: [GuestRegion] {
        guard memory.isEmpty, let first = runs.map(\.addresses.lowerBound).min(), let last = runs.map(\.addresses.upperBound).max() else { return memory }
        return [GuestRegion(address: first, size: last - first)]
    }

    /// Checks what no host has to be asked for.
    ///
    /// - Throws: `plan` with the first contradiction: a policy that no firmware takes, a page outside the memory or loaded twice, two secrets or CPUID pages,
    ///   lengths that are not those of the interface, or no processor.
    public func validate() throws(SNPError) {
        let step = "the launch plan"
        if let fault = policy.fault { throw SNPError(.plan, step, fault) }
        guard hostData.count == 32 else { throw SNPError(.plan, step, "the host data has \(hostData.count) bytes; it needs 32") }
        guard visibleWorkarounds.count == 16 else { throw SNPError(.plan, step, "the visible workarounds have \(visibleWorkarounds.count) bytes; they need 16") }
        guard !features.contains(.active) else { throw SNPError(.plan, step, "SEV-SNP itself is no feature to choose; take bit 0 out") }
        guard !processors.isEmpty else { throw SNPError(.plan, step, "a guest needs at least one processor") }
        for processor in processors {
            guard case .page(let bytes) = processor, bytes.count != PageSize.bytes else { continue }
            throw SNPError(.plan, step, "a page of registers has \(bytes.count) bytes; it needs 4096")
        }
        for type in [LaunchPageType.secrets, .cpuid] where runs.count(where: { $0.type == type }) > 1 {
            throw SNPError(.plan, step, "it has more than one \(type) page; the guest finds one only")
        }
        try validateAddresses()
    }

    private func validateAddresses() throws(SNPError) {
        let step = "the launch plan"
        for region in memory {
            guard region.size > 0, region.address % PageSize.small == 0, region.size % PageSize.small == 0, region.address < 1 << 52, region.size <= (1 << 52) - region.address
            else { throw SNPError(.plan, step, "the memory at \(region.address.hexadecimal) is not made of whole pages below 2^52") }
        }
        try Self.refuseOverlap(effectiveMemory.map(\.addresses), "memory regions")
        try Self.refuseOverlap(runs.map(\.addresses), "pages")
        for run in runs where !effectiveMemory.contains(where: { $0.addresses.contains(run.address) && run.addresses.upperBound <= $0.addresses.upperBound }) {
            throw SNPError(.plan, step, "the page at \(run.address.hexadecimal) lies in no memory region; add the region or move the page")
        }
    }

    private static func refuseOverlap(_ ranges: [Range<UInt64>], _ what: String) throws(SNPError) {
        let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        for (one, next) in zip(sorted, sorted.dropFirst()) where next.lowerBound < one.upperBound {
            throw SNPError(.plan, "the launch plan", "\(what) overlap at \(next.lowerBound.hexadecimal); each page belongs to one only")
        }
    }
}
