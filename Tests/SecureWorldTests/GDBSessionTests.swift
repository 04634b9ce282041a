import LibraryOS
import Testing

@testable import SecureWorld

/// The stub answers gdb about a target that stands still.
@Suite struct GDBSessionTests {
    /// 4,096 bytes of memory at 0x1000.
    private final class Target: DebugTarget {
        var registers = GDBRegisters(general: RegisterFile(), extended: [UInt8](repeating: 0, count: 4096), threadPointer: 0x77)
        var memory = (0..<4096).map { UInt8(truncatingIfNeeded: $0) }
        var breakpoints: Set<UInt64> = []
        var images = [
            DebugImage(path: "/a&b.elf", elf: Array("\u{7f}ELF-file".utf8), base: 0x5000, segments: [0x5000, 0x9000], entry: 0x5123, dynamic: 0),
            DebugImage(path: "/l.elf", elf: [1], base: 0xa000, segments: [0xa000], entry: nil, dynamic: 0xb000),
        ]

        func replaceRegisters(_ registers: GDBRegisters) -> Bool {
            self.registers = registers
            return true
        }
        func readMemory(_ address: UInt64, count: Int) -> [UInt8] { address >= 0x1000 && address < 0x2000 ? Array(memory[Int(address - 0x1000)...].prefix(count)) : [] }
        func writeMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool {
            guard address >= 0x1000, address + UInt64(bytes.count) <= 0x2000 else { return false }
            memory.replaceSubrange(Int(address - 0x1000)..<Int(address - 0x1000) + bytes.count, with: bytes)
            return true
        }
        func insertBreakpoint(_ address: UInt64) -> Bool { breakpoints.insert(address).inserted }
        func removeBreakpoint(_ address: UInt64) { breakpoints.remove(address) }
    }

    private let target = Target()
    private let session: GDBSession
    init() { session = GDBSession(target) }

    private func answer(_ packet: String) -> String {
        if case .reply(let bytes) = session.answer(Array(packet.utf8)) { String(decoding: bytes, as: UTF8.self) } else { "no reply" }
    }

    @Test func memoryIsReadAsFarAsItGoes() {
        #expect(answer("m1001,3") == "010203")
        #expect(answer("m1ffe,10") == "feff")
        #expect(answer("m3000,1") == "E16")
        #expect(answer("m1000,7fffffffffffffff").hasPrefix("000102"))
    }

    @Test func memoryIsWritten() {
        #expect(answer("M1000,2:cafe") == "OK")
        #expect(answer("m1000,3") == "cafe02")
        #expect(answer("M1fff,2:cafe") == "E16")
        // How gdb finds out that X is there.
        #expect(answer("X0,0:") == "OK")
    }

    @Test func registersHaveTheNumbersOfTheDescription() {
        target.registers.general.rip = 0x1122_3344_5566_7788
        target.registers.general.rbx = 0xabcd
        #expect(answer("p10") == "8877665544332211")
        #expect(answer("p1") == "cdab000000000000")
        #expect(answer("p39") == "7700000000000000")
        #expect(answer("p3c") == "E16")
        #expect(answer("P10=0100000000000000") == "OK")
        #expect(target.registers.general.rip == 1)
        #expect(answer("P10=01") == "E16")
        // The code segment is what it is, and the interrupt flag set; the trap flag is the stub's.
        #expect(answer("P12=10000000") == "E16")
        #expect(answer("P11=01010000") == "OK")
        #expect(answer("p11") == "03020000")
    }

    /// Sizes of amd64 in gdb: 17 of 8 bytes, 7 of 4, 8 of 10, 8 of 4, 16 of 16, 1 of 4, 3 of 8.
    @Test func allRegistersComeAtOnceAndGoBack() {
        let all = answer("g")
        #expect(all.count == 2 * (17 * 8 + 7 * 4 + 8 * 10 + 8 * 4 + 16 * 16 + 4 + 3 * 8))
        #expect(answer("G" + all) == "OK")
        #expect(answer("g") == all)
        #expect(answer("G" + all + "00") == "E16")
        target.registers.extended = nil
        // Without a processor the general ones are there and the others not.
        #expect(answer("g").contains("xxxx"))
        #expect(answer("p28") == "xx")
        #expect(answer("P28=" + String(repeating: "00", count: 16)) == "E16")
    }

    @Test func vectorRegistersLieWhereFXSAVEHasThem() {
        target.registers.extended?[160 + 16 * 3] = 0x5a
        #expect(answer("p2b") == "5a" + String(repeating: "00", count: 15))
        #expect(answer("P28=" + String(repeating: "11", count: 16)) == "OK")
        #expect(target.registers.extended?[160] == 0x11)
        // XSTATE_BV, so that the processor takes them over.
        #expect(target.registers.extended?[512] == 3)
    }

    /// Intel SDM volume 1, table 10-2: valid, zero, special, empty.
    @Test func theTagWordIsMadeOfTheAbridgedOne() {
        var state = [UInt8](repeating: 0, count: 512)
        #expect(X87Tags.word(of: state) == 0xffff)
        // Physical registers 7 (1.0), 6 (0.0) and 5 (infinity) are in use and TOP is 5: ST0 is register 5.
        (state[3], state[4]) = (5 << 3, 0b1110_0000)
        state.replaceSubrange(32..<42, with: [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x7f])
        state.replaceSubrange(64..<74, with: [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f])
        #expect(X87Tags.word(of: state) == 0b00_01_10_11_11_11_11_11)
        #expect(X87Tags.abridged(0b00_01_10_11_11_11_11_11) == 0b1110_0000)
    }

    @Test func breakpointsAreInsertedAndRemoved() {
        #expect(answer("Z0,1000,1") == "OK")
        #expect(target.breakpoints == [0x1000])
        #expect(answer("z0,1000,1") == "OK")
        #expect(target.breakpoints.isEmpty)
        #expect(answer("Z1,1000,1") == "")
    }

    @Test func stopsAreToldWithTheirReason() {
        session.stop = .signal(DebugStop.segment)
        #expect(answer("?") == "T0bthread:1;")
        session.stop = .breakpoint
        #expect(answer("?") == "T05thread:1;")
        _ = answer("qSupported:swbreak+;xmlRegisters=i386")
        #expect(answer("?") == "T05swbreak:;thread:1;")
        session.stop = .killed(6)
        #expect(answer("?") == "X06")
        session.stop = .exited
        #expect(answer("?") == "W00")
    }

    @Test func objectsAreReadInPieces() {
        #expect(answer("qXfer:exec-file:read:1:0,4") == "m/a&b")
        #expect(answer("qXfer:exec-file:read:1:4,40") == "l.elf")
        #expect(answer("qXfer:exec-file:read:1:7fffffffffffffff,40") == "l")
        #expect(answer("qXfer:libraries-svr4:read::0,1000").contains("<library name=\"/l.elf\" lm=\"0xa000\" l_addr=\"0xa000\" l_ld=\"0xb000\" lmid=\"0x0\"/>"))
        #expect(answer("qXfer:siginfo:read::0,40") == "")
        #expect(answer("qOffsets") == "TextSeg=5000;DataSeg=9000")
    }

    @Test func onlyImagesAreFiles() {
        #expect(answer("vFile:open:2f65 74632f706173737764,0,0") == "F-1,58")
        #expect(answer("vFile:open:2f6574632f706173737764,0,0") == "F-1,2")
        let opened = answer("vFile:open:2f6126622e656c66,0,0")
        #expect(opened.hasPrefix("F") && !opened.hasPrefix("F-"))
        let file = opened.dropFirst()
        #expect(answer("vFile:pread:\(file),4,1") == "F4;ELF-")
        #expect(answer("vFile:pread:\(file),4,7fffffffffffffff") == "F0;")
        #expect(answer("vFile:fstat:\(file)").hasPrefix("F40;"))
        #expect(answer("vFile:close:\(file)") == "F0")
        #expect(answer("vFile:pread:\(file),4,0") == "F-1,9")
        #expect(answer("vFile:unlink:2f61") == "F-1,58")
    }

    @Test func goingOnEndsTheDialogue() {
        #expect(session.answer(Array("vCont;s:1".utf8)) == .resume(GDBResumption(isStep: true)))
        #expect(session.answer(Array("c1234".utf8)) == .resume(GDBResumption(address: 0x1234)))
        #expect(target.registers.general.rip == 0x1234)
        #expect(session.answer(Array("D".utf8)) == .detach(Array("OK".utf8)))
        #expect(session.answer(Array("k".utf8)) == .kill(nil))
        #expect(session.answer(Array("vKill;1".utf8)) == .kill(Array("OK".utf8)))
    }
}
