import Synchronization

/// The virtual memory of a program: its VMAs and page tables (CLONE_VM shares it).
///
/// `lock` protects the areas and orders every change of page tables. The memory of a range is found under it; bytes are copied under it when they are few,
/// and otherwise with the frames pinned and the lock released.
public final class AddressSpace: @unchecked Sendable {
    /// Where its frames come from.
    package let physicalMemory: PhysicalMemory
    /// Its page tables.
    public let pageTable: PageTable
    let lock = Lock(.addressSpace)
    // Under `lock`:
    var areas = VirtualMemoryAreas()
    /// Where searches for free room begin, downwards (the kernel's `mmap_base`).
    var mappingBase: UInt64 = 0x7fff_f000_0000
    /// The heap: where it began and where it ends now.
    var breakStart: UInt64 = 0
    var breakEnd: UInt64 = 0
    var heap: AnonymousBacking?
    /// RLIMIT_STACK of the process that runs here, for the stack's growth.
    var stackLimit: UInt64 = 8 << 20
    /// Parts of the program image, for /proc/self/stat.
    package var imageLayout = ImageLayout()
    /// Where the last 2 MiB that a fault brought in end: a fault there means that a large range is touched from one end to the other.
    var lastStepEnd: UInt64 = 0
    private var released = false
    /// Keeps others from writing to the program file.
    var programDenial: WriteDenial?
    /// Host calls that use frames of this memory now.
    var uses = FrameUses()
    /// Pages that were written soon after they had become shared with a child: the next child gets copies of them.
    var recentCopies = RecentPages()
    /// Where the last cluster of copied pages ends, and how many pages it had.
    var lastCopy: (end: UInt64, count: Int) = (0, 0)
    /// The processes that use it: one, but after CLONE_VM.
    package let users = ReferenceCount(1)
    /// Faults of the program that were served; changed under `lock`.
    private let servedFaults = Atomic<Int>(0)
    /// The most pages that were resident when somebody looked.
    var peakPages: UInt64 = 0
    /// A page that has to be brought in before what was tried last can go on. Under `lock`.
    var pageRequest: PageRequest?
    /// A page that a call could not have without a commit. Under `lock`.
    var postponed: PageRequest?
    /// A copy from or to the program failed for want of memory.
    private let shortage = Atomic<Bool>(false)
    /// What the areas have cost.
    private var areaCharge: ObjectCharge

    /// What /proc/self/stat shows of the image.
    package struct ImageLayout: Sendable {
        package var startCode: UInt64 = 0, endCode: UInt64 = 0, startData: UInt64 = 0, endData: UInt64 = 0, startStack: UInt64 = 0
        package var argumentStart: UInt64 = 0, argumentEnd: UInt64 = 0, environmentStart: UInt64 = 0, environmentEnd: UInt64 = 0
        package init() {}
    }

    /// The lowest address mmap gives out or accepts (vm.mmap_min_addr).
    static let minimumAddress: UInt64 = 0x10000
    /// Private anonymous ranges up to this size get their entries at once; larger ones in steps of 2 MiB when touched.
    static let eagerLimit: UInt64 = 16 << 20
    /// vm.max_map_count.
    static let maximumAreas = 65530
    /// Bytes of an area: its place in the list, and a backing of its own with one run of frames.
    private static let areaCost = 256

    /// An empty address space.
    package init(physicalMemory: PhysicalMemory) throws(Errno) {
        self.physicalMemory = physicalMemory
        pageTable = try physicalMemory.makePageTable()
        areaCharge = ObjectCharge(physicalMemory, cost: Self.areaCost)
    }

    /// How many faults of the program were served.
    var faults: Int { servedFaults.load(ordering: .relaxed) }
    /// One more. Lock held.
    func noteFault() { servedFaults.store(servedFaults.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

    /// No frame could be had for a page that a call copies from or to.
    func noteShortage() { shortage.store(true, ordering: .relaxed) }
    /// Whether that has happened since this was last asked.
    func takeShortage() -> Bool { shortage.load(ordering: .relaxed) && shortage.exchange(false, ordering: .relaxed) }

    /// A process does not use it any more; the last one releases it.
    package func leave() { if users.decrement() { release() } }

    /// Nobody uses it any more: areas are unmapped, table frames go to quarantine.
    package func release() {
        // The last reference to the program's file may close it, which takes locks: not under this one.
        var denial: WriteDenial?
        defer { withExtendedLifetime(denial) {} }
        lock.lock()
        defer { lock.unlock() }
        if released { return }
        swap(&denial, &programDenial)
        released = true
        let removed = areas.remove(0, .max)
        surrenderFrames(of: removed)
        forgetObjects(of: removed)
        heap = nil
        areaCharge.refundAll()
        pageTable.release()
    }

    deinit { release() }

    /// The program file that runs here, not to be written to as long as this memory or a copy of it is in use.
    func noteProgram(_ denial: WriteDenial) { lock.withLock { programDenial = denial } }

    /// Runs `body` while no page table of this address space changes.
    package func withPageTablesLocked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try lock.withLock(body)
    }

    /// Makes sure that `count` areas more may come into being: `ENOMEM` at vm.max_map_count, or when the memory limit leaves no room for them. Lock held.
    func checkAreas(adding count: Int) throws(Errno) {
        let wanted = areas.areas.count &+ count
        guard wanted <= Self.maximumAreas, areaCharge.cover(wanted) else { throw .ENOMEM }
    }

    /// Areas have gone. Lock held.
    func settleAreas() { areaCharge.settle(areas.areas.count) }

    /// These areas are gone; objects that had their last mapping here forget this address space. Lock held.
    func forgetObjects(of removed: [VirtualMemoryArea]) {
        var candidates: [ObjectIdentifier: MemoryObject] = [:]
        for area in removed { if let object = area.backing.mappedObject { candidates[ObjectIdentifier(object)] = object } }
        if candidates.isEmpty { return }
        for area in areas.areas {
            if let object = area.backing.mappedObject { candidates[ObjectIdentifier(object)] = nil }
        }
        for object in candidates.values { object.removeMapper(self) }
    }

    /// Whether a shared mapping of the object is writable or could be made so.
    func mayWrite(to object: MemoryObject) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return areas.areas.contains { $0.backing.mappedObject === object && $0.backing.isShared && !$0.flags.contains(.noWrite) }
    }

    /// Takes back translations of pages that an object has just given up (truncation); private copies of them go too. The object frees the frames afterwards.
    func unmapObject(_ object: MemoryObject, from page: UInt64, count: UInt64) {
        lock.lock()
        defer { lock.unlock() }
        for area in areas.areas where area.backing.mappedObject === object {
            let first = max(area.backingPage, page)
            let last = min(area.backingPage &+ area.pages, page &+ count < page ? .max : page &+ count)
            guard first < last else { continue }
            pageTable.unmap(GuestAddress(area.start &+ (first &- area.backingPage) &* 4096), pages: Int(last &- first))
            // What host calls still read goes with the object; nobody can write to it any more either.
            if !area.backing.isShared { free(area.backing.release(first, count: last &- first)) }
        }
    }
}
