/// How dirty pages of an object with a pager are written back, and how clean ones leave memory.
extension MemoryObject {
    /// What a commit makes durable of an object.
    struct Changes {
        /// Pages to be written.
        var pages: [Range<UInt64>] = []
        /// Pages to be removed before.
        var removed: [Range<UInt64>] = []
        /// How many pages are to be written.
        var count = 0
    }

    /// Takes what has changed: the pages are clean from now on, unless they are written again, and stay in memory until `changesAreKept` or `changesAreLost`.
    func takeChanges() -> Changes {
        guard let pager else { return Changes() }
        return lock.withLock {
            let changes = Changes(pages: pager.dirty.ranges, removed: pager.removed.ranges, count: Int(clamping: pager.dirty.count))
            for range in changes.pages { pager.flying.insert(range) }
            pager.dirty = PageSet()
            pager.removed = PageSet()
            return changes
        }
    }

    /// Takes the right to write to pages that are about to be written back from all mappings. Pages that host calls store into right now stay dirty.
    func protect(_ pages: [Range<UInt64>]) {
        let spaces = lock.withLock { Array(mappers.values) }
        if spaces.isEmpty || pages.isEmpty { return }
        var inUse: [Range<UInt64>] = []
        for space in spaces { inUse.append(contentsOf: space.protectPages(of: self, pages)) }
        lock.withLock {
            for range in pages {
                // The body cannot throw.
                try? extents.forEach(range.lowerBound, count: range.upperBound &- range.lowerBound) { _, frames in physicalMemory.zap(frames) }
            }
            guard let pager else { return }
            for range in inUse {
                for part in pager.kept.overlap(range) {
                    let added = pager.dirty.insert(part)
                    if added > 0 { pager.dirtyChanged(self, by: Int(clamping: added)) }
                }
            }
        }
    }

    /// Copies as many pages as are in memory and fit the buffer, from `page` on; zeros behind the end of the file. Returns how many.
    func copyPages(from page: UInt64, to buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try lock.withLock { () throws(Errno) -> Int in
            guard let target = buffer.baseAddress else { return 0 }
            var count = 0
            while count &* 4096 &+ 4096 <= buffer.count, let frame = extents.run(at: page &+ UInt64(count), limit: 1),
                let base = physicalMemory.hostAddress(of: frame.start)
            {
                try physicalMemory.copy(from: base, to: target + count &* 4096, count: 4096)
                count &+= 1
            }
            let end = min(Int64(count &* 4096), max(0, currentSize &- Int64(clamping: page &* 4096)))
            if end < Int64(count &* 4096) { (target + Int(end)).initializeMemory(as: UInt8.self, repeating: 0, count: count &* 4096 &- Int(end)) }
            return count
        }
    }

    /// What was taken is durable.
    func changesAreKept(_ changes: Changes) {
        guard let pager else { return }
        lock.withLock { for range in changes.pages { pager.flying.remove(range) } }
    }

    /// What was taken could not be made durable: it has changed as before.
    func changesAreLost(_ changes: Changes) {
        guard let pager else { return }
        lock.withLock {
            for range in changes.pages {
                for part in pager.flying.overlap(range) {
                    let added = pager.dirty.insert(part)
                    if added > 0 { pager.dirtyChanged(self, by: Int(clamping: added)) }
                }
                pager.flying.remove(range)
            }
            if changes.removed.isEmpty { return }
            for range in changes.removed { pager.removed.insert(range) }
            pager.removedChanged(self)
        }
    }

    /// Pages right before the place where somebody reads on are left alone.
    private static let nearby: UInt64 = 32

    /// Drops at most `limit` pages from memory that are the same outside; returns how many. `sparing`: not those right before the place where somebody reads on.
    func dropClean(limit: Int, sparing: Bool = true) -> Int {
        guard let pager else { return 0 }
        var frames: [FrameRange] = []
        var pages: [Range<UInt64>] = []
        let spaces: [AddressSpace] = lock.withLock {
            pages = cleanPages(limit, pager, sparing: sparing)
            for range in pages { frames.append(contentsOf: extents.remove(range.lowerBound, count: range.upperBound &- range.lowerBound)) }
            if pages.isEmpty { return [] }
            pager.departures &+= 1
            pager.residentChanged(self, by: -frames.reduce(0) { $0 &+ $1.count })
            return Array(mappers.values)
        }
        for space in spaces { space.withdrawPages(of: self, pages, frames) }
        for range in frames { for free in physicalMemory.shares.remove(range) { physicalMemory.free(free) } }
        return frames.reduce(0) { $0 &+ $1.count }
    }

    /// Pages in memory that are neither dirty nor being written, at most `limit`. Lock held.
    private func cleanPages(_ limit: Int, _ pager: ObjectPager, sparing: Bool) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var left = limit
        let near = pager.expected == .max || !sparing ? pager.expected : pager.expected &- min(pager.expected, Self.nearby)
        for extent in extents.extents {
            var page = extent.page
            while page < extent.end, left > 0 {
                let busy = [pager.dirty.next(from: page), pager.flying.next(from: page), near..<pager.expected].compactMap { $0 }
                    .filter { $0.upperBound > page }.min { $0.lowerBound < $1.lowerBound }
                if let busy, busy.lowerBound <= page {
                    page = busy.upperBound
                    continue
                }
                let end = min(extent.end, busy?.lowerBound ?? .max, page &+ UInt64(left))
                result.append(page..<end)
                left &-= Int(end &- page)
                page = end
            }
            if left <= 0 { break }
        }
        return result
    }
}
