extension AddressSpace {
    /// Copies from the program, each byte loaded once. `EFAULT` when any byte of the range is not readable by the program; nothing is said about what was copied then.
    package func read(into destination: UnsafeMutableRawBufferPointer, from address: GuestAddress) throws(Errno) {
        guard let base = destination.baseAddress else { return }
        try move(address, destination.count, write: false) { (host, done, count) throws(Errno) in
            try physicalMemory.copy(from: host, to: base + done, count: count)
        }
    }

    /// Copies to the program; `EFAULT` when any byte is not writable (a prefix may have been written).
    package func write(_ source: UnsafeRawBufferPointer, to address: GuestAddress) throws(Errno) {
        guard let base = source.baseAddress else { return }
        try move(address, source.count, write: true) { (host, done, count) throws(Errno) in
            try physicalMemory.copy(from: base + done, to: host, count: count)
        }
    }

    /// At most this many bytes are copied while the lock is held; more are pinned.
    private static let lockedCopyLimit = 16384

    private func move(
        _ address: GuestAddress, _ count: Int, write: Bool, _ body: (UnsafeMutableRawPointer, Int, Int) throws(Errno) -> Void
    ) throws(Errno) {
        guard count > 0 else { return }
        let (end, overflow) = address.value.addingReportingOverflow(UInt64(count))
        if overflow || end > GuestAddress.userEnd.value { throw .EFAULT }
        if count > Self.lockedCopyLimit {
            try moveLarge(address, count, write: write, body)
            return
        }
        var done = 0
        try paging { () throws(Errno) in
            while done < count {
                let piece = try resolve(address.value &+ UInt64(done), limit: count &- done, write: write)
                try body(piece.address, done, piece.count)
                done &+= piece.count
            }
        }
    }

    private func moveLarge(
        _ address: GuestAddress, _ count: Int, write: Bool, _ body: (UnsafeMutableRawPointer, Int, Int) throws(Errno) -> Void
    ) throws(Errno) {
        var done = 0
        while done < count {
            let token = physicalMemory.pin()
            defer { physicalMemory.unpin(token) }
            let (piece, use) = try beginUse(address.value &+ UInt64(done), limit: min(count &- done, 1 << 20), write: write)
            defer { endUse(use) }
            try body(piece.address, done, piece.count)
            done &+= piece.count
        }
    }

    private func beginUse(
        _ address: UInt64, limit: Int, write: Bool
    ) throws(Errno) -> (piece: (address: UnsafeMutableRawPointer, count: Int), use: Int) {
        try paging { () throws(Errno) in
            let piece = try resolve(address, limit: limit, write: write)
            return (piece, uses.begin(writing: write ? [UserBuffers.Range(address: GuestAddress(address), length: piece.count)] : []))
        }
    }

    /// A page that could not be had for want of memory is remembered: the call is made again when there is some.
    private func notingShortage<Result>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
        do throws(Errno) { return try body() } catch {
            if error == .ENOMEM { noteShortage() }
            throw error
        }
    }

    /// Where the bytes at an address lie, contiguous, at most `limit` of them. Makes pages exist that were never touched. Lock held.
    func resolve(_ address: UInt64, limit: Int, write: Bool) throws(Errno) -> (address: UnsafeMutableRawPointer, count: Int) {
        guard let area = areas.area(at: address) else {
            // The stack grows under system calls as it does under the program's own accesses.
            if let grown = growStack(to: address) { return try resolve(in: grown, address, limit: limit, write: write) }
            throw .EFAULT
        }
        return try resolve(in: area, address, limit: limit, write: write)
    }

    private func resolve(
        in area: VirtualMemoryArea, _ address: UInt64, limit: Int, write: Bool
    ) throws(Errno) -> (address: UnsafeMutableRawPointer, count: Int) {
        guard !area.protection.isEmpty, !write || area.protection.contains(.write) else { throw .EFAULT }
        let inPage = Int(address & 4095)
        let inArea = area.end &- address
        let wanted = inArea > UInt64(limit) ? limit : Int(inArea)
        let page = area.backingPage(of: address)
        let spanned = (wanted &+ inPage &+ 4095) / 4096
        var pages = try notingShortage { () throws(Errno) in try write ? ownPages(area, page, count: spanned) : spanned }
        if write, area.backing.pagedObject != nil { pages = try writablePages(area, page, count: pages) }
        let run: FrameRange
        if let existing = area.backing.run(at: page, limit: pages) {
            run = existing
        } else {
            do throws(Errno) {
                run = try notingShortage { () throws(Errno) in
                    let made = try area.backing.ensure(page, limit: area.backing is AnonymousBacking ? min(pages, 512) : pages).slice(0, 1)
                    try enter(area, address & ~4095, made)
                    return made
                }
            } catch {
                noteMissing(area, address, write: write, error)
                throw error
            }
        }
        guard let base = physicalMemory.hostAddress(of: run.start) else { throw .EFAULT }
        return (base + inPage, min(wanted, run.count &* 4096 &- inPage))
    }

    /// Gives host addresses of the ranges to `body`, which uses them only for host calls that report `EFAULT`; frames stay valid until it returns. Ends early at the first byte that is not accessible; `EFAULT` when that is the first.
    package func withPinned(
        _ ranges: [UserBuffers.Range], writing: Bool, _ body: ([UnsafeMutableRawBufferPointer]) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        let token = physicalMemory.pin()
        defer { physicalMemory.unpin(token) }
        var retries = Self.pagesInARow
        let (segments, use) = try paging { () throws(Errno) in
            let segments = try hostSegments(ranges, writing: writing)
            if pageRequest != nil, retries > 0 {
                retries &-= 1
                throw .EAGAIN
            }
            return (segments, uses.begin(writing: writing ? ranges : []))
        }
        defer { endUse(use) }
        return try body(segments)
    }

    /// So many pages that are missing behind the first are brought for one host call.
    private static let pagesInARow = 64

    private func hostSegments(_ ranges: [UserBuffers.Range], writing: Bool) throws(Errno) -> [UnsafeMutableRawBufferPointer] {
        var segments: [UnsafeMutableRawBufferPointer] = []
        for range in ranges {
            let (end, overflow) = range.address.value.addingReportingOverflow(UInt64(max(0, range.length)))
            if overflow || end > GuestAddress.userEnd.value { break }
            var done = 0
            while done < range.length {
                // A host call takes 1,024 segments at most.
                if segments.count >= 1024 { return segments }
                guard let piece = try? resolve(range.address.value &+ UInt64(done), limit: range.length &- done, write: writing) else {
                    if segments.isEmpty { throw pageRequest == nil ? .EFAULT : .EAGAIN }
                    return segments
                }
                if let last = segments.last, let base = last.baseAddress, base + last.count == piece.address {
                    segments[segments.count &- 1] = UnsafeMutableRawBufferPointer(start: base, count: last.count &+ piece.count)
                } else {
                    segments.append(UnsafeMutableRawBufferPointer(start: piece.address, count: piece.count))
                }
                done &+= piece.count
            }
        }
        if segments.isEmpty, ranges.contains(where: { $0.length > 0 }) { throw .EFAULT }
        return segments
    }

    // MARK: Atomic words

    private func word(_ address: GuestAddress, write: Bool) throws(Errno) -> UnsafeMutableRawPointer {
        guard address.value & 3 == 0 else { throw .EINVAL }
        guard address < GuestAddress.userEnd else { throw .EFAULT }
        return try resolve(address.value, limit: 4, write: write).address
    }

    /// Atomically compares and exchanges an aligned 32-bit word; returns what was there. `EFAULT`.
    package func compareExchange32(_ address: GuestAddress, expected: UInt32, desired: UInt32) throws(Errno) -> UInt32 {
        try paging { () throws(Errno) in
            try physicalMemory.compareExchange32(at: try word(address, write: true), expected: expected, desired: desired)
        }
    }

    /// Atomically loads an aligned 32-bit word.
    package func load32(_ address: GuestAddress) throws(Errno) -> UInt32 {
        try paging { () throws(Errno) in try physicalMemory.load32(at: try word(address, write: false)) }
    }

    /// What identifies a futex word: the address for private ones, the memory object and offset for shared mappings.
    package func futexKey(_ address: GuestAddress, shared: Bool) throws(Errno) -> FutexKey {
        guard address.value & 3 == 0 else { throw .EINVAL }
        guard address < GuestAddress.userEnd else { throw .EFAULT }
        if !shared { return FutexKey(owner: ObjectIdentifier(self), offset: address.value) }
        lock.lock()
        defer { lock.unlock() }
        // A shared word is looked up by what the program could read there.
        guard let area = areas.area(at: address.value), !area.protection.isEmpty else { throw .EFAULT }
        guard area.backing.isShared else { return FutexKey(owner: ObjectIdentifier(self), offset: address.value) }
        let offset = area.backingPage(of: address.value) &* 4096 &+ (address.value & 4095)
        return FutexKey(owner: area.backing.futexOwner, offset: offset)
    }
}
