/// Hands out runs of frame numbers from a fixed span, first fit, coalescing what comes back. Not locked.
struct ExtentAllocator {
    private struct Extent {
        var start: UInt64
        var count: UInt64
        var end: UInt64 { start + count }
    }
    /// Free runs, sorted, never adjacent.
    private var free: [Extent]
    /// Frames handed out now.
    private(set) var allocated: UInt64 = 0

    init(start: UInt64, count: UInt64) { free = [Extent(start: start, count: count)] }

    /// A run of exactly `count` frames starting at a multiple of `alignment`; nil when there is none.
    mutating func allocate(count: UInt64, alignment: UInt64 = 1) -> UInt64? {
        for index in free.indices where free[index].count >= count {
            let extent = free[index]
            let aligned = (extent.start + alignment - 1) / alignment * alignment
            guard aligned + count <= extent.end else { continue }
            let before = Extent(start: extent.start, count: aligned - extent.start)
            let after = Extent(start: aligned + count, count: extent.end - aligned - count)
            switch (before.count > 0, after.count > 0) {
            case (false, false): free.remove(at: index)
            case (true, false): free[index] = before
            case (false, true): free[index] = after
            case (true, true):
                free[index] = before
                free.insert(after, at: index + 1)
            }
            allocated += count
            return aligned
        }
        return nil
    }

    /// Runs that add up to `count` frames, from the lowest free ones on; nil when there is not enough in all (nothing is taken then).
    mutating func allocatePieces(count: UInt64) -> [(start: UInt64, count: UInt64)]? {
        if let whole = allocate(count: count) { return [(whole, count)] }
        var pieces: [(start: UInt64, count: UInt64)] = []
        var left = count
        var used = 0
        while left > 0 {
            guard used < free.count else { return nil }
            let take = min(free[used].count, left)
            pieces.append((free[used].start, take))
            left -= take
            if take == free[used].count { used += 1 } else { break }
        }
        if let last = pieces.last, used < free.count, free[used].start == last.start {
            free[used].start += last.count
            free[used].count -= last.count
        }
        free.removeSubrange(..<used)
        allocated += count
        return pieces
    }

    /// Takes a run back.
    mutating func release(start: UInt64, count: UInt64) {
        var low = 0
        var high = free.count
        while low < high {
            let middle = (low + high) / 2
            if free[middle].start < start { low = middle + 1 } else { high = middle }
        }
        allocated -= count
        var run = Extent(start: start, count: count)
        if low < free.count, run.end == free[low].start {
            run.count += free[low].count
            free.remove(at: low)
        }
        if low > 0, free[low - 1].end == run.start {
            free[low - 1].count += run.count
        } else {
            free.insert(run, at: low)
        }
    }
}
