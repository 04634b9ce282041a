import LibraryOS

internal import Glibc

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
        /// Pages that are still in use.
        var live: UInt64
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
        entries.insert(Window(start: range.start.value, count: UInt64(range.count), kind: kind, live: UInt64(range.count)), at: position(range.start.value))
    }

    /// Pages are not in use any more; returns the windows of which no page is. A part of a window keeps its place: giving it back would cost a host mapping
    /// for every hole.
    mutating func release(_ range: FrameRange) -> [FrameRange] {
        var index = position(range.start.value)
        let end = range.start.value + UInt64(range.count)
        var empty: [FrameRange] = []
        while index < entries.count, entries[index].start < end {
            let window = entries[index]
            let from = max(window.start, range.start.value)
            let to = min(window.start + window.count, end)
            entries[index].live -= min(entries[index].live, to - from)
            if entries[index].live == 0 { empty.append(FrameRange(start: FrameNumber(window.start), count: Int(window.count))) }
            index += 1
        }
        return empty
    }

    /// Removes a whole window.
    mutating func remove(_ window: FrameRange) {
        let index = position(window.start.value)
        if index < entries.count, entries[index].start == window.start.value { entries.remove(at: index) }
    }

    /// A run divided into parts of one kind.
    func parts(of range: FrameRange) -> [(frames: FrameRange, kind: Kind)] {
        var result: [(frames: FrameRange, kind: Kind)] = []
        var index = position(range.start.value)
        let end = range.start.value + UInt64(range.count)
        while index < entries.count, entries[index].start < end {
            let from = max(entries[index].start, range.start.value)
            let count = Int(min(entries[index].start + entries[index].count, end) - from)
            if let last = result.last, last.kind == entries[index].kind, last.frames.start.value + UInt64(last.frames.count) == from {
                result[result.count - 1].frames = FrameRange(start: last.frames.start, count: last.frames.count + count)
            } else {
                result.append((FrameRange(start: FrameNumber(from), count: count), entries[index].kind))
            }
            index += 1
        }
        return result
    }

    /// How many windows there may be: half of vm.max_map_count less a reserve for the monitor itself.
    static func budget() -> Int {
        var text = [UInt8](repeating: 0, count: 32)
        let file = Glibc.open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        let count = file >= 0 ? Glibc.read(file, &text, text.count) : 0
        let value = text.prefix(max(0, count)).reduce(0) { $1 >= 48 && $1 <= 57 ? $0 * 10 + Int($1 - 48) : $0 }
        let most = value == 0 ? 65530 : value
        // A window may leave a gap at either side, which is a mapping too; threads, libraries and a zap that splits a window need some.
        return max(64, (most - min(10000, most / 2)) / 2)
    }
}
