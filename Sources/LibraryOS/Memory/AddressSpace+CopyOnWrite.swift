extension AddressSpace {
    /// Enters translations for existing pages of an area; those whose frames others own, too, without the right to write. Lock held.
    func enter(_ area: VirtualMemoryArea, _ address: UInt64, _ frames: FrameRange) throws(Errno) {
        guard area.protection.contains(.write) else { return try pageTable.map(GuestAddress(address), to: frames, area.protection) }
        var done = 0
        while done < frames.count {
            let (isWritable, count) = area.backing.leading(frames.slice(done, frames.count &- done), at: area.backingPage(of: address) &+ UInt64(done))
            try pageTable.map(
                GuestAddress(address &+ UInt64(done) &* 4096), to: frames.slice(done, count),
                isWritable ? area.protection : area.protection.subtracting(.write))
            done &+= count
        }
    }

    // MARK: Copies

    /// Pages that are copied with the one that is written: what else lies near it will be written soon.
    private static let clusterPages: UInt64 = 8
    /// The most when memory is written from one end to the other.
    private static let longestCluster = 256

    /// A write fault: when others own the frame, too, the page and its neighbours get copies. False when nobody else does: then the page only lacks the right
    /// to write, which it gets as it would get a missing entry. Lock held.
    func copyShared(_ area: VirtualMemoryArea, around address: UInt64) throws(Errno) -> Bool {
        guard let backing = area.backing as? ExtentBacking, isShared(backing, area.backingPage(of: address)) else { return false }
        let page = area.backingPage(of: address)
        recentCopies.note(address & ~4095)
        var first = page & ~(Self.clusterPages &- 1)
        var last = first &+ Self.clusterPages
        if address & ~4095 == lastCopy.end {
            first = page
            last = page &+ UInt64(min(Self.longestCluster, lastCopy.count &* 2))
        }
        first = max(first, area.backingPage)
        last = min(last, area.backingPage &+ area.pages)
        do throws(Errno) {
            try copyShared(area, first, count: last &- first)
            lastCopy = (area.address(of: last), Int(last &- first))
        } catch {
            // Neighbours that cannot be copied are no error.
            try copyShared(area, page, count: 1)
        }
        return true
    }

    private func isShared(_ backing: ExtentBacking, _ page: UInt64) -> Bool {
        guard backing.mayShare, let frame = backing.run(at: page, limit: 1) else { return false }
        return !backing.leading(frame, at: page).isWritable
    }

    /// Makes pages that the library OS is about to write the area's own; returns how many, from `page` on, can be written now. Lock held.
    func ownPages(_ area: VirtualMemoryArea, _ page: UInt64, count: Int) throws(Errno) -> Int {
        guard let backing = area.backing as? ExtentBacking, backing.mayShare, !backing.sharedPages(page, count: UInt64(count)).isEmpty else { return count }
        do throws(Errno) {
            try copyShared(area, page, count: UInt64(count))
            return count
        } catch {
            try copyShared(area, page, count: 1)
            return 1
        }
    }

    /// Gives pages of an area frames of their own where others own the present ones, too. Lock held.
    ///
    /// The order is that of `wp_page_copy` in Linux: the old translations are gone on all vCPUs before any can see the new ones, so that two threads never see
    /// two frames behind one page; and the old frames are given up last, as the next owner may write to them from then on.
    private func copyShared(_ area: VirtualMemoryArea, _ page: UInt64, count: UInt64) throws(Errno) {
        guard let backing = area.backing as? ExtentBacking else { return }
        for shared in backing.sharedPages(page, count: count) {
            let old = shared.frames
            let copy = try FrameCopy(of: old, physicalMemory, mayLack: backing is AnonymousBacking)
            let address = area.address(of: shared.page)
            pageTable.unmap(GuestAddress(address), pages: old.count)
            physicalMemory.zap(old)
            do throws(Errno) { try copy.fill() } catch {
                for piece in copy.pieces { physicalMemory.free(piece) }
                throw error
            }
            backing.replace(shared.page, count: old.count, with: copy.pieces)
            giveUp([old])
            var position = address
            for piece in copy.pieces {
                try enter(area, position, piece)
                position &+= UInt64(piece.count) &* 4096
            }
        }
    }

    // MARK: Owners

    /// This address space does not need frames any more that others own, too: at once, or when the last host call that may read them is over. Lock held.
    func giveUp(_ frames: [FrameRange]) {
        if frames.isEmpty { return }
        if uses.isEmpty { free(frames) } else { uses.keep(frames) }
    }

    /// Gives frames up; what nobody else owns is freed. Lock held.
    func free(_ frames: [FrameRange]) {
        for range in frames { for free in physicalMemory.shares.remove(range) { physicalMemory.free(free) } }
    }

    /// A host call that was entered into `uses` is over.
    func endUse(_ use: Int) {
        lock.lock()
        defer { lock.unlock() }
        free(uses.end(use))
    }

    /// Gives up the frames behind all areas of an address space that has come to its end: no vCPU enters it any more. Lock held.
    func surrenderFrames(of areas: [VirtualMemoryArea]) {
        var free = FrameRuns()
        func surrender(_ backing: MemoryBacking) {
            guard let backing = backing as? ExtentBacking else { return }
            for frames in backing.surrender() {
                if !backing.mayShare {
                    free.append(frames)
                } else if uses.isEmpty {
                    for range in physicalMemory.shares.remove(frames) { free.append(range) }
                } else {
                    uses.keep([frames])
                }
            }
        }
        for area in areas { surrender(area.backing) }
        if let heap { surrender(heap) }
        physicalMemory.recycle(free.sorted)
    }
}

/// Frames with the content of others, in the making.
struct FrameCopy {
    private let source: FrameRange
    private let memory: PhysicalMemory
    /// Which pages have content; nil: all.
    private var content: [Bool]?
    /// The new frames.
    let pieces: [FrameRange]

    /// Allocates frames for a copy. `mayLack`: frames that were never touched are zero and need not be touched now. `ENOMEM`.
    init(of source: FrameRange, _ memory: PhysicalMemory, mayLack: Bool) throws(Errno) {
        self.source = source
        self.memory = memory
        if mayLack {
            let found = memory.ownContent(source)
            if found.contains(false) { content = found }
        }
        pieces = content == nil ? try memory.allocateForCopy(frames: source.count) : try memory.allocate(frames: source.count)
    }

    /// Copies. `EFAULT` when a page is gone (a truncated file).
    func fill() throws(Errno) {
        var done = 0
        for piece in pieces {
            try memory.copyFrames(source.slice(done, piece.count), to: piece, content.map { Array($0[done..<(done &+ piece.count)]) })
            done &+= piece.count
        }
    }
}

extension PhysicalMemory {
    /// Copies the content of a run of frames to another of the same length; only pages with content, if that is said. `EFAULT`.
    func copyFrames(_ source: FrameRange, to target: FrameRange, _ content: [Bool]? = nil) throws(Errno) {
        guard let from = hostAddress(of: source.start), let to = hostAddress(of: target.start) else { throw .ENOMEM }
        var index = 0
        while index < source.count {
            var end = index
            while end < source.count, content?[end] ?? true { end &+= 1 }
            if end > index { try copy(from: from + index &* 4096, to: to + index &* 4096, count: (end &- index) &* 4096) }
            index = max(end, index &+ 1)
        }
    }
}
