/// Mappings of objects that a pager keeps the content of. The pager may have to wait for the outside, which nobody does with the address space's lock held: what
/// finds a page missing says which, and is tried again when it has been brought.

/// A page that has to be brought into memory, or made dirty, before somebody can go on.
struct PageRequest {
    let object: MemoryObject
    let page: UInt64
    let write: Bool

    /// After a commit there may be room. Without locks; true: what needs the page should be tried again.
    func bringAfterCommit() -> Bool {
        do throws(Errno) {
            try object.bring(page, write: write, mayCommit: true)
            return true
        } catch { return false }
    }
}

extension AddressSpace {
    /// How often something is tried again for one page more: what needs more pages at a time than the cache holds comes to an end.
    private static let patience = 4096

    /// Runs `body` with the lock held, again and again until no page is missing.
    func paging<Result>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
        var left = Self.patience
        while true {
            let missing: PageRequest
            lock.lock()
            do throws(Errno) {
                let result = try body()
                pageRequest = nil
                lock.unlock()
                return result
            } catch {
                let request = pageRequest
                pageRequest = nil
                lock.unlock()
                guard error == .EAGAIN, let request else { throw error }
                missing = request
            }
            left &-= 1
            if left == 0 { throw .EFAULT }
            try bring(missing)
        }
    }

    /// For the library OS's own accesses, which may hold locks: what needs a commit is put off until the call can be made again.
    private func bring(_ request: PageRequest) throws(Errno) {
        do throws(Errno) { try request.object.bring(request.page, write: request.write, mayCommit: false) } catch {
            if error == .ENOMEM {
                noteShortage()
                throw error
            }
            if error == .ENOSPC { lock.withLock { postponed = request } }
            throw .EFAULT
        }
    }

    /// What a call could not have because there was no room in a store; asked once.
    func takePostponed() -> PageRequest? {
        lock.withLock {
            defer { postponed = nil }
            return postponed
        }
    }

    /// Notes that a page of an area has to be brought, if `failure` says so. Lock held.
    func noteMissing(_ area: VirtualMemoryArea, _ address: UInt64, write: Bool, _ failure: Errno) {
        guard failure == .EAGAIN, let object = area.backing.pagedObject else { return }
        pageRequest = PageRequest(object: object, page: area.backingPage(of: address), write: write && area.backing.isShared)
    }

    /// How many pages of an area, from `page` on, may be written to now. `EAGAIN` when the first may not before it is dirty. Lock held.
    func writablePages(_ area: VirtualMemoryArea, _ page: UInt64, count: Int) throws(Errno) -> Int {
        guard let object = area.backing.pagedObject, area.backing.isShared else { return count }
        let found = object.leadingDirty(page, limit: count)
        guard found.isDirty else {
            pageRequest = PageRequest(object: object, page: page, write: true)
            throw .EAGAIN
        }
        return found.count
    }

    /// Brings the pages of a range that a pager has, as many as it keeps in memory (MADV_POPULATE_READ, mlock). Without the lock.
    func bringAll(_ start: UInt64, _ end: UInt64, write: Bool) throws(Errno) {
        for slice in lock.withLock({ areas.slices(start, end) }) where !slice.protection.isEmpty {
            guard let object = slice.backing.pagedObject, let pager = object.pager else { continue }
            for index in 0..<min(slice.pages, UInt64(pager.capacity)) {
                do throws(Errno) {
                    try object.bring(slice.backingPage &+ index, write: write && slice.backing.isShared, mayCommit: true)
                } catch { throw error == .ENOMEM ? error : .EFAULT }
            }
        }
    }

    /// Takes the right to write to pages of an object from all translations; the object zaps the frames. Returns pages that host calls write to right now.
    func protectPages(of object: MemoryObject, _ pages: [Range<UInt64>]) -> [Range<UInt64>] {
        lock.lock()
        defer { lock.unlock() }
        let written = uses.written
        var inUse: [Range<UInt64>] = []
        for area in areas.areas where area.backing.mappedObject === object && area.backing.isShared {
            for range in pages {
                guard let part = area.part(of: range) else { continue }
                let start = area.address(of: part.lowerBound)
                let end = area.address(of: part.upperBound)
                pageTable.writeProtect(GuestAddress(start), pages: Int(part.upperBound &- part.lowerBound))
                for use in written where use.start < end && use.end > start {
                    let last = min(use.end, end)
                    inUse.append(area.backingPage(of: max(use.start, start))..<(area.backingPage(of: last &- 1) &+ 1))
                }
            }
        }
        return inUse
    }

    /// Takes translations of pages back that have left an object. What host calls use right now becomes this address space's own until they are over.
    func withdrawPages(of object: MemoryObject, _ pages: [Range<UInt64>], _ frames: [FrameRange]) {
        lock.lock()
        defer { lock.unlock() }
        for area in areas.areas where area.backing.mappedObject === object && area.backing.isShared {
            for range in pages {
                guard let part = area.part(of: range) else { continue }
                pageTable.unmap(GuestAddress(area.address(of: part.lowerBound)), pages: Int(part.upperBound &- part.lowerBound))
            }
        }
        if uses.isEmpty { return }
        for range in frames { physicalMemory.shares.add(range) }
        uses.keep(frames)
    }
}

extension VirtualMemoryArea {
    /// The part of a range of the backing's pages that the area shows.
    fileprivate func part(of range: Range<UInt64>) -> Range<UInt64>? {
        let first = max(backingPage, range.lowerBound)
        let last = min(backingPage &+ pages, range.upperBound)
        return first < last ? first..<last : nil
    }
}
