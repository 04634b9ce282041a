/// Where a read puts its bytes or a write takes them from: ranges of the program's memory (read, readv), or monitor memory (sendfile, splice).
///
/// A cursor: every operation moves on by what it moved. A fault in the middle ends the transfer with what was moved so far; a fault at
/// the very start throws `EFAULT`.
package struct UserBuffers {
    package struct Range {
        package var address: GuestAddress
        package var length: Int
        package init(address: GuestAddress, length: Int) {
            self.address = address
            self.length = length
        }
    }

    private let memory: AddressSpace?
    private let kernelBuffer: UnsafeMutableRawBufferPointer
    private var ranges: [Range]
    private var index = 0
    private var offset = 0
    /// Bytes not yet moved.
    package private(set) var remaining: Int
    /// Bytes moved.
    package private(set) var moved = 0

    /// One range of the program's memory.
    package init(_ memory: AddressSpace, _ address: GuestAddress, length: Int) {
        self.memory = memory
        kernelBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        ranges = [Range(address: address, length: length)]
        remaining = length
    }
    /// An iovec array already read and checked.
    package init(_ memory: AddressSpace, _ ranges: [Range]) {
        self.memory = memory
        kernelBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        self.ranges = ranges
        remaining = ranges.reduce(0) { $0 + $1.length }
    }
    /// Monitor memory, valid for the value's lifetime.
    package init(kernel buffer: UnsafeMutableRawBufferPointer) {
        memory = nil
        kernelBuffer = buffer
        ranges = []
        remaining = buffer.count
    }

    /// Skips bytes moved by an earlier run of the handler.
    package mutating func skip(_ count: Int) {
        advance(min(count, remaining))
    }

    /// Limits what is left to `count` bytes.
    package mutating func limit(to count: Int) { remaining = min(remaining, max(0, count)) }

    private mutating func advance(_ count: Int) {
        remaining -= count
        moved += count
        var rest = count
        if memory == nil {
            offset += count
            return
        }
        while rest > 0, index < ranges.count {
            let step = min(rest, ranges[index].length - offset)
            offset += step
            rest -= step
            if offset == ranges[index].length {
                index += 1
                offset = 0
            }
        }
    }

    /// The next contiguous guest range, at most `remaining` bytes; skips empty ones.
    private mutating func current() -> Range? {
        while index < ranges.count, ranges[index].length == offset {
            index += 1
            offset = 0
        }
        guard index < ranges.count, remaining > 0 else { return nil }
        let range = ranges[index]
        return Range(
            address: GuestAddress(range.address.value &+ UInt64(offset)), length: min(range.length - offset, remaining))
    }

    /// Copies from monitor memory to the reader's buffers; returns the bytes copied (fewer when the buffers end).
    package mutating func copyOut(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try transfer(limit: bytes.count) { memory, address, done, count throws(Errno) in
            try memory.write(UnsafeRawBufferPointer(rebasing: bytes[done..<(done + count)]), to: address)
        } kernel: { destination, done in
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<(done + destination.count)]))
        }
    }

    /// Copies an array to the reader's buffers.
    package mutating func copyOut(_ bytes: [UInt8]) throws(Errno) -> Int {
        var copied = 0
        var failure: Errno?
        bytes.withUnsafeBytes { source in
            do throws(Errno) { copied = try copyOut(source) } catch { failure = error }
        }
        if let failure { throw failure }
        return copied
    }

    /// Copies from the writer's buffers to monitor memory; returns the bytes copied.
    package mutating func copyIn(_ destination: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try transfer(limit: destination.count) { memory, address, done, count throws(Errno) in
            try memory.read(into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<(done + count)]), from: address)
        } kernel: { source, done in
            UnsafeMutableRawBufferPointer(rebasing: destination[done..<(done + source.count)]).copyMemory(from: UnsafeRawBufferPointer(source))
        }
    }

    /// Copies at most `limit` bytes of the writer's buffers into a new array.
    package mutating func copyIn(limit: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let size = min(limit, remaining)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(Errno) {
                count = try copyIn(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes `count` zeros to the reader's buffers.
    package mutating func copyOutZeros(_ count: Int) throws(Errno) -> Int {
        let chunk = [UInt8](repeating: 0, count: min(count, 65536))
        var done = 0
        while done < count, remaining > 0 {
            let copied = try copyOut(count - done >= chunk.count ? chunk : Array(chunk[..<(count - done)]))
            if copied == 0 { break }
            done += copied
        }
        return done
    }

    private mutating func transfer(
        limit: Int, guest: (AddressSpace, GuestAddress, Int, Int) throws(Errno) -> Void, kernel: (UnsafeMutableRawBufferPointer, Int) -> Void
    ) throws(Errno) -> Int {
        guard let memory else {
            let count = min(limit, remaining)
            if count > 0 { kernel(UnsafeMutableRawBufferPointer(rebasing: kernelBuffer[offset..<(offset + count)]), 0) }
            advance(count)
            return count
        }
        var done = 0
        while done < limit, let range = current() {
            // Page-sized steps near the end of a buffer keep the count exact when the next page faults.
            let inPage = 4096 - Int(range.address.value & 4095)
            var count = min(range.length, limit - done)
            do throws(Errno) {
                try guest(memory, range.address, done, count)
            } catch {
                count = min(count, inPage)
                do throws(Errno) {
                    try guest(memory, range.address, done, count)
                } catch {
                    if done > 0 || moved > 0 { return done }
                    throw error
                }
            }
            advance(count)
            done += count
        }
        return done
    }

    /// Gives up to `limit` bytes of pinned host memory to a host call that moves bytes itself (preadv, pwritev), and advances by what it
    /// returns. `writing` is true when the call stores into the program's memory.
    package mutating func withHostSegments(
        limit: Int, writing: Bool, _ body: ([UnsafeMutableRawBufferPointer]) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        let size = min(limit, remaining)
        guard let memory else {
            let moved = try body([UnsafeMutableRawBufferPointer(rebasing: kernelBuffer[offset..<(offset + size)])])
            advance(moved)
            return moved
        }
        if size == 0 { return try body([]) }
        var wanted: [Range] = []
        var left = size
        var position = index
        var start = offset
        while left > 0, position < ranges.count, wanted.count < 64 {
            let available = min(ranges[position].length - start, left)
            if available > 0 {
                wanted.append(Range(address: GuestAddress(ranges[position].address.value &+ UInt64(start)), length: available))
            }
            left -= available
            position += 1
            start = 0
        }
        let moved = try memory.withPinned(wanted, writing: writing, body)
        advance(moved)
        return moved
    }
}
