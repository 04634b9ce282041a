/// The table of CPUID leaves that a launch gives the guest (AMD 56860, SNP_LAUNCH_UPDATE, "CPUID page"; `struct snp_cpuid_table` of Linux). The firmware checks
/// it against the processor and does not measure it: what the guest reads there is true, whoever wrote it.
public struct CPUIDPage: Sendable, Hashable {
    /// The most leaves a page has.
    public static let capacity = 64
    private static let entrySize = 48
    private static let firstEntry = 16

    /// One leaf.
    public struct Leaf: Sendable, Hashable {
        /// EAX and ECX on entry.
        public var function: UInt32, index: UInt32
        /// XCR0 and IA32_XSS that leaf 0xD was asked with; zero for every other.
        public var xcr0: UInt64 = 0, xss: UInt64 = 0
        /// The four registers.
        public var eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32

        /// A leaf.
        public init(function: UInt32, index: UInt32 = 0, xcr0: UInt64 = 0, xss: UInt64 = 0, eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0) {
            (self.function, self.index, self.xcr0, self.xss) = (function, index, xcr0, xss)
            (self.eax, self.ebx, self.ecx, self.edx) = (eax, ebx, ecx, edx)
        }
    }

    /// The leaves in their order.
    public private(set) var leaves: [Leaf]

    /// From leaves.
    ///
    /// - Throws: `plan` for more than 64.
    public init(_ leaves: [Leaf]) throws(SNPError) {
        guard leaves.count <= Self.capacity else {
            throw SNPError(.plan, "the CPUID page", "it has \(leaves.count) leaves; the firmware takes \(Self.capacity), so leave out what the guest does not need")
        }
        self.leaves = leaves
    }

    /// From leaves of this module, of which there are few.
    init(known leaves: [Leaf]) { self.leaves = leaves }

    /// From a page.
    ///
    /// - Throws: `plan` for another size or a number of leaves above 64.
    public init(page: [UInt8]) throws(SNPError) {
        guard page.count == PageSize.bytes, page.number(at: 0, as: UInt32.self) <= UInt32(Self.capacity) else {
            throw SNPError(.plan, "the CPUID page", "it has to be 4096 bytes with a number of leaves of at most \(Self.capacity) in front")
        }
        leaves = (0..<Int(page.number(at: 0, as: UInt32.self))).map { position in
            let start = Self.firstEntry + position * Self.entrySize
            return Leaf(
                function: page.number(at: start), index: page.number(at: start + 4), xcr0: page.number(at: start + 8), xss: page.number(at: start + 16),
                eax: page.number(at: start + 24), ebx: page.number(at: start + 28), ecx: page.number(at: start + 32), edx: page.number(at: start + 36))
        }
    }

    /// The page, 4,096 bytes.
    public var page: [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        page.store(UInt32(leaves.count), at: 0)
        for (position, leaf) in leaves.enumerated() {
            let start = Self.firstEntry + position * Self.entrySize
            page.store(leaf.function, at: start)
            page.store(leaf.index, at: start + 4)
            page.store(leaf.xcr0, at: start + 8)
            page.store(leaf.xss, at: start + 16)
            for (register, value) in [leaf.eax, leaf.ebx, leaf.ecx, leaf.edx].enumerated() { page.store(value, at: start + 24 + register * 4) }
        }
        return page
    }

    /// What the firmware made of a page that it did not accept as it was: one line for each register that is another, for the log.
    public func differences(from asked: CPUIDPage) -> [String] {
        var lines: [String] = []
        if leaves.count != asked.leaves.count { lines.append("\(asked.leaves.count) leaves became \(leaves.count)") }
        for (wanted, given) in zip(asked.leaves, leaves) {
            let name = "CPUID \(wanted.function.hexadecimal)/\(wanted.index.hexadecimal)"
            if (wanted.function, wanted.index, wanted.xcr0, wanted.xss) != (given.function, given.index, given.xcr0, given.xss) {
                lines.append("\(name) became CPUID \(given.function.hexadecimal)/\(given.index.hexadecimal)")
            }
            for (register, values) in [("EAX", (wanted.eax, given.eax)), ("EBX", (wanted.ebx, given.ebx)), ("ECX", (wanted.ecx, given.ecx)), ("EDX", (wanted.edx, given.edx))]
            where values.0 != values.1 {
                lines.append("\(name) \(register): \(values.0.hexadecimal) became \(values.1.hexadecimal)")
            }
        }
        return lines
    }
}
