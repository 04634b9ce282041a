/// Going back to an earlier state of memory. No vCPU runs in the address space meanwhile.
///
/// All pages that were ever touched are copied back, changed or not. A copy of a page costs less than finding out whether it has changed: a copy-on-write fault
/// costs 40 times as much where page tables are shadowed (reference/kvm-hosts.md), and a comparison reads as many bytes as a copy writes.
extension AddressSpace {
    /// The memory as it is. `EINVAL` when some of it is not private and anonymous, or shared with a child.
    package func snapshot() throws(Errno) -> MemorySnapshot {
        lock.lock()
        defer { lock.unlock() }
        var result = MemorySnapshot(areas: [])
        for area in areas.areas {
            guard let backing = area.backing as? AnonymousBacking, !backing.mayShare else { throw .EINVAL }
            var pieces: [MemorySnapshot.Piece] = []
            for run in touchedRuns(of: area, backing) {
                pieces.append(MemorySnapshot.Piece(address: run.address, bytes: try content(of: run.frames)))
            }
            result.areas.append(MemorySnapshot.Area(area: area, pieces: pieces))
        }
        return result
    }

    /// Makes the memory what it was: areas, protection, contents. `ENOMEM`; then it is neither the one nor the other, and `restore` may be tried again.
    package func restore(_ snapshot: inout MemorySnapshot) throws(Errno) {
        try restoreAreas(&snapshot)
        lock.lock()
        defer { lock.unlock() }
        let zeros = [UInt8](repeating: 0, count: Self.clearedAtOnce &* 4096)
        for kept in snapshot.areas {
            guard let backing = kept.area.backing as? AnonymousBacking else { throw .EINVAL }
            for piece in kept.pieces { try put(piece.bytes, backing, page: kept.area.backingPage(of: piece.address)) }
            for run in touchedRuns(of: kept.area, backing) { try clear(run, outside: kept.pieces, zeros) }
        }
    }

    /// Pages that are cleared by one copy.
    private static let clearedAtOnce = 64

    // MARK: Areas

    private func restoreAreas(_ snapshot: inout MemorySnapshot) throws(Errno) {
        let present = lock.withLock { areas.areas }
        let isSame = present.count == snapshot.areas.count && zip(present, snapshot.areas).allSatisfy { Self.same($0, $1.area) }
        if isSame { return }
        for area in present where !snapshot.areas.contains(where: { Self.same($0.area, area) }) {
            try unmap(GuestAddress(area.start), length: area.end &- area.start)
        }
        for index in snapshot.areas.indices {
            let wanted = snapshot.areas[index].area
            if present.contains(where: { Self.same($0, wanted) }) { continue }
            try mapZeroed(at: GuestAddress(wanted.start), length: wanted.end &- wanted.start, wanted.protection)
            guard let made = lock.withLock({ areas.area(at: wanted.start) }) else { throw .ENOMEM }
            snapshot.areas[index].area = made
        }
    }

    private static func same(_ first: VirtualMemoryArea, _ second: VirtualMemoryArea) -> Bool {
        first.start == second.start && first.end == second.end && first.protection == second.protection && first.flags == second.flags
            && first.backing === second.backing && first.backingPage == second.backingPage
    }

    // MARK: Contents

    private struct TouchedRun {
        let address: UInt64
        let frames: FrameRange
    }

    /// The pages of an area that were ever touched. Lock held.
    private func touchedRuns(of area: VirtualMemoryArea, _ backing: AnonymousBacking) -> [TouchedRun] {
        var found: [TouchedRun] = []
        backing.forEach(area.backingPage, area.pages) { page, frames in
            let untouched = physicalMemory.untouched(frames)
            var first = 0
            while first < frames.count {
                let isUntouched = first < untouched.count && untouched[first]
                var last = first &+ 1
                while last < frames.count, (last < untouched.count && untouched[last]) == isUntouched { last &+= 1 }
                if !isUntouched {
                    found.append(TouchedRun(address: area.address(of: page &+ UInt64(first)), frames: frames.slice(first, last &- first)))
                }
                first = last
            }
        }
        return found
    }

    private func content(of frames: FrameRange) throws(Errno) -> [UInt8] {
        guard let source = physicalMemory.hostAddress(of: frames.start) else { throw .EFAULT }
        let size = frames.count &* 4096
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            do throws(Errno) {
                try physicalMemory.copy(from: source, to: target, count: size)
                count = size
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Puts bytes of whole pages where they were. Lock held.
    private func put(_ bytes: [UInt8], _ backing: AnonymousBacking, page: UInt64) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let position = page &+ UInt64(done / 4096)
            // A page whose frame is gone gets its translation by a fault.
            let run = try backing.ensure(position, limit: (bytes.count &- done) / 4096)
            try fill(run, from: bytes, at: done)
            done &+= run.count &* 4096
        }
    }

    private func fill(_ frames: FrameRange, from bytes: [UInt8], at offset: Int) throws(Errno) {
        guard let target = physicalMemory.hostAddress(of: frames.start) else { throw .EFAULT }
        let failure: Errno? = bytes.withUnsafeBytes { buffer in
            guard let source = buffer.baseAddress else { return nil }
            do throws(Errno) {
                try physicalMemory.copy(from: source + offset, to: target, count: min(frames.count &* 4096, buffer.count &- offset))
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Pages that were touched for the first time since are zero again. Lock held.
    private func clear(_ run: TouchedRun, outside pieces: [MemorySnapshot.Piece], _ zeros: [UInt8]) throws(Errno) {
        var next = pieces.firstIndex { $0.end > run.address } ?? pieces.count
        var index = 0
        while index < run.frames.count {
            let address = run.address &+ UInt64(index) &* 4096
            let end = run.address &+ UInt64(run.frames.count) &* 4096
            if next < pieces.count, address >= pieces[next].address {
                index &+= Int((pieces[next].end &- address) / 4096)
                next &+= 1
                continue
            }
            let limit = next < pieces.count ? min(end, pieces[next].address) : end
            let count = min(Self.clearedAtOnce, Int((limit &- address) / 4096))
            try fill(run.frames.slice(index, count), from: zeros, at: 0)
            index &+= count
        }
    }
}
