/// The launch digest (AMD 56860, SNP_LAUNCH_UPDATE, "Launch digest" and the layout of PAGE_INFO): a hash chain over the pages in the order of their loading.
public struct LaunchDigest: Sendable, Hashable {
    /// The address at which the registers of every processor are measured: all ones, page-aligned, 48 bits.
    public static let vmsaAddress: UInt64 = 0xFFFF_FFFF_F000
    /// Bytes of a digest.
    public static let size = 48

    /// The digest so far.
    public private(set) var bytes: [UInt8]

    /// Before the first page.
    public init() { bytes = [UInt8](repeating: 0, count: Self.size) }

    /// Goes on from a known prefix; nil for anything but 48 bytes.
    public init?(resuming bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Adds one page. `contents` counts for measured types only.
    mutating func extend(_ type: LaunchPageType, address: UInt64, contents: some Collection<UInt8>, permissions: VMPLPermissions = VMPLPermissions()) {
        var information = [UInt8](repeating: 0, count: 0x70)
        information.store(bytes, at: 0)
        if type.isMeasured { information.store(SHA384.digest(contents), at: 0x30) }
        information.store(UInt16(0x70), at: 0x60)
        information[0x62] = type.rawValue
        information[0x65] = permissions.vmpl1
        information[0x66] = permissions.vmpl2
        information[0x67] = permissions.vmpl3
        information.store(address, at: 0x68)
        bytes = SHA384.digest(information)
    }

    /// Adds the pages of a run.
    public mutating func extend(_ run: LaunchRun) {
        for index in 0..<run.pageCount {
            extend(run.type, address: run.address &+ index &* PageSize.small, contents: run.type.isMeasured ? run.page(index) : [])
        }
    }

    /// Adds the registers of a processor, a page of 4,096 bytes.
    public mutating func extendRegisters(_ page: [UInt8]) { extend(.vmsa, address: Self.vmsaAddress, contents: page) }
}

/// What less privileged levels may do with a page (bits: 0 read, 1 write, 2 execute in user mode, 3 in supervisor mode). KVM grants nothing.
struct VMPLPermissions: Sendable, Hashable {
    var vmpl1: UInt8 = 0
    var vmpl2: UInt8 = 0
    var vmpl3: UInt8 = 0
}
