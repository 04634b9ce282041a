/// The type of a page that a launch adds (KVM_SEV_SNP_PAGE_TYPE_*; AMD 56860, SNP_LAUNCH_UPDATE, "PAGE_TYPE").
public enum LaunchPageType: UInt8, Sendable, CaseIterable {
    /// Its contents are measured.
    case normal = 1
    /// The registers of a virtual processor. KVM adds these itself in SNP_LAUNCH_FINISH and takes none from user space.
    case vmsa = 2
    /// A page of zeros: measured as its type and address.
    case zero = 3
    /// Contents that are loaded but not measured.
    case unmeasured = 4
    /// The firmware writes the guest's keys into it.
    case secrets = 5
    /// A table of CPUID leaves, which the firmware checks and does not measure.
    case cpuid = 6

    /// Whether the digest of the contents is part of the measurement.
    public var isMeasured: Bool { self == .normal || self == .vmsa }
}

/// Consecutive pages of one type that a launch adds by one SNP_LAUNCH_UPDATE.
public struct LaunchRun: Sendable, Equatable {
    /// The most bytes one run has: no plan makes the monitor allocate without bound.
    public static let largestRun: UInt64 = 1 << 40

    /// The type of every page.
    public let type: LaunchPageType
    /// The guest-physical address of the first page.
    public let address: UInt64
    /// How many pages.
    public let pageCount: UInt64
    /// `pageCount` pages of contents; empty for zero and secrets pages, and where contents are all zeros.
    public internal(set) var contents: [UInt8]

    /// Pages with contents, which are padded with zeros to whole pages.
    ///
    /// - Throws: `plan` for no contents at all, an address inside a page or beyond 52 bits, or a CPUID run of more than a page.
    public init(_ type: LaunchPageType, at address: UInt64, contents: [UInt8]) throws(SNPError) {
        let padding = (PageSize.bytes - contents.count % PageSize.bytes) % PageSize.bytes
        try self.init(type, at: address, count: UInt64((contents.count + padding) / PageSize.bytes), filled: contents + [UInt8](repeating: 0, count: padding))
    }

    /// Pages of zeros, or whose contents the firmware makes.
    ///
    /// - Throws: as the other.
    public init(_ type: LaunchPageType, at address: UInt64, pageCount: UInt64) throws(SNPError) { try self.init(type, at: address, count: pageCount, filled: []) }

    private init(_ type: LaunchPageType, at address: UInt64, count: UInt64, filled: [UInt8]) throws(SNPError) {
        let step = "the launch plan's \(type) page at \(address.hexadecimal)"
        guard type != .vmsa else { throw SNPError(.plan, step, "KVM adds the registers of a processor itself; describe them as a processor of the plan") }
        guard count > 0, count <= Self.largestRun / PageSize.small else { throw SNPError(.plan, step, "a run has one page to \(Self.largestRun >> 30) GiB of pages") }
        guard address % PageSize.small == 0 else { throw SNPError(.plan, step, "the address has to be a multiple of 4096") }
        guard address < 1 << 52, count <= ((1 << 52) - address) / PageSize.small else { throw SNPError(.plan, step, "guest-physical addresses have at most 52 bits") }
        guard count == 1 || type != .cpuid && type != .secrets else { throw SNPError(.plan, step, "a CPUID or secrets page is one page of 4096 bytes") }
        guard filled.isEmpty || type != .zero && type != .secrets else { throw SNPError(.plan, step, "a page of this type has no contents of its own") }
        self.type = type
        self.address = address
        pageCount = count
        contents = filled
    }

    /// The addresses of the run.
    public var addresses: Range<UInt64> { address..<address &+ pageCount &* PageSize.small }

    /// The contents of one page of the run.
    func page(_ index: UInt64) -> [UInt8] {
        guard !contents.isEmpty else { return [UInt8](repeating: 0, count: PageSize.bytes) }
        let start = Int(index) * PageSize.bytes
        return Array(contents[start..<start + PageSize.bytes])
    }
}
