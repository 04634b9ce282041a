import KVM
import LibraryOS

/// Frames for page tables, which come back through quarantine only.
extension GuestPhysicalMemory {
    /// A zeroed frame for a page table or a thread slot. Such frames come back only through quarantine.
    func allocateTableFrame() throws(Errno) -> UInt64 {
        do throws(Errno) {
            return try lock.withLock { () throws(Errno) in try takeTableFrame() }
        } catch {
            guard releaseSpares() else { throw error }
            return try lock.withLock { () throws(Errno) in try takeTableFrame() }
        }
    }

    /// A flush makes every process fault its shadow tables in again, and KVM waits for all vCPUs twice: so many frames wait until it is worth that, fewer where
    /// memory is short.
    private var flushThreshold: Int { min(1024, max(256, Int(limit >> 18))) }

    private func takeTableFrame() throws(Errno) -> UInt64 {
        if let frame = spareTableFrames.popLast() { return frame }
        if quarantine.count >= flushThreshold {
            try flushQuarantineLocked()
            if let frame = spareTableFrames.popLast() { return frame }
        }
        do throws(Errno) {
            for run in try allocateLocked(16) {
                for index in 0..<run.count { spareTableFrames.append(run.start.value + UInt64(index)) }
            }
        } catch {
            if quarantine.isEmpty { throw error }
            try flushQuarantineLocked()
        }
        guard let frame = spareTableFrames.popLast() else { throw .ENOMEM }
        return frame
    }

    /// So many table frames that wait or are spare stay resident; more are given back to the host.
    private static let residentTables = 1536

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
