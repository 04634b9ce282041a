/// The line discipline N_TTY (termios(3)): what becomes of bytes between the master side of a pseudo-terminal and the programs on it.
///
/// Plain data: the terminal holds its lock around every use, then sends `signals` and wakes who waits.
struct LineDiscipline {
    private(set) var settings = Termios.standard
    var input = InputBuffer()
    /// Bytes from the master for which the input buffer has no room yet.
    private var arriving = ByteQueue()
    /// Bytes for the master.
    var output = ByteQueue()
    /// How many of them were there before the bytes that are being received.
    private var settledOutput = 0

    /// What is to be echoed and waits for the output to go on.
    var echoes: ArraySlice<EchoStep> = []
    /// Where the cursor is, and where it was when the line began.
    var column = 0, lineColumn = 0
    /// The next byte means itself (VLNEXT).
    private var isNextLiteral = false
    /// Erased characters are being printed (ECHOPRT).
    var isErasing = false

    /// Output is held: by VSTOP, or by tcflow(3), which VSTART does not undo.
    private(set) var isHeld = false
    private(set) var isHeldByCall = false
    /// TIOCPKT: the master reads a status byte before everything.
    var reportsPackets = false
    /// What the next read of the master tells.
    var packetStatus = PacketStatus()
    /// Signals for the foreground process group.
    private(set) var signals: [Int32] = []

    /// What the kernel's buffers take in each direction before a writer has to wait (8,192 on the way, 4,095 in the reader's buffer).
    static let arrivingLimit = 8192, outputLimit = 8192 + 4095
    /// What a flush of the output leaves: it is with the reader already.
    static let readerShare = 4095

    /// The bits of TIOCPKT's status byte.
    struct PacketStatus: OptionSet {
        let rawValue: UInt8
        static let flushedInput = PacketStatus(rawValue: 1), flushedOutput = PacketStatus(rawValue: 2)
        static let stopped = PacketStatus(rawValue: 4), started = PacketStatus(rawValue: 8)
        static let noFlowControl = PacketStatus(rawValue: 16), flowControl = PacketStatus(rawValue: 32), settings = PacketStatus(rawValue: 64)
    }

    mutating func takeSignals() -> [Int32] {
        defer { signals = [] }
        return signals
    }
    mutating func report(_ status: PacketStatus, instead: PacketStatus = []) {
        if reportsPackets { packetStatus = packetStatus.subtracting(instead).union(status) }
    }

    var isCanonical: Bool { settings.local.contains(.canonical) }
    /// Readers get lines, which are made here.
    private var makesLines: Bool { isCanonical && !has(.external) }
    func has(_ mode: LocalModes) -> Bool { settings.local.contains(mode) }

    // MARK: From the master

    var arrivingSpace: Int { max(0, Self.arrivingLimit - arriving.count) }

    /// Bytes that were typed; the caller has looked for space.
    mutating func type(_ bytes: ArraySlice<UInt8>) {
        arriving.append(bytes)
        receiveArriving()
    }

    /// Moves on what there is room for. In a line without an end the last byte is overwritten, so that the end can always be typed.
    mutating func receiveArriving() {
        settledOutput = output.count
        while !arriving.isEmpty {
            var room = InputBuffer.size - input.count
            if settings.input.contains(.markParity) { room = (room + 2) / 3 }
            room -= 1
            if room <= 0 {
                guard isCanonical, !input.hasLine else { return }
                if room < 0 { input.rewind(to: input.head &- 1) }
            }
            if let byte = arriving.popFirst() { receive(byte) }
        }
    }

    private mutating func receive(_ typed: UInt8) {
        var byte = typed
        let isLiteral = isNextLiteral
        isNextLiteral = false
        if settings.input.contains(.strip) { byte &= 0x7f }
        if settings.input.contains(.lowerCase), has(.extended), byte >= 0x41, byte <= 0x5a { byte += 0x20 }
        if has(.external) { return input.append(byte) }
        if isLiteral { return accept(byte) }
        if receiveFlowControl(byte) || receiveSignal(byte) { return }
        var isConverted = false
        if byte == 0x0d {
            if settings.input.contains(.ignoreCarriageReturn) { return }
            if settings.input.contains(.carriageReturnToNewline) {
                byte = 0x0a
                isConverted = true
            }
        } else if byte == 0x0a, settings.input.contains(.newlineToCarriageReturn) {
            byte = 0x0d
        }
        restartIfAnyDoes()
        if isCanonical, receiveEditing(byte) { return }
        accept(byte, startsLine: isConverted)
    }

    /// A byte that means itself; a newline as such is echoed like other control characters, one that was a carriage return starts a line.
    private mutating func accept(_ byte: UInt8, startsLine: Bool = false) {
        restartIfAnyDoes()
        if has(.echo) {
            finishErasing()
            if startsLine {
                echo(raw: byte)
            } else {
                if input.isAtLineStart { echo(.lineBegins) }
                echo(character: byte)
            }
            sendEchoes()
        }
        store(byte)
    }
    private mutating func store(_ byte: UInt8) {
        // A single 0xff would be the beginning of a mark.
        if byte == 0xff, settings.input.contains(.markParity) { input.append(byte) }
        input.append(byte)
    }

    private mutating func receiveFlowControl(_ byte: UInt8) -> Bool {
        guard settings.input.contains(.flowControl) else { return false }
        if settings.isSpecial(byte, .start) {
            start()
            return true
        }
        if settings.isSpecial(byte, .stop) {
            stop()
            return true
        }
        return false
    }

    private mutating func restartIfAnyDoes() {
        if isHeld, !isHeldByCall, settings.input.contains([.flowControl, .anyRestarts]) { start() }
    }

    private mutating func receiveSignal(_ byte: UInt8) -> Bool {
        guard has(.signals) else { return false }
        let number: Int32
        if settings.isSpecial(byte, .interrupt) {
            number = Signal.SIGINT
        } else if settings.isSpecial(byte, .quit) {
            number = Signal.SIGQUIT
        } else if settings.isSpecial(byte, .suspend) {
            number = Signal.SIGTSTP
        } else {
            return false
        }
        signal(number)
        if settings.input.contains(.flowControl) { start() }
        if has(.echo) { echo(character: byte) }
        sendEchoes()
        return true
    }

    /// A signal for the foreground process group, which loses what it has not read and what it wrote unless NOFLSH is set.
    mutating func signal(_ number: Int32) {
        // Pending once is pending.
        if !signals.contains(number) { signals.append(number) }
        if has(.noFlush) { return }
        echoes = []
        // What was echoed of the same write has not reached the reader.
        output.keep(first: min(settledOutput, Self.readerShare))
        report(.flushedOutput)
        flushInput()
    }

    private mutating func receiveEditing(_ byte: UInt8) -> Bool {
        let isExtended = has(.extended)
        if settings.isSpecial(byte, .erase) || settings.isSpecial(byte, .kill) || (isExtended && settings.isSpecial(byte, .wordErase)) {
            erase(byte)
            sendEchoes()
            return true
        }
        if isExtended, settings.isSpecial(byte, .literalNext) {
            isNextLiteral = true
            if has(.echo) {
                finishErasing()
                if has(.echoControl) {
                    echo(raw: 0x5e)
                    echo(raw: 0x08)
                    sendEchoes()
                }
            }
            return true
        }
        if isExtended, has(.echo), settings.isSpecial(byte, .reprint) {
            reprint(byte)
            return true
        }
        if byte == 0x0a {
            if has(.echo) || has(.echoNewline) {
                echo(raw: byte)
                sendEchoes()
            }
            input.endLine(byte)
            return true
        }
        if settings.isSpecial(byte, .endOfFile) {
            input.endLine(0)
            return true
        }
        guard settings.isSpecial(byte, .endOfLine) || (isExtended && settings.isSpecial(byte, .endOfLine2)) else { return false }
        if has(.echo) {
            if input.isAtLineStart { echo(.lineBegins) }
            echo(character: byte)
            sendEchoes()
        }
        if byte == 0xff, settings.input.contains(.markParity) { input.append(byte) }
        input.endLine(byte)
        return true
    }

    private mutating func reprint(_ byte: UInt8) {
        finishErasing()
        echo(character: byte)
        echo(raw: 0x0a)
        var position = input.lineEnd
        while position != input.head {
            echo(character: input[position])
            position &+= 1
        }
        sendEchoes()
    }

    // MARK: Holding the output

    mutating func stop() {
        if isHeld { return }
        isHeld = true
        report(.stopped, instead: .started)
    }
    mutating func start() {
        guard isHeld, !isHeldByCall else { return sendEchoes() }
        isHeld = false
        report(.started, instead: .stopped)
        sendEchoes()
    }
    /// tcflow(3) TCOOFF and TCOON.
    mutating func holdByCall(_ held: Bool) {
        if held {
            if isHeldByCall { return }
            isHeldByCall = true
            stop()
        } else if isHeldByCall {
            isHeldByCall = false
            start()
        }
    }

    // MARK: Settings and flushes

    mutating func set(_ new: Termios) {
        let old = settings
        settings = new
        // A pseudo-terminal has eight bits and no parity, and always receives.
        settings.control = new.control & ~(Termios.sizeMask | Termios.parity) | Termios.eightBits | Termios.receives
        if !old.local.symmetricDifference(settings.local).isDisjoint(with: [.canonical, .external]) {
            input.setCanonical(isCanonical)
            isErasing = false
            isNextLiteral = false
        }
        if old.input.contains(.flowControl), !settings.input.contains(.flowControl), !isHeldByCall { start() }
        let (before, after) = (old.hasUsualFlowControl, settings.hasUsualFlowControl)
        if before != after { report(after ? .flowControl : .noFlowControl, instead: [.flowControl, .noFlowControl]) }
        if old.local.contains(.external) || has(.external) { report(.settings) }
        receiveArriving()
    }

    /// Forgets what was typed and not read.
    mutating func flushInput() {
        input.removeAll()
        isErasing = false
        isNextLiteral = false
        report(.flushedInput)
    }
    mutating func flushArriving() { arriving.removeAll() }
    /// Forgets what was written and not taken over by the master's reader.
    mutating func flushOutput() {
        output.keep(first: Self.readerShare)
        report(.flushedOutput)
    }

    // MARK: To the reader

    /// Whether a read has something: a line, or `minimum` bytes.
    func canRead(minimum: Int) -> Bool { makesLines ? input.hasLine : input.count >= max(1, minimum) }

    /// Takes a line, or whatever there is.
    mutating func read(_ limit: Int) -> [UInt8] {
        let taken = makesLines ? input.takeLine(limit) : input.take(limit)
        let isEndOfFile = has(.external) && isCanonical && taken == [settings[.endOfFile]] && input.count == 0
        receiveArriving()
        return isEndOfFile ? [] : taken
    }

    /// FIONREAD.
    var available: Int { makesLines ? input.lineBytes : input.count }
}

extension Termios {
    /// Ctrl-S and Ctrl-Q hold and release the output: what packet mode tells of.
    fileprivate var hasUsualFlowControl: Bool { input.contains(.flowControl) && self[.stop] == 0x13 && self[.start] == 0x11 }
}
