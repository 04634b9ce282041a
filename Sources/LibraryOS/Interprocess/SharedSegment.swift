/// A segment of System V shared memory.
final class SharedSegment: IPCObject, @unchecked Sendable {
    let object: MemoryObject
    let size: UInt64
    var attached: Int64 = 0, detached: Int64 = 0
    let creator: Int32
    var latest: Int32 = 0
    /// Calls of shmat(2) that are about to map it.
    var attaching = 0

    static let destroyed: UInt32 = 0o1000, locked: UInt32 = 0o2000

    init(id: Int32, _ permissions: IPCPermissions, kernel: Kernel, size: UInt64, creator: Int32) throws(Errno) {
        object = MemoryObject(physicalMemory: kernel.physicalMemory, size: Int64(clamping: size))
        self.size = size
        self.creator = creator
        try super.init(id: id, permissions, kernel: kernel, cost: 512)
        object.whenUnmapped = { [namespace = kernel.interprocess] in namespace.mappingsGone(id, seconds: IPCNamespace.seconds(kernel)) }
    }

    /// struct shmid64_ds.
    func encoded(attachments: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 112)
        permissions.write(&writer, id: id)
        writer.u64(size)
        for time in [attached, detached, changed] { writer.i64(time) }
        writer.i32(creator)
        writer.i32(latest)
        writer.u64(UInt64(attachments))
        writer.pad(to: 112)
        return writer.bytes
    }
}

/// An attachment of a segment.
final class SegmentBacking: ObjectBacking {
    let segment: SharedSegment
    private let kernel: Kernel
    private let label: [UInt8]

    init(_ segment: SharedSegment, key: Int32, kernel: Kernel) {
        self.segment = segment
        self.kernel = kernel
        var writer = TextWriter(capacity: 24)
        writer.text("/SYSV")
        writer.hex(UInt64(UInt32(bitPattern: key)), width: 8)
        writer.text(" (deleted)")
        label = writer.bytes
        super.init(object: segment.object, location: nil)
    }
    override func release(_ page: UInt64, count: UInt64) -> [FrameRange] {
        let now = IPCNamespace.seconds(kernel)
        kernel.interprocess.lock.withLock { segment.detached = now }
        return super.release(page, count: count)
    }
    override var name: [UInt8] { label }
    override var device: UInt64 { 1 }
    override var inode: UInt64 { UInt64(UInt32(bitPattern: segment.id)) }
}

extension IPCNamespace {
    /// Nothing maps the segment any more: one that was removed ends now.
    func mappingsGone(_ id: Int32, seconds: Int64) {
        let gone: SharedSegment? = lock.withLock {
            guard let segment = segments.existing(id) else { return nil }
            segment.detached = seconds
            return dropDestroyed(segment) ? segment : nil
        }
        withExtendedLifetime(gone) {}
    }

    /// Takes a segment out that was removed, once nothing maps it or is about to. Lock held.
    func dropDestroyed(_ segment: SharedSegment) -> Bool {
        guard segment.permissions.mode & SharedSegment.destroyed != 0, segment.attaching == 0, !segment.object.isMapped else { return false }
        segments.remove(segment)
        return true
    }
}

extension AddressSpace {
    /// Takes out the attachment that begins (or began, before parts were unmapped) at an address; nil when there is none.
    func detach(_ address: UInt64) -> SharedSegment? {
        lock.lock()
        defer { lock.unlock() }
        func isPart(_ area: VirtualMemoryArea) -> Bool { area.backing is SegmentBacking && area.start &- area.backingPage &* 4096 == address }
        let parts = areas.slices(address, GuestAddress.userEnd.value).filter(isPart)
        guard let first = parts.first, let backing = first.backing as? SegmentBacking else { return nil }
        for area in parts where area.backing === backing { unmapLocked(area.start, area.end) }
        return backing.segment
    }

    /// How many areas show an object.
    func areaCount(of object: MemoryObject) -> Int {
        lock.lock()
        defer { lock.unlock() }
        return areas.areas.reduce(0) { $0 &+ ($1.backing.mappedObject === object ? 1 : 0) }
    }

    /// Whether nothing is mapped in a range.
    func isFree(_ start: UInt64, _ end: UInt64) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return areas.slices(start, end).isEmpty
    }
}
