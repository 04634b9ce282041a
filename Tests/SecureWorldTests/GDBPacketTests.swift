import Testing

@testable import SecureWorld

/// What gdb sends is understood as its manual says, and nothing that anybody sends does harm. Examples are from the manual ("Overview", "Packets").
@Suite struct GDBPacketTests {
    private func events(_ bytes: [UInt8]) -> [GDBPacketParser.Event] {
        var parser = GDBPacketParser()
        return bytes.compactMap { parser.take($0) }
    }
    private func events(_ text: String) -> [GDBPacketParser.Event] { events(Array(text.utf8)) }
    private func packet(_ text: String) -> GDBPacketParser.Event { .packet(Array(text.utf8)) }

    @Test func aPacketEndsWithItsChecksum() {
        // As gdb and gdbserver send them.
        #expect(events("$OK#9a") == [packet("OK")])
        #expect(events("+$qC#b4") == [.acknowledged(true), packet("qC")])
        #expect(events("$vMustReplyEmpty#3a") == [packet("vMustReplyEmpty")])
        #expect(events("$OK#9b$?#3f") == [.damaged, packet("?")])
        #expect(events("$OK#9A") == [packet("OK")])
        #expect(events("$#00") == [packet("")])
    }

    @Test func anInterruptIsAByteBetweenPackets() {
        #expect(events([3]) == [.interrupt])
        // In a packet it is data.
        #expect(events([0x24, 3, 0x23, 0x30, 0x33]) == [.packet([3])])
    }

    @Test func whatIsEscapedIsAsItWasBefore() {
        // 0x7d is transmitted as 0x7d 0x5d.
        #expect(events([0x24, 0x58, 0x7d, 0x5d, 0x23] + Array("32".utf8)) == [.packet([0x58, 0x7d])])
        let everything = (0...255).map { UInt8($0) }
        #expect(events(GDBPacketParser.packet(everything)) == [.packet(everything)])
        #expect(GDBPacketParser.packet([0x7d]) == [0x24, 0x7d, 0x5d, 0x23] + Array("da".utf8))
    }

    @Test func aPacketThatIsTooLongIsRefused() {
        let long = GDBPacketParser.packet([UInt8](repeating: 0x61, count: GDBPacketParser.largest + 1))
        #expect(events(long + Array("$?#3f".utf8)) == [.damaged, packet("?")])
    }

    @Test func anotherBeginningTakesThePlaceOfALostEnd() { #expect(events("$qSuppo$OK#9a") == [packet("OK")]) }

    @Test func bytesAtRandomDoNoHarm() {
        var generator = SystemRandomNumberGenerator()
        var parser = GDBPacketParser()
        let likely = Array("$#}+-0123456789abcdefvqmMXZGP:;,".utf8)
        for _ in 0..<200_000 {
            let byte = Bool.random(using: &generator) ? likely[Int.random(in: 0..<likely.count, using: &generator)] : UInt8.random(in: 0...255, using: &generator)
            if case .packet(let content)? = parser.take(byte) { _ = GDBCommand(content) }
        }
    }

    // MARK: Commands

    private func command(_ text: String) -> GDBCommand { GDBCommand(Array(text.utf8)) }

    @Test func commandsHaveTheirArguments() {
        #expect(command("m7fff1000,40") == .readMemory(0x7fff_1000, count: 0x40))
        #expect(command("M1000,2:aBcD") == .writeMemory(0x1000, [0xab, 0xcd]))
        #expect(command("X1000,2:##") == .writeMemory(0x1000, [0x23, 0x23]))
        #expect(command("P10=0011223344556677") == .writeRegister(16, [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]))
        #expect(command("p1f") == .readRegister(31))
        #expect(command("Z0,401000,1") == .insertBreakpoint(0x401000))
        #expect(command("z0,401000,1") == .removeBreakpoint(0x401000))
        #expect(command("vCont;s:p1.1;c") == .resume(GDBResumption(isStep: true)))
        #expect(command("vCont;C0b:1") == .resume(GDBResumption(signal: 11)))
        #expect(command("c") == .resume(GDBResumption()))
        #expect(command("s401000") == .resume(GDBResumption(isStep: true, address: 0x401000)))
        #expect(command("S05;401000") == .resume(GDBResumption(isStep: true, signal: 5, address: 0x401000)))
        #expect(command("qXfer:features:read:target.xml:0,ffb") == .transfer(object: "features", annex: "target.xml", offset: 0, count: 0xffb))
        #expect(command("vFile:open:2f61,0,1c0") == .file(.open(Array("/a".utf8))))
        #expect(command("vFile:pread:6,1000,20") == .file(.read(6, count: 0x1000, offset: 0x20)))
        #expect(command("vKill;a410") == .kill(answers: true))
    }

    @Test(arguments: ["Z1,401000,1", "Z2,401000,4", "vMustReplyEmpty", "R", "", "qTStatus", "vAttach;1", "\u{e4}"]) func whatIsUnknownIsAnsweredByNothing(_ text: String) {
        #expect(command(text) == .unknown)
    }

    @Test(arguments: [
        "m", "m1000", "m1000,", "m10000000000000000,1", "mx,1", "m1,1:", "M1000,2:ab", "M1000,2:abcdef", "M1000,1:xy", "X1000,3:ab", "P10", "P10=1", "p", "Gabc", "C", "C100",
        "s1000x", "vCont;", "vCont;t", "vCont;Cxyz", "qXfer:features:read:target.xml", "qXfer:features:read:target.xml:0", "qXfer:auxv:read::ffffffffffffffff,1",
        "Z0,", "Z0,1000", "m1,ffffffffffffffff",
    ]) func whatMakesNoSenseIsAnError(_ text: String) { #expect(command(text) == .malformed) }
}
