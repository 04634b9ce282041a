extension AddressSpace {
    /// Private pages with content up to which a child gets copies of all: writing to a shared page costs more than a copy ahead of it.
    static let outrightLimit = 256

    /// The memory of a child process (fork(2)): the same areas, shared memory shared, private memory as it is now.
    ///
    /// A small process is copied outright. Of a large one only what is written next is: the pages at `usedNow` (stack pointers, thread-local storage), pages that
    /// were written soon after an earlier fork, and what host calls store into. Parent and child own the other frames together, neither with the right to write,
    /// until one of them writes. What other threads of the process write meanwhile may be in the child's memory or not, page by page. `ENOMEM` when the copies
    /// do not fit the memory limit.
    package func fork(usedNow: [GuestAddress] = []) throws(Errno) -> AddressSpace {
        let child = try AddressSpace(physicalMemory: physicalMemory)
        do throws(Errno) {
            try lock.withLock { () throws(Errno) in try fill(child, usedNow) }
        } catch {
            // Not under the lock of this one, which has the same rank.
            child.release()
            throw error
        }
        return child
    }

    /// Makes an empty address space a copy of this one. Nobody but the caller knows the child yet: its lock is not needed. Own lock held.
    private func fill(_ child: AddressSpace, _ usedNow: [GuestAddress]) throws(Errno) {
        try child.checkAreas(adding: areas.areas.count)
        let copies = contentToCopy()
        let inUse = rangesInUse(usedNow)
        if copies == nil { try writeProtect(except: inUse) }
        try passAreas(to: child, copies, except: inUse)
        child.mappingBase = mappingBase
        child.breakStart = breakStart
        child.breakEnd = breakEnd
        child.stackLimit = stackLimit
        child.imageLayout = imageLayout
        child.programDenial = programDenial
    }

    /// Whether a fork shares or copies the frames of an area: it is private, and the child gets its content.
    private func inheritedFrames(_ area: VirtualMemoryArea) -> ExtentBacking? {
        if area.flags.contains(.dontFork) || area.flags.contains(.wipeOnFork) || area.backing.isShared { return nil }
        return area.backing as? ExtentBacking
    }

    /// A private mapping of a memory object shows frames that the object may give up at any time; what the process has of its own there is always copied.
    private func mayShare(_ area: VirtualMemoryArea) -> Bool { !(area.backing is PrivateObjectBacking) }

    // MARK: Copies of a small process

    /// The pages with content in the writable private areas, for each area; nil when there are so many that they had better be shared.
    private func contentToCopy() -> [[ExtentMap.Extent]]? {
        var left = Self.outrightLimit
        var result: [[ExtentMap.Extent]] = []
        for area in areas.areas {
            var found: [ExtentMap.Extent] = []
            if let backing = inheritedFrames(area), area.protection.contains(.write) || !mayShare(area) {
                backing.forEach(area.backingPage, area.pages) { page, frames in
                    if left < 0 { return }
                    backing.forEachContent(page, frames) { content in
                        found.append(content)
                        left &-= content.frames.count
                        return left >= 0
                    }
                }
            }
            if left < 0 { return nil }
            result.append(found)
        }
        return result
    }

    // MARK: Sharing

    /// Where the process is about to write, or host calls are writing for it.
    private func rangesInUse(_ addresses: [GuestAddress]) -> AddressRanges {
        var ranges = uses.written
        for address in recentCopies.addresses { ranges.append((address, address &+ 4096)) }
        for address in addresses where address < GuestAddress.userEnd && address.value >= 4096 {
            // Calls grow the stack downwards and return upwards; thread-local variables lie below the thread pointer.
            ranges.append((address.value &- 4096, address.value &+ 3 &* 4096))
        }
        return AddressRanges(ranges)
    }

    /// Takes the right to write from all private memory but the ranges: entries first, then what vCPUs know of them.
    private func writeProtect(except inUse: AddressRanges) throws(Errno) {
        var changed = FrameRuns()
        for area in areas.areas where area.protection.contains(.write) && mayShare(area) {
            guard let backing = inheritedFrames(area) else { continue }
            var position = area.backingPage
            let last = area.backingPage &+ area.pages
            while position < last {
                guard let run = backing.run(at: position, limit: Int(last &- position)) else {
                    position &+= UInt64(max(1, backing.gap(at: position, limit: Int(last &- position))))
                    continue
                }
                let start = area.address(of: position)
                try inUse.divide(start, start &+ UInt64(run.count) &* 4096) { (from, to, isInUse) throws(Errno) in
                    if isInUse { return }
                    pageTable.writeProtect(GuestAddress(from), pages: Int((to &- from) / 4096))
                    changed.append(run.slice(Int((from &- start) / 4096), Int((to &- from) / 4096)))
                }
                position &+= UInt64(run.count)
            }
        }
        for frames in changed.sorted { physicalMemory.zap(frames) }
    }

    // MARK: The child's areas

    /// Gives the child its areas with what is behind them.
    private func passAreas(to child: AddressSpace, _ copies: [[ExtentMap.Extent]]?, except inUse: AddressRanges) throws(Errno) {
        // Areas that show one backing here show one backing there.
        var backings: [ObjectIdentifier: MemoryBacking] = [:]
        func twin(of backing: MemoryBacking) -> MemoryBacking {
            if let known = backings[ObjectIdentifier(backing)] { return known }
            let made = backing.forChild()
            backings[ObjectIdentifier(backing)] = made
            return made
        }
        var pool = FramePool(physicalMemory)
        if let copies { try pool.fill(copies.reduce(0) { $0 &+ $1.reduce(0) { $0 &+ $1.frames.count } }) }
        defer { pool.drain() }
        for (index, area) in areas.areas.enumerated() where !area.flags.contains(.dontFork) {
            let copy = VirtualMemoryArea(
                start: area.start, end: area.end, protection: area.protection, flags: area.flags.subtracting(.locked), backing: twin(of: area.backing),
                backingPage: area.backingPage)
            child.areas.insert(copy)
            if let backing = inheritedFrames(area), let target = copy.backing as? ExtentBacking {
                if let copies, area.protection.contains(.write) || !mayShare(area) {
                    for content in copies[index] { try pool.copy(content, from: backing, to: target) }
                } else if mayShare(area) {
                    try share(area, backing, with: target, except: inUse, &pool)
                } else {
                    try copyContent(area.backingPage, count: area.pages, from: backing, to: target, &pool)
                }
            } else if area.backing.isShared, let backing = area.backing as? ExtentBacking, let target = copy.backing as? ExtentBacking {
                backing.forEach(area.backingPage, area.pages) { page, frames in backing.share(page, frames, with: target) }
            }
            try child.enterInherited(copy)
        }
        if let heap { child.heap = twin(of: heap) as? AnonymousBacking }
        // Only now may a truncation look for the child's pages; until now the child had none of an object's.
        for area in child.areas.areas { area.backing.mappedObject?.addMapper(child) }
    }

    /// Makes the child an owner of an area's frames, and gives it copies of what is in use.
    private func share(
        _ area: VirtualMemoryArea, _ backing: ExtentBacking, with target: ExtentBacking, except inUse: AddressRanges, _ pool: inout FramePool
    ) throws(Errno) {
        var parts: [(start: UInt64, end: UInt64, isInUse: Bool)] = []
        try inUse.divide(area.start, area.end) { (from, to, isInUse) throws(Errno) in parts.append((from, to, isInUse)) }
        for part in parts {
            let (page, count) = (area.backingPage(of: part.start), (part.end &- part.start) / 4096)
            if part.isInUse {
                try copyContent(page, count: count, from: backing, to: target, &pool)
            } else {
                backing.forEach(page, count) { page, frames in backing.share(page, frames, with: target) }
            }
        }
    }

    private func copyContent(
        _ page: UInt64, count: UInt64, from backing: ExtentBacking, to target: ExtentBacking, _ pool: inout FramePool
    ) throws(Errno) {
        var found: [ExtentMap.Extent] = []
        backing.forEach(page, count) { page, frames in
            backing.forEachContent(page, frames) { content in
                found.append(content)
                return true
            }
        }
        for content in found {
            try pool.fill(content.frames.count)
            try pool.copy(content, from: backing, to: target)
        }
    }

    /// Enters translations for the pages of a child's area that exist already, unless there are so many that they had better come when they are touched.
    private func enterInherited(_ area: VirtualMemoryArea) throws(Errno) {
        guard !area.protection.isEmpty, area.backing is ExtentBacking || area.backing is FixedBacking else { return }
        var page = area.backingPage
        let last = area.backingPage &+ area.pages
        while page < last {
            let limit = Int(min(last &- page, 1 << 20))
            if let run = area.backing.run(at: page, limit: limit) {
                let count = min(run.count, limit)
                let address = area.address(of: page)
                if count <= 512 || (address / 4096) & 511 == run.start.value & 511 { try enter(area, address, run.slice(0, count)) }
                page &+= UInt64(count)
            } else {
                page &+= UInt64(max(1, area.backing.gap(at: page, limit: limit)))
            }
        }
    }
}

extension ExtentBacking {
    /// So many pages are asked about at a time.
    private static let step = 1024

    /// The parts of a run that a child needs a copy of, until `body` returns false. A file's few pages that lie in memory that is written are among them although
    /// they still show the file: the child will touch them, and a mapping of its own costs more.
    fileprivate func forEachContent(_ page: UInt64, _ frames: FrameRange, _ body: (ExtentMap.Extent) -> Bool) {
        if !(self is AnonymousBacking), frames.count <= 16 {
            _ = body(ExtentMap.Extent(page: page, frames: frames))
            return
        }
        var done = 0
        while done < frames.count {
            let part = frames.slice(done, min(Self.step, frames.count &- done))
            let isOwn = physicalMemory.ownContent(part)
            var index = 0
            while index < part.count {
                var end = index
                while end < part.count, isOwn[end] { end &+= 1 }
                if end > index, !body(ExtentMap.Extent(page: page &+ UInt64(done &+ index), frames: part.slice(index, end &- index))) { return }
                index = max(end, index &+ 1)
            }
            done &+= part.count
        }
    }
}

/// Frames for the copies a child gets, taken all at once so that they lie together.
private struct FramePool {
    private let memory: PhysicalMemory
    private var pieces: [FrameRange] = []

    init(_ memory: PhysicalMemory) { self.memory = memory }

    /// Frames for `count` pages more. `ENOMEM`.
    mutating func fill(_ count: Int) throws(Errno) { pieces.append(contentsOf: try memory.allocateForCopy(frames: count).reversed()) }

    /// Gives a child's backing a copy of pages.
    mutating func copy(_ content: ExtentMap.Extent, from source: ExtentBacking, to target: ExtentBacking) throws(Errno) {
        var done = 0
        while done < content.frames.count {
            guard let piece = pieces.popLast() else { throw .ENOMEM }
            let count = min(piece.count, content.frames.count &- done)
            if count < piece.count { pieces.append(piece.slice(count, piece.count &- count)) }
            copy(content.frames.slice(done, count), to: piece.slice(0, count), at: content.page &+ UInt64(done), target)
            done &+= count
        }
    }

    private func copy(_ source: FrameRange, to frames: FrameRange, at page: UInt64, _ target: ExtentBacking) {
        do throws(Errno) {
            try memory.copyFrames(source, to: frames)
            target.extents.insert(page, frames)
        } catch {
            if source.count == 1 {
                // Behind the present end of a file: the child finds out when it touches the page.
                return memory.free(frames)
            }
            for index in 0..<source.count { copy(source.slice(index, 1), to: frames.slice(index, 1), at: page &+ UInt64(index), target) }
        }
    }

    /// What was not needed goes back.
    mutating func drain() {
        for piece in pieces { memory.free(piece) }
        pieces = []
    }
}
