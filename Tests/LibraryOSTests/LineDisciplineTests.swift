import Testing

@testable import LibraryOS

@Suite struct LineDisciplineTests {
    /// A line discipline with a few modes on or off.
    private func line(on: LocalModes = [], off: LocalModes = [], input: InputModes = [], output: OutputModes = []) -> LineDiscipline {
        var line = LineDiscipline()
        var settings = line.settings
        settings.local = settings.local.union(on).subtracting(off)
        settings.input.formUnion(input)
        settings.output.formUnion(output)
        line.set(settings)
        return line
    }
    private func type(_ text: String, into line: inout LineDiscipline) { line.type(ArraySlice(text.utf8)) }
    private func echo(_ line: inout LineDiscipline) -> String { String(decoding: line.output.take(.max), as: UTF8.self) }
    private func read(_ line: inout LineDiscipline, _ limit: Int = 4096) -> String { String(decoding: line.read(limit), as: UTF8.self) }

    @Test func aLineCanBeReadWhenItsEndIsTyped() {
        var line = line()
        type("hello", into: &line)
        #expect(!line.canRead(minimum: 1) && line.available == 0)
        type("\r", into: &line)
        #expect(line.canRead(minimum: 1) && line.available == 6)
        #expect(echo(&line) == "hello\r\n")
        #expect(read(&line) == "hello\n")
        #expect(!line.canRead(minimum: 1))
    }

    @Test func oneReadGetsOneLine() {
        var line = line()
        type("one\ntwo\n", into: &line)
        #expect(read(&line, 2) == "on")
        #expect(read(&line) == "e\n")
        #expect(read(&line) == "two\n")
    }

    @Test func anEndOfFileIsAnEmptyReadOrTheEndOfAPiece() {
        var line = line()
        type("ab\u{4}", into: &line)
        #expect(line.available == 2)
        #expect(read(&line) == "ab")
        type("\u{4}", into: &line)
        #expect(line.canRead(minimum: 1))
        #expect(read(&line) == "")
        type("cd\u{4}", into: &line)
        #expect(read(&line, 2) == "cd")
        #expect(!line.canRead(minimum: 1), "a reader whose buffer is just full does not find the end again")
    }

    @Test func erasingTakesBackWhatWasTyped() {
        var line = line()
        type("abc\u{7f}\u{7f}x\n", into: &line)
        #expect(echo(&line) == "abc\u{8} \u{8}\u{8} \u{8}x\r\n")
        #expect(read(&line) == "ax\n")
        type("one two\u{17}three\n", into: &line)
        #expect(read(&line) == "one three\n")
        type("gone\u{15}here\n", into: &line)
        #expect(read(&line) == "here\n")
    }

    @Test func erasingStopsAtTheLineBefore() {
        var line = line()
        type("a\n\u{7f}\u{7f}\u{17}\u{15}b\n", into: &line)
        #expect(read(&line) == "a\n")
        #expect(read(&line) == "b\n")
    }

    @Test func aCharacterOfManyBytesIsErasedAsOne() {
        var line = line(input: .utf8)
        type("é€\u{7f}\n", into: &line)
        #expect(read(&line) == "é\n")
    }

    @Test func aTabIsErasedBackToWhereItBegan() {
        var line = line()
        _ = line.write(Array("> ".utf8))
        type("a\t\u{7f}", into: &line)
        #expect(echo(&line) == "> a\t" + String(repeating: "\u{8}", count: 5))
    }

    @Test func signalsFlushWhatWasTypedUnlessToldOtherwise() {
        var flushing = line()
        type("lost\u{3}kept\n", into: &flushing)
        #expect(flushing.takeSignals() == [Signal.SIGINT])
        #expect(read(&flushing) == "kept\n")
        var keeping = line(on: .noFlush)
        type("kept\u{1a}\n", into: &keeping)
        #expect(keeping.takeSignals() == [Signal.SIGTSTP])
        #expect(read(&keeping) == "kept\n")
        var deaf = line(off: .signals)
        type("\u{3}\u{1c}\u{1a}\n", into: &deaf)
        #expect(deaf.takeSignals().isEmpty)
        #expect(read(&deaf) == "\u{3}\u{1c}\u{1a}\n")
    }

    @Test func aSwitchedOffCharacterIsAnOrdinaryOne() {
        var line = line()
        var settings = line.settings
        settings[.interrupt] = 0
        line.set(settings)
        type("\0\u{3}\n", into: &line)
        #expect(line.takeSignals().isEmpty)
        #expect(read(&line) == "\0\u{3}\n")
    }

    @Test func theOutputIsHeldAndReleased() {
        var line = line()
        type("\u{13}", into: &line)
        #expect(line.write(Array("text".utf8)) == 0 && !line.canWrite)
        type("abc", into: &line)
        #expect(echo(&line) == "")
        type("\u{11}", into: &line)
        #expect(echo(&line) == "abc")
        #expect(line.write(Array("text".utf8)) == 4)
    }

    @Test func anEndlessLineKeepsRoomForItsEnd() {
        var line = line(off: .echo)
        line.type(ArraySlice([UInt8](repeating: 0x61, count: 8000)))
        #expect(line.arrivingSpace == LineDiscipline.arrivingLimit)
        type("b\n", into: &line)
        let read = line.read(8192)
        #expect(read.count == 4096 && read.suffix(1) == [0x0a])
    }

    @Test func bytesThatFitNowhereWaitForAReader() {
        var line = line(off: [.echo, .canonical])
        line.type(ArraySlice([UInt8](repeating: 0x61, count: 8192)))
        #expect(line.available == 4095 && line.arrivingSpace == 4095)
        #expect(line.read(8192).count == 4095)
        #expect(line.available == 4095)
    }

    @Test func theOutputHasALimitAndCountsWhatItMakes() {
        var line = line()
        let lines = [UInt8](repeating: 0x0a, count: 20000)
        let written = line.write(lines)
        #expect(written == LineDiscipline.outputLimit / 2)
        #expect(line.output.count <= LineDiscipline.outputLimit)
        // Echoes wait, and there is an end of them.
        for _ in 0..<20 { line.type(ArraySlice([UInt8](repeating: 0x0a, count: 4000))) }
        #expect(line.echoes.count <= 4096 && line.output.count <= LineDiscipline.outputLimit)
    }

    @Test func tabsBecomeSpaces() {
        var line = line(output: .expandTabs)
        _ = line.write(Array("a\tb\n\tc".utf8))
        #expect(echo(&line) == "a       b\r\n        c")
    }

    @Test func whatWasTypedBecomesALineWhenTheModeChanges() {
        var line = line(off: [.canonical, .echo])
        type("half", into: &line)
        #expect(line.available == 4)
        var settings = line.settings
        settings.local.insert(.canonical)
        line.set(settings)
        #expect(read(&line) == "half")
    }

    @Test func settingsSurviveTheirStructures() {
        var settings = Termios.standard
        settings[.minimum] = 7
        for form in [Termios.Form.plain, .speeds] {
            #expect(settings.bytes(form).count == form.size)
            #expect(Termios.transparent.replaced(by: settings.bytes(form), form) == settings)
        }
        // BOTHER with a speed of its own.
        settings.control = settings.control & ~0o10017 | 0o10000
        settings.outputSpeed = 12345
        #expect(Termios.standard.replaced(by: settings.bytes(.speeds), .speeds).outputSpeed == 12345)
    }
}
