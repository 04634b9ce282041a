internal import CLinux

/// A list of CPUID leaves as KVM exchanges them (`struct kvm_cpuid2`).
public struct CPUIDTable: Sendable {
    private var words: [UInt64]
    private let capacity: Int

    /// One leaf.
    public struct Leaf: Sendable, Equatable {
        /// EAX and ECX on entry.
        public var function: UInt32, index: UInt32
        /// The four registers.
        public var eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32
    }

    /// An empty table with room for `capacity` leaves.
    public init(capacity: Int) {
        self.capacity = capacity
        let size = MemoryLayout<kvm_cpuid2>.size + capacity * MemoryLayout<kvm_cpuid_entry2>.stride
        words = [UInt64](repeating: 0, count: (size + 7) / 8)
        words.withUnsafeMutableBytes { $0.storeBytes(of: UInt32(capacity), as: UInt32.self) }
    }

    mutating func withUnsafeStructure<Result>(_ body: (UnsafeMutableRawPointer?) -> Result) -> Result {
        words.withUnsafeMutableBytes { body($0.baseAddress) }
    }

    private static let header = MemoryLayout<kvm_cpuid2>.size

    /// The leaves in the table.
    public var leaves: [Leaf] {
        words.withUnsafeBytes { bytes in
            let count = min(Int(bytes.load(as: UInt32.self)), capacity)
            return (0..<count).map { index in
                let entry = bytes.loadUnaligned(fromByteOffset: Self.header + index * MemoryLayout<kvm_cpuid_entry2>.stride, as: kvm_cpuid_entry2.self)
                return Leaf(function: entry.function, index: entry.index, eax: entry.eax, ebx: entry.ebx, ecx: entry.ecx, edx: entry.edx)
            }
        }
    }
}
