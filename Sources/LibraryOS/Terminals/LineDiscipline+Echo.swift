/// One step of an echo. Steps wait while the output is held, and the column they depend on is known only when they are carried out.
enum EchoStep: Equatable {
    /// Output as a program's byte would be.
    case raw(UInt8)
    /// `^X` for a control character.
    case control(UInt8)
    /// The cursor is where the line begins.
    case lineBegins
    /// The byte just echoed takes no column.
    case columnBack
    /// Back over a tab that follows so many columns: since another tab, or since the line began.
    case eraseTab(columns: UInt8, afterTab: Bool)
}

extension LineDiscipline {
    /// What the kernel keeps of echoes that cannot be output.
    private static let mostEchoes = 4096

    mutating func echo(_ step: EchoStep) {
        if echoes.count >= Self.mostEchoes { echoes.removeFirst() }
        echoes.append(step)
    }
    mutating func echo(raw byte: UInt8) { echo(.raw(byte)) }
    /// With ECHOCTL control characters are visible.
    mutating func echo(character byte: UInt8) {
        echo(has(.echoControl) && byte.isControl && byte != 0x09 ? .control(byte) : .raw(byte))
    }

    /// Outputs what waits, as far as it can.
    mutating func sendEchoes() {
        if isHeld || echoes.isEmpty { return }
        var done = 0
        for step in echoes {
            // A tab takes eight bytes at most.
            if outputSpace < 8 { break }
            send(step)
            done += 1
        }
        echoes.removeFirst(done)
    }

    private mutating func send(_ step: EchoStep) {
        switch step {
        case .raw(let byte):
            if settings.output.contains(.processes) { _ = output(processed: byte) } else { output.append(byte) }
        case .control(let byte):
            output.append(0x5e)
            output.append(byte ^ 0x40)
            column += 2
        case .lineBegins: lineColumn = column
        case .columnBack: column = max(0, column - 1)
        case .eraseTab(let columns, let afterTab):
            let used = afterTab ? Int(columns) : Int(columns) + lineColumn
            for _ in 0..<(8 - used % 8) {
                output.append(0x08)
                column = max(0, column - 1)
            }
        }
    }

    // MARK: Erasing

    mutating func finishErasing() {
        guard isErasing else { return }
        echo(raw: UInt8(ascii: "/"))
        isErasing = false
    }

    private enum Erasure { case character, word, line }

    /// VERASE, VWERASE and VKILL.
    mutating func erase(_ byte: UInt8) {
        if input.isAtLineStart { return }
        let erasure: Erasure
        if settings.isSpecial(byte, .erase) {
            erasure = .character
        } else if settings.isSpecial(byte, .wordErase) {
            erasure = .word
        } else {
            guard has([.echo, .echoKill, .echoKillErase, .echoErase]) else { return killLine() }
            erasure = .line
        }
        eraseCharacters(erasure)
        if input.isAtLineStart, has(.echo) { finishErasing() }
    }

    /// VKILL where the line is not erased on the screen.
    private mutating func killLine() {
        input.rewind(to: input.lineEnd)
        guard has(.echo) else { return }
        finishErasing()
        echo(character: settings[.kill])
        if has(.echoKill) { echo(raw: 0x0a) }
    }

    private mutating func eraseCharacters(_ erasure: Erasure) {
        var hasSeenWord = false
        while !input.isAtLineStart {
            var head = input.head
            var byte: UInt8
            repeat {
                head &-= 1
                byte = input[head]
            } while isContinuation(byte) && head != input.lineEnd
            // Never a part of a character.
            if isContinuation(byte) { break }
            if erasure == .word {
                if byte.isWordCharacter { hasSeenWord = true } else if hasSeenWord { break }
            }
            let end = input.head
            input.rewind(to: head)
            if has(.echo) { echoErasure(of: byte, from: head, to: end, erasure) }
            if erasure == .character { break }
        }
    }

    private mutating func echoErasure(of byte: UInt8, from start: UInt64, to end: UInt64, _ erasure: Erasure) {
        if has(.echoPrint) {
            if !isErasing {
                echo(raw: UInt8(ascii: "\\"))
                isErasing = true
            }
            echo(character: byte)
            var position = start &+ 1
            while position != end {
                echo(raw: input[position])
                echo(.columnBack)
                position &+= 1
            }
        } else if erasure == .character, !has(.echoErase) {
            echo(character: settings[.erase])
        } else if byte == 0x09 {
            echoTabErasure()
        } else {
            if byte.isControl, has(.echoControl) { rubOut() }
            if !byte.isControl || has(.echoControl) { rubOut() }
        }
    }
    private mutating func rubOut() { for byte: UInt8 in [0x08, 0x20, 0x08] { echo(raw: byte) } }

    private mutating func echoTabErasure() {
        var columns = 0
        var position = input.head
        while position != input.lineEnd {
            position &-= 1
            let byte = input[position]
            if byte == 0x09 { return echo(.eraseTab(columns: UInt8(columns % 8), afterTab: true)) }
            if byte.isControl {
                if has(.echoControl) { columns += 2 }
            } else if !isContinuation(byte) {
                columns += 1
            }
        }
        echo(.eraseTab(columns: UInt8(columns % 8), afterTab: false))
    }

    func isContinuation(_ byte: UInt8) -> Bool { settings.input.contains(.utf8) && byte & 0xc0 == 0x80 }
}

extension UInt8 {
    /// `iscntrl` of the kernel.
    var isControl: Bool { self < 0x20 || self == 0x7f }
    /// What VWERASE takes for a part of a word; the kernel's table is Latin 1.
    fileprivate var isWordCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        case 0xc0...0xff: self != 0xd7 && self != 0xf7
        default: false
        }
    }
}
