/// Which frames hold which pages of an object: sorted runs by page. Not locked.
package struct ExtentMap {
    package struct Extent {
        package var page: UInt64
        package var frames: FrameRange
        package var end: UInt64 { page &+ UInt64(frames.count) }
    }
    package private(set) var extents: [Extent] = []

    package init() {}

    /// The index of the first run that ends behind `page`.
    private func position(_ page: UInt64) -> Int {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = (low &+ high) / 2
            if extents[middle].end <= page { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The frames from `page` on, at most `limit` of them, consecutive; nil when the page has no frame.
    package func run(at page: UInt64, limit: Int) -> FrameRange? {
        let index = position(page)
        guard index < extents.count, extents[index].page <= page else { return nil }
        let offset = Int(page &- extents[index].page)
        return extents[index].frames.slice(offset, min(limit, extents[index].frames.count &- offset))
    }

    /// How many pages from `page` on have no frame, at most `limit`.
    package func gap(at page: UInt64, limit: Int) -> Int {
        let index = position(page)
        guard index < extents.count else { return limit }
        if extents[index].page <= page { return 0 }
        let distance = extents[index].page &- page
        return distance > UInt64(limit) ? limit : Int(distance)
    }

    /// Adds frames for pages that have none.
    package mutating func insert(_ page: UInt64, _ frames: FrameRange) {
        let index = position(page)
        if index > 0, extents[index &- 1].end == page,
            extents[index &- 1].frames.start.value &+ UInt64(extents[index &- 1].frames.count) == frames.start.value
        {
            let previous = extents[index &- 1].frames
            extents[index &- 1].frames = FrameRange(start: previous.start, count: previous.count &+ frames.count)
            return
        }
        extents.insert(Extent(page: page, frames: frames), at: index)
    }

    /// Takes the frames of a range of pages out and returns them.
    package mutating func remove(_ page: UInt64, count: UInt64) -> [FrameRange] {
        let end = page &+ count < page ? UInt64.max : page &+ count
        var removed: [FrameRange] = []
        var index = position(page)
        let first = index
        var kept: [Extent] = []
        while index < extents.count, extents[index].page < end {
            let extent = extents[index]
            let from = max(extent.page, page)
            let to = min(extent.end, end)
            removed.append(extent.frames.slice(Int(from &- extent.page), Int(to &- from)))
            if extent.page < from { kept.append(Extent(page: extent.page, frames: extent.frames.slice(0, Int(from &- extent.page)))) }
            if to < extent.end {
                kept.append(Extent(page: to, frames: extent.frames.slice(Int(to &- extent.page), Int(extent.end &- to))))
            }
            index &+= 1
        }
        extents.replaceSubrange(first..<index, with: kept)
        return removed
    }

    /// Calls `body` for each run inside a range of pages.
    package func forEach(_ page: UInt64, count: UInt64, _ body: (UInt64, FrameRange) throws(Errno) -> Void) throws(Errno) {
        let end = page &+ count < page ? UInt64.max : page &+ count
        var index = position(page)
        while index < extents.count, extents[index].page < end {
            let extent = extents[index]
            let from = max(extent.page, page)
            let to = min(extent.end, end)
            try body(from, extent.frames.slice(Int(from &- extent.page), Int(to &- from)))
            index &+= 1
        }
    }

    /// How many pages have frames.
    package var pageCount: Int { extents.reduce(0) { $0 &+ $1.frames.count } }
}
