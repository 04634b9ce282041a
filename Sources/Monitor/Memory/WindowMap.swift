import LibraryOS

/// Which parts of the window span hold what kind of host mapping. Not locked.
struct WindowMap {
    /// How the host mapping treats writes.
    enum Kind {
        /// MAP_SHARED: the content is the file's; dropping host entries loses nothing.
        case shared
        /// MAP_PRIVATE: the host copies on write; dropping host entries loses the copies.
        case privateCopy
    }
    private struct Window {
        var start: UInt64
        var count: UInt64
        var kind: Kind
    }
    /// Sorted by start.
    private var entries: [Window] = []

    /// How many host mappings there are.
    var count: Int { entries.count }

    private func position(_ start: UInt64) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].start + entries[middle].count <= start { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insert(_ range: FrameRange, _ kind: Kind) {
        entries.insert(Window(start: range.start.value, count: UInt64(range.count), kind: kind), at: position(range.start.value))
    }

    /// Removes a range that lies within one window; what is left of it at either side stays.
    mutating func remove(_ range: FrameRange) {
        let index = position(range.start.value)
        guard index < entries.count else { return }
        let window = entries[index]
        let start = range.start.value
        let end = start + UInt64(range.count)
        var kept: [Window] = []
        if window.start < start { kept.append(Window(start: window.start, count: start - window.start, kind: window.kind)) }
        if window.start + window.count > end { kept.append(Window(start: end, count: window.start + window.count - end, kind: window.kind)) }
        entries.replaceSubrange(index...index, with: kept)
    }

    func kind(at frame: FrameNumber) -> Kind {
        let index = position(frame.value)
        return index < entries.count && entries[index].start <= frame.value ? entries[index].kind : .shared
    }
}
