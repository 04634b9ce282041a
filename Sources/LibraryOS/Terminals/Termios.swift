/// The settings of a terminal (termios(3)): modes and special characters.
package struct Termios: Equatable, Sendable {
    package var input: InputModes
    package var output: OutputModes
    package var control: UInt32
    package var local: LocalModes
    /// The line discipline's number; N_TTY is 0.
    package var discipline: UInt8 = 0
    /// `c_cc`, by `SpecialCharacter`.
    package var characters: [UInt8]
    package var inputSpeed: UInt32 = 38400
    package var outputSpeed: UInt32 = 38400

    /// NCCS of the kernel.
    static let characterCount = 19
    /// CSIZE, CS8, PARENB, CREAD and CLOCAL of `control`.
    static let sizeMask: UInt32 = 0o60, eightBits: UInt32 = 0o60, parity: UInt32 = 0o400, receives: UInt32 = 0o200, isLocal: UInt32 = 0o4000
    /// B38400 | CS8 | CREAD, with which every pseudo-terminal begins.
    private static let initialControl: UInt32 = 0o17 | eightBits | receives

    /// What the terminal side of a new pseudo-terminal has: `tty_std_termios` of the kernel.
    package static let standard = Termios(
        input: [.carriageReturnToNewline, .flowControl], output: [.processes, .newlineToBoth], control: initialControl,
        local: [.signals, .canonical, .echo, .echoErase, .echoKill, .echoControl, .echoKillErase, .extended],
        characters: [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0])
    /// The same for its master side: bytes as they are.
    static let transparent = Termios(input: [], output: [], control: initialControl, local: [], characters: standard.characters)

    package subscript(character: SpecialCharacter) -> UInt8 {
        get { characters[character.rawValue] }
        set { characters[character.rawValue] = newValue }
    }
    /// The byte is this special character, which is not switched off (_POSIX_VDISABLE is zero).
    func isSpecial(_ byte: UInt8, _ character: SpecialCharacter) -> Bool { byte != 0 && self[character] == byte }
}

/// Indexes of `c_cc`.
package enum SpecialCharacter: Int, Sendable {
    case interrupt = 0, quit, erase, kill, endOfFile, time, minimum, switchCharacter, start, stop, suspend, endOfLine, reprint, discard
    case wordErase, literalNext, endOfLine2
}

/// `c_iflag`.
package struct InputModes: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let ignoreBreak = InputModes(rawValue: 0o1), breakInterrupts = InputModes(rawValue: 0o2), markParity = InputModes(rawValue: 0o10)
    package static let strip = InputModes(rawValue: 0o40), newlineToCarriageReturn = InputModes(rawValue: 0o100)
    package static let ignoreCarriageReturn = InputModes(rawValue: 0o200), carriageReturnToNewline = InputModes(rawValue: 0o400)
    package static let lowerCase = InputModes(rawValue: 0o1000), flowControl = InputModes(rawValue: 0o2000), anyRestarts = InputModes(rawValue: 0o4000)
    package static let bellWhenFull = InputModes(rawValue: 0o20000), utf8 = InputModes(rawValue: 0o40000)
}

/// `c_oflag`.
package struct OutputModes: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let processes = OutputModes(rawValue: 0o1), upperCase = OutputModes(rawValue: 0o2), newlineToBoth = OutputModes(rawValue: 0o4)
    package static let carriageReturnToNewline = OutputModes(rawValue: 0o10), noReturnAtStart = OutputModes(rawValue: 0o20)
    package static let newlineReturns = OutputModes(rawValue: 0o40), expandTabs = OutputModes(rawValue: 0o14000)
}

/// `c_lflag`.
package struct LocalModes: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let signals = LocalModes(rawValue: 0o1), canonical = LocalModes(rawValue: 0o2), echo = LocalModes(rawValue: 0o10)
    package static let echoErase = LocalModes(rawValue: 0o20), echoKill = LocalModes(rawValue: 0o40), echoNewline = LocalModes(rawValue: 0o100)
    package static let noFlush = LocalModes(rawValue: 0o200), stopBackgroundOutput = LocalModes(rawValue: 0o400)
    package static let echoControl = LocalModes(rawValue: 0o1000), echoPrint = LocalModes(rawValue: 0o2000)
    package static let echoKillErase = LocalModes(rawValue: 0o4000), extended = LocalModes(rawValue: 0o100000)
    /// EXTPROC: the master's side has processed the input already.
    package static let external = LocalModes(rawValue: 0o200000)
}

// MARK: The structures of ioctl_tty(2)

extension Termios {
    /// Which structure a request carries.
    enum Form {
        /// `struct termio`: 16-bit flags and 8 characters.
        case old
        /// The kernel's `struct termios`.
        case plain
        /// `struct termios2`: with both speeds as numbers.
        case speeds

        var size: Int {
            switch self {
            case .old: 18
            case .plain: 36
            case .speeds: 44
            }
        }
    }

    func bytes(_ form: Form) -> [UInt8] {
        var writer = ByteWriter(capacity: 44)
        guard form != .old else {
            for flags in [input.rawValue, output.rawValue, control, local.rawValue] { writer.u16(UInt16(truncatingIfNeeded: flags)) }
            writer.u8(discipline)
            writer.raw(Array(characters.prefix(8)))
            writer.pad(to: form.size)
            return writer.bytes
        }
        for flags in [input.rawValue, output.rawValue, control, local.rawValue] { writer.u32(flags) }
        writer.u8(discipline)
        writer.raw(characters)
        if form == .speeds {
            writer.u32(inputSpeed)
            writer.u32(outputSpeed)
        }
        return writer.bytes
    }

    /// These settings with what a structure of the program says.
    func replaced(by bytes: [UInt8], _ form: Form) -> Termios {
        let reader = ByteReader(bytes)
        var result = self
        if form == .old {
            // The upper halves of the flags stay.
            func mixed(_ old: UInt32, _ offset: Int) -> UInt32 { old & 0xffff_0000 | UInt32(reader.u16(offset)) }
            result.input = InputModes(rawValue: mixed(input.rawValue, 0))
            result.output = OutputModes(rawValue: mixed(output.rawValue, 2))
            result.control = mixed(control, 4)
            result.local = LocalModes(rawValue: mixed(local.rawValue, 6))
            for index in 0..<8 { result.characters[index] = reader.u8(9 + index) }
        } else {
            result.input = InputModes(rawValue: reader.u32(0))
            result.output = OutputModes(rawValue: reader.u32(4))
            result.control = reader.u32(8)
            result.local = LocalModes(rawValue: reader.u32(12))
            result.discipline = reader.u8(16)
            for index in 0..<Self.characterCount { result.characters[index] = reader.u8(17 + index) }
        }
        result.setSpeeds(given: form == .speeds ? (reader.u32(36), reader.u32(40)) : nil)
        return result
    }

    private static let speeds: [UInt32] = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400]
    private static let fastSpeeds: [UInt32] = [
        57600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
    ]
    /// CBAUDEX, which is BOTHER when it stands alone.
    private static let otherSpeed: UInt32 = 0o10000

    /// The speed a CBAUD code means; nil for BOTHER.
    private static func speed(of code: UInt32) -> UInt32? {
        let index = Int(code & 0o17)
        if code & otherSpeed == 0 { return speeds[index] }
        return index == 0 ? nil : fastSpeeds[index - 1]
    }

    private mutating func setSpeeds(given: (input: UInt32, output: UInt32)?) {
        outputSpeed = Self.speed(of: control) ?? given?.output ?? outputSpeed
        // CIBAUD lies 16 bits above CBAUD; zero is "as for output".
        let code = control >> 16 & 0o10017
        inputSpeed = code == 0 ? outputSpeed : Self.speed(of: code) ?? given?.input ?? inputSpeed
    }
}
