internal import LibraryOS

/// Transfers of any length, in pieces that fit into the ring.
enum ProxyTransfer {
    /// Segment by segment, until they are full or a piece is not; what was moved counts when a later piece fails.
    static func move(
        _ segments: [UnsafeMutableRawBufferPointer], at offset: Int64?, most: Int, _ piece: (UnsafeMutableRawBufferPointer, UInt64) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        guard let offset, offset >= 0 else { throw .EINVAL }
        var done = 0
        for segment in segments {
            var rest = segment[...]
            while !rest.isEmpty {
                let part = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(most))
                let moved: Int
                do throws(Errno) {
                    moved = try piece(part, UInt64(offset) &+ UInt64(done))
                } catch {
                    if done > 0 { return done }
                    throw error
                }
                done &+= moved
                if moved < part.count { return done }
                rest = rest.dropFirst(moved)
            }
        }
        return done
    }
}
