/// Bytes that can be mapped: the content of a tmpfs file, a memfd, shared memory. Owns frames by page offset; pages that were never written own nothing.
///
/// With a pager it is the content of a file that is kept elsewhere (MemoryObject+Paging.swift): of its pages only some are in memory.
package final class MemoryObject: @unchecked Sendable {
    package let physicalMemory: PhysicalMemory
    /// Who keeps the content; nil: nobody but this object.
    let pager: ObjectPager?
    let lock = Lock(.memoryObject)
    // Under `lock`:
    var extents = ExtentMap()
    var currentSize: Int64 = 0
    /// Address spaces that map the object, so that truncation can take their translations back; cut when the mapping goes.
    var mappers: [ObjectIdentifier: AddressSpace] = [:]
    /// Called when the last address space that mapped the object does not any more, with that one's lock held. Set once, before anyone maps it.
    var whenUnmapped: (@Sendable () -> Void)?

    package init(physicalMemory: PhysicalMemory, size: Int64 = 0, pager: ObjectPager? = nil) {
        self.physicalMemory = physicalMemory
        self.pager = pager
        currentSize = size
    }

    deinit {
        if let pager {
            pager.residentChanged(self, by: -extents.pageCount)
            pager.dirtyChanged(self, by: -Int(clamping: pager.dirty.count))
        }
        for extent in extents.extents { physicalMemory.free(extent.frames) }
    }

    /// The size in bytes; pages behind it do not exist for mappings (SIGBUS).
    package var size: Int64 { lock.withLock { currentSize } }
    /// Pages that own a frame, or have content elsewhere (`st_blocks` is eight times this).
    package var residentPages: Int {
        lock.withLock {
            guard let pager else { return extents.pageCount }
            return Int(clamping: pager.isKnown ? pager.kept.count : pager.keptAtFirst)
        }
    }

    // MARK: Reading and writing

    /// The most bytes one step moves while its frames are pinned.
    private static let step = 1 << 20

    /// Reads into the buffers from `offset`, holes as zeros; stops at the size.
    package func read(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        guard offset >= 0 else { throw .EINVAL }
        if pager != nil { return try readPaged(&buffers, at: offset) }
        var done = 0
        while buffers.remaining > 0 {
            let token = physicalMemory.pin()
            defer { physicalMemory.unpin(token) }
            let position = offset &+ Int64(done)
            let piece = nextPiece(at: position, limit: min(buffers.remaining, Self.step))
            if piece.count == 0 { break }
            let moved: Int
            do throws(Errno) {
                if let source = piece.address {
                    moved = try buffers.copyOut(UnsafeRawBufferPointer(start: source, count: piece.count))
                } else {
                    moved = try buffers.copyOutZeros(piece.count)
                }
            } catch {
                if done > 0 { return done }
                throw error
            }
            done &+= moved
            if moved < piece.count { break }
        }
        return done
    }

    /// Contiguous bytes from `position`: their host address (nil: a hole) and how many, zero at the end.
    private func nextPiece(at position: Int64, limit: Int) -> (address: UnsafeMutableRawPointer?, count: Int) {
        lock.lock()
        defer { lock.unlock() }
        guard position < currentSize else { return (nil, 0) }
        let rest = currentSize &- position
        let wanted = rest > Int64(limit) ? limit : Int(rest)
        let page = UInt64(position) / 4096
        let inPage = Int(UInt64(position) & 4095)
        let pages = (wanted &+ inPage &+ 4095) / 4096
        if let run = extents.run(at: page, limit: pages), let base = physicalMemory.hostAddress(of: run.start) {
            return (base + inPage, min(wanted, run.count &* 4096 &- inPage))
        }
        return (nil, min(wanted, extents.gap(at: page, limit: pages) &* 4096 &- inPage))
    }

    /// Writes from the buffers, growing the object; `ENOSPC` when the memory limit is reached.
    package func write(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        guard offset >= 0, !offset.addingReportingOverflow(Int64(buffers.remaining)).overflow else { throw .EFBIG }
        if pager != nil { return try writePaged(&buffers, at: offset) }
        var done = 0
        while buffers.remaining > 0 {
            let token = physicalMemory.pin()
            defer { physicalMemory.unpin(token) }
            let position = offset &+ Int64(done)
            let inPage = Int(position & 4095)
            do throws(Errno) {
                let wantedPages = (min(buffers.remaining, Self.step) &+ inPage &+ 4095) / 4096
                let (run, _) = try ensure(UInt64(position) / 4096, limit: wantedPages)
                guard let base = physicalMemory.hostAddress(of: run.start) else { throw .EIO }
                let space = min(run.count &* 4096 &- inPage, buffers.remaining)
                let moved = try buffers.copyIn(UnsafeMutableRawBufferPointer(start: base + inPage, count: space))
                done &+= moved
                extend(to: position &+ Int64(moved))
                if moved < space { break }
            } catch {
                if done > 0 { return done }
                throw error == .ENOMEM ? .ENOSPC : error
            }
        }
        return done
    }

    private func extend(to end: Int64) { lock.withLock { currentSize = max(currentSize, end) } }

    /// Frames from `page` on, made when missing, and how many of them were.
    private func ensure(_ page: UInt64, limit: Int) throws(Errno) -> (run: FrameRange, fresh: Int) {
        lock.lock()
        defer { lock.unlock() }
        let missing = extents.run(at: page, limit: 1) == nil ? extents.gap(at: page, limit: limit) : 0
        let run = try ensureLocked(page, limit: limit)
        // The frames may go on into those that were there before.
        return (run, min(run.count, missing))
    }

    func ensureLocked(_ page: UInt64, limit: Int) throws(Errno) -> FrameRange {
        if let run = extents.run(at: page, limit: limit) { return run }
        var position = page
        let wanted = max(1, extents.gap(at: page, limit: limit))
        let runs: [FrameRange]
        do throws(Errno) {
            runs = try physicalMemory.allocate(frames: wanted)
        } catch {
            // Near the limit page by page.
            guard wanted > 1 else { throw error }
            runs = try physicalMemory.allocate(frames: 1)
        }
        for run in runs {
            extents.insert(position, run)
            position &+= UInt64(run.count)
        }
        guard let run = extents.run(at: page, limit: limit) else { throw .ENOMEM }
        return run
    }

    // MARK: Size and space

    /// The pages that so many bytes, never fewer than none, take.
    static func pageCount(_ bytes: Int64) -> UInt64 { UInt64(bytes) / 4096 &+ (bytes & 4095 == 0 ? 0 : 1) }

    /// Changes the size: frames behind it are freed and mappings of them zapped; the rest of the last page is zeroed.
    package func truncate(to length: Int64) throws(Errno) {
        guard length >= 0 else { throw .EINVAL }
        if pager != nil { return try truncatePaged(to: length) }
        let firstGone = Self.pageCount(length)
        lock.lock()
        let shrinks = length < currentSize
        currentSize = length
        if shrinks, length & 4095 != 0, let run = extents.run(at: UInt64(length) / 4096, limit: 1), let base = physicalMemory.hostAddress(of: run.start) {
            let start = Int(length & 4095)
            (base + start).initializeMemory(as: UInt8.self, repeating: 0, count: 4096 &- start)
        }
        let frames = shrinks ? extents.remove(firstGone, count: UInt64.max &- firstGone) : []
        let spaces = shrinks ? Array(mappers.values) : []
        lock.unlock()
        free(frames, of: firstGone, count: UInt64.max &- firstGone, mappedBy: spaces)
    }

    /// Frees frames that have left the object already, so that nothing can map them again while translations are taken back.
    func free(_ frames: [FrameRange], of page: UInt64, count: UInt64, mappedBy spaces: [AddressSpace]) {
        for space in spaces { space.unmapObject(self, from: page, count: count) }
        for range in frames { physicalMemory.free(range) }
    }

    /// fallocate: reserves frames for the range. Does not change the size. `ENOSPC` without room and `EINTR` when `isInterrupted` says so in between,
    /// which may be minutes for a large file: then what was reserved behind the size is free again. Pages before it may have been written to through mappings.
    package func reserve(offset: Int64, length: Int64, isInterrupted: () -> Bool) throws(Errno) {
        let (page, last) = try Self.pages(offset, length)
        if pager != nil { return try reservePaged(page, last) }
        var fresh: [(page: UInt64, count: UInt64)] = []
        do throws(Errno) {
            try reserve(page, last, &fresh, isInterrupted)
        } catch {
            let firstUnseen = Self.pageCount(size)
            for range in fresh where range.page &+ range.count > firstUnseen {
                let first = max(range.page, firstUnseen)
                release(first, range.page &+ range.count &- first)
            }
            throw error == .ENOMEM ? .ENOSPC : error
        }
    }

    /// Notes in `fresh` what had no frames before.
    private func reserve(_ first: UInt64, _ last: UInt64, _ fresh: inout [(page: UInt64, count: UInt64)], _ isInterrupted: () -> Bool) throws(Errno) {
        var page = first
        while page < last {
            if isInterrupted() { throw .EINTR }
            let count = last &- page > 512 ? 512 : Int(last &- page)
            // What is reserved is not touched, so that only this check bounds it.
            if !physicalMemory.mayPopulate(frames: count) { throw .ENOSPC }
            let (run, made) = try ensure(page, limit: count)
            if made > 0 {
                if let before = fresh.last, before.page &+ before.count == page {
                    fresh[fresh.count - 1].count &+= UInt64(made)
                } else {
                    fresh.append((page, UInt64(made)))
                }
            }
            // Reserved is in use: nobody else may count on it.
            physicalMemory.touch(run)
            page &+= UInt64(run.count)
        }
    }

    /// fallocate with FALLOC_FL_PUNCH_HOLE: frees the frames of the range and zeroes partial pages at its edges.
    package func punchHole(offset: Int64, length: Int64) throws(Errno) {
        _ = try Self.pages(offset, length)
        // Whole pages are forgotten without being looked at: what is not known to be kept would not be removed.
        try prepare()
        try punchHole(offset, offset &+ length)
    }

    /// The pages that a range is in.
    private static func pages(_ offset: Int64, _ length: Int64) throws(Errno) -> (first: UInt64, last: UInt64) {
        guard offset >= 0, length > 0 else { throw .EINVAL }
        let (end, overflow) = offset.addingReportingOverflow(length)
        if overflow { throw .EFBIG }
        return (UInt64(offset) / 4096, (UInt64(end) &+ 4095) / 4096)
    }

    private func release(_ page: UInt64, _ count: UInt64) {
        let (frames, spaces) = lock.withLock {
            forgetPages(page, count)
            return (extents.remove(page, count: count), Array(mappers.values))
        }
        free(frames, of: page, count: count, mappedBy: spaces)
    }

    private func punchHole(_ offset: Int64, _ end: Int64) throws(Errno) {
        let first = (UInt64(offset) &+ 4095) / 4096
        let last = UInt64(end) / 4096
        try zero(offset, min(end, Int64(clamping: first &* 4096)))
        if first <= last { try zero(max(offset, Int64(clamping: last &* 4096)), end) }
        if first < last { release(first, last &- first) }
    }

    /// Zeroes bytes inside one page.
    private func zero(_ start: Int64, _ end: Int64) throws(Errno) {
        guard start < end else { return }
        if pager != nil { return try zeroPaged(start, end) }
        lock.withLock {
            if let run = extents.run(at: UInt64(start) / 4096, limit: 1), let base = physicalMemory.hostAddress(of: run.start) {
                (base + Int(start & 4095)).initializeMemory(as: UInt8.self, repeating: 0, count: Int(end &- start))
            }
        }
    }

    /// SEEK_DATA (`data` true) or SEEK_HOLE from `offset`, which lies before the size; nil when there is no data behind it.
    package func seek(from offset: Int64, data: Bool) -> Int64? {
        lock.lock()
        defer { lock.unlock() }
        guard offset >= 0, offset < currentSize else { return nil }
        if let pager { return Self.seek(pager.kept, currentSize, from: offset, data: data) }
        let page = UInt64(offset) / 4096
        if data {
            if extents.run(at: page, limit: 1) != nil { return offset }
            let gap = extents.gap(at: page, limit: .max)
            let (start, overflow) = (page &+ UInt64(gap)).multipliedReportingOverflow(by: 4096)
            return overflow || start >= UInt64(currentSize) ? nil : Int64(start)
        }
        var position = page
        while let run = extents.run(at: position, limit: .max) { position &+= UInt64(run.count) }
        return position == page ? offset : min(currentSize, Int64(clamping: position &* 4096))
    }

    // MARK: Mappings

    func addMapper(_ space: AddressSpace) { lock.withLock { mappers[ObjectIdentifier(space)] = space } }
    func removeMapper(_ space: AddressSpace) {
        let isLast = lock.withLock { mappers.removeValue(forKey: ObjectIdentifier(space)) != nil && mappers.isEmpty }
        if isLast { whenUnmapped?() }
    }
    var isMapped: Bool { lock.withLock { !mappers.isEmpty } }
    /// How many areas of all address spaces show it (shm_nattch).
    var mappingCount: Int {
        let spaces = lock.withLock { Array(mappers.values) }
        return spaces.reduce(0) { $0 &+ $1.areaCount(of: self) }
    }

    /// Whether a shared mapping may write to it (`mapping_deny_writable` fails).
    package var isMappedWritably: Bool {
        let spaces = lock.withLock { Array(mappers.values) }
        return spaces.contains { $0.mayWrite(to: self) }
    }

    func frames(at page: UInt64, limit: Int) -> FrameRange? { lock.withLock { extents.run(at: page, limit: limit) } }

    func gap(at page: UInt64, limit: Int) -> Int { lock.withLock { extents.gap(at: page, limit: limit) } }

    /// The frame of a page that a mapping touches, and those behind it up to `limit`; `EFAULT` behind the end (SIGBUS), `EAGAIN` when a pager has to bring it first.
    func ensureFrames(_ page: UInt64, limit: Int = 1) throws(Errno) -> FrameRange {
        lock.lock()
        defer { lock.unlock() }
        let end = Self.pageCount(currentSize)
        guard page < end else { throw .EFAULT }
        if pager != nil {
            guard let run = extents.run(at: page, limit: min(limit, Int(clamping: end &- page))) else { throw .EAGAIN }
            return run
        }
        return try ensureLocked(page, limit: min(limit, Int(clamping: end &- page)))
    }
    func zap(_ page: UInt64, count: UInt64) {
        lock.withLock { try? extents.forEach(page, count: count) { _, frames in physicalMemory.zap(frames) } }
    }
    func residentPages(_ page: UInt64, count: UInt64) -> Int {
        lock.withLock {
            var total = 0
            try? extents.forEach(page, count: count) { _, frames in total &+= frames.count }
            return total
        }
    }
}
