internal import LibraryOS

/// The streams of a guest: standard input, output and error, and those that the host connects.
final class RingStreams: @unchecked Sendable {
    private let ring: Ring
    private let numbers = StreamNumbers()
    let watches = StreamWatches()

    init(_ ring: Ring) { self.ring = ring }

    func connect(_ name: [UInt8]) throws(Errno) -> RingStream {
        guard let number = numbers.take() else { throw .EMFILE }
        do throws(Errno) {
            try ring.openStream(number, name: name)
        } catch {
            numbers.give(back: number)
            throw error
        }
        return RingStream(number: number) { [ring, numbers] in
            do throws(Errno) { try ring.closeStream(number) } catch {}
            numbers.give(back: number)
        }
    }

    /// Moves bytes until the segments are full or there are none now.
    func read(_ stream: RingStream, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        try transfer(segments) { buffer throws(Errno) in
            do throws(Errno) {
                return switch stream.number {
                case 0: try ring.readConsole(into: buffer)
                case 1, 2: throw .EBADF
                default: try ring.receive(stream.number, into: buffer)
                }
            } catch {
                if error == .EAGAIN { watches.arm(readable: stream.bit) }
                throw error
            }
        }
    }

    func write(_ stream: RingStream, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        try transfer(segments) { buffer throws(Errno) in
            do throws(Errno) {
                return switch stream.number {
                case 0: throw .EBADF
                case 1, 2: try ring.writeConsole(stream.number, from: UnsafeRawBufferPointer(buffer))
                default: try ring.send(stream.number, from: UnsafeRawBufferPointer(buffer))
                }
            } catch {
                if error == .EAGAIN { watches.arm(writable: stream.bit) }
                throw error
            }
        }
    }

    /// Segment by segment, in pieces that fit into the ring; what was moved counts when a later piece fails.
    private func transfer(
        _ segments: [UnsafeMutableRawBufferPointer], _ move: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        var done = 0
        for segment in segments {
            var rest = segment[...]
            while !rest.isEmpty {
                let piece = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(Ring.largestTransfer))
                let moved: Int
                do throws(Errno) {
                    moved = try move(piece)
                } catch {
                    if done > 0 { return done }
                    throw error
                }
                done &+= moved
                if moved < piece.count { return done }
                rest = rest.dropFirst(moved)
            }
        }
        return done
    }

    /// Asks the host at once.
    func poll(_ stream: RingStream, events: PollEvents) -> PollEvents {
        let asked = RingEvents(readable: stream.bit & StreamWatches.readable, writable: stream.bit & StreamWatches.writable)
        do throws(Errno) {
            let found = try ring.wait(for: asked, nanoseconds: 0)
            watches.arm(readable: asked.readable & ~found.readable, writable: asked.writable & ~found.writable)
            return StreamWatches.pollEvents(found, of: stream.number).intersection(events.union([.error, .hangUp]))
        } catch { return [.error, .hangUp] }
    }
}
