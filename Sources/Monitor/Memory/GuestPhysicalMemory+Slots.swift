import KVM
import LibraryOS

/// Memory slots of the virtual machine.
extension GuestPhysicalMemory {
    func addFlushSlot(_ machine: VirtualMachine) throws(KVMError) {
        let page = GuestMemoryLayout.flushPage
        try machine.setMemory(slot: Self.flushSlot, address: page, size: 4096, host: base + Int(page))
    }

    func addSlot(_ chunk: UInt64, _ machine: VirtualMachine) throws(KVMError) {
        let address = chunk * GuestMemoryLayout.chunk
        try machine.setMemory(slot: UInt32(chunk) + 1, address: address, size: GuestMemoryLayout.chunk, host: base + Int(address))
    }

    /// Makes sure that memory slots cover the frames. Called with the lock held.
    func ensureSlots(_ start: UInt64, _ count: UInt64) throws(Errno) {
        let first = (start << 12) / GuestMemoryLayout.chunk
        let last = (((start + count) << 12) - 1) / GuestMemoryLayout.chunk
        for chunk in first...last where !slots.contains(chunk) {
            do throws(KVMError) {
                if let machine { try addSlot(chunk, machine) }
            } catch {
                failure = error
                throw .ENOMEM
            }
            slots.insert(chunk)
        }
    }

    /// KVM's last refusal to add memory, for the message of a run that died of it.
    var refusal: String? { lock.withLock { failure }.map { "\($0.request): \(MonitorError.text($0.errno))" } }
}
