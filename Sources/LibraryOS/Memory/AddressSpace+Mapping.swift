/// A request to map something (mmap(2), the program loader).
struct MappingRequest {
    /// The wished address, or the exact one when `placement` says so.
    var address: UInt64 = 0
    var length: UInt64 = 0
    var protection: PageProtection = []
    var flags: VirtualMemoryArea.Flags = []
    /// What is mapped, made only after the arguments have been checked.
    var backing: MemoryBacking
    var backingPage: UInt64 = 0
    var placement: Placement = .anywhere
    /// Make all pages exist now (MAP_POPULATE).
    var populate = false
    /// MAP_32BIT.
    var below2GiB = false

    enum Placement {
        /// At the wished address if there is room, else anywhere.
        case anywhere
        /// MAP_FIXED: replaces what is there.
        case fixed
        /// MAP_FIXED_NOREPLACE: `EEXIST` when something is there.
        case fixedNoReplace
    }
}

extension AddressSpace {
    /// Maps; returns the address.
    func map(_ request: MappingRequest) throws(Errno) -> GuestAddress {
        guard request.length > 0, request.length & 4095 == 0 else { throw .EINVAL }
        guard request.length <= GuestAddress.userEnd.value else { throw .ENOMEM }
        lock.lock()
        defer { lock.unlock() }
        // What is replaced in the middle of another leaves two.
        if case .fixed = request.placement { try checkAreas(adding: 2) } else { try checkAreas(adding: 1) }
        let start = try place(request)
        let end = start &+ request.length
        if case .fixed = request.placement { unmapLocked(start, end) }
        let area = VirtualMemoryArea(
            start: start, end: end, protection: request.protection, flags: request.flags, backing: request.backing, backingPage: request.backingPage)
        request.backing.mappedObject?.addMapper(self)
        areas.insert(area)
        do throws(Errno) {
            try populateNew(area, force: request.populate)
        } catch {
            unmapLocked(start, end)
            throw error
        }
        return GuestAddress(start)
    }

    /// Enters what should be there before the program touches it. Failing is no error: the fault handler tries again. Lock held.
    private func populateNew(_ area: VirtualMemoryArea, force: Bool) throws(Errno) {
        guard !area.protection.isEmpty else { return }
        let size = area.end &- area.start
        if area.backing is AnonymousBacking, size <= Self.eagerLimit || force {
            try? prepopulate(area, area.start, area.end)
        } else if let file = area.backing as? HostFileBacking, let pages = file.presentPages(), pages > area.backingPage {
            let present = min(area.pages, pages &- area.backingPage)
            // What cannot be mapped at all is refused now, not by a signal later.
            _ = try file.ensure(area.backingPage, limit: Int(min(present, 1 << 20)))
            if present <= 1 << 16 || force { try? prepopulate(area, area.start, area.start &+ present &* 4096) }
        } else if area.backing is FixedBacking {
            try populate(area, area.start, area.end)
        } else if force {
            try? prepopulate(area, area.start, area.end)
        }
    }

    /// Finds the address of a new mapping. Lock held.
    private func place(_ request: MappingRequest) throws(Errno) -> UInt64 {
        let limit = GuestAddress.userEnd.value
        switch request.placement {
        case .fixed, .fixedNoReplace:
            guard request.address & 4095 == 0 else { throw .EINVAL }
            let (end, overflow) = request.address.addingReportingOverflow(request.length)
            guard !overflow, end <= limit else { throw .ENOMEM }
            guard request.address >= Self.minimumAddress else { throw .EPERM }
            if case .fixedNoReplace = request.placement, !areas.slices(request.address, end).isEmpty { throw .EEXIST }
            return request.address
        case .anywhere:
            let hint = request.address & ~4095
            let (end, overflow) = hint.addingReportingOverflow(request.length)
            if hint >= Self.minimumAddress, !overflow, end <= limit, areas.slices(hint, end).isEmpty, !request.below2GiB || end <= 1 << 31 {
                return hint
            }
            let ceiling = request.below2GiB ? min(mappingBase, 1 << 31) : mappingBase
            // Large anonymous ranges start on 2 MiB, so that they can have large entries.
            let alignment: UInt64 = request.length >= 0x20_0000 && request.backing is AnonymousBacking ? 0x20_0000 : 4096
            for step in [alignment, 4096] {
                if let found = areas.gap(length: request.length, below: ceiling, above: Self.minimumAddress, alignment: step) { return found }
            }
            if let found = areas.gap(length: request.length, below: limit, above: Self.minimumAddress, alignment: 4096), !request.below2GiB {
                return found
            }
            throw .ENOMEM
        }
    }

    /// munmap(2).
    func unmap(_ address: GuestAddress, length: UInt64) throws(Errno) {
        guard address.isPageAligned, length > 0 else { throw .EINVAL }
        let rounded = try? GuestLength(length).roundedUpToPage()
        guard let rounded, rounded <= GuestAddress.userEnd.value, address.value <= GuestAddress.userEnd.value &- rounded else { throw .EINVAL }
        lock.lock()
        defer { lock.unlock() }
        let end = address.value &+ rounded
        if let area = areas.area(at: address.value), area.start < address.value, area.end > end { try checkAreas(adding: 1) }
        unmapLocked(address.value, end)
    }

    /// Takes a range out: entries first, then frames. Lock held.
    func unmapLocked(_ start: UInt64, _ end: UInt64) {
        if end > start { notePeak(losing: (end &- start) / 4096) }
        let removed = areas.remove(start, end)
        for area in removed {
            pageTable.unmap(GuestAddress(area.start), pages: Int(area.pages))
            giveUp(area.backing.release(area.backingPage, count: area.pages))
        }
        forgetObjects(of: removed)
        settleAreas()
    }

    /// mprotect(2). `ENOMEM` at the first page that is not mapped; what lies before it has been changed, as on Linux.
    func protect(_ address: GuestAddress, length: UInt64, _ protection: PageProtection, growsDown: Bool = false) throws(Errno) {
        guard address.isPageAligned else { throw .EINVAL }
        if length == 0 { return }
        let rounded = try GuestLength(length).roundedUpToPage()
        let (end, overflow) = address.value.addingReportingOverflow(rounded)
        guard !overflow else { throw .ENOMEM }
        lock.lock()
        defer { lock.unlock() }
        try checkAreas(adding: 2)
        var position = address.value
        var failure: Errno?
        var old: [VirtualMemoryArea] = []
        var new: [VirtualMemoryArea] = []
        for slice in areas.slices(address.value, end) {
            if slice.start != position { failure = .ENOMEM }
            if failure == nil, protection.contains(.write), slice.flags.contains(.noWrite) { failure = .EACCES }
            if failure != nil { break }
            old.append(slice)
            var changed = slice
            if !slice.flags.contains(.special) { changed.protection = protection }
            new.append(changed)
            position = slice.end
        }
        if failure == nil, position < end { failure = .ENOMEM }
        areas.replace(address.value, position, with: new)
        for (before, after) in zip(old, new) where before.protection != after.protection { try changeEntries(of: after, before: before.protection) }
        if let failure { throw failure }
    }

    /// Makes the entries of an area whose protection has changed agree with it. Lock held.
    private func changeEntries(of area: VirtualMemoryArea, before: PageProtection) throws(Errno) {
        if area.protection.isEmpty {
            pageTable.unmap(GuestAddress(area.start), pages: Int(area.pages))
            area.backing.zap(area.backingPage, count: area.pages)
            return
        }
        if before.isEmpty {
            try? populateExisting(area)
            if area.backing is AnonymousBacking, area.end &- area.start <= Self.eagerLimit { try? prepopulate(area, area.start, area.end) }
            return
        }
        let lost = !before.subtracting(area.protection).subtracting(.read).isEmpty
        do throws(Errno) {
            try populateExisting(area)
        } catch {
            // No frame for a table: what has no entry comes back by faults.
            pageTable.unmap(GuestAddress(area.start), pages: Int(area.pages))
            area.backing.zap(area.backingPage, count: area.pages)
            return
        }
        if lost { area.backing.zap(area.backingPage, count: area.pages) }
    }

    /// Enters translations for the pages that have frames. Lock held.
    func populateExisting(_ area: VirtualMemoryArea) throws(Errno) {
        var position = area.start
        while position < area.end {
            let wanted = Int(min((area.end &- position) / 4096, 1 << 20))
            if let run = area.backing.run(at: area.backingPage(of: position), limit: wanted) {
                try enter(area, position, run)
                position &+= UInt64(run.count) &* 4096
            } else {
                position &+= UInt64(max(1, area.backing.gap(at: area.backingPage(of: position), limit: wanted))) &* 4096
            }
        }
    }
}
