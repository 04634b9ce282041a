/// A pipe(7): a ring of page-sized buffers, as Linux has it, so that fullness, merging of small writes and packets behave alike.
package final class Pipe: @unchecked Sendable {
    struct Buffer {
        var bytes: [UInt8]
        var start = 0
        /// Written in packet mode (O_DIRECT): one read takes it whole.
        var isPacket: Bool
        var count: Int { bytes.count - start }
    }

    static let pageSize = 4096
    static let defaultSlots = 16
    /// /proc/sys/fs/pipe-max-size.
    static let maximumSize = 1 << 20

    private let lock = Lock(.inode)
    private var buffers: [Buffer] = []
    private var slots = Pipe.defaultSlots
    private var readers = 0
    private var writers = 0
    /// How often each end was opened; a FIFO's open waits for the other count to move.
    private(set) var timesReadOpened: UInt64 = 0
    private(set) var timesWriteOpened: UInt64 = 0
    private let account: BufferAccount

    /// Readiness of the reading ends, of the writing ends, and of O_RDWR ends.
    let readQueue = WaitQueue(), writeQueue = WaitQueue(), bothQueue = WaitQueue()

    init(account: BufferAccount) { self.account = account }

    private func wakeReaders() {
        readQueue.wake(for: [.input, .readNormal])
        bothQueue.wake(for: [.input, .readNormal])
    }
    private func wakeWriters() {
        writeQueue.wake(for: [.output, .writeNormal])
        bothQueue.wake(for: [.output, .writeNormal])
    }

    // MARK: Ends

    /// Opens an end; returns what the ends were at that moment, this one included: another may come and go before anybody asks again.
    @discardableResult func open(reading: Bool, writing: Bool) -> Ends {
        let ends = lock.withLock {
            if reading {
                readers += 1
                timesReadOpened &+= 1
            }
            if writing {
                writers += 1
                timesWriteOpened &+= 1
            }
            return Ends(readers: readers, writers: writers, readOpens: timesReadOpened, writeOpens: timesWriteOpened)
        }
        readQueue.wake(for: [])
        writeQueue.wake(for: [])
        return ends
    }

    func close(reading: Bool, writing: Bool) {
        let (noReaders, noWriters) = lock.withLock {
            if reading { readers -= 1 }
            if writing { writers -= 1 }
            if readers == 0, writers == 0 {
                account.refund(buffers.count * Self.pageSize)
                buffers = []
            }
            return (reading && readers == 0, writing && writers == 0)
        }
        if noWriters { readQueue.wake(for: [.input, .readNormal, .hangUp]) }
        if noReaders { writeQueue.wake(for: [.output, .writeNormal, .error]) }
        bothQueue.wakeAll()
    }

    /// How many ends are open, and how often they were opened.
    struct Ends {
        let readers: Int
        let writers: Int
        let readOpens: UInt64
        let writeOpens: UInt64
    }

    var ends: Ends { lock.withLock { Ends(readers: readers, writers: writers, readOpens: timesReadOpened, writeOpens: timesWriteOpened) } }

    // MARK: Content

    /// Moves what is there; zero at the end of the file, `EAGAIN` while there is nothing and a writer may still come.
    func read(_ destination: inout UserBuffers, inPlace: Bool) throws(Errno) -> Int {
        if destination.remaining == 0 { return 0 }
        if inPlace {
            if !lock.tryLock() { throw .EAGAIN }
        } else {
            lock.lock()
        }
        let wasFull = buffers.count >= slots
        var moved = 0
        var failure: Errno?
        do throws(Errno) {
            while destination.remaining > 0, let buffer = buffers.first {
                let wanted = min(buffer.count, destination.remaining)
                // What does not fit the program's memory to its last byte stays in the pipe.
                let copied = try destination.copyOut(buffer.bytes, from: buffer.start, count: wanted)
                if copied < wanted { throw .EFAULT }
                moved += copied
                buffers[0].start += copied
                if buffer.isPacket || buffers[0].count == 0 { removeFirst() }
                if buffer.isPacket { break }
            }
        } catch { failure = error }
        let freed = wasFull && buffers.count < slots
        let atEnd = writers == 0
        lock.unlock()
        if freed { wakeWriters() }
        if moved > 0 { return moved }
        if let failure { throw failure }
        if atEnd { return 0 }
        throw .EAGAIN
    }

    /// Moves what there is room for; `EAGAIN` when that is nothing, `EPIPE` without readers. Up to PIPE_BUF (4,096) bytes go in one piece or not at all.
    func write(_ source: inout UserBuffers, packets: Bool, inPlace: Bool) throws(Errno) -> Int {
        if source.remaining == 0 { return 0 }
        if inPlace {
            if !lock.tryLock() { throw .EAGAIN }
        } else {
            lock.lock()
        }
        var moved = 0
        var failure: Errno?
        do throws(Errno) {
            if readers == 0 { throw .EPIPE }
            if inPlace, (slots - buffers.count) * Self.pageSize < source.remaining { throw .EAGAIN }
            moved = try merge(&source, packets: packets)
            while source.remaining > 0 {
                if buffers.count >= slots { throw .EAGAIN }
                // Charged before anything is taken from the writer: what has been taken must not be lost.
                if !account.charge(Self.pageSize) { throw .ENOMEM }
                let bytes: [UInt8]
                do throws(Errno) {
                    bytes = try Self.piece(&source, min(Self.pageSize, source.remaining))
                } catch {
                    account.refund(Self.pageSize)
                    throw error
                }
                buffers.append(Buffer(bytes: bytes, isPacket: packets))
                moved += bytes.count
            }
        } catch { failure = error }
        lock.unlock()
        if moved > 0 {
            wakeReaders()
            return moved
        }
        if let failure { throw failure }
        return 0
    }

    /// Small writes fill the last page while they fit (`pipe_write` of the kernel).
    private func merge(_ source: inout UserBuffers, packets: Bool) throws(Errno) -> Int {
        let odd = source.remaining & (Self.pageSize - 1)
        guard odd > 0, let last = buffers.last, !last.isPacket, !packets, last.bytes.count + odd <= Self.pageSize else { return 0 }
        let bytes = try Self.piece(&source, odd)
        buffers[buffers.count - 1].bytes.append(contentsOf: bytes)
        return bytes.count
    }

    /// What goes into one page: all of it or, when the program's memory ends in the middle, nothing.
    private static func piece(_ source: inout UserBuffers, _ wanted: Int) throws(Errno) -> [UInt8] {
        let before = source
        let bytes = try source.copyIn(limit: wanted)
        if bytes.count < wanted {
            source = before
            throw .EFAULT
        }
        return bytes
    }

    private func removeFirst() {
        buffers.removeFirst()
        account.refund(Self.pageSize)
    }

    // MARK: State

    /// What poll(2) says at an end; `writesSeen` is what `timesWriteOpened` was when a FIFO was opened without waiting for a writer.
    func poll(reading: Bool, writing: Bool, writesSeen: UInt64?) -> PollEvents {
        lock.withLock {
            var events: PollEvents = []
            if reading {
                if !buffers.isEmpty { events.formUnion([.input, .readNormal]) }
                if writers == 0, writesSeen != timesWriteOpened { events.insert(.hangUp) }
            }
            if writing {
                if buffers.count < slots { events.formUnion([.output, .writeNormal]) }
                if readers == 0 { events.insert(.error) }
            }
            return events
        }
    }

    /// Bytes to read (FIONREAD).
    var available: Int { lock.withLock { buffers.reduce(0) { $0 + $1.count } } }
    /// F_GETPIPE_SZ.
    var size: Int { lock.withLock { slots * Self.pageSize } }

    /// F_SETPIPE_SZ: rounded up to a power of two of pages.
    func resize(to wanted: UInt32) throws(Errno) -> Int {
        if wanted > 1 << 31 { throw .EINVAL }
        if wanted > UInt32(Self.maximumSize) { throw .EPERM }
        var size = Self.pageSize
        while size < Int(wanted) { size <<= 1 }
        lock.lock()
        let busy = size / Self.pageSize < buffers.count
        if !busy { slots = size / Self.pageSize }
        lock.unlock()
        if busy { throw .EBUSY }
        wakeWriters()
        return size
    }

    // MARK: splice and tee

    /// Room for whole pages now, in bytes; `EPIPE` without readers.
    func room() throws(Errno) -> Int {
        lock.lock()
        defer { lock.unlock() }
        if readers == 0 { throw .EPIPE }
        return max(0, slots - buffers.count) * Self.pageSize
    }

    /// Takes up to `limit` bytes out; nil while it is empty and has writers, empty at the end of the file.
    func take(limit: Int) -> [UInt8]? {
        lock.lock()
        let wasFull = buffers.count >= slots
        var result: [UInt8] = []
        while result.count < limit, let buffer = buffers.first {
            let count = min(buffer.count, limit - result.count)
            result.append(contentsOf: buffer.bytes[buffer.start..<(buffer.start + count)])
            buffers[0].start += count
            if buffers[0].count == 0 { removeFirst() }
        }
        let freed = wasFull && buffers.count < slots
        let mayCome = writers > 0
        lock.unlock()
        if freed { wakeWriters() }
        return result.isEmpty && mayCome ? nil : result
    }

    /// A copy of up to `limit` bytes that stay (tee); nil as `take`.
    func peek(limit: Int) -> [UInt8]? {
        lock.withLock {
            var result: [UInt8] = []
            for buffer in buffers where result.count < limit {
                result.append(contentsOf: buffer.bytes[buffer.start...].prefix(limit - result.count))
            }
            return result.isEmpty && writers > 0 ? nil : result
        }
    }

    /// Puts bytes in that a splice has already taken from its source: at the back, or at the front when the destination did not want them. They are never
    /// lost, so a race with another writer may overfill the ring by one splice.
    func put(_ bytes: [UInt8], atFront: Bool = false) {
        var pages: [Buffer] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Self.pageSize)
            pages.append(Buffer(bytes: Array(bytes[start..<end]), isPacket: false))
            start = end
        }
        lock.withLock {
            account.chargeBeyondLimit(pages.count * Self.pageSize)
            buffers.insert(contentsOf: pages, at: atFront ? 0 : buffers.count)
        }
        wakeReaders()
    }
}

extension UserBuffers {
    /// Copies part of an array to the reader's buffers.
    mutating func copyOut(_ bytes: [UInt8], from start: Int, count: Int) throws(Errno) -> Int {
        var copied = 0
        var failure: Errno?
        bytes.withUnsafeBytes { source in
            do throws(Errno) { copied = try copyOut(UnsafeRawBufferPointer(rebasing: source[start..<(start + count)])) } catch { failure = error }
        }
        if let failure { throw failure }
        return copied
    }
}
