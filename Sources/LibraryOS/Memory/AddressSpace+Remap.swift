extension AddressSpace {
    /// The flags of mremap(2).
    struct RemapFlags: OptionSet {
        let rawValue: UInt32
        static let mayMove = RemapFlags(rawValue: 1)
        static let fixed = RemapFlags(rawValue: 2)
        static let dontUnmap = RemapFlags(rawValue: 4)
    }

    /// mremap(2).
    func remap(
        _ old: GuestAddress, oldLength: UInt64, newLength: UInt64, flags: RemapFlags, newAddress: GuestAddress
    ) throws(Errno) -> GuestAddress {
        guard old.isPageAligned, flags.rawValue & ~7 == 0 else { throw .EINVAL }
        if flags.contains(.fixed) || flags.contains(.dontUnmap), !flags.contains(.mayMove) { throw .EINVAL }
        guard let oldSize = try? GuestLength(oldLength).roundedUpToPage(), let newSize = try? GuestLength(newLength).roundedUpToPage(), newSize > 0 else {
            throw .EINVAL
        }
        if flags.contains(.dontUnmap), oldSize != newSize { throw .EINVAL }
        let (oldEnd, overflow) = old.value.addingReportingOverflow(oldSize)
        guard !overflow, oldEnd <= GuestAddress.userEnd.value else { throw .EINVAL }
        guard newSize <= GuestAddress.userEnd.value else { throw .ENOMEM }
        if flags.contains(.fixed) { try checkFixedTarget(newAddress, newSize, old.value, oldEnd) }
        lock.lock()
        defer { lock.unlock() }
        guard let area = areas.area(at: old.value) else { throw .EFAULT }
        // A move may leave both ends of the old area and cut one at the new place.
        try checkAreas(adding: 3)
        if oldSize == 0 {
            guard area.backing.isShared, flags.contains(.mayMove) else { throw .EINVAL }
            return try duplicate(area, at: old.value, size: newSize, flags, newAddress)
        }
        guard oldEnd <= area.end else { throw .EFAULT }
        if flags.contains(.dontUnmap), area.backing.isShared { throw .EINVAL }
        if !flags.contains(.fixed), !flags.contains(.dontUnmap) {
            if newSize <= oldSize {
                if newSize < oldSize { unmapLocked(old.value &+ newSize, oldEnd) }
                return old
            }
            if oldEnd == area.end, growInPlace(area, by: newSize &- oldSize) { return old }
            guard flags.contains(.mayMove) else { throw .ENOMEM }
        }
        return try moveArea(area.part(old.value, oldEnd), newSize, flags, newAddress)
    }

    private func checkFixedTarget(_ target: GuestAddress, _ size: UInt64, _ oldStart: UInt64, _ oldEnd: UInt64) throws(Errno) {
        guard target.isPageAligned else { throw .EINVAL }
        let (end, overflow) = target.value.addingReportingOverflow(size)
        guard !overflow, end <= GuestAddress.userEnd.value else { throw .EINVAL }
        guard target.value >= Self.minimumAddress else { throw .EPERM }
        if target.value < oldEnd, oldStart < end { throw .EINVAL }
    }

    private func growInPlace(_ area: VirtualMemoryArea, by size: UInt64) -> Bool {
        let (end, overflow) = area.end.addingReportingOverflow(size)
        guard !overflow, end <= GuestAddress.userEnd.value, areas.slices(area.end, end).isEmpty else { return false }
        var extra = area.part(area.end, area.end)
        extra.end = end
        areas.insert(extra)
        if area.backing is AnonymousBacking, !area.protection.isEmpty, size <= Self.eagerLimit { try? prepopulate(extra, extra.start, extra.end) }
        return true
    }

    private func target(_ size: UInt64, _ flags: RemapFlags, _ newAddress: GuestAddress) throws(Errno) -> UInt64 {
        if flags.contains(.fixed) {
            unmapLocked(newAddress.value, newAddress.value &+ size)
            return newAddress.value
        }
        if flags.contains(.dontUnmap), !newAddress.isNull, newAddress.isPageAligned,
            newAddress.value <= GuestAddress.userEnd.value &- size, areas.slices(newAddress.value, newAddress.value &+ size).isEmpty
        {
            return newAddress.value
        }
        let alignment: UInt64 = size >= 0x20_0000 ? 0x20_0000 : 4096
        for step in [alignment, 4096] {
            if let found = areas.gap(length: size, below: mappingBase, above: Self.minimumAddress, alignment: step) { return found }
        }
        throw .ENOMEM
    }

    private func duplicate(
        _ area: VirtualMemoryArea, at address: UInt64, size: UInt64, _ flags: RemapFlags, _ newAddress: GuestAddress
    ) throws(Errno) -> GuestAddress {
        let start = try target(size, flags, newAddress)
        let copy = VirtualMemoryArea(
            start: start, end: start &+ size, protection: area.protection, flags: area.flags, backing: area.backing.another(),
            backingPage: area.backingPage(of: address))
        areas.insert(copy)
        try? populateExisting(copy)
        return GuestAddress(start)
    }

    private func moveArea(
        _ part: VirtualMemoryArea, _ newSize: UInt64, _ flags: RemapFlags, _ newAddress: GuestAddress
    ) throws(Errno) -> GuestAddress {
        let start = try target(newSize, flags, newAddress)
        let oldSize = part.end &- part.start
        let kept = min(oldSize, newSize)
        pageTable.unmap(GuestAddress(part.start), pages: Int(part.pages))
        part.backing.zap(part.backingPage, count: part.pages)
        _ = areas.remove(part.start, part.end)
        if kept < oldSize { giveUp(part.backing.release(part.backingPage &+ kept / 4096, count: (oldSize &- kept) / 4096)) }
        let moved = VirtualMemoryArea(
            start: start, end: start &+ newSize, protection: part.protection, flags: part.flags.subtracting(.heap),
            backing: part.backing.splitOff(part.backingPage, count: kept / 4096), backingPage: part.backingPage)
        areas.insert(moved)
        try? populateExisting(moved)
        if newSize > oldSize, moved.backing is AnonymousBacking, newSize &- oldSize <= Self.eagerLimit, !moved.protection.isEmpty {
            try? prepopulate(moved, start &+ oldSize, moved.end)
        }
        if flags.contains(.dontUnmap) {
            let left = VirtualMemoryArea(
                start: part.start, end: part.end, protection: part.protection, flags: part.flags, backing: part.backing.another(), backingPage: part.backingPage)
            areas.insert(left)
        }
        return GuestAddress(start)
    }

    /// What bounds the heap: RLIMIT_DATA, RLIMIT_AS, and how much it may grow at once.
    struct BreakLimits {
        var data: UInt64
        var addressSpace: UInt64
        var growth: UInt64
    }

    /// brk(2): moves the end of the heap; returns the end that is in force afterwards.
    func setBreak(_ wished: UInt64, _ limits: BreakLimits) -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        guard let heap, wished >= breakStart, wished < GuestAddress.userEnd.value else { return breakEnd }
        if wished > breakEnd {
            let growth = wished &- breakEnd
            if wished &- breakStart > limits.data || growth > limits.growth { return breakEnd }
            // Private memory elsewhere counts as data, too.
            if limits.data != .max, exceeds(limits.data, dataSizeLocked, growth) { return breakEnd }
            if limits.addressSpace != .max, exceeds(limits.addressSpace, areas.totalSize, growth) { return breakEnd }
        }
        let oldEnd = (breakEnd &+ 4095) & ~4095
        let newEnd = (wished &+ 4095) & ~4095
        if newEnd < oldEnd {
            unmapLocked(newEnd, oldEnd)
        } else if newEnd > oldEnd {
            guard areas.slices(oldEnd, newEnd).isEmpty, (try? checkAreas(adding: 1)) != nil else { return breakEnd }
            let area = VirtualMemoryArea(
                start: oldEnd, end: newEnd, protection: [.read, .write], flags: .heap, backing: heap, backingPage: (oldEnd &- (breakStart & ~4095)) / 4096)
            areas.insert(area)
            if newEnd &- oldEnd <= Self.eagerLimit { try? prepopulate(area, oldEnd, newEnd) }
        }
        breakEnd = wished
        return wished
    }

    private func exceeds(_ limit: UInt64, _ size: UInt64, _ growth: UInt64) -> Bool {
        let (total, overflow) = size.addingReportingOverflow((growth &+ 4095) & ~4095)
        return overflow || total > limit
    }
}
