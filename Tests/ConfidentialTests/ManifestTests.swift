import Foundation
import LaunchManifest
import Testing

@testable import Confidential

@Suite("A manifest says exactly what is launched, or what is wrong with it")
struct ManifestTests {
    private func plan(_ json: String, _ files: [String: [UInt8]] = [:]) throws -> LaunchPlan {
        let scratch = try ScratchFolder()
        for (name, bytes) in files { _ = try scratch.write(bytes, name) }
        return try withExtendedLifetime(scratch) { try LaunchManifest(json: Data(json.utf8), folder: scratch.url).plan }
    }

    @Test("the form of the oracle (snp_oracle.py) with its demonstration")
    func oracleForm() throws {
        let code = [UInt8](repeating: 0xF4, count: 4096) + (0..<16).flatMap { _ in [UInt8](0...255) }
        let registers = VMSAProfile.longMode(rip: 0x100000, rsp: 0x1FFFF0, cr3: 0x110000 | 1 << 51, gdt: 0x111000, idt: 0x112000).page()
        let pages = """
            {"type": "normal", "gpa": 1048576, "file": "code"}, {"type": "zero", "gpa": 1056768, "len": 4096}, {"type": "unmeasured", "gpa": 1060864, "len": 4096},
            {"type": "secrets", "gpa": 1064960}, {"type": "cpuid", "gpa": 1069056}
            """
        let expected = "cc4acd46f0379b9d60780cde5b7e585aedeeededd4a3e8b7253a9e4983db588dfadc56bec6b0b783ea7ffc14637023b0"
        let byBytes = try plan(#"{"pages": [\#(pages), {"type": "vmsa", "gpa": 0, "len": 4096, "hex": "\#(registers.hexadecimal)"}]}"#, ["code": code])
        #expect(byBytes.measurement.bytes.hexadecimal == expected)
        let byFields = try plan(
            #"""
            {"pages": [\#(pages), {"type": "vmsa", "profile": "long-mode", "rip": "0x100000", "rsp": "0x1ffff0", "cr3": "0x8000000110000",
              "gdtr": {"base": "0x111000"}, "idtr": {"base": "0x112000", "limit": 4095}}]}
            """#, ["code": code])
        #expect(byFields.measurement.bytes.hexadecimal == expected)
        try byFields.validate()
    }

    @Test func everythingAPlanHas() throws {
        let key = try LaunchKey.generate()
        let block = try IDBlock(digest: LaunchDigest())
        let page = try IDAuthentication(signing: block, idKey: key)
        let plan = try plan(
            #"""
            {"memory": [{"address": "0x0", "size": "0x10000"}], "pages": [{"type": "normal", "gpa": 4096, "hex": "0102"}, {"type": "vmsa", "profile": "untouched"},
              {"type": "vmsa", "profile": "real-mode", "rip": 5, "r15": 6, "cs": {"selector": 1, "base": 16, "limit": 65535, "attributes": "0x9b"}}],
             "policy": "0xb0000", "features": 512, "host_data": "\#([UInt8](repeating: 7, count: 32).hexadecimal)", "visible_workarounds": "\#([UInt8](0..<16).hexadecimal)",
             "id_block": "block", "id_auth": "auth"}
            """#, ["block": block.bytes, "auth": page.bytes])
        let run = try LaunchRun(.normal, at: 4096, contents: [1, 2])
        #expect(plan.memory == [GuestRegion(address: 0, size: 0x10000)] && plan.runs == [run])
        #expect(plan.policy == [.multithreading, .reservedOne, .debugging] && plan.features == .secureTSC)
        #expect(plan.hostData == [UInt8](repeating: 7, count: 32) && plan.visibleWorkarounds == Array(0..<16) && plan.identity?.authentication == page)
        guard plan.processors.count == 2, case .registers(let second) = plan.processors[1] else { throw ExpectationFailure() }
        #expect(plan.processors[0] == .registers(.untouched))
        #expect(second.rip == 5 && second.registers.numbered[7] == 6 && second.cs == SegmentRegister(selector: 1, attributes: 0x9B, limit: 65535, base: 16))
    }

    private struct ExpectationFailure: Error {}

    @Test func mistakesAreNamedWithTheirPlace() throws {
        let mistakes: [(String, String)] = [
            ("[]", "braces"), ("{", "no JSON"), (#"{"pages": 1}"#, "brackets"), ("{}", "needs pages"), (#"{"pages": [], "polcy": 1}"#, "polcy"),
            (#"{"pages": [{"type": "norml", "gpa": 0}]}"#, "pages[0]"), (#"{"pages": [{"type": "zero"}]}"#, "gpa"), (#"{"pages": [{"type": "normal", "gpa": 0}]}"#, "contents"),
            (#"{"pages": [{"type": "normal", "gpa": 0, "hex": "0"}]}"#, "hexadecimal"), (#"{"pages": [{"type": "normal", "gpa": 0, "hex": "00", "file": "x"}]}"#, "both"),
            (#"{"pages": [{"type": "normal", "gpa": 0, "file": "missing"}]}"#, "missing"), (#"{"pages": [{"type": "zero", "gpa": 0, "len": 5}]}"#, "4096"),
            (#"{"pages": [{"type": "zero", "gpa": -1}]}"#, "not negative"), (#"{"pages": [{"type": "zero", "gpa": "0xg"}]}"#, "gpa"),
            (#"{"pages": [{"type": "zero", "gpa": 1}]}"#, "4096"),
            (#"{"pages": [{"type": "zero", "gpa": 0, "lne": 4096}]}"#, "lne"), (#"{"pages": [{"type": "vmsa", "hex": "00"}]}"#, "4096"),
            (#"{"pages": [{"type": "vmsa"}]}"#, "profile"),
            (#"{"pages": [{"type": "vmsa", "profile": "untouched", "rip": 1}]}"#, "rip"), (#"{"pages": [{"type": "vmsa", "profile": "long-mode"}]}"#, "rip and cr3"),
            (#"{"pages": [{"type": "vmsa", "profile": "real-mode", "cs": {"selector": 65536}}]}"#, "65535"), (#"{"pages": [], "host_data": "00"}"#, "64 hexadecimal"),
            (#"{"pages": [{"type": "vmsa", "profile": "untouched"}, {"type": "zero", "gpa": 0}]}"#, "last"), (#"{"pages": [], "id_block": "x"}"#, "belong together"),
            (#"{"pages": [{"type": "zero", "gpa": 0, "len": 18446744073709547520}]}"#, "GiB"), (#"{"pages": [{"type": "zero", "gpa": 1.5}]}"#, "whole numbers"),
        ]
        for (json, text) in mistakes {
            do {
                _ = try plan(json)
                Issue.record("\(json) is accepted")
            } catch {
                #expect("\(error)".contains(text), "\(json): \(error)")
            }
        }
    }
}
