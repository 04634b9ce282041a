/// An open /dev/pts/N: the side of a pseudo-terminal that programs take for a terminal.
package final class TerminalFile: OpenFile, @unchecked Sendable {
    private let terminal: PseudoTerminal
    private let generation: Int

    /// Opens it; the controlling terminal of a session leader that has none, without O_NOCTTY.
    init(_ terminal: PseudoTerminal, flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) {
        self.terminal = terminal
        generation = try terminal.addOpening(by: task)
        super.init(flags: flags, location: location, readiness: terminal.queue)
        if !flags.contains(.noControllingTerminal) { terminal.processes.acquireByOpening(terminal, by: task.group, canRead: access.canRead) }
    }

    override var isByteStream: Bool { true }
    override var signalledEvents: PollEvents? { .input }
    /// `__tty_fasync` of the kernel: the foreground, or without one who asks.
    override func defaultOwner(_ task: Task) -> FileOwner? {
        let group = (try? terminal.processes.foregroundGroup(of: terminal, asking: nil)) ?? 0
        let found = group > 0 ? try? FileOwner.find(FileOwner.processGroup, group, for: task) : nil
        return found ?? (try? FileOwner.find(FileOwner.process, task.group.id, for: task))
    }
    override var isHungUp: Bool { terminal.isHungUp(since: generation) }

    override func checkForeground(reading: Bool, _ task: Task) throws(Errno) {
        if isHungUp { return }
        if reading { return try terminal.checkBackground(task, Signal.SIGTTIN) }
        if terminal.lock.withLock({ terminal.line.has(.stopBackgroundOutput) }) { try terminal.checkBackground(task, Signal.SIGTTOU) }
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        // What is read makes room, which may echo and signal: not on the service thread.
        if inPlace { throw .EAGAIN }
        return try read(&buffers, task, isLate: currentFlags.contains(.nonBlocking))
    }
    override func readRemainder(_ buffers: inout UserBuffers, task: Task) throws(Errno) -> Int { try read(&buffers, task, isLate: true) }
    override func readDeadline(started: MonotonicInstant) -> MonotonicInstant? { terminal.readDeadline(started: started) }

    private func read(_ buffers: inout UserBuffers, _ task: Task, isLate: Bool) throws(Errno) -> Int {
        if isHungUp { return 0 }
        if buffers.remaining == 0 { return 0 }
        return try buffers.copyOut(try terminal.read(limit: min(buffers.remaining, InputBuffer.size), isLate: isLate))
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if isHungUp { throw .EIO }
        if buffers.remaining == 0 { return 0 }
        var source = buffers
        let written = try terminal.write(try source.copyIn(limit: Self.pieceSize))
        if written == 0 { throw .EAGAIN }
        buffers.skip(written)
        return written
    }
    /// What one step of a write copies.
    private static let pieceSize = 4096

    package override func poll() -> PollEvents {
        isHungUp ? [.input, .output, .error, .hangUp, .readNormal, .writeNormal] : terminal.poll()
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        if isHungUp { throw request == TerminalRequest.setForegroundGroup ? .ENOTTY : .EIO }
        return try terminal.control(request, argument, task: task, fromMaster: false, canRead: access.canRead)
    }

    package override func release() { terminal.removeOpening() }
}

/// The master side of a pseudo-terminal: an open /dev/ptmx.
package final class MasterFile: OpenFile, @unchecked Sendable {
    private let terminal: PseudoTerminal
    private let fileSystem: PtsFS

    init(_ terminal: PseudoTerminal, in fileSystem: PtsFS, flags: OpenFlags, location: PathLocation) {
        self.terminal = terminal
        self.fileSystem = fileSystem
        super.init(flags: flags, location: location, readiness: terminal.masterQueue)
    }

    override var isByteStream: Bool { true }
    override var signalledEvents: PollEvents? { .input }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if inPlace { throw .EAGAIN }
        if buffers.remaining == 0 { return 0 }
        return try buffers.copyOut(try terminal.readMaster(limit: buffers.remaining))
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if buffers.remaining == 0 { return 0 }
        let space = terminal.typingSpace
        if space == 0 { throw .EAGAIN }
        var source = buffers
        let written = try terminal.type(try source.copyIn(limit: space))
        if written == 0 { throw .EAGAIN }
        buffers.skip(written)
        return written
    }

    package override func poll() -> PollEvents { terminal.pollMaster() }
    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        writer.text("tty-index:\t")
        writer.unsigned(UInt64(terminal.number))
        writer.newline()
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        let address = GuestAddress(argument)
        switch request {
        case TerminalRequest.getNumber: try task.memory.writeU32(terminal.number, to: address)
        case TerminalRequest.setLock:
            let locked = try task.memory.readU32(address) != 0
            terminal.lock.withLock { terminal.isLocked = locked }
        case TerminalRequest.getLock: try task.memory.writeU32(terminal.lock.withLock { terminal.isLocked } ? 1 : 0, to: address)
        case TerminalRequest.setPacketMode:
            let on = try task.memory.readU32(address) != 0
            terminal.lock.withLock {
                if on, !terminal.line.reportsPackets { terminal.line.packetStatus = [] }
                terminal.line.reportsPackets = on
            }
        case TerminalRequest.getPacketMode:
            try task.memory.writeU32(terminal.lock.withLock { terminal.line.reportsPackets } ? 1 : 0, to: address)
        case TerminalRequest.openPeer: return try openPeer(OpenFlags(rawValue: UInt32(truncatingIfNeeded: argument)), task)
        case TerminalRequest.signal:
            // Only those a terminal sends.
            let number = Int32(truncatingIfNeeded: argument)
            guard [Signal.SIGINT, Signal.SIGQUIT, Signal.SIGTSTP].contains(number) else { throw .EINVAL }
            terminal.signalForeground(number)
        default: return try terminal.control(request, argument, task: task, fromMaster: true, canRead: access.canRead)
        }
        return 0
    }

    /// TIOCGPTPEER: the other side, even where no path leads to it.
    private func openPeer(_ flags: OpenFlags, _ task: Task) throws(Errno) -> Int64 {
        guard let place = fileSystem.location(of: terminal.number, in: task.kernel.mounts) else { throw .ENODEV }
        let peer = try terminal.open(flags: flags.intersection([.readWrite, .writeOnly, .nonBlocking, .noControllingTerminal]), location: place, task: task)
        return Int64(try task.install(peer, closeOnExec: flags.contains(.closeOnExec)))
    }

    package override func release() {
        fileSystem.remove(terminal)
        terminal.closeMaster()
    }
}
