/// A pseudo-terminal (pty(7)): a terminal whose other end is a file, the master, instead of a line.
package final class PseudoTerminal: Terminal, @unchecked Sendable {
    /// Its number in /dev/pts.
    let number: UInt32
    let lock = Lock(.inode)
    // Under `lock`:
    var line = LineDiscipline()
    /// `struct winsize`: rows, columns, and both in pixels.
    var windowSize = [UInt8](repeating: 0, count: 8)
    /// TIOCSPTLCK: it cannot be opened before unlockpt(3).
    var isLocked = true
    var isExclusive = false, isMasterExclusive = false
    private var isMasterOpen = true
    private var openings = 0
    /// Everything that had it open has closed it: the master reads `EIO` until it is opened again.
    private var wasClosed = false
    /// How often it was hung up: files that were opened before are dead.
    private var hangUps = 0
    /// When the last byte was typed, for VTIME.
    private var lastArrival = MonotonicInstant(nanoseconds: 0)

    /// Where readers and writers wait, on either side.
    let queue = WaitQueue(), masterQueue = WaitQueue()
    private let time: TimeBase

    init(number: UInt32, processes: ProcessTable, time: TimeBase) {
        self.number = number
        self.time = time
        super.init(deviceNumber: DeviceNumber.make(major: Self.major, minor: number), processes: processes)
    }
    /// UNIX98_PTY_SLAVE_MAJOR.
    static let major: UInt32 = 136

    // MARK: Changes and what follows from them

    /// What both sides can see before and after a change: who waits for more of it is woken.
    private struct Readiness {
        let input: Int, hasLine: Bool, canWrite: Bool, output: Int, canType: Bool, packet: UInt8

        init(_ line: LineDiscipline) {
            input = line.input.count
            hasLine = line.canRead(minimum: 1)
            canWrite = line.canWrite
            output = line.output.count
            canType = line.arrivingSpace > 0
            packet = line.packetStatus.rawValue
        }
    }

    /// Changes the line under the lock; then signals go out and waiters are woken. `moved`: bytes were read or written, which makes room even
    /// where there was some.
    func change<Result>(_ body: (inout LineDiscipline) throws(Errno) -> Result) throws(Errno) -> Result {
        lock.lock()
        let before = Readiness(line)
        let result: Swift.Result<Result, Errno>
        do throws(Errno) { result = .success(try body(&line)) } catch { result = .failure(error) }
        let after = Readiness(line)
        let signals = line.takeSignals()
        lock.unlock()
        for number in signals { signalForeground(number) }
        if after.hasLine, after.input > before.input || !before.hasLine { queue.wake(for: [.input, .readNormal]) }
        if after.canWrite, !before.canWrite || after.output < before.output { queue.wake(for: [.output, .writeNormal]) }
        if after.output > before.output { masterQueue.wake(for: [.input, .readNormal]) }
        if after.packet & ~before.packet != 0 { masterQueue.wake(for: [.input, .readNormal, .priority]) }
        if after.canType, !before.canType || after.input < before.input { masterQueue.wake(for: [.output, .writeNormal]) }
        return try result.get()
    }

    // MARK: Opening and closing

    /// Counts one more open file of the terminal side, not of the master's; the result is what `isHungUp` asks for.
    func addOpening(by task: Task) throws(Errno) -> Int {
        lock.lock()
        if !isMasterOpen || isLocked {
            lock.unlock()
            throw .EIO
        }
        if isExclusive, openings > 0 {
            lock.unlock()
            throw .EBUSY
        }
        openings += 1
        wasClosed = false
        let generation = hangUps
        lock.unlock()
        return generation
    }

    func removeOpening() {
        let isLast = lock.withLock {
            openings -= 1
            if openings == 0 {
                wasClosed = true
                isExclusive = false
                line.reportsPackets = false
            }
            return openings == 0
        }
        if isLast { masterQueue.wakeAll() }
    }

    /// The master's last descriptor is gone: the other side is hung up for good.
    func closeMaster() {
        lock.withLock { isMasterOpen = false }
        hangUp()
    }

    /// Files that are open now are dead, the session's leader gets SIGHUP.
    func hangUp() {
        lock.withLock {
            hangUps += 1
            line.flushInput()
            line.flushArriving()
        }
        processes.hangUp(self)
        queue.wakeAll()
        masterQueue.wakeAll()
    }

    func isHungUp(since generation: Int) -> Bool { lock.withLock { generation != hangUps } }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try TerminalFile(self, flags: flags, location: location, task: task)
    }

    // MARK: The terminal side

    /// How many bytes make a read worthwhile, and how long it waits.
    struct Patience {
        var minimum = 1
        /// VTIME in nanoseconds, when it is set in non-canonical mode.
        var interval: Int64 = 0
        /// VMIN is zero: the interval runs from the call on, else from byte to byte.
        var isForCall = false
        var isCanonical = true
    }
    private func patience(_ line: LineDiscipline) -> Patience {
        if line.isCanonical { return Patience() }
        let minimum = Int(line.settings[.minimum])
        return Patience(
            minimum: max(1, minimum), interval: Int64(line.settings[.time]) * 100_000_000, isForCall: minimum == 0, isCanonical: false)
    }

    /// Reads what satisfies VMIN; with `isLate` whatever there is. `EAGAIN`: wait.
    func read(limit: Int, isLate: Bool) throws(Errno) -> [UInt8] {
        try change { line throws(Errno) in
            let patience = patience(line)
            let minimum = isLate ? 1 : min(patience.minimum, limit, InputBuffer.size - 1)
            if line.canRead(minimum: minimum) { return line.read(limit) }
            if !isMasterOpen { throw .EIO }
            // VMIN and VTIME zero: a look, and no more.
            if patience.isForCall, patience.interval == 0 { return [] }
            throw .EAGAIN
        }
    }

    /// When a read that began at `start` gives up (VTIME); nil: never.
    func readDeadline(started: MonotonicInstant) -> MonotonicInstant? {
        lock.withLock {
            let patience = patience(line)
            if patience.interval == 0 { return nil }
            if patience.isForCall { return started.advanced(byNanoseconds: patience.interval) }
            return line.input.count == 0 ? nil : max(started, lastArrival).advanced(byNanoseconds: patience.interval)
        }
    }

    func write(_ bytes: [UInt8]) throws(Errno) -> Int {
        try change { line throws(Errno) in
            if !isMasterOpen { throw .EIO }
            return line.write(bytes)
        }
    }

    func poll() -> PollEvents {
        lock.withLock {
            var events: PollEvents = []
            let patience = patience(line)
            // VMIN counts only when no timer would end the read with less.
            let minimum = patience.interval == 0 && !patience.isForCall ? patience.minimum : 1
            if line.canRead(minimum: minimum) { events.formUnion([.input, .readNormal]) }
            if !isMasterOpen { events.insert(.hangUp) }
            if line.canWrite { events.formUnion([.output, .writeNormal]) }
            return events
        }
    }

    // MARK: The master side

    /// Reads what was output, a status byte first in packet mode. `EIO` when nobody has the terminal open any more.
    func readMaster(limit: Int) throws(Errno) -> [UInt8] {
        try change { line throws(Errno) in
            if line.reportsPackets, !line.packetStatus.isEmpty {
                defer { line.packetStatus = [] }
                return [line.packetStatus.rawValue]
            }
            guard !line.output.isEmpty else {
                if wasClosed { throw .EIO }
                throw .EAGAIN
            }
            let header: [UInt8] = line.reportsPackets ? [0] : []
            let taken = line.output.take(min(limit - header.count, LineDiscipline.readerShare))
            line.sendEchoes()
            return header + taken
        }
    }

    /// Types as much as there is room for.
    func type(_ bytes: [UInt8]) throws(Errno) -> Int {
        let now = time.monotonicNow()
        return try change { line throws(Errno) in
            let count = min(bytes.count, line.arrivingSpace)
            line.type(bytes[..<count])
            lastArrival = now
            return count
        }
    }
    var typingSpace: Int { lock.withLock { line.arrivingSpace } }

    func pollMaster() -> PollEvents {
        lock.withLock {
            var events: PollEvents = []
            if !line.output.isEmpty { events.formUnion([.input, .readNormal]) }
            if line.reportsPackets, !line.packetStatus.isEmpty { events.formUnion([.priority, .input, .readNormal]) }
            if wasClosed { events.insert(.hangUp) }
            if line.arrivingSpace > 0 { events.formUnion([.output, .writeNormal]) }
            return events
        }
    }
}
