/// Reading and writing an object with a pager.
///
/// Bytes are copied under the object's lock, piece by piece through a buffer: nobody can drop or write back a page in the middle of it.
extension MemoryObject {
    /// The most bytes that are copied at a time.
    private static let piece = 1 << 16

    func readPaged(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        try prepare()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(buffers.remaining, Self.piece)), alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        do throws(Errno) {
            while buffers.remaining > 0 {
                let position = offset &+ Int64(done)
                let wanted = min(buffers.remaining, buffer.count)
                let count = try copy(to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), from: position, ahead: buffers.remaining)
                if count == 0 { break }
                let moved = try buffers.copyOut(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done &+= moved
                if moved < count { break }
            }
        } catch {
            if done == 0 { throw error }
        }
        return done
    }

    /// Copies bytes from `position` on; fewer at the end, or where a page has to be brought in next. `ahead`: how many bytes will be asked for in all.
    private func copy(to buffer: UnsafeMutableRawBufferPointer, from position: Int64, ahead: Int) throws(Errno) -> Int {
        guard let pager else { return 0 }
        while true {
            var missing: UInt64?
            let count = try lock.withLock { () throws(Errno) -> Int in
                pager.used()
                let wanted = min(Int64(buffer.count), currentSize &- position)
                var done = 0
                while Int64(done) < wanted {
                    let at = UInt64(position &+ Int64(done))
                    let step = min(4096 &- Int(at & 4095), Int(wanted) &- done)
                    guard let target = buffer.baseAddress.map({ $0 + done }) else { break }
                    if let frame = extents.run(at: at / 4096, limit: 1), let base = physicalMemory.hostAddress(of: frame.start) {
                        try physicalMemory.copy(from: base + Int(at & 4095), to: target, count: step)
                    } else if pager.kept.contains(at / 4096) {
                        missing = at / 4096
                        break
                    } else {
                        target.initializeMemory(as: UInt8.self, repeating: 0, count: step)
                    }
                    done &+= step
                }
                return done
            }
            guard count == 0, let missing else { return count }
            try load(missing, wanted: (ahead &+ Int(position & 4095) &+ 4095) / 4096)
        }
    }

    func writePaged(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int {
        try prepare()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(buffers.remaining, Self.piece)), alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        do throws(Errno) {
            while buffers.remaining > 0 {
                let position = offset &+ Int64(done)
                let wanted = min(buffers.remaining, buffer.count, Self.piece &- Int(position & 4095))
                let count = try buffers.copyIn(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
                if count > 0 { try put(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position) }
                done &+= count
                if count < wanted { break }
            }
        } catch {
            if done == 0 { throw error }
        }
        return done
    }

    /// Writes a piece of at most 64 KiB, for which the pager has made room. `grows` false: `EFAULT` behind the end.
    func put(_ bytes: UnsafeRawBufferPointer, at position: Int64, grows: Bool = true) throws(Errno) {
        guard let pager, let source = bytes.baseAddress, !bytes.isEmpty else { return }
        let (end, overflow) = position.addingReportingOverflow(Int64(bytes.count))
        if position < 0 || overflow { throw .EFBIG }
        let pages = UInt64(position) / 4096..<(UInt64(end &- 1) / 4096 &+ 1)
        var retries = 2
        while true {
            // Pages that are not written as a whole have to be there before.
            if position & 4095 != 0 || pages.lowerBound &+ 1 == pages.upperBound && end & 4095 != 0 { try load(pages.lowerBound, wanted: 1) }
            if end & 4095 != 0 { try load(pages.upperBound &- 1, wanted: 1) }
            do throws(Errno) {
                let isDone = try lock.withLock { () throws(Errno) -> Bool in
                    if !grows, end > currentSize { throw .EFAULT }
                    if position & 4095 != 0, isAway(pages.lowerBound, pager) { return false }
                    if end & 4095 != 0, isAway(pages.upperBound &- 1, pager) { return false }
                    try fill(pages, from: source, bytes.count, at: position, pager)
                    currentSize = max(currentSize, end)
                    return true
                }
                if isDone { break }
            } catch {
                retries &-= 1
                guard error == .ENOMEM, retries > 0, pager.giveBackMemory() else { throw error }
            }
        }
        try pager.settle(mayCommit: false)
    }

    /// Writes without growing: `EFAULT` behind the end. Without locks.
    func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
        guard let pager else { return }
        try prepare()
        var done = 0
        while done < bytes.count {
            let position = offset &+ Int64(done)
            let count = min(bytes.count &- done, Self.piece &- Int(position & 4095))
            let pages = Self.piece / 4096
            try pager.makeRoom(pages, mayCommit: true)
            defer { pager.roomIsUsed(pages) }
            var failure: Errno?
            bytes[done..<done &+ count].withUnsafeBytes { content in
                do throws(Errno) { try put(content, at: position, grows: false) } catch { failure = error }
            }
            if let failure { throw failure }
            done &+= count
        }
    }

    /// Copies to pages that get frames if they have none, and are dirty from now on. Lock held.
    private func fill(
        _ pages: Range<UInt64>, from source: UnsafeRawPointer, _ count: Int, at position: Int64, _ pager: ObjectPager
    ) throws(Errno) {
        try ensureResident(pages, pager)
        markDirty(pages, pager)
        var done = 0
        while done < count {
            let at = UInt64(position) &+ UInt64(done)
            let step = min(4096 &- Int(at & 4095), count &- done)
            guard let frame = extents.run(at: at / 4096, limit: 1), let base = physicalMemory.hostAddress(of: frame.start) else { throw .EIO }
            try physicalMemory.copy(from: source + done, to: base + Int(at & 4095), count: step)
            done &+= step
        }
    }
}
