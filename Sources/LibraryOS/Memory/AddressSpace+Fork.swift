extension AddressSpace {
    /// The memory of a child process (fork(2)): the same areas, shared memory shared, private memory copied.
    ///
    /// Private pages that were ever written are copied at once; nothing is shared until written. What other threads of the process write meanwhile may be
    /// in the copy or not, page by page. `ENOMEM` when the copies do not fit the memory limit.
    package func fork() throws(Errno) -> AddressSpace {
        let child = try AddressSpace(physicalMemory: physicalMemory)
        do throws(Errno) {
            try copy(to: child)
        } catch {
            // Not under the lock of this one, which has the same rank.
            child.release()
            throw error
        }
        return child
    }

    private func copy(to child: AddressSpace) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        try copyAreas(to: child)
        child.mappingBase = mappingBase
        child.breakStart = breakStart
        child.breakEnd = breakEnd
        child.stackLimit = stackLimit
        child.imageLayout = imageLayout
    }

    /// Nobody but the caller knows the child yet: its lock is not needed. Own lock held.
    private func copyAreas(to child: AddressSpace) throws(Errno) {
        try child.checkAreas(adding: areas.areas.count)
        // Areas that show one backing here show one backing there.
        var backings: [ObjectIdentifier: MemoryBacking] = [:]
        func twin(of backing: MemoryBacking) -> MemoryBacking {
            if let known = backings[ObjectIdentifier(backing)] { return known }
            let made = backing.forChild()
            backings[ObjectIdentifier(backing)] = made
            return made
        }
        for area in areas.areas where !area.flags.contains(.dontFork) {
            let copy = VirtualMemoryArea(
                start: area.start, end: area.end, protection: area.protection, flags: area.flags.subtracting(.locked), backing: twin(of: area.backing),
                backingPage: area.backingPage)
            copy.backing.mappedObject?.addMapper(child)
            child.areas.insert(copy)
            guard !area.flags.contains(.wipeOnFork) else { continue }
            try area.backing.copyContents(area.backingPage, count: area.pages, to: copy.backing)
            try child.enterExisting(copy)
        }
        if let heap { child.heap = twin(of: heap) as? AnonymousBacking }
    }

    /// Enters translations for the pages of an area that exist already; the others come when they are touched.
    private func enterExisting(_ area: VirtualMemoryArea) throws(Errno) {
        guard !area.protection.isEmpty, area.backing is ExtentBacking || area.backing is FixedBacking else { return }
        var page = area.backingPage
        let last = area.backingPage &+ area.pages
        while page < last {
            let limit = Int(min(last &- page, 1 << 20))
            if let run = area.backing.run(at: page, limit: limit) {
                let count = min(run.count, limit)
                try pageTable.map(GuestAddress(area.start &+ (page &- area.backingPage) &* 4096), to: run.slice(0, count), area.protection)
                page &+= UInt64(count)
            } else {
                page &+= UInt64(max(1, area.backing.gap(at: page, limit: limit)))
            }
        }
    }
}
