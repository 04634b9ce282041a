/// What stands behind a VMA: where the frames of its pages come from. Used under the address space's lock; lives as long as a VMA refers to it.
class MemoryBacking {
    let physicalMemory: PhysicalMemory
    /// The memory object it shows, if that has a pager.
    final let pagedObject: MemoryObject?
    init(physicalMemory: PhysicalMemory, pagedObject: MemoryObject? = nil) {
        self.physicalMemory = physicalMemory
        self.pagedObject = pagedObject
    }

    /// The name /proc/self/maps shows.
    var name: [UInt8] { [] }
    var device: UInt64 { 0 }
    var inode: UInt64 { 0 }
    /// True when other mappings can see what is written here.
    var isShared: Bool { false }
    /// The frames from `page` on that exist already.
    func run(at page: UInt64, limit: Int) -> FrameRange? { nil }
    /// How many pages from `page` on have no frame, at most `limit`.
    func gap(at page: UInt64, limit: Int) -> Int { run(at: page, limit: 1) == nil ? 1 : 0 }
    /// Makes `page` exist, and up to `limit` pages from it when that is cheap; returns the run from `page`. `ENOMEM`; `EFAULT`: behind the end of the file (SIGBUS).
    func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange { throw .EFAULT }
    /// The pages are not mapped any more by the VMA: private frames are freed, shared ones only zapped. Returns frames that other address spaces own, too: the
    /// caller gives its part of them up as soon as it does not read them any more.
    func release(_ page: UInt64, count: UInt64) -> [FrameRange] { [] }
    /// How many frames of a run, which stand behind the pages from `page` on, are alike, and whether translations may allow writing to them: no other address
    /// space has them (or is meant to share them), and a pager knows that they are written to.
    func leading(_ frames: FrameRange, at page: UInt64) -> (isWritable: Bool, count: Int) { (true, frames.count) }
    /// Zaps every existing frame of the range (a downgrade).
    func zap(_ page: UInt64, count: UInt64) {}
    /// madvise MADV_DONTNEED.
    func discard(_ page: UInt64, count: UInt64) { zap(page, count: count) }
    /// msync MS_SYNC.
    func sync(_ page: UInt64, count: UInt64) throws(Errno) {}
    /// What a futex in a shared mapping is keyed by.
    var futexOwner: ObjectIdentifier { ObjectIdentifier(self) }
    /// How many pages of the range have frames.
    func residentPages(_ page: UInt64, count: UInt64) -> Int { 0 }
    /// The memory object it shows, which must be able to take pages back.
    var mappedObject: MemoryObject? { nil }
    /// A backing for a second mapping of the same content (mremap with an old size of zero).
    func another() -> MemoryBacking { self }
    /// What stands behind a child's areas after fork(2): the same for shared memory, an empty one for what has frames of its own, which the fork fills.
    func forChild() -> MemoryBacking { self }
    /// A backing for a part that moves elsewhere, with that part's frames under the same page numbers. All areas of one backing that owns frames lie at
    /// the same distance from their page numbers, so that two can never grow into the same pages: what moves has to leave.
    func splitOff(_ page: UInt64, count: UInt64) -> MemoryBacking { self }
}

/// Private anonymous memory.
final class AnonymousBacking: ExtentBacking {
    private let label: [UInt8]
    init(physicalMemory: PhysicalMemory, name: [UInt8] = []) {
        label = name
        super.init(physicalMemory: physicalMemory)
    }
    override var name: [UInt8] { label }
    override func emptied() -> ExtentBacking { AnonymousBacking(physicalMemory: physicalMemory, name: label) }

    override func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange {
        if let run = extents.run(at: page, limit: limit) { return run }
        let wanted = max(1, extents.gap(at: page, limit: limit))
        var position = page
        do throws(Errno) {
            for run in try physicalMemory.allocate(frames: wanted) {
                extents.insert(position, run)
                position &+= UInt64(run.count)
            }
        } catch {
            // Near the limit page by page.
            guard wanted > 1 else { throw error }
            for run in try physicalMemory.allocate(frames: 1) { extents.insert(page, run) }
        }
        guard let run = extents.run(at: page, limit: limit) else { throw .ENOMEM }
        return run
    }
}

/// A private or shared mapping of a granted host file, straight from the host's page cache.
final class HostFileBacking: ExtentBacking {
    private let file: HostFile
    private let host: Host
    private let shared: Bool
    private let writable: Bool
    private let label: PathLocation?
    private let identity: (device: UInt64, inode: UInt64)

    init(physicalMemory: PhysicalMemory, host: Host, file: HostFile, shared: Bool, writable: Bool, location: PathLocation?) {
        self.file = file
        self.host = host
        self.shared = shared
        self.writable = writable
        label = location
        identity = (location?.inode.fileSystem.device ?? 0, location?.inode.number ?? 0)
        super.init(physicalMemory: physicalMemory)
    }
    override var isShared: Bool { shared }
    override var device: UInt64 { identity.device }
    override var inode: UInt64 { identity.inode }
    override var futexOwner: ObjectIdentifier { label.map { ObjectIdentifier($0.inode) } ?? ObjectIdentifier(self) }
    /// Where the file was found, for /proc/self/maps.
    var location: PathLocation? { label }
    override func emptied() -> ExtentBacking {
        HostFileBacking(physicalMemory: physicalMemory, host: host, file: file, shared: shared, writable: writable, location: label)
    }

    /// The file's size now.
    func currentSize() throws(Errno) -> Int64 { try host.attributes(of: file).size }

    /// Maps pages up to the file's end as it is now; behind it there is nothing to map.
    override func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange {
        if let run = extents.run(at: page, limit: limit) { return run }
        let size = UInt64(max(0, try currentSize()))
        let pages = size / 4096 &+ (size & 4095 == 0 ? 0 : 1)
        guard page < pages else { throw .EFAULT }
        let available = pages &- page
        let wanted = min(extents.gap(at: page, limit: limit), available > UInt64(limit) ? limit : Int(available))
        let run: FrameRange
        do throws(Errno) {
            run = try physicalMemory.mapHostFile(file, page: page, count: max(1, wanted), shared: shared, writable: writable)
        } catch {
            if shared || error != .ENOMEM { throw error }
            run = try copyPages(page, count: max(1, wanted))
        }
        extents.insert(page, run)
        return run
    }

    /// The budget of host mappings is used up: small private mappings become copies.
    private func copyPages(_ page: UInt64, count: Int) throws(Errno) -> FrameRange {
        guard let run = try physicalMemory.allocate(frames: min(count, 16)).first, let place = physicalMemory.hostAddress(of: run.start) else {
            throw .ENOMEM
        }
        _ = try host.read(file, into: [UnsafeMutableRawBufferPointer(start: place, count: run.count &* 4096)], at: Int64(page &* 4096))
        return run
    }

    override func sync(_ page: UInt64, count: UInt64) throws(Errno) {
        let memory = physicalMemory
        try extents.forEach(page, count: count) { (_, frames) throws(Errno) in try memory.sync(frames) }
    }

    /// Pages of shared mappings keep their content when discarded; private ones fall back to the file's.
    override func discard(_ page: UInt64, count: UInt64) {
        if shared { zap(page, count: count) } else { super.discard(page, count: count) }
    }
}

/// A shared mapping of a memory object (tmpfs file, memfd, shared anonymous memory).
class ObjectBacking: MemoryBacking {
    let object: MemoryObject
    private let location: PathLocation?

    init(object: MemoryObject, location: PathLocation?) {
        self.object = object
        self.location = location
        super.init(physicalMemory: object.physicalMemory, pagedObject: object.pager == nil ? nil : object)
    }
    override var isShared: Bool { true }
    override func leading(_ frames: FrameRange, at page: UInt64) -> (isWritable: Bool, count: Int) {
        pagedObject?.leadingDirty(page, limit: frames.count) ?? (true, frames.count)
    }
    override func sync(_ page: UInt64, count: UInt64) throws(Errno) { try pagedObject?.pager?.sync() }
    override var mappedObject: MemoryObject? { object }
    override var futexOwner: ObjectIdentifier { ObjectIdentifier(object) }
    override var device: UInt64 { location?.inode.fileSystem.device ?? 0 }
    override var inode: UInt64 { location?.inode.number ?? 0 }
    var path: PathLocation? { location }
    override func run(at page: UInt64, limit: Int) -> FrameRange? { object.frames(at: page, limit: limit) }
    override func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange { try object.ensureFrames(page, limit: limit) }
    override func release(_ page: UInt64, count: UInt64) -> [FrameRange] {
        zap(page, count: count)
        return []
    }
    override func zap(_ page: UInt64, count: UInt64) { object.zap(page, count: count) }
    override func gap(at page: UInt64, limit: Int) -> Int { object.gap(at: page, limit: limit) }
    override func residentPages(_ page: UInt64, count: UInt64) -> Int { object.residentPages(page, count: count) }
}

/// A private mapping of a memory object: the host copies a page when it is written. Pages the object lacks are anonymous.
final class PrivateObjectBacking: ExtentBacking {
    private let object: MemoryObject
    private let location: PathLocation?

    init(object: MemoryObject, location: PathLocation?) {
        self.object = object
        self.location = location
        super.init(physicalMemory: object.physicalMemory, pagedObject: object.pager == nil ? nil : object)
    }
    override var mappedObject: MemoryObject? { object }
    override func emptied() -> ExtentBacking { PrivateObjectBacking(object: object, location: location) }
    override var device: UInt64 { location?.inode.fileSystem.device ?? 0 }
    override var inode: UInt64 { location?.inode.number ?? 0 }
    var path: PathLocation? { location }

    override func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange {
        if let run = extents.run(at: page, limit: limit) { return run }
        let first = try object.ensureFrames(page)
        let source = object.frames(at: page, limit: max(1, extents.gap(at: page, limit: limit))) ?? first
        let run: FrameRange
        do throws(Errno) {
            // What a pager takes back must not be missed here.
            if pagedObject != nil { throw .ENOMEM }
            run = try physicalMemory.mapPrivateCopy(of: source)
        } catch {
            if error != .ENOMEM { throw error }
            run = try copyPage(first)
        }
        extents.insert(page, run)
        return run
    }

    /// The budget of host mappings is used up: the page becomes a copy at once.
    private func copyPage(_ source: FrameRange) throws(Errno) -> FrameRange {
        guard let run = try physicalMemory.allocate(frames: 1).first, let place = physicalMemory.hostAddress(of: run.start),
            let content = physicalMemory.hostAddress(of: source.start)
        else { throw .ENOMEM }
        try physicalMemory.copy(from: content, to: place, count: 4096)
        return run
    }
}

/// Frames that belong to the kernel itself (the vDSO and its data page), never freed.
final class FixedBacking: MemoryBacking {
    private let frames: FrameRange
    private let label: [UInt8]
    init(physicalMemory: PhysicalMemory, frames: FrameRange, name: [UInt8]) {
        self.frames = frames
        label = name
        super.init(physicalMemory: physicalMemory)
    }
    override var name: [UInt8] { label }
    override func run(at page: UInt64, limit: Int) -> FrameRange? {
        page < UInt64(frames.count) ? frames.slice(Int(page), min(limit, frames.count &- Int(page))) : nil
    }
    override func ensure(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange {
        guard let run = run(at: page, limit: limit) else { throw .EFAULT }
        return run
    }
    override func discard(_ page: UInt64, count: UInt64) {}
}
