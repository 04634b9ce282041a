/// The descriptors of a process (CLONE_FILES shares the table).
package final class DescriptorTable: @unchecked Sendable {
    private struct Slot {
        var file: OpenFile
        var closeOnExec: Bool
    }
    private let lock = Lock(.descriptors)
    private var slots: [Slot?] = []
    private var lowestFree = 0
    /// Descriptors in use, and what they and their files have cost.
    private var used = 0
    private var charge: ObjectCharge
    private let memory: PhysicalMemory?
    /// Bytes of a descriptor, with the open file and the inode it may be the only one to refer to.
    private static let cost = 768
    /// How many tasks use the table.
    package let users = ReferenceCount(1)

    /// An empty table whose descriptors count against the limit of `memory`; nil: nobody counts.
    package init(memory: PhysicalMemory? = nil) {
        self.memory = memory
        charge = ObjectCharge(memory, cost: Self.cost)
    }

    deinit { charge.refundAll() }

    /// The open file behind a descriptor; `EBADF`. The result stays valid while it is referenced, even when another thread closes the descriptor.
    package func file(_ descriptor: Int32) throws(Errno) -> OpenFile {
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0, Int(descriptor) < slots.count, let slot = slots[Int(descriptor)] else { throw .EBADF }
        return slot.file
    }

    /// Installs a file at the lowest free number at or above `minimum`; `EMFILE` at `limit` (RLIMIT_NOFILE).
    package func install(_ file: OpenFile, closeOnExec: Bool, minimum: Int = 0, limit: UInt64) throws(Errno) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        var number = max(minimum, minimum == 0 ? lowestFree : minimum)
        while number < slots.count, slots[number] != nil { number += 1 }
        if UInt64(number) >= min(limit, 1 << 20) { throw .EMFILE }
        guard charge.cover(used + 1) else { throw .ENOMEM }
        place(file, at: number, closeOnExec: closeOnExec)
        if minimum <= lowestFree { lowestFree = number + 1 }
        return Int32(number)
    }

    /// `EMFILE` when no descriptor is free below `limit`: open(2) finds out before it makes a file.
    package func checkRoom(limit: UInt64) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        var number = lowestFree
        while number < slots.count, slots[number] != nil { number += 1 }
        lowestFree = number
        if UInt64(number) >= min(limit, 1 << 20) { throw .EMFILE }
    }

    private func place(_ file: OpenFile, at number: Int, closeOnExec: Bool) {
        while slots.count <= number { slots.append(nil) }
        file.retain()
        if slots[number] == nil { used += 1 }
        slots[number] = Slot(file: file, closeOnExec: closeOnExec)
    }

    /// dup2(2): replaces what is at `number`; the file that was there is returned, to be closed by the caller without the lock.
    package func replace(_ number: Int32, with file: OpenFile, closeOnExec: Bool, limit: UInt64) throws(Errno) -> OpenFile? {
        if number < 0 || UInt64(number) >= min(limit, 1 << 20) { throw .EBADF }
        lock.lock()
        defer { lock.unlock() }
        let old = Int(number) < slots.count ? slots[Int(number)]?.file : nil
        guard charge.cover(old == nil ? used + 1 : used) else { throw .ENOMEM }
        place(file, at: Int(number), closeOnExec: closeOnExec)
        if lowestFree == Int(number) { lowestFree += 1 }
        return old
    }

    /// Takes a descriptor out of the table; the caller tells the file (`descriptorClosed`, `drop`).
    package func remove(_ descriptor: Int32) throws(Errno) -> OpenFile {
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0, Int(descriptor) < slots.count, let slot = slots[Int(descriptor)] else { throw .EBADF }
        slots[Int(descriptor)] = nil
        used -= 1
        charge.settle(used)
        lowestFree = min(lowestFree, Int(descriptor))
        return slot.file
    }

    package func closeOnExec(_ descriptor: Int32) throws(Errno) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0, Int(descriptor) < slots.count, let slot = slots[Int(descriptor)] else { throw .EBADF }
        return slot.closeOnExec
    }

    package func setCloseOnExec(_ descriptor: Int32, _ value: Bool) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0, Int(descriptor) < slots.count, slots[Int(descriptor)] != nil else { throw .EBADF }
        slots[Int(descriptor)]?.closeOnExec = value
    }

    /// The numbers in use, in order (/proc/self/fd, close_range).
    package var openDescriptors: [Int32] {
        lock.withLock { slots.indices.filter { slots[$0] != nil }.map { Int32($0) } }
    }

    /// How far the table reaches, as Linux sizes it: select(2) looks no further.
    package var capacity: Int {
        let used = lock.withLock { slots.count }
        var capacity = 64
        while capacity < used { capacity <<= 1 }
        return capacity
    }

    /// A copy with the same open files (fork, unshare of CLONE_FILES).
    package func copy() -> DescriptorTable {
        let result = DescriptorTable(memory: memory)
        lock.withLock {
            for slot in slots { slot?.file.retain() }
            result.slots = slots
            result.lowestFree = lowestFree
            result.used = used
            result.charge.coverBeyondLimit(used)
        }
        return result
    }

    /// Closes one descriptor as close(2) does.
    package func close(_ descriptor: Int32, by task: Task) throws(Errno) {
        try remove(descriptor).closed(in: self, by: task)
    }

    /// Closes everything (`exit`), or only what has close-on-exec (`execve`).
    package func closeAll(onlyCloseOnExec: Bool, by task: Task) {
        let closed: [OpenFile] = lock.withLock {
            var result: [OpenFile] = []
            for number in slots.indices {
                guard let slot = slots[number], !onlyCloseOnExec || slot.closeOnExec else { continue }
                result.append(slot.file)
                slots[number] = nil
                used -= 1
                lowestFree = min(lowestFree, number)
            }
            charge.settle(used)
            return result
        }
        for file in closed { file.closed(in: self, by: task) }
    }
}
