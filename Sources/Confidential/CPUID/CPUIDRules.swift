/// What a secure processor allows in a CPUID page, given what the processor itself reports: a model of AMD 56860, "CPUID page" and of the CPUID policies in the
/// processor programming references. Features may be withheld, never invented; sizes of extended state are computed; topology and the leaves of hypervisors are
/// the host's to say.
///
/// The real policies differ in detail from one model to the next and were not compared with a chip.
public struct CPUIDRules: Sendable, Equatable {
    private enum Rule {
        /// Only what the processor reports.
        case exact
        /// Bits the processor reports, or fewer.
        case subset
        /// A number up to the processor's.
        case atMost
        /// Anything.
        case free
        /// The size of the extended state in XCR0, and in IA32_XSS for the compact form.
        case stateSize(compact: Bool)
    }

    private struct Key: Hashable {
        let function: UInt32, index: UInt32
    }

    private let reference: [Key: CPUIDPage.Leaf]
    /// Offset and size of the extended states by their bit, from leaf 0xD of the reference.
    private let states: [(bit: UInt32, size: UInt32, offset: UInt32)]

    /// Rules of a processor that reports these leaves.
    public init(reference page: CPUIDPage) {
        var leaves: [Key: CPUIDPage.Leaf] = [:]
        for leaf in page.leaves { leaves[Key(function: leaf.function, index: leaf.index)] = leaf }
        reference = leaves
        states = page.leaves.filter { $0.function == 0xD && $0.index >= 2 && $0.index < 64 }.map { ($0.index, $0.eax, $0.ebx) }
    }

    /// The page as the firmware would have it: equal to what was asked when it is accepted.
    ///
    /// - Throws: INVALID_PARAM when the page itself is malformed and there is nothing to correct.
    func corrected(_ page: [UInt8]) throws(FirmwareError) -> [UInt8] {
        let asked: CPUIDPage
        do { asked = try CPUIDPage(page: page) } catch { throw .invalidParameter }
        var result = page
        for (position, leaf) in asked.leaves.enumerated() {
            let given = correct(leaf)
            for (register, value) in [given.eax, given.ebx, given.ecx, given.edx].enumerated() { result.store(value, at: 16 + position * 48 + 24 + register * 4) }
            result.store(UInt64(0), at: 16 + position * 48 + 40)
        }
        result.store([UInt8](repeating: 0, count: 12), at: 4)
        return result
    }

    private func correct(_ leaf: CPUIDPage.Leaf) -> CPUIDPage.Leaf {
        if (0x4000_0000...0x4000_00FF).contains(leaf.function) { return leaf }
        var given = leaf
        let truth = reference[Key(function: leaf.function, index: leaf.index)] ?? CPUIDPage.Leaf(function: leaf.function, index: leaf.index)
        let rules = Self.rules(leaf.function, leaf.index)
        given.eax = apply(rules.0, leaf.eax, truth.eax, leaf)
        given.ebx = apply(rules.1, leaf.ebx, truth.ebx, leaf)
        given.ecx = apply(rules.2, leaf.ecx, truth.ecx, leaf)
        given.edx = apply(rules.3, leaf.edx, truth.edx, leaf)
        return given
    }

    private func apply(_ rule: Rule, _ asked: UInt32, _ truth: UInt32, _ leaf: CPUIDPage.Leaf) -> UInt32 {
        switch rule {
        case .exact: truth
        case .subset: asked & truth
        case .atMost: min(asked, truth)
        case .free: asked
        case .stateSize(let compact): size(of: compact ? leaf.xcr0 | leaf.xss : leaf.xcr0, compact: compact)
        }
    }

    /// The bytes of an XSAVE area (AMD APM volume 2, 11.5): 576 for the legacy part and the header, then the states, at their places or one after the other.
    private func size(of enabled: UInt64, compact: Bool) -> UInt32 {
        var size: UInt32 = 576
        for state in states where enabled & 1 << UInt64(state.bit) != 0 { size = compact ? size &+ state.size : max(size, state.offset &+ state.size) }
        return size
    }

    private static func rules(_ function: UInt32, _ index: UInt32) -> (Rule, Rule, Rule, Rule) {
        switch (function, index) {
        case (0, _), (0x8000_0000, _): (.atMost, .exact, .exact, .exact)
        case (1, _): (.exact, .free, .subset, .subset)
        case (7, 0): (.atMost, .subset, .subset, .subset)
        case (7, _): (.subset, .subset, .subset, .subset)
        case (0xB, _), (0x8000_001E, _), (0x8000_001D, _), (0x8000_0026, _): (.free, .free, .free, .free)
        case (0xD, 0): (.subset, .stateSize(compact: false), .atMost, .subset)
        case (0xD, 1): (.subset, .stateSize(compact: true), .subset, .subset)
        case (0x8000_0001, _): (.exact, .free, .subset, .subset)
        case (0x8000_0007, _), (0x8000_0021, _): (.subset, .subset, .subset, .subset)
        case (0x8000_0008, _): (.exact, .subset, .free, .atMost)
        case (0x8000_001F, _): (.subset, .exact, .atMost, .atMost)
        default: (.exact, .exact, .exact, .exact)
        }
    }

    /// The same leaves with the same rules.
    public static func == (one: CPUIDRules, other: CPUIDRules) -> Bool { one.reference == other.reference }
}
