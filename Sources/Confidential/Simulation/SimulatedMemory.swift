internal import Glibc

/// The memory of a simulated guest, one piece that KVM maps. Every access is checked against its size; what the guest has there is copied out once.
final class SimulatedMemory: @unchecked Sendable {
    let addresses: Range<UInt64>
    /// The mapping, of `addresses.count` bytes, for KVM's memory slot.
    let start: UnsafeMutableRawPointer

    /// Zeros.
    ///
    /// - Throws: `requirement` when the host has no memory.
    init(_ addresses: Range<UInt64>) throws(SNPError) {
        self.addresses = addresses
        let mapped = mmap(nil, addresses.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw SNPError(.requirement, "\(addresses.count) bytes of guest memory", "the host has no memory left") }
        start = mapped
    }

    deinit { munmap(start, addresses.count) }

    private func offset(_ address: UInt64, _ count: Int) -> Int? {
        guard count >= 0, addresses.contains(address), UInt64(count) <= addresses.upperBound - address else { return nil }
        return Int(address - addresses.lowerBound)
    }

    /// A copy; nil outside.
    func read(_ address: UInt64, _ count: Int) -> [UInt8]? {
        guard let offset = offset(address, count) else { return nil }
        return Array(UnsafeRawBufferPointer(start: start + offset, count: count))
    }

    /// Stores bytes; false outside.
    func write(_ bytes: [UInt8], at address: UInt64) -> Bool {
        guard let offset = offset(address, bytes.count) else { return false }
        UnsafeMutableRawBufferPointer(start: start + offset, count: bytes.count).copyBytes(from: bytes)
        return true
    }

    /// A little-endian number; nil outside.
    func number(_ address: UInt64) -> UInt64? { read(address, 8)?.number(at: 0) }

    /// KVM forgets its translations of pages, whose contents stay (reference: kvm-hosts): through its notifier on this mapping.
    func forget(_ address: UInt64, _ count: Int) -> Bool {
        guard let offset = offset(address, count) else { return false }
        return mprotect(start + offset, count, PROT_NONE) == 0 && mprotect(start + offset, count, PROT_READ | PROT_WRITE) == 0
    }

    /// Stores one; false outside.
    func store(_ number: UInt64, at address: UInt64) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 8)
        bytes.store(number, at: 0)
        return write(bytes, at: address)
    }
}
