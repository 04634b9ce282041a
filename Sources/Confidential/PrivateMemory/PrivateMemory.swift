internal import CLinux
internal import Glibc
internal import Synchronization

/// The memory of a guest, every page of which is either private to the guest or shared with the host (Documentation/virt/kvm/api.rst, KVM_CREATE_GUEST_MEMFD,
/// KVM_SET_USER_MEMORY_REGION2 and KVM_SET_MEMORY_ATTRIBUTES).
///
/// Each region has two sides: a guest_memfd, which the host cannot map, and memory of the monitor. The attributes of a page tell KVM which side the guest sees.
/// What becomes of the other side's contents is this type's business: a page that becomes shared loses its private side, so that no page is allocated twice; a
/// page that becomes private leaves its shared side as it was, for the host alone to see. A page that changes has to be taken for lost.
///
/// Regions are added by one thread; afterwards pages may be converted by several.
package final class PrivateMemory {
    /// A region with its two sides.
    struct Slot {
        let region: GuestRegion
        let privateSide: Int32
        let sharedSide: any HostMemory
    }

    private let machine: Int32
    private let calls: KernelCalls
    private(set) var slots: [Slot] = []
    let requested = Atomic(0)
    let implicit = Atomic(0)
    /// How many conversions the guest has asked for and got.
    package var requestedConversions: Int { requested.load(ordering: .relaxed) }
    /// How many times a page was converted because the guest took it for the other kind.
    package var implicitConversions: Int { implicit.load(ordering: .relaxed) }

    /// The memory of a machine of KVM, which has none yet. The descriptor stays the machine's.
    init(machine: Int32, calls: KernelCalls) {
        self.machine = machine
        self.calls = calls
    }

    /// Gives the private sides back. The machine has to be at its end: its slots still name them.
    func close() {
        for slot in slots { calls.kernel.close(slot.privateSide) }
        slots = []
    }

    /// Adds a region, all of it shared at first: a guest_memfd for the private side, memory of the monitor for the shared one, and a slot that has both.
    ///
    /// - Throws: `kernel` when the kernel has no private memory or the region does not fit.
    package func add(_ region: GuestRegion) throws(SNPError) {
        let step = "memory of \(region.size) bytes at \(region.address.hexadecimal)"
        guard let size = Int(exactly: region.size), let sharedSide = calls.kernel.allocate(size) else {
            throw SNPError(.kernel(ENOMEM), step, "free some memory or make the guest smaller")
        }
        var file = skerry_create_guest_memfd()
        file.size = region.size
        let privateSide = try calls.control(
            machine, skerry_KVM_CREATE_GUEST_MEMFD, with: file, "KVM_CREATE_GUEST_MEMFD", "the kernel has no private memory; it needs CONFIG_KVM_AMD_SEV, Linux 6.11"
        ).result
        slots.append(Slot(region: region, privateSide: privateSide, sharedSide: sharedSide))
        var description = skerry_memory_region2()
        description.slot = UInt32(slots.count - 1)
        description.flags = KVMConstants.slotGuestMemory
        description.guest_phys_addr = region.address
        description.memory_size = region.size
        description.userspace_addr = sharedSide.address
        description.guest_memfd = UInt32(bitPattern: privateSide)
        try calls.control(
            machine, skerry_KVM_SET_USER_MEMORY_REGION2, with: description, "KVM_SET_USER_MEMORY_REGION2",
            "the memory at \(region.address.hexadecimal) overlaps another region or is beyond the processor's addresses")
    }

    /// Makes pages private, or shared: KVM_SET_MEMORY_ATTRIBUTES. What was private is also given back to the host, or it would stay allocated twice.
    ///
    /// - Throws: `guest` unless one region has all of the pages, `kernel` when the kernel refuses.
    package func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError) {
        let step = "KVM_SET_MEMORY_ATTRIBUTES of \(addresses.lowerBound.hexadecimal)"
        guard let slot = slot(containing: addresses) else { throw SNPError(.guest, step, "no memory region has all of these pages") }
        let attributes = skerry_memory_attributes(
            address: addresses.lowerBound, size: addresses.upperBound - addresses.lowerBound, attributes: isPrivate ? KVMConstants.attributePrivate : 0, flags: 0)
        try calls.control(machine, skerry_KVM_SET_MEMORY_ATTRIBUTES, with: attributes, step)
        guard !isPrivate else { return }
        let result = calls.kernel.punchHole(slot.privateSide, offset: addresses.lowerBound - slot.region.address, length: attributes.size)
        guard result >= 0 else { throw SNPError(.kernel(-result), "fallocate of the guest's private memory", "see the kernel's log") }
    }

    /// The region that has every page of a range, whose ends are page-aligned.
    func slot(containing addresses: Range<UInt64>) -> Slot? {
        guard !addresses.isEmpty, addresses.lowerBound % PageSize.small == 0, addresses.upperBound % PageSize.small == 0 else { return nil }
        return slots.first { $0.region.addresses.contains(addresses.lowerBound) && addresses.upperBound <= $0.region.addresses.upperBound }
    }

    /// The shared side of bytes that one region has, with the offset of the first.
    private func sharedSide(_ address: UInt64, _ count: Int) -> (memory: any HostMemory, offset: Int)? {
        let (end, wraps) = address.addingReportingOverflow(UInt64(max(0, count)))
        guard !wraps, let slot = slots.first(where: { $0.region.addresses.contains(address) && end <= $0.region.addresses.upperBound }) else { return nil }
        return (slot.sharedSide, Int(address - slot.region.address))
    }

    /// Bytes of the shared side, whatever the guest sees there; nil where no region has all of them.
    package func readShared(_ address: UInt64, count: Int) -> [UInt8]? {
        guard count >= 0, let side = sharedSide(address, count) else { return nil }
        return side.memory.read(side.offset..<side.offset + count)
    }

    /// Writes to the shared side; false where no region has all of the bytes.
    @discardableResult
    package func writeShared(_ bytes: [UInt8], at address: UInt64) -> Bool {
        guard let side = sharedSide(address, bytes.count) else { return false }
        side.memory.write(bytes, at: side.offset)
        return true
    }
}
