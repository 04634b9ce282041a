/// A run of pages with one protection and one backing (the kernel's `vm_area_struct`).
struct VirtualMemoryArea {
    /// Properties beside the protection.
    struct Flags: OptionSet {
        let rawValue: UInt16
        /// MAP_GROWSDOWN, and the initial stack.
        static let growsDown = Flags(rawValue: 1)
        /// The area `brk` moves the end of.
        static let heap = Flags(rawValue: 2)
        /// The initial stack.
        static let stack = Flags(rawValue: 4)
        /// MADV_DONTFORK.
        static let dontFork = Flags(rawValue: 8)
        /// MADV_WIPEONFORK.
        static let wipeOnFork = Flags(rawValue: 16)
        /// mlock(2).
        static let locked = Flags(rawValue: 32)
        /// MADV_DONTDUMP.
        static let dontDump = Flags(rawValue: 64)
        /// The vDSO and its data: mremap and mprotect leave it alone.
        static let special = Flags(rawValue: 128)
        /// A shared mapping of a file that was opened read-only: PROT_WRITE cannot be added.
        static let noWrite = Flags(rawValue: 256)
    }
    var start: UInt64
    var end: UInt64
    var protection: PageProtection
    var flags: Flags
    let backing: MemoryBacking
    /// The page of the backing that `start` shows.
    var backingPage: UInt64

    var pages: UInt64 { (end &- start) / 4096 }
    /// Private, can be written, and not a stack: what RLIMIT_DATA is about.
    var isData: Bool { protection.contains(.write) && !backing.isShared && flags.isDisjoint(with: [.growsDown, .stack]) }
    /// The backing's page behind an address of the area.
    func backingPage(of address: UInt64) -> UInt64 { backingPage &+ (address &- start) / 4096 }
    /// Where a page of the backing lies.
    func address(of page: UInt64) -> UInt64 { start &+ (page &- backingPage) &* 4096 }
    /// The part between two page-aligned addresses inside the area.
    func part(_ from: UInt64, _ to: UInt64) -> VirtualMemoryArea {
        var result = self
        result.backingPage = backingPage(of: from)
        result.start = from
        result.end = to
        return result
    }
    /// Whether `next` continues this area so that both can be one.
    func continues(into next: VirtualMemoryArea) -> Bool {
        end == next.start && protection == next.protection && flags == next.flags && backing === next.backing && backingPage &+ pages == next.backingPage
    }
}

/// The areas of an address space, sorted, never overlapping. Not locked.
struct VirtualMemoryAreas {
    private(set) var areas: [VirtualMemoryArea] = []
    /// Bytes in all areas.
    private(set) var totalSize: UInt64 = 0
    /// What the last search for room has found out: above `address`, up to `ceiling`, no gap has `length` bytes. A program that maps the same size again
    /// and again (thread stacks) would otherwise be searched from the top each time.
    private var searched: (ceiling: UInt64, length: UInt64, address: UInt64)?

    /// The index of the first area that ends behind `address`.
    func position(_ address: UInt64) -> Int {
        var low = 0
        var high = areas.count
        while low < high {
            let middle = (low &+ high) / 2
            if areas[middle].end <= address { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    func area(at address: UInt64) -> VirtualMemoryArea? {
        let index = position(address)
        return index < areas.count && areas[index].start <= address ? areas[index] : nil
    }

    /// Adds an area where there is none; joins it to its neighbours when they continue each other.
    mutating func insert(_ area: VirtualMemoryArea) {
        var index = position(area.start)
        totalSize &+= area.end &- area.start
        var joined = area
        if index > 0, areas[index &- 1].continues(into: joined) {
            joined = areas[index &- 1].part(areas[index &- 1].start, areas[index &- 1].end)
            joined.end = area.end
            areas.remove(at: index &- 1)
            index &-= 1
        }
        if index < areas.count, joined.continues(into: areas[index]) {
            joined.end = areas[index].end
            areas.remove(at: index)
        }
        areas.insert(joined, at: index)
    }

    /// Takes everything in a range out, cutting areas at its edges, and returns it.
    mutating func remove(_ start: UInt64, _ end: UInt64) -> [VirtualMemoryArea] {
        let first = position(start)
        var index = first
        var removed: [VirtualMemoryArea] = []
        var kept: [VirtualMemoryArea] = []
        while index < areas.count, areas[index].start < end {
            let area = areas[index]
            let from = max(area.start, start)
            let to = min(area.end, end)
            removed.append(area.part(from, to))
            if area.start < from { kept.append(area.part(area.start, from)) }
            if to < area.end { kept.append(area.part(to, area.end)) }
            totalSize &-= to &- from
            index &+= 1
        }
        areas.replaceSubrange(first..<index, with: kept)
        if let known = searched, end >= known.address, !removed.isEmpty { searched = nil }
        return removed
    }

    /// Puts areas that differ only in protection or flags in the place of those in a range, which they cover exactly; joins what continues.
    mutating func replace(_ start: UInt64, _ end: UInt64, with changed: [VirtualMemoryArea]) {
        // No gap comes of it.
        let known = searched
        _ = remove(start, end)
        searched = known
        let index = position(start)
        var first = index
        var last = index
        var joined: [VirtualMemoryArea] = []
        var candidates = changed
        if index > 0 {
            first = index &- 1
            candidates.insert(areas[first], at: 0)
        }
        if index < areas.count {
            last = index &+ 1
            candidates.append(areas[index])
        }
        for area in candidates {
            if let previous = joined.last, previous.continues(into: area) {
                joined[joined.count &- 1].end = area.end
            } else {
                joined.append(area)
            }
        }
        for area in changed { totalSize &+= area.end &- area.start }
        areas.replaceSubrange(first..<last, with: joined)
    }

    /// The areas in a range, cut at its edges.
    func slices(_ start: UInt64, _ end: UInt64) -> [VirtualMemoryArea] {
        var index = position(start)
        var result: [VirtualMemoryArea] = []
        while index < areas.count, areas[index].start < end {
            result.append(areas[index].part(max(areas[index].start, start), min(areas[index].end, end)))
            index &+= 1
        }
        return result
    }

    /// Whether every page of a range belongs to some area.
    func covers(_ start: UInt64, _ end: UInt64) -> Bool {
        var position = start
        for slice in slices(start, end) {
            if slice.start != position { return false }
            position = slice.end
        }
        return position >= end
    }

    /// The highest gap of `length` bytes that ends at or below `ceiling` and begins at or above `floor`, aligned.
    mutating func gap(length: UInt64, below ceiling: UInt64, above floor: UInt64, alignment: UInt64) -> UInt64? {
        if let known = searched, known.ceiling == ceiling, known.length <= length {
            if let found = gap(length: length, from: known.address, ceiling, above: floor, alignment: alignment) { return found }
            // What was passed over then, for its alignment, may do now.
            searched = nil
        }
        return gap(length: length, from: ceiling, ceiling, above: floor, alignment: alignment)
    }

    private mutating func gap(length: UInt64, from top: UInt64, _ ceiling: UInt64, above floor: UInt64, alignment: UInt64) -> UInt64? {
        var limit = top
        var index = position(limit)
        if index < areas.count, areas[index].start < limit { limit = areas[index].start }
        while true {
            let lower = index > 0 ? areas[index &- 1].end : 0
            if limit > lower, limit &- lower >= length {
                let candidate = (limit &- length) / alignment &* alignment
                if candidate >= lower, candidate >= floor {
                    searched = (ceiling, length, limit)
                    return candidate
                }
            }
            guard index > 0, lower > floor else { return nil }
            index &-= 1
            limit = areas[index].start
        }
    }
}
