import KVM
import LibraryOS

extension GuestPhysicalMemory {
    /// A zeroed frame for a page table or a thread slot. Such frames come back only through quarantine.
    func allocateTableFrame() throws(Errno) -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        if let frame = spareTableFrames.popLast() { return frame }
        if quarantine.count >= 256 {
            try flushQuarantineLocked()
            if let frame = spareTableFrames.popLast() { return frame }
        }
        for run in try allocateLocked(16) {
            for index in 0..<run.count { spareTableFrames.append(run.start.value + UInt64(index)) }
        }
        guard let frame = spareTableFrames.popLast() else { throw .ENOMEM }
        return frame
    }

    /// So many table frames that wait or are spare stay resident; more are given back to the host.
    private static let residentTables = 1024

    /// Takes table frames of a dead address space. A page-table-based KVM keeps shadows of them with their old children, so they wait for the next flush.
    func quarantineTableFrames(_ frames: [UInt64]) {
        // Nobody walks them any more: they are emptied here, which is cheaper than to have the host take them and give others.
        if lock.withLock({ quarantine.count + spareTableFrames.count }) + frames.count <= Self.residentTables {
            for frame in frames { (base + Int(frame << 12)).initializeMemory(as: UInt8.self, repeating: 0, count: 4096) }
        } else {
            for frame in frames { discardRAM(frame << 12, 4096) }
        }
        lock.withLock {
            if quarantinesTables { quarantine.append(contentsOf: frames) } else { spareTableFrames.append(contentsOf: frames) }
        }
    }

    /// Removing any memory slot makes KVM drop every shadow table; then quarantined frames are like new.
    private func flushQuarantineLocked() throws(Errno) {
        guard let machine else { throw .ENOMEM }
        do throws(KVMError) {
            try machine.setMemory(slot: Self.flushSlot, address: GuestMemoryLayout.flushPage, size: 0, host: base)
            try addFlushSlot(machine)
        } catch {
            failure = error
            throw .ENOMEM
        }
        spareTableFrames.append(contentsOf: quarantine)
        quarantine.removeAll()
    }
}
