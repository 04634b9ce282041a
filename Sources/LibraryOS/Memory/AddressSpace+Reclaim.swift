extension AddressSpace {
    /// Takes back frames of private memory that were handed out ahead of use and that nobody has touched; returns how many. The program gets them again,
    /// page by page, when it touches them.
    func takeBackUntouched() -> Int {
        lock.lock()
        defer { lock.unlock() }
        // A transfer may be about to write to a frame that is still untouched. One that begins from now on waits for the lock.
        if physicalMemory.isPinned { return 0 }
        var taken = 0
        for area in areas.areas where area.backing is AnonymousBacking { taken &+= takeBackUntouched(of: area) }
        return taken
    }

    private func takeBackUntouched(of area: VirtualMemoryArea) -> Int {
        var taken = 0
        var page = area.backingPage
        let last = area.backingPage &+ area.pages
        while page < last {
            let limit = Int(min(last &- page, 1 << 16))
            guard let run = area.backing.run(at: page, limit: limit) else {
                page &+= UInt64(max(1, area.backing.gap(at: page, limit: limit)))
                continue
            }
            let count = min(run.count, limit)
            for part in Self.runs(of: physicalMemory.untouched(run.slice(0, count))) {
                taken &+= takeBack(run.slice(part.lowerBound, part.count), at: page &+ UInt64(part.lowerBound), of: area)
            }
            page &+= UInt64(count)
        }
        return taken
    }

    /// Entries first, then the translations of running vCPUs; what was touched up to then stays, and faults bring its entries back.
    private func takeBack(_ frames: FrameRange, at page: UInt64, of area: VirtualMemoryArea) -> Int {
        pageTable.unmap(GuestAddress(area.start &+ (page &- area.backingPage) &* 4096), pages: frames.count)
        physicalMemory.zap(frames)
        var taken = 0
        for part in Self.runs(of: physicalMemory.untouched(frames)) {
            giveUp(area.backing.release(page &+ UInt64(part.lowerBound), count: UInt64(part.count)))
            taken &+= part.count
        }
        return taken
    }

    /// Where runs of true lie.
    private static func runs(of flags: [Bool]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start: Int?
        for (index, flag) in flags.enumerated() {
            if flag, start == nil { start = index }
            if !flag, let begun = start {
                result.append(begun..<index)
                start = nil
            }
        }
        if let start { result.append(start..<flags.count) }
        return result
    }

    /// Pages of private and shared memory that have frames of the sandbox's RAM: what the end of the process would bring, more or less.
    func ramPages() -> Int {
        lock.withLock {
            areas.areas.reduce(0) { sum, area in
                guard area.backing is AnonymousBacking || area.backing is ObjectBacking else { return sum }
                return sum &+ area.backing.residentPages(area.backingPage, count: area.pages)
            }
        }
    }
}
