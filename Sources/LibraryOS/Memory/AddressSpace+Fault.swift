/// What a page fault turned out to be.
public enum FaultResolution: Sendable {
    /// The page is there now: run the instruction again.
    case resolved
    /// SIGSEGV with SEGV_MAPERR: nothing is mapped there.
    case notMapped
    /// SIGSEGV with SEGV_ACCERR: the mapping does not allow it.
    case denied
    /// SIGBUS with BUS_ADRERR: behind the end of the mapped file.
    case beyondFile
    /// The memory limit is reached.
    case outOfMemory
}

extension AddressSpace {
    /// Serves a page fault of the program.
    public func fault(_ address: GuestAddress, write: Bool, execute: Bool) -> FaultResolution {
        guard address < GuestAddress.userEnd else { return .notMapped }
        while true {
            lock.lock()
            let resolution = resolveFault(address, write: write, execute: execute)
            let missing = pageRequest
            pageRequest = nil
            lock.unlock()
            guard let missing else { return resolution }
            do throws(Errno) { try missing.object.bring(missing.page, write: missing.write, mayCommit: true) } catch {
                return error == .ENOMEM ? .outOfMemory : .beyondFile
            }
        }
    }

    /// As `fault`; notes a page that has to be brought first. Lock held.
    private func resolveFault(_ address: GuestAddress, write: Bool, execute: Bool) -> FaultResolution {
        guard let area = areas.area(at: address.value) ?? growStack(to: address.value) else { return .notMapped }
        let needed: PageProtection = write ? .write : execute ? .execute : []
        guard !area.protection.isEmpty, area.protection.isSuperset(of: needed) else { return .denied }
        do throws(Errno) {
            if write { _ = try writablePages(area, area.backingPage(of: address.value), count: 1) }
            let isCopied = write ? try copyShared(area, around: address.value) : false
            if !isCopied { try populate(area, around: address.value) }
            noteFault()
            return .resolved
        } catch {
            if pageRequest == nil { noteMissing(area, address.value, write: write, error) }
            return error == .ENOMEM ? .outOfMemory : .beyondFile
        }
    }

    /// Takes back what lies behind the present end of mapped files, so that touching it faults with an address. For KVM_RUN's EFAULT, which names none.
    public func unmapBeyondFileEnds() {
        lock.lock()
        defer { lock.unlock() }
        for area in areas.areas {
            guard let backing = area.backing as? HostFileBacking, let pages = backing.presentPages() else { continue }
            let last = area.backingPage &+ area.pages
            let first = max(area.backingPage, pages)
            if first < last {
                pageTable.unmap(GuestAddress(area.start &+ (first &- area.backingPage) &* 4096), pages: Int(last &- first))
                giveUp(backing.release(first, count: last &- first))
            }
        }
    }

    /// Enters translations for the page at `address` and, where that is cheap, for its neighbours in the same 2 MiB. Lock held.
    func populate(_ area: VirtualMemoryArea, around address: UInt64) throws(Errno) {
        let page = address & ~4095
        var start = page
        var end = page &+ 4096
        if area.backing is AnonymousBacking, physicalMemory.mayPopulate(frames: 512) {
            start = max(area.start, page & ~0x1f_ffff)
            end = min(area.end, (page & ~0x1f_ffff) &+ 0x20_0000)
        } else if area.backing is HostFileBacking || area.backing is PrivateObjectBacking {
            end = min(area.end, page &+ 0x10_0000)
        }
        if end &- start > 4096 {
            do throws(Errno) {
                try populate(area, start, end)
                if area.backing is AnonymousBacking { touchAhead(area, start, end) }
                return
            } catch {
                // Neighbours that cannot be had are no error.
            }
        }
        try populate(area, page, page &+ 4096)
    }

    /// A program that goes through its memory step by step is spared the host's fault for each page. One that only looks in here and there is not given
    /// what it does not use. Lock held.
    private func touchAhead(_ area: VirtualMemoryArea, _ start: UInt64, _ end: UInt64) {
        defer { lastStepEnd = end }
        guard start == lastStepEnd, area.protection.contains(.write) else { return }
        var page = area.backingPage(of: start)
        let last = area.backingPage(of: end)
        while page < last, let run = area.backing.run(at: page, limit: Int(last &- page)) {
            physicalMemory.touch(run)
            page &+= UInt64(run.count)
        }
    }

    /// Makes every page of a range exist and enters translations. Lock held.
    func populate(_ area: VirtualMemoryArea, _ start: UInt64, _ end: UInt64) throws(Errno) {
        var position = start
        while position < end {
            let wanted = Int(min((end &- position) / 4096, 1 << 20))
            let run = try area.backing.ensure(area.backingPage(of: position), limit: wanted)
            let count = min(run.count, wanted)
            try enter(area, position, run.slice(0, count))
            position &+= UInt64(count) &* 4096
        }
    }

    /// As `populate` of a range, before anything of it is touched: `ENOMEM` when it might not fit the limit. Lock held.
    func prepopulate(_ area: VirtualMemoryArea, _ start: UInt64, _ end: UInt64) throws(Errno) {
        let pages = (end &- start) / 4096
        let present = UInt64(max(0, area.backing.residentPages(area.backingPage(of: start), count: pages)))
        if !(area.backing is HostFileBacking), pages > present, !physicalMemory.mayPopulate(frames: Int(pages &- present)) { throw .ENOMEM }
        try populate(area, start, end)
    }

    /// RLIMIT_STACK has been set.
    func limitStack(_ limit: UInt64) { lock.withLock { stackLimit = min(limit, 1 << 40) } }

    /// Extends the growing area above `address` down to it: within RLIMIT_STACK, and a gap of 256 pages to the area below (stack_guard_gap). Lock held.
    func growStack(to address: UInt64) -> VirtualMemoryArea? {
        let index = areas.position(address)
        guard index < areas.areas.count else { return nil }
        let area = areas.areas[index]
        let start = address & ~4095
        guard area.flags.contains(.growsDown), area.start > start, area.end &- start <= stackLimit else { return nil }
        if index > 0 {
            let below = areas.areas[index &- 1]
            if !below.protection.isEmpty, start < below.end &+ (256 &* 4096) { return nil }
            if start < below.end { return nil }
        }
        let distance = (area.start &- start) / 4096
        guard area.backingPage >= distance else { return nil }
        _ = areas.remove(area.start, area.end)
        var grown = area
        grown.start = start
        grown.backingPage &-= distance
        areas.insert(grown)
        return grown
    }
}

extension HostFileBacking {
    /// How many pages the file has now; nil when that cannot be said.
    func presentPages() -> UInt64? {
        guard let size = try? currentSize() else { return nil }
        return UInt64(max(0, size)) / 4096 &+ (size & 4095 == 0 ? 0 : 1)
    }
}
