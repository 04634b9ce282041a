internal import LibraryOS

extension RootImage {
    /// What is read beyond what was asked for, in blocks, where the file goes on.
    private static let readAhead = 4

    /// Copies verified content of a file into the segments, and says how many bytes; fewer than there is room for only at the file's end.
    ///
    /// - Parameter onlyCached: stop at the first block that would have to be read; `EAGAIN` when that is the first.
    func read(_ inode: RootImageInode, into segments: [UnsafeMutableRawBufferPointer], at position: Int64, onlyCached: Bool) throws(Errno) -> Int {
        guard inode.kind == .regular else { throw .EISDIR }
        if position < 0 { throw .EINVAL }
        var target = SegmentWriter(segments)
        let begin = UInt64(position)
        let end = begin >= inode.size ? begin : begin &+ min(inode.size &- begin, UInt64(target.remaining))
        var place = begin
        while place < end {
            let (block, start) = (inode.offset &+ place).quotientAndRemainder(dividingBy: UInt64(RootImageLayout.block))
            if let known = blocks.cached(block) {
                place &+= UInt64(target.write(known, from: Int(start), limit: end &- place))
                continue
            }
            if onlyCached {
                if place == begin { throw .EAGAIN }
                break
            }
            try blocks.fetch(block, count: runLength(inode, from: block, wanted: end)) { index, bytes in
                if place < end { place &+= UInt64(target.write(bytes, from: index == 0 ? Int(start) : 0, limit: end &- place)) }
            }
        }
        return Int(place &- begin)
    }

    /// Blocks from `block` on: to the end of what is wanted and some more, not beyond the file's last block, the 16 of one request, or one that is there already.
    private func runLength(_ inode: RootImageInode, from block: UInt64, wanted end: UInt64) -> Int {
        let size = UInt64(RootImageLayout.block)
        let fileEnd = (inode.offset &+ inode.size &+ size &- 1) / size
        let wantedEnd = (inode.offset &+ end &+ size &- 1) / size
        let most = min(fileEnd, max(wantedEnd, block &+ UInt64(Self.readAhead)), block &+ UInt64(VerifiedBlocks.runLength))
        var run: UInt64 = 1
        while block &+ run < most, blocks.cached(block &+ run) == nil { run &+= 1 }
        return Int(run)
    }
}

/// Fills segments one after the other.
struct SegmentWriter {
    private let segments: [UnsafeMutableRawBufferPointer]
    private var index = 0
    private var filled = 0
    private(set) var remaining: Int

    init(_ segments: [UnsafeMutableRawBufferPointer]) {
        self.segments = segments
        remaining = segments.reduce(0) { $0 &+ $1.count }
    }

    /// Copies bytes from `start` on, at most `limit` and as many as there is room for; says how many.
    mutating func write(_ bytes: [UInt8], from start: Int, limit: UInt64) -> Int {
        var done = 0
        let wanted = min(bytes.count &- start, Int(clamping: limit), remaining)
        while done < wanted, index < segments.count {
            let free = segments[index].count &- filled
            if free == 0 {
                (index, filled) = (index &+ 1, 0)
                continue
            }
            let piece = min(free, wanted &- done)
            let from = start &+ done
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: segments[index][filled..<filled &+ piece]).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from &+ piece]))
            }
            filled &+= piece
            done &+= piece
        }
        remaining &-= done
        return done
    }
}
