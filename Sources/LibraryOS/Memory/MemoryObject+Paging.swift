/// Objects whose content is kept by a pager. Pages come into memory when they are looked at and leave it when others need the room; pages that are written are
/// dirty until the pager has written them back.
///
/// Bytes are copied under the object's lock, piece by piece through a buffer: nobody can drop or write back a page in the middle of it. The pager is called
/// without the lock.
extension MemoryObject {
    /// The most bytes that are copied at a time.
    private static let piece = 1 << 16
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
    private func isAway(_ page: UInt64, _ pager: ObjectPager) -> Bool { pager.kept.contains(page) && extents.run(at: page, limit: 1) == nil }

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
    private func markDirty(_ pages: Range<UInt64>, _ pager: ObjectPager) {
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

    // MARK: Reading and writing

    func readPaged(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        try prepare()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(buffers.remaining, Self.piece)), alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        do throws(Errno) {
            while buffers.remaining > 0 {
                let position = offset &+ Int64(done)
                let wanted = min(buffers.remaining, buffer.count)
                let count = try copy(to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), from: position, ahead: buffers.remaining)
                if count == 0 { break }
                let moved = try buffers.copyOut(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done &+= moved
                if moved < count { break }
            }
        } catch {
            if done == 0 { throw error }
        }
        return done
    }

    /// Copies bytes from `position` on; fewer at the end, or where a page has to be brought in next. `ahead`: how many bytes will be asked for in all.
    private func copy(to buffer: UnsafeMutableRawBufferPointer, from position: Int64, ahead: Int) throws(Errno) -> Int {
        guard let pager else { return 0 }
        while true {
            var missing: UInt64?
            let count = try lock.withLock { () throws(Errno) -> Int in
                pager.used()
                let wanted = min(Int64(buffer.count), currentSize &- position)
                var done = 0
                while Int64(done) < wanted {
                    let at = UInt64(position &+ Int64(done))
                    let step = min(4096 &- Int(at & 4095), Int(wanted) &- done)
                    guard let target = buffer.baseAddress.map({ $0 + done }) else { break }
                    if let frame = extents.run(at: at / 4096, limit: 1), let base = physicalMemory.hostAddress(of: frame.start) {
                        try physicalMemory.copy(from: base + Int(at & 4095), to: target, count: step)
                    } else if pager.kept.contains(at / 4096) {
                        missing = at / 4096
                        break
                    } else {
                        target.initializeMemory(as: UInt8.self, repeating: 0, count: step)
                    }
                    done &+= step
                }
                return done
            }
            guard count == 0, let missing else { return count }
            try load(missing, wanted: (ahead &+ Int(position & 4095) &+ 4095) / 4096)
        }
    }

    func writePaged(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        try prepare()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(buffers.remaining, Self.piece)), alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        do throws(Errno) {
            while buffers.remaining > 0 {
                let position = offset &+ Int64(done)
                let wanted = min(buffers.remaining, buffer.count, Self.piece &- Int(position & 4095))
                let count = try buffers.copyIn(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
                if count > 0 { try put(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position) }
                done &+= count
                if count < wanted { break }
            }
        } catch {
            if done == 0 { throw error }
        }
        return done
    }

    /// Writes a piece of at most 64 KiB, for which the pager has made room. `grows` false: `EFAULT` behind the end.
    func put(_ bytes: UnsafeRawBufferPointer, at position: Int64, grows: Bool = true) throws(Errno) {
        guard let pager, let source = bytes.baseAddress, !bytes.isEmpty else { return }
        let (end, overflow) = position.addingReportingOverflow(Int64(bytes.count))
        if position < 0 || overflow { throw .EFBIG }
        let pages = UInt64(position) / 4096..<(UInt64(end &- 1) / 4096 &+ 1)
        var retries = 2
        while true {
            // Pages that are not written as a whole have to be there before.
            if position & 4095 != 0 || pages.lowerBound &+ 1 == pages.upperBound && end & 4095 != 0 { try load(pages.lowerBound, wanted: 1) }
            if end & 4095 != 0 { try load(pages.upperBound &- 1, wanted: 1) }
            do throws(Errno) {
                let isDone = try lock.withLock { () throws(Errno) -> Bool in
                    if !grows, end > currentSize { throw .EFAULT }
                    if position & 4095 != 0, isAway(pages.lowerBound, pager) { return false }
                    if end & 4095 != 0, isAway(pages.upperBound &- 1, pager) { return false }
                    try fill(pages, from: source, bytes.count, at: position, pager)
                    currentSize = max(currentSize, end)
                    return true
                }
                if isDone { break }
            } catch {
                retries &-= 1
                guard error == .ENOMEM, retries > 0, pager.giveBackMemory() else { throw error }
            }
        }
        try pager.settle(mayCommit: false)
    }

    /// Writes without growing: `EFAULT` behind the end. Without locks.
    func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
        guard let pager else { return }
        try prepare()
        var done = 0
        while done < bytes.count {
            let position = offset &+ Int64(done)
            let count = min(bytes.count &- done, Self.piece &- Int(position & 4095))
            let pages = Self.piece / 4096
            try pager.makeRoom(pages, mayCommit: true)
            defer { pager.roomIsUsed(pages) }
            var failure: Errno?
            bytes[done..<done &+ count].withUnsafeBytes { content in
                do throws(Errno) { try put(content, at: position, grows: false) } catch { failure = error }
            }
            if let failure { throw failure }
            done &+= count
        }
    }

    /// Copies to pages that get frames if they have none, and are dirty from now on. Lock held.
    private func fill(
        _ pages: Range<UInt64>, from source: UnsafeRawPointer, _ count: Int, at position: Int64, _ pager: ObjectPager
    ) throws(Errno) {
        try ensureResident(pages, pager)
        markDirty(pages, pager)
        var done = 0
        while done < count {
            let at = UInt64(position) &+ UInt64(done)
            let step = min(4096 &- Int(at & 4095), count &- done)
            guard let frame = extents.run(at: at / 4096, limit: 1), let base = physicalMemory.hostAddress(of: frame.start) else { throw .EIO }
            try physicalMemory.copy(from: source + done, to: base + Int(at & 4095), count: step)
            done &+= step
        }
    }

    /// Gives pages frames of zeros that have none. Lock held.
    private func ensureResident(_ pages: Range<UInt64>, _ pager: ObjectPager) throws(Errno) {
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
