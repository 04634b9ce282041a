import CLinux
import GuestAccess
public import KVM
public import LibraryOS
import Synchronization

internal import Glibc

/// Guest-physical memory over a memfd (RAM) and mappings of host files (windows), with memory slots added as it grows.
///
/// RAM is a memfd mapped shared: `MADV_DONTNEED` drops the host's page-table entries and, through the MMU notifier, KVM's, while the content stays, which
/// is exactly a downgrade; punching a hole drops the content too. Both work on hardware and on page-table-based KVM (reference: kvm-hosts).
public final class GuestPhysicalMemory: PhysicalMemory, @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let ramFile: Int32
    let limit: UInt64
    let lock = Lock(.frames)

    // Under `lock`:
    /// Whose memory this is; nil until `attach`.
    var machine: VirtualMachine?
    var ram = ExtentAllocator(start: GuestMemoryLayout.ramStart >> 12, count: GuestMemoryLayout.ramSpan >> 12)
    /// Frames that were a process's and are kept for the next copies.
    var spares = SpareFrames()
    private var windowSpace = ExtentAllocator(start: GuestMemoryLayout.windowStart >> 12, count: GuestMemoryLayout.windowSpan >> 12)
    private var windows = WindowMap()
    var slots = Set<UInt64>()
    var pins = PinEpochs<FrameRange>()
    var spareTableFrames: [UInt64] = []
    var quarantine: [UInt64] = []
    /// Host mappings that windows may use: vm.max_map_count less a reserve for the monitor itself.
    private let windowBudget: Int
    /// Windows of all sandboxes of this process, which share the host's limit.
    private static let windowsInProcess = Atomic<Int>(0)
    var failure: KVMError?
    /// Bytes of the library OS's objects that count against the limit, too.
    private var charged: UInt64 = 0
    /// The most `usage` has been when somebody looked.
    private var highest: UInt64 = 0
    /// How many frames were handed out when untouched ones were last taken back.
    private var takenBackAt: UInt64 = 0
    /// Frames were handed out beyond the limit, on condition that others stay untouched.
    private let overcommitted = Atomic<Bool>(false)
    /// Off only in the test that shows why it is there.
    let quarantinesTables: Bool
    /// Whether 2 MiB of frames may get one entry. A page-table-based KVM goes on using such an entry after it was taken out and its frames were zapped: when the
    /// frames get a large entry at another address, the old address shows them too. So there are none until the host is known to be of the other kind.
    private let largeEntries = Atomic(false)
    var hasLargeEntries: Bool { largeEntries.load(ordering: .relaxed) }
    func allowLargeEntries() { largeEntries.store(true, ordering: .relaxed) }

    static let flushSlot: UInt32 = 0

    /// Reserves the address span and makes the RAM file; `limit` is the most resident RAM in bytes. The virtual machine follows by `attach`, so that memory
    /// can be filled while it is being made.
    public init(limit: UInt64, quarantinesTables: Bool = true) throws(MonitorError) {
        self.limit = limit
        self.quarantinesTables = quarantinesTables
        windowBudget = WindowMap.budget()
        ramFile = skerry_memfd_create("skerry-ram")
        if ramFile < 0 { throw MonitorError("cannot make the guest's memory file (memfd_create): \(MonitorError.text(-ramFile))") }
        guard ftruncate(ramFile, off_t(GuestMemoryLayout.ramSpan)) == 0,
            let reserved = mmap(nil, Int(GuestMemoryLayout.span), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), reserved != MAP_FAILED
        else { throw MonitorError("cannot reserve the guest's address span (is `ulimit -v` set?): \(MonitorError.text(errno))") }
        base = reserved
        let ramBase = base + Int(GuestMemoryLayout.ramStart)
        guard mmap(ramBase, Int(GuestMemoryLayout.ramSpan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, ramFile, 0) == ramBase else {
            throw MonitorError("cannot map the guest's memory: \(MonitorError.text(errno))")
        }
        super.init()
    }

    deinit {
        Self.windowsInProcess.wrappingSubtract(windows.count, ordering: .relaxed)
        munmap(base, Int(GuestMemoryLayout.span))
        close(ramFile)
    }

    // MARK: Memory slots

    /// Gives the memory to a virtual machine: slots for what has been handed out, and later ones as it grows. Called once.
    public func attach(_ machine: VirtualMachine) throws(KVMError) {
        lock.lock()
        defer { lock.unlock() }
        try addFlushSlot(machine)
        for chunk in slots { try addSlot(chunk, machine) }
        self.machine = machine
    }

    // MARK: Frames

    public override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        do throws(Errno) {
            return try lock.withLock { () throws(Errno) in try allocateLocked(count) }
        } catch {
            guard releaseSpares() else { throw error }
            return try lock.withLock { () throws(Errno) in try allocateLocked(count) }
        }
    }

    public override func allocateForCopy(frames count: Int) throws(Errno) -> [FrameRange] {
        let found = lock.withLock { spares.take(count) }
        let missing = found.reduce(count) { $0 - $1.count }
        if missing == 0 { return found }
        do throws(Errno) {
            return found + (try allocateTouched(missing))
        } catch {
            for frames in found { free(frames) }
            throw error
        }
    }

    public override func recycle(_ frames: [FrameRange]) { keepSpares(frames) }

    /// The most frames that are handed out beyond the limit while not all frames are resident.
    static let touchedAtOnce: UInt64 = 16

    public override func mayPopulate(frames count: Int) -> Bool {
        lock.withLock { (ram.allocated - UInt64(spares.count) + UInt64(count)) << 12 + charged <= limit }
    }

    func allocateLocked(_ count: Int) throws(Errno) -> [FrameRange] {
        guard count > 0 else { return [] }
        let wanted = UInt64(count)
        // What was handed out bounds what can be resident; only near the limit is the file asked, and then for few pages that are touched at once.
        if (ram.allocated + wanted) << 12 + charged > limit {
            if wanted > Self.touchedAtOnce || residentBytes() + (wanted << 12) + charged > limit {
                failure = nil
                throw .ENOMEM
            }
            if ram.allocated >= takenBackAt + Self.overcommitmentStep { overcommitted.store(true, ordering: .relaxed) }
        }
        var pieces: [(start: UInt64, count: UInt64)]
        if wanted >= 512, let start = ram.allocate(count: wanted, alignment: 512) {
            pieces = [(start, wanted)]
        } else {
            guard let found = ram.allocatePieces(count: wanted) else { throw .ENOMEM }
            pieces = found
        }
        do throws(Errno) {
            for piece in pieces { try ensureSlots(piece.start, piece.count) }
        } catch {
            for piece in pieces { ram.release(start: piece.start, count: piece.count) }
            throw error
        }
        return pieces.map { FrameRange(start: FrameNumber($0.start), count: Int($0.count)) }
    }

    /// Called with the lock held.
    private func residentBytes() -> UInt64 {
        var attributes = stat()
        let resident = fstat(ramFile, &attributes) == 0 ? UInt64(attributes.st_blocks) * 512 : 0
        highest = max(highest, resident + charged)
        return resident
    }

    /// How many frames more may be handed out beyond the limit before untouched ones are taken back again.
    private static let overcommitmentStep: UInt64 = 256

    public override func takeOvercommitment() -> Bool {
        guard overcommitted.load(ordering: .relaxed), overcommitted.exchange(false, ordering: .relaxed) else { return false }
        lock.withLock { takenBackAt = ram.allocated }
        return true
    }

    public override var isExhausted: Bool {
        lock.withLock {
            if failure != nil { return true }
            if spares.count > 0 || (ram.allocated + Self.touchedAtOnce) << 12 + charged <= limit { return false }
            return residentBytes() + Self.touchedAtOnce << 12 + charged > limit
        }
    }

    public override var isPinned: Bool { lock.withLock { pins.isInUse } }

    /// Holes of the RAM file. What the host has swapped out is no hole, though it is not resident.
    public override func untouched(_ frames: FrameRange) -> [Bool] {
        let start = frames.start.value << 12
        guard start >= GuestMemoryLayout.ramStart, start < GuestMemoryLayout.ramStart + GuestMemoryLayout.ramSpan else {
            return [Bool](repeating: false, count: frames.count)
        }
        return FileHoles.pages(of: ramFile, from: off_t(start - GuestMemoryLayout.ramStart), count: frames.count)
    }

    public override func free(_ frames: FrameRange) {
        let start = frames.start.value << 12
        let length = UInt64(frames.count) << 12
        var gone = [frames]
        if isWindow(frames.start) {
            // Dropping the pages zaps KVM's entries for them; a window of which nothing is left loses its mapping, too.
            if madvise(base + Int(start), Int(length), MADV_DONTNEED) != 0 { zapFailed(errno) }
            gone = lock.withLock { windows.release(frames) }
            for window in gone { unmapWindow(window) }
        } else {
            discardRAM(start, length)
        }
        let (released, clean) = lock.withLock {
            let idle = pins.isIdle
            return (gone.flatMap { pins.add($0) }, idle)
        }
        release(released, clean: clean)
    }

    private func unmapWindow(_ window: FrameRange) {
        let place = base + Int(window.start.value << 12)
        if mmap(place, window.count << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != place { zapFailed(errno) }
    }

    /// Hands frames back. A transfer may have stored into those that waited for it (`clean` false): they are emptied once more.
    private func release(_ freed: [FrameRange], clean: Bool) {
        if freed.isEmpty { return }
        if !clean { for frames in freed where !isWindow(frames.start) { discardRAM(frames.start.value << 12, UInt64(frames.count) << 12) } }
        lock.withLock {
            for frames in freed {
                if isWindow(frames.start) {
                    windows.remove(frames)
                    Self.windowsInProcess.wrappingSubtract(1, ordering: .relaxed)
                    windowSpace.release(start: frames.start.value, count: UInt64(frames.count))
                } else {
                    ram.release(start: frames.start.value, count: UInt64(frames.count))
                }
            }
        }
    }

    func isWindow(_ frame: FrameNumber) -> Bool { frame.value >= GuestMemoryLayout.windowStart >> 12 }

    func discardRAM(_ start: UInt64, _ length: UInt64) {
        let offset = off_t(start - GuestMemoryLayout.ramStart)
        let result = skerry_punch_hole(ramFile, Int64(offset), Int64(length))
        if result < 0 { zapFailed(-result) }
    }

    /// A translation that cannot be taken back would let a program touch memory that is not its own any more: nothing may run on.
    private func zapFailed(_ code: Int32) -> Never {
        MonitorError.fatal("cannot take back guest memory translations: \(MonitorError.text(code)); the sandbox is ended")
    }

    public override func zap(_ frames: FrameRange) {
        if !isWindow(frames.start) { return zap(frames, .shared) }
        for part in lock.withLock({ windows.parts(of: frames) }) { zap(part.frames, part.kind) }
    }

    private func zap(_ frames: FrameRange, _ kind: WindowMap.Kind) {
        let place = base + Int(frames.start.value << 12)
        let length = frames.count << 12
        switch kind {
        case .shared:
            if madvise(place, length, MADV_DONTNEED) != 0 { zapFailed(errno) }
        case .privateCopy:
            // MADV_DONTNEED would lose pages the program has written. A vCPU that writes between the two calls leaves with EFAULT and is run again.
            if mprotect(place, length, PROT_READ) != 0 || mprotect(place, length, PROT_READ | PROT_WRITE) != 0 { zapFailed(errno) }
        }
    }

    public override func touch(_ frames: FrameRange) {
        // MADV_POPULATE_WRITE (Linux 5.14); an older kernel refuses it, and faults do the work.
        madvise(base + Int(frames.start.value << 12), frames.count << 12, 23)
    }

    public override func discard(_ frames: FrameRange) {
        let start = frames.start.value << 12
        let length = UInt64(frames.count) << 12
        if isWindow(frames.start) {
            if madvise(base + Int(start), Int(length), MADV_DONTNEED) != 0 { zapFailed(errno) }
        } else {
            discardRAM(start, length)
        }
    }

    public override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { base + Int(frame.value << 12) }

    public override var usage: (resident: UInt64, limit: UInt64) { lock.withLock { (residentBytes() + charged, limit) } }

    public override var peak: UInt64 {
        lock.withLock {
            _ = residentBytes()
            return highest
        }
    }

    // MARK: Objects of the library OS

    public override func charge(_ bytes: Int) -> Bool {
        lock.withLock { chargeLocked(UInt64(max(0, bytes))) } || releaseSpares() && lock.withLock { chargeLocked(UInt64(max(0, bytes))) }
    }

    private func chargeLocked(_ bytes: UInt64) -> Bool {
        // As for frames: only near the limit is the file asked what is resident.
        if ram.allocated << 12 + charged + bytes > limit, residentBytes() + charged + bytes > limit { return false }
        charged += bytes
        return true
    }

    public override func chargeBeyondLimit(_ bytes: Int) { lock.withLock { charged += UInt64(max(0, bytes)) } }

    public override func refund(_ bytes: Int) { lock.withLock { charged -= min(charged, UInt64(max(0, bytes))) } }

    // MARK: Windows

    public override func mapHostFile(_ file: HostFile, page: UInt64, count: Int, shared: Bool, writable: Bool) throws(Errno) -> FrameRange {
        try makeWindow(
            descriptor: file.descriptor, page: page, count: count, protection: shared && !writable ? PROT_READ : PROT_READ | PROT_WRITE,
            kind: shared ? .shared : .privateCopy)
    }

    public override func mapPrivateCopy(of frames: FrameRange) throws(Errno) -> FrameRange {
        let page = frames.start.value - GuestMemoryLayout.ramStart >> 12
        return try makeWindow(
            descriptor: ramFile, page: page, count: frames.count, protection: PROT_READ | PROT_WRITE, kind: .privateCopy)
    }

    private func makeWindow(
        descriptor: Int32, page: UInt64, count: Int, protection: Int32, kind: WindowMap.Kind
    ) throws(Errno) -> FrameRange {
        guard count > 0, page < 1 << 50 else { throw .EINVAL }
        let range = try reserveWindow(count, kind)
        let place = base + Int(range.start.value << 12)
        let flags = (kind == .shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE
        if mmap(place, count << 12, protection, flags, descriptor, off_t(page << 12)) != place {
            let code = Errno(errno)
            free(range)
            throw code
        }
        return range
    }

    private func reserveWindow(_ count: Int, _ kind: WindowMap.Kind) throws(Errno) -> FrameRange {
        lock.lock()
        defer { lock.unlock() }
        guard Self.windowsInProcess.load(ordering: .relaxed) < windowBudget, let start = windowSpace.allocate(count: UInt64(count)) else { throw .ENOMEM }
        do throws(Errno) {
            try ensureSlots(start, UInt64(count))
        } catch {
            windowSpace.release(start: start, count: UInt64(count))
            throw error
        }
        let range = FrameRange(start: FrameNumber(start), count: count)
        windows.insert(range, kind)
        Self.windowsInProcess.wrappingAdd(1, ordering: .relaxed)
        return range
    }

    public override func sync(_ frames: FrameRange) throws(Errno) {
        if isWindow(frames.start), msync(base + Int(frames.start.value << 12), frames.count << 12, MS_SYNC) != 0 { throw Errno(errno) }
    }

    public override func residency(_ frames: FrameRange) throws(Errno) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: frames.count)
        if mincore(base + Int(frames.start.value << 12), frames.count << 12, &result) != 0 { throw Errno(errno) }
        return result.map { $0 & 1 }
    }

    /// RAM that was ever touched; pages of private windows that the host has copied since (proc_pid_pagemap(5): bit 61 is set for pages of files).
    public override func ownContent(_ frames: FrameRange) -> [Bool] {
        let all = [Bool](repeating: true, count: frames.count)
        let start = frames.start.value << 12
        if start >= GuestMemoryLayout.ramStart, start < GuestMemoryLayout.ramStart + GuestMemoryLayout.ramSpan {
            return untouched(frames).map { !$0 }
        }
        guard let entries = PageMap.entries(of: base + Int(start), count: frames.count) else { return all }
        return entries.map { $0 & 3 << 62 != 0 && $0 & 1 << 61 == 0 }
    }

    // MARK: Access

    public override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        if skerry_guest_copy(destination, source, count) != 0 { throw .EFAULT }
    }

    public override func compareExchange32(at address: UnsafeMutableRawPointer, expected: UInt32, desired: UInt32) throws(Errno) -> UInt32 {
        var found = expected
        if skerry_guest_compare_exchange32(address, &found, desired) != 0 { throw .EFAULT }
        return found
    }

    public override func load32(at address: UnsafeMutableRawPointer) throws(Errno) -> UInt32 {
        var value: UInt32 = 0
        if skerry_guest_load32(address, &value) != 0 { throw .EFAULT }
        return value
    }

    public override func pin() -> Int { lock.withLock { pins.pin() } }
    public override func unpin(_ token: Int) { release(lock.withLock { pins.unpin(token) }, clean: false) }

    public override func makePageTable() throws(Errno) -> PageTable { try GuestPageTable(memory: self) }
}
