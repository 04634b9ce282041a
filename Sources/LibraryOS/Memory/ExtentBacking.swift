/// A backing that owns its frames in an extent map: alone, or since a fork together with backings of other address spaces.
class ExtentBacking: MemoryBacking {
    final var extents = ExtentMap()
    /// Some frames may have other owners, too. Once set it stays.
    final var mayShare = false

    override func run(at page: UInt64, limit: Int) -> FrameRange? { extents.run(at: page, limit: limit) }
    override func gap(at page: UInt64, limit: Int) -> Int { extents.gap(at: page, limit: limit) }

    override func leading(_ frames: FrameRange, at page: UInt64) -> (isWritable: Bool, count: Int) {
        guard mayShare, !isShared else { return (true, frames.count) }
        let found = physicalMemory.shares.leading(frames)
        return (!found.isShared, found.count)
    }

    override func release(_ page: UInt64, count: UInt64) -> [FrameRange] {
        var left = FrameRuns()
        for frames in extents.remove(page, count: count) {
            forEachAlike(frames) { part, isShared in
                if isShared {
                    // Others go on using it; this address space's translations go.
                    physicalMemory.zap(part)
                    left.append(part)
                } else {
                    physicalMemory.free(part)
                }
            }
        }
        return left.runs
    }

    /// Parts of a run that have one owner, and parts that have several.
    private func forEachAlike(_ frames: FrameRange, _ body: (FrameRange, _ isShared: Bool) -> Void) {
        var rest = frames
        while mayShare, rest.count > 0 {
            let found = physicalMemory.shares.leading(rest)
            body(rest.slice(0, found.count), found.isShared)
            rest = rest.slice(found.count, rest.count &- found.count)
        }
        if rest.count > 0 { body(rest, false) }
    }

    /// The parts of a range whose frames other address spaces own, too. Empty for memory that is meant to be shared.
    func sharedPages(_ page: UInt64, count: UInt64) -> [ExtentMap.Extent] {
        guard mayShare, !isShared else { return [] }
        var result: [ExtentMap.Extent] = []
        forEach(page, count) { position, frames in
            var next = position
            forEachAlike(frames) { part, isShared in
                if isShared { result.append(ExtentMap.Extent(page: next, frames: part)) }
                next &+= UInt64(part.count)
            }
        }
        return result
    }

    /// Other frames stand behind pages from now on.
    func replace(_ page: UInt64, count: Int, with pieces: [FrameRange]) {
        _ = extents.remove(page, count: UInt64(count))
        var position = page
        for piece in pieces {
            extents.insert(position, piece)
            position &+= UInt64(piece.count)
        }
    }

    /// The address space is gone: all frames, for the caller to give up.
    func surrender() -> [FrameRange] {
        let frames = extents.extents.map { $0.frames }
        extents = ExtentMap()
        return frames
    }

    /// What a child's backing has in common with this one.
    func share(_ page: UInt64, _ frames: FrameRange, with child: ExtentBacking) {
        physicalMemory.shares.add(frames)
        child.extents.insert(page, frames)
        mayShare = true
        child.mayShare = true
    }

    final func forEach(_ page: UInt64, _ count: UInt64, _ body: (UInt64, FrameRange) -> Void) {
        // The body cannot throw.
        try? extents.forEach(page, count: count) { position, frames in body(position, frames) }
    }
    override func zap(_ page: UInt64, count: UInt64) { forEach(page, count) { physicalMemory.zap($1) } }
    /// For frames nobody else owns.
    override func discard(_ page: UInt64, count: UInt64) { forEach(page, count) { physicalMemory.discard($1) } }
    override func residentPages(_ page: UInt64, count: UInt64) -> Int {
        var total = 0
        forEach(page, count) { total &+= $1.count }
        return total
    }
    override func forChild() -> MemoryBacking { emptied() }
    /// The same without any frames.
    func emptied() -> ExtentBacking { ExtentBacking(physicalMemory: physicalMemory) }
    override func another() -> MemoryBacking { emptied() }
    override func splitOff(_ page: UInt64, count: UInt64) -> MemoryBacking {
        let part = emptied()
        part.mayShare = mayShare
        forEach(page, count) { position, frames in part.extents.insert(position, frames) }
        _ = extents.remove(page, count: count)
        return part
    }
    deinit {
        // Empty, but when the areas that used it never came into an address space.
        for extent in extents.extents { for frames in physicalMemory.shares.remove(extent.frames) { physicalMemory.free(frames) } }
    }
}
