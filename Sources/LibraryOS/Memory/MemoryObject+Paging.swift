/// Objects whose content is kept by a pager. Pages come into memory when they are looked at and leave it when others need the room; pages that are written are
/// dirty until the pager has written them back. The pager is called without the object's lock.
extension MemoryObject {
    /// How many pages are brought in for somebody who reads on.
    private static let readAhead = 16

    // MARK: What there is

    /// Finds out which pages are kept outside, before anything else is done with them.
    func prepare() throws(Errno) {
        guard let pager, !lock.withLock({ pager.isKnown }) else { return }
        let ranges = try pager.keptRanges()
        lock.withLock {
            if pager.isKnown { return }
            for range in ranges { pager.kept.insert(range) }
            pager.isKnown = true
        }
    }

    /// SEEK_DATA and SEEK_HOLE.
    static func seek(_ kept: PageSet, _ size: Int64, from offset: Int64, data: Bool) -> Int64? {
        let page = UInt64(offset) / 4096
        let next = kept.next(from: page)
        if data {
            guard let next else { return nil }
            if next.lowerBound == page { return offset }
            let (start, overflow) = next.lowerBound.multipliedReportingOverflow(by: 4096)
            return overflow || start >= UInt64(size) ? nil : Int64(start)
        }
        guard let next, next.lowerBound == page else { return offset }
        return min(size, Int64(clamping: next.upperBound.multipliedReportingOverflow(by: 4096).overflow ? .max : next.upperBound &* 4096))
    }

    /// A page has content that is not in memory. Lock held.
    func isAway(_ page: UInt64, _ pager: ObjectPager) -> Bool { pager.kept.contains(page) && extents.run(at: page, limit: 1) == nil }

    /// Whether bytes can be read without waiting for the outside.
    func isInMemory(_ offset: Int64, _ count: Int) -> Bool {
        guard let pager else { return true }
        return lock.withLock {
            guard pager.isKnown else { return false }
            let end = min(currentSize, offset.addingReportingOverflow(Int64(count)).overflow ? .max : offset &+ Int64(count))
            guard offset >= 0, offset < end else { return true }
            return pager.kept.overlap(UInt64(offset) / 4096..<Self.pageCount(end)).allSatisfy { range in
                var page = range.lowerBound
                while page < range.upperBound {
                    guard let run = extents.run(at: page, limit: Int(clamping: range.upperBound &- page)) else { return false }
                    page &+= UInt64(run.count)
                }
                return true
            }
        }
    }

    /// Whether pages from `page` on are dirty, and how many are alike in that, at most `limit`.
    func leadingDirty(_ page: UInt64, limit: Int) -> (isDirty: Bool, count: Int) {
        guard let pager else { return (true, limit) }
        return lock.withLock {
            let end = page &+ UInt64(max(0, limit))
            guard let next = pager.dirty.next(from: page) else { return (false, limit) }
            if next.lowerBound == page { return (true, Int(min(next.upperBound, end) &- page)) }
            return (false, Int(min(next.lowerBound, end) &- page))
        }
    }

    /// Pages become dirty. Lock held; the pager has made room for them.
    func markDirty(_ pages: Range<UInt64>, _ pager: ObjectPager) {
        pager.kept.insert(pages)
        let added = pager.dirty.insert(pages)
        if added > 0 { pager.dirtyChanged(self, by: Int(clamping: added)) }
    }

    /// The content of pages is gone. Lock held; the caller takes their frames out.
    func forgetPages(_ page: UInt64, _ count: UInt64) {
        guard let pager else { return }
        let pages = page..<(page &+ count < page ? .max : page &+ count)
        pager.departures &+= 1
        pager.flying.remove(pages)
        let cleaned = pager.dirty.remove(pages)
        if cleaned > 0 { pager.dirtyChanged(self, by: -Int(clamping: cleaned)) }
        if pager.kept.remove(pages) > 0 {
            pager.removed.insert(pages)
            pager.removedChanged(self)
        }
        let resident = (try? residentCount(pages)) ?? 0
        if resident > 0 { pager.residentChanged(self, by: -resident) }
    }

    private func residentCount(_ pages: Range<UInt64>) throws(Errno) -> Int {
        var total = 0
        try extents.forEach(pages.lowerBound, count: pages.upperBound &- pages.lowerBound) { _, frames in total &+= frames.count }
        return total
    }

    // MARK: Bringing pages in

    /// Frames that will be overwritten as a whole (`zeroed` false); at least one of `count`. Other pages go when there are none. `ENOMEM`.
    private func takeFrames(_ count: Int, zeroed: Bool, _ pager: ObjectPager) throws(Errno) -> [FrameRange] {
        func take(_ count: Int) throws(Errno) -> [FrameRange] {
            zeroed ? try physicalMemory.allocate(frames: count) : try physicalMemory.allocateForCopy(frames: count)
        }
        do throws(Errno) { return try take(count) } catch {
            guard error == .ENOMEM, pager.giveBackMemory() || count > 1 else { throw error }
            return try take(1)
        }
    }

    /// Brings a page into memory that is away, and those behind it when somebody reads on or wants `wanted` pages anyway. `EIO`, `ENOMEM`.
    func load(_ page: UInt64, wanted: Int) throws(Errno) {
        guard let pager else { return }
        try prepare()
        while true {
            let plan: (count: Int, departures: UInt64)? = lock.withLock {
                guard isAway(page, pager), let run = pager.kept.next(from: page) else { return nil }
                let limit = page == pager.expected ? Self.readAhead : max(1, min(Self.readAhead, wanted))
                let count = min(extents.gap(at: page, limit: limit), Int(clamping: run.upperBound &- page))
                return (count, pager.departures)
            }
            guard let plan else { return }
            let frames = try takeFrames(plan.count, zeroed: false, pager)
            do throws(Errno) { try read(page, into: frames, pager) } catch {
                for range in frames { physicalMemory.free(range) }
                throw error
            }
            if enter(frames, at: page, departures: plan.departures, pager) { break }
        }
        try pager.settle(mayCommit: false)
    }

    private func read(_ page: UInt64, into frames: [FrameRange], _ pager: ObjectPager) throws(Errno) {
        var position = page
        for range in frames {
            guard let base = physicalMemory.hostAddress(of: range.start) else { throw .EIO }
            try pager.read(position, into: UnsafeMutableRawBufferPointer(start: base, count: range.count &* 4096))
            position &+= UInt64(range.count)
        }
    }

    /// Makes pages that were read the object's, those that nobody else has brought meanwhile; false when they may not be the latest. Frees what is not needed.
    private func enter(_ frames: [FrameRange], at page: UInt64, departures: UInt64, _ pager: ObjectPager) -> Bool {
        var unused = FrameRuns()
        let isLatest = lock.withLock {
            guard pager.departures == departures else {
                for range in frames { unused.append(range) }
                return false
            }
            var position = page
            var entered = 0
            for range in frames {
                for index in 0..<range.count {
                    if isAway(position, pager) {
                        extents.insert(position, range.slice(index, 1))
                        entered &+= 1
                    } else {
                        unused.append(range.slice(index, 1))
                    }
                    position &+= 1
                }
            }
            pager.expected = position
            pager.residentChanged(self, by: entered)
            return true
        }
        for range in unused.runs { physicalMemory.free(range) }
        return isLatest
    }

    /// Makes a page be in memory, and dirty if it is to be written, for a mapping. `mayCommit`: the caller holds no lock. `EFAULT` behind the end, `ENOSPC`,
    /// `EIO`, `ENOMEM`.
    func bring(_ page: UInt64, write: Bool, mayCommit: Bool) throws(Errno) {
        guard let pager else { return }
        try prepare()
        if write { try pager.makeRoom(1, mayCommit: mayCommit) }
        defer { if write { pager.roomIsUsed(1) } }
        while true {
            try load(page, wanted: 1)
            let isThere = try lock.withLock { () throws(Errno) -> Bool in
                guard page < Self.pageCount(currentSize) else { throw .EFAULT }
                if extents.run(at: page, limit: 1) == nil { return false }
                if write { markDirty(page..<page &+ 1, pager) }
                return true
            }
            if isThere { break }
            try fillHole(page, pager)
        }
        try pager.settle(mayCommit: mayCommit)
    }

    /// A page without content gets a frame of zeros.
    private func fillHole(_ page: UInt64, _ pager: ObjectPager) throws(Errno) {
        let frames = try takeFrames(1, zeroed: true, pager)
        let isTaken = lock.withLock {
            guard !pager.kept.contains(page), extents.run(at: page, limit: 1) == nil, let frame = frames.first else { return false }
            extents.insert(page, frame)
            pager.residentChanged(self, by: 1)
            return true
        }
        if !isTaken { for range in frames { physicalMemory.free(range) } }
    }

    /// Gives pages frames of zeros that have none. Lock held.
    func ensureResident(_ pages: Range<UInt64>, _ pager: ObjectPager) throws(Errno) {
        let before = try residentCount(pages)
        if before == Int(clamping: pages.upperBound &- pages.lowerBound) { return }
        var failure: Errno?
        var page = pages.lowerBound
        while page < pages.upperBound, failure == nil {
            do throws(Errno) {
                page &+= UInt64(try ensureLocked(page, limit: Int(clamping: pages.upperBound &- page)).count)
            } catch { failure = error }
        }
        pager.residentChanged(self, by: try residentCount(pages) &- before)
        if let failure { throw failure }
    }

    // MARK: Size and space

    func truncatePaged(to length: Int64) throws(Errno) {
        guard let pager else { return }
        try prepare()
        let firstGone = Self.pageCount(length)
        var gone: (frames: [FrameRange], spaces: [AddressSpace]) = ([], [])
        while true {
            if length & 4095 != 0, length < size { try load(UInt64(length) / 4096, wanted: 1) }
            let isDone = try lock.withLock { () throws(Errno) -> Bool in
                let shrinks = length < currentSize
                if shrinks, length & 4095 != 0 {
                    if isAway(UInt64(length) / 4096, pager) { return false }
                    try clear(length, min(Int64(firstGone) &* 4096, .max), pager)
                }
                currentSize = length
                if shrinks {
                    forgetPages(firstGone, UInt64.max &- firstGone)
                    gone = (extents.remove(firstGone, count: UInt64.max &- firstGone), Array(mappers.values))
                }
                return true
            }
            if isDone { break }
        }
        free(gone.frames, of: firstGone, count: UInt64.max &- firstGone, mappedBy: gone.spaces)
    }

    func zeroPaged(_ start: Int64, _ end: Int64) throws(Errno) {
        guard let pager else { return }
        try prepare()
        while true {
            try load(UInt64(start) / 4096, wanted: 1)
            let isDone = try lock.withLock { () throws(Errno) -> Bool in
                if isAway(UInt64(start) / 4096, pager) { return false }
                try clear(start, end, pager)
                return true
            }
            if isDone { return }
        }
    }

    /// Zeroes bytes inside one page that is in memory, if it has content. Lock held.
    private func clear(_ start: Int64, _ end: Int64, _ pager: ObjectPager) throws(Errno) {
        let page = UInt64(start) / 4096
        guard pager.kept.contains(page), let frame = extents.run(at: page, limit: 1) else { return }
        guard let base = physicalMemory.hostAddress(of: frame.start) else { throw .EIO }
        markDirty(page..<page &+ 1, pager)
        (base + Int(start & 4095)).initializeMemory(as: UInt8.self, repeating: 0, count: min(4096 &- Int(start & 4095), Int(end &- start)))
    }

    /// fallocate: pages without content get zeros, which will be written. `ENOMEM`.
    func reservePaged(_ first: UInt64, _ last: UInt64) throws(Errno) {
        guard let pager else { return }
        try prepare()
        try lock.withLock { () throws(Errno) in
            var page = first
            while page < last {
                let next = pager.kept.next(from: page)
                if let next, next.lowerBound == page {
                    page = next.upperBound
                    continue
                }
                let hole = page..<min(last, next?.lowerBound ?? last)
                try ensureResident(hole, pager)
                markDirty(hole, pager)
                page = hole.upperBound
            }
        }
    }
}
