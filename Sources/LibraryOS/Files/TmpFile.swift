/// A regular file of a `TmpFS`: a memory object with a name, or without.
package final class TmpFile: TmpNode, @unchecked Sendable {
    let object: MemoryObject
    /// Made by O_TMPFILE without O_EXCL: linkat(2) may name it.
    let linkable: Bool
    /// Whole pages below 2^63, so that offsets rounded up to a page are still offsets.
    static let maximumSize = Int64.max - 4095
    /// Pages booked with the file system; under `lock`.
    private var charged = 0
    /// Under `lock`. Files that are not sealable begin with `.seal`.
    private var currentSeals: FileSeals

    init(
        _ tmpfs: TmpFS, number: UInt64, permissions: UInt32, owner: FileCredentials, links: UInt64 = 1, linkable: Bool = false, seals: FileSeals = .seal,
        pager: ObjectPager? = nil
    ) {
        object = MemoryObject(physicalMemory: tmpfs.physicalMemory, pager: pager ?? tmpfs.makePager(number))
        self.linkable = linkable
        currentSeals = seals
        super.init(tmpfs, number: number, kind: .regular, permissions: permissions, owner: owner, links: links)
    }

    deinit {
        tmpfs.charge(pages: -charged)
        if let pager = object.pager {
            if pager.hasStoredPages { isStored = true }
            tmpfs.contentGone(number)
        }
    }

    override var extent: (size: Int64, blocks: Int64) { (object.size, Int64(object.residentPages) * 8) }

    override func mappingSource() -> MappingSource? { .object(object) }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        TmpOpenFile(self, flags: flags, location: location)
    }

    override func change(_ change: AttributeChange) throws(Errno) {
        if let wanted = change.permissions {
            let refused = lock.withLock { currentSeals.contains(.execute) && (wanted ^ permissions) & 0o111 != 0 }
            if refused { throw .EPERM }
        }
        try super.change(change)
    }

    // MARK: Content

    /// Writes at `offset`, or at the end when `offset` is nil (O_APPEND); returns the bytes written and where they begin.
    func write(_ buffers: inout UserBuffers, at offset: Int64?, credentials: FileCredentials) throws(Errno) -> (count: Int, start: Int64) {
        if object.pager != nil { return try writeStored(&buffers, at: offset, credentials: credentials) }
        return try writeAtOnce(&buffers, at: offset, credentials: credentials)
    }

    /// As `write`, what there is room for.
    func writeAtOnce(_ buffers: inout UserBuffers, at offset: Int64?, credentials: FileCredentials) throws(Errno) -> (count: Int, start: Int64) {
        let now = tmpfs.time.realtimeNow()
        lock.lock()
        defer { lock.unlock() }
        if !currentSeals.isDisjoint(with: [.write, .futureWrite]) { throw .EPERM }
        let start = offset ?? object.size
        if buffers.remaining == 0 { return (0, start) }
        if start < 0 { throw .EINVAL }
        if start >= tmpfs.maximumFileSize { throw .EFBIG }
        buffers.limit(to: Int(clamping: tmpfs.maximumFileSize - start))
        let end = start + Int64(buffers.remaining)
        if currentSeals.contains(.grow), end > object.size {
            // The kernel writes page by page and refuses the page that would grow the file.
            let room = (object.size & ~4095) - start
            if room <= 0 { throw .EPERM }
            buffers.limit(to: Int(room))
        }
        if tmpfs.pageLimit != nil {
            let room = writableBytes(from: start, to: end)
            if room == 0 { throw .ENOSPC }
            buffers.limit(to: room)
        }
        let count = try object.write(&buffers, at: start)
        settleCharge()
        modificationTime = now
        changeTime = now
        dropPrivilegeBits(credentials)
        tmpfs.changed(self)
        return (count, start)
    }

    override func truncate(to length: Int64) throws(Errno) {
        if length < 0 { throw .EINVAL }
        if length > tmpfs.maximumFileSize { throw .EFBIG }
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(Self.blocksOfResizing, removing: length < object.size)
        defer { tmpfs.roomIsUsed(Self.blocksOfResizing) }
        lock.lock()
        defer { lock.unlock() }
        if currentSeals.contains(.shrink), length < object.size { throw .EPERM }
        if currentSeals.contains(.grow), length > object.size { throw .EPERM }
        try object.truncate(to: length)
        settleCharge()
        modificationTime = now
        changeTime = now
        tmpfs.changed(self)
    }

    /// Blocks that may change beside those that come or go: the record, and parts of the first and last page.
    static let blocksOfResizing = 3

    /// fallocate(2): FALLOC_FL_KEEP_SIZE 1, PUNCH_HOLE 2, ZERO_RANGE 0x10.
    func allocate(mode: Int32, offset: Int64, length: Int64, isInterrupted: () -> Bool) throws(Errno) {
        if object.pager != nil, mode & 2 == 0 {
            return try allocateStored(mode: mode, offset: offset, length: length, isInterrupted: isInterrupted)
        }
        try tmpfs.makeRoom(Self.blocksOfResizing, removing: mode & 2 != 0)
        defer { tmpfs.roomIsUsed(Self.blocksOfResizing) }
        try allocateAtOnce(mode: mode, offset: offset, length: length, isInterrupted: isInterrupted)
    }

    /// As `allocate`, when there is room for it.
    func allocateAtOnce(mode: Int32, offset: Int64, length: Int64, isInterrupted: () -> Bool) throws(Errno) {
        let keepSize = mode & 1 != 0
        let punch = mode & 2 != 0
        let zero = mode & 0x10 != 0
        if mode & ~0x13 != 0 || (punch && (!keepSize || zero)) { throw .EOPNOTSUPP }
        if offset < 0 || length <= 0 { throw .EINVAL }
        let (end, overflow) = offset.addingReportingOverflow(length)
        if overflow || end > tmpfs.maximumFileSize { throw .EFBIG }
        let now = tmpfs.time.realtimeNow()
        lock.lock()
        defer { lock.unlock() }
        if punch || zero, !currentSeals.isDisjoint(with: [.write, .futureWrite]) { throw .EPERM }
        if !keepSize, end > object.size, currentSeals.contains(.grow) { throw .EPERM }
        if punch || zero { try object.punchHole(offset: offset, length: length) }
        if !punch {
            if writableBytes(from: offset, to: end) < end - offset { throw .ENOSPC }
            do throws(Errno) {
                try object.reserve(offset: offset, length: length, isInterrupted: isInterrupted)
            } catch {
                settleCharge()
                throw error
            }
            if !keepSize, end > object.size { try object.truncate(to: end) }
        }
        settleCharge()
        modificationTime = now
        changeTime = now
        tmpfs.changed(self)
    }

    /// How much of the range can be written before the file system is full: pages that are there already cost nothing. Under `lock`.
    private func writableBytes(from start: Int64, to end: Int64) -> Int {
        var room = tmpfs.freePages
        let worst = (end - 1) / 4096 - start / 4096 + 1
        if worst <= Int64(room) { return Int(clamping: end - start) }
        var at = start
        while at < end {
            let data = at < object.size ? object.seek(from: at, data: true) ?? end : end
            if data <= at {
                // The last page is there as a whole, also behind the end of the file.
                let hole = object.seek(from: at, data: false) ?? end
                at = max(at + 1, (hole + 4095) & ~4095)
                continue
            }
            let stop = min(data, end)
            let needed = Int(clamping: (stop - 1) / 4096 - at / 4096 + 1)
            if needed > room { return Int(clamping: max(at, (at / 4096 + Int64(room)) * 4096) - start) }
            room -= needed
            at = stop
        }
        return Int(clamping: end - start)
    }

    /// Books what the object owns now, pages touched through mappings included. Under `lock`.
    private func settleCharge() {
        let now = object.residentPages
        if now != charged { tmpfs.charge(pages: now - charged) }
        charged = now
    }

    /// Writing to a set-user-ID program takes the bit away (write(2)). Under `lock`.
    private func dropPrivilegeBits(_ credentials: FileCredentials) {
        guard permissions & 0o6000 != 0, credentials.user != 0 else { return }
        permissions &= ~0o4000
        if permissions & 0o010 != 0 { permissions &= ~0o2000 }
    }

    // MARK: Seals

    var seals: FileSeals { lock.withLock { currentSeals } }

    func add(_ seals: FileSeals) throws(Errno) {
        if !seals.isSubset(of: .all) { throw .EINVAL }
        lock.lock()
        let before = currentSeals
        if before.contains(.seal) {
            lock.unlock()
            throw .EPERM
        }
        var added = seals
        if seals.contains(.execute), permissions & 0o111 != 0 { added.formUnion([.shrink, .grow, .write, .futureWrite]) }
        currentSeals.formUnion(added)
        lock.unlock()
        guard added.contains(.write), !before.contains(.write), object.isMappedWritably else { return }
        lock.withLock { currentSeals = before }
        throw .EBUSY
    }
}
