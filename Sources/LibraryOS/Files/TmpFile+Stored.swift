/// Files whose content is kept in a store: they are changed in steps, so that there is room in the store and in memory for each.
extension TmpFile {
    /// The most pages of one step.
    private static let step = 256

    /// As `write`. What there is no room for is left out, as long as something was written.
    func writeStored(_ buffers: inout UserBuffers, at offset: Int64?, credentials: FileCredentials) throws(Errno) -> (count: Int, start: Int64) {
        var done: (count: Int, start: Int64)?
        var retries = 2
        repeat {
            do throws(Errno) {
                let next = done.map { $0.start &+ Int64($0.count) } ?? offset
                var piece = buffers
                let (count, start, isWhole) = try writeStep(&piece, at: next, credentials)
                buffers.skip(count)
                done = ((done?.count ?? 0) &+ count, done?.start ?? start)
                if !isWhole { break }
                try tmpfs.settle()
            } catch {
                if error == .ENOMEM, retries > 0, tmpfs.giveBackMemory() > 0 {
                    retries &-= 1
                    continue
                }
                if let done, done.count > 0 { return done }
                throw error
            }
        } while buffers.remaining > 0
        return done ?? (0, offset ?? object.size)
    }

    /// Writes as much of a step as there is room for; `isWhole`: nothing else has stopped it.
    private func writeStep(
        _ piece: inout UserBuffers, at offset: Int64?, _ credentials: FileCredentials
    ) throws(Errno) -> (count: Int, start: Int64, isWhole: Bool) {
        let inPage = Int((offset ?? object.size) & 4095)
        piece.limit(to: Self.step &* 4096 &- inPage)
        var pages = (piece.remaining &+ inPage &+ 4095) / 4096
        while true {
            do throws(Errno) {
                try tmpfs.makeRoom(pages &+ 1)
                break
            } catch {
                guard error == .ENOSPC, pages > 1 else { throw error }
                pages /= 2
            }
        }
        defer { tmpfs.roomIsUsed(pages &+ 1) }
        piece.limit(to: pages &* 4096 &- inPage)
        let wanted = piece.remaining
        let (count, start) = try writeAtOnce(&piece, at: offset, credentials: credentials)
        return (count, start, count == wanted)
    }

    /// fallocate(2) without FALLOC_FL_PUNCH_HOLE: zeros are written, so that the blocks are there.
    func allocateStored(mode: Int32, offset: Int64, length: Int64, isInterrupted: () -> Bool) throws(Errno) {
        let (end, overflow) = offset.addingReportingOverflow(length)
        if mode & ~0x11 != 0 { throw .EOPNOTSUPP }
        if offset < 0 || length <= 0 { throw .EINVAL }
        if overflow || end > tmpfs.maximumFileSize { throw .EFBIG }
        let statistics = try tmpfs.statistics()
        let missing = UInt64(max(0, length / 4096 &- Int64(object.residentPages)))
        if missing > statistics.blocks { throw .ENOSPC }
        // FALLOC_FL_ZERO_RANGE: what is there goes first.
        if mode & 0x10 != 0 {
            try tmpfs.makeRoom(Self.blocksOfResizing)
            defer { tmpfs.roomIsUsed(Self.blocksOfResizing) }
            try allocateAtOnce(mode: 3, offset: offset, length: length, isInterrupted: isInterrupted)
        }
        var position = offset
        while position < end {
            if isInterrupted() { throw .EINTR }
            let next = min(end, (position & ~4095) &+ Int64(Self.step) &* 4096)
            try allocateStep(position, next, mode)
            position = next
            try tmpfs.settle()
        }
    }

    private func allocateStep(_ start: Int64, _ end: Int64, _ mode: Int32) throws(Errno) {
        let pages = Int((end &+ 4095) / 4096 &- start / 4096)
        try tmpfs.makeRoom(pages &+ Self.blocksOfResizing)
        defer { tmpfs.roomIsUsed(pages &+ Self.blocksOfResizing) }
        do throws(Errno) {
            try allocateAtOnce(mode: mode & 1, offset: start, length: end &- start) { false }
        } catch {
            guard error == .ENOMEM || error == .ENOSPC, tmpfs.giveBackMemory() > 0 else { throw error }
            try allocateAtOnce(mode: mode & 1, offset: start, length: end &- start) { false }
        }
    }
}
