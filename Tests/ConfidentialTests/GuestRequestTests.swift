import Testing

@testable import Confidential

@Suite("Guest requests follow the firmware's protocol")
struct GuestRequestTests {
    @Test("a request is, byte for byte, what an independent implementation makes (snp_oracle.py guestmsg)")
    func knownMessage() throws {
        let key = Array<UInt8>(0..<32)
        let plaintext = Array<UInt8>(0..<64) + [UInt8](repeating: 0, count: 32)
        let page = try #require(GuestMessage(type: 5, sequence: 1, keyIndex: 0, payload: plaintext).sealed(with: key))
        let prefix =
            "0f354f26b13f7433d3674d8eebcaf84700000000000000000000000000000000010000000000000000000000000000000101600005016000000000000000000000000000"
            + "00000000000000000000000000000000000000000000000000000000e22d803ca0aaea00420d0fc830cc86c4dc70dd3d68bd7d05560647e5013b996fccddd2ea048788e8"
            + "f0f437f862242ea7c0e4fcb7d1456ca0bbb1da492b891678bcafa49213c0f2445044cd48be94fd5eb5f3e8b761e80896f353185b4abd740d"
        #expect(page.prefix(0x60 + 96).hexadecimal == prefix)
        #expect(
            SHA384.digest(page).hexadecimal == "7fe7679af90392eac484ba90021c3cfa5727fd349bffd4d785dcb017357a1b42749e61df391e55eae341a2b91e328379")
        #expect(try GuestMessage(opening: page, with: key).payload == plaintext)
    }

    @Test func everyBitOfAMessageMatters() throws {
        let key = Array<UInt8>(0..<32)
        let page = try #require(GuestMessage(type: 5, sequence: 1, keyIndex: 0, payload: [1, 2, 3, 4]).sealed(with: key))
        for bit in 0..<(0x60 + 4) * 8 {
            var other = page
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: GuestMessage.Fault.self) { _ = try GuestMessage(opening: other, with: key) }
        }
    }

    @Test func sequenceNumbersAreNeverUsedTwice() throws {
        let (guest, _, _) = try SoftwareLaunch().launched()
        _ = try guest.report()
        for wrong: UInt64 in [1, 2, 4, 5, .max, .max - 1] {
            guest.sequence = wrong
            #expect(failure { _ = try guest.report() }?.kind == .firmware(.sequenceOverflow), "\(wrong)")
        }
        guest.sequence = 3
        _ = try guest.report()
        // Each key has its own numbers.
        guest.keyIndex = 1
        guest.sequence = 1
        _ = try guest.report(level: 1)
    }

    @Test func aWrongKeyOrAnAlteredRequestIsRefused() throws {
        let (guest, _, _) = try SoftwareLaunch().launched()
        let message = GuestMessage(type: 5, sequence: 1, keyIndex: 0, payload: guest.reportRequest([UInt8](repeating: 0, count: 64)))
        let foreign = try #require(message.sealed(with: [UInt8](repeating: 1, count: 32)))
        #expect(failure { _ = try guest.backend.guestRequest(foreign) }?.kind == .firmware(.badMeasurement))
        var altered = try #require(message.sealed(with: guest.key))
        altered[0x70] ^= 1
        #expect(failure { _ = try guest.backend.guestRequest(altered) }?.kind == .firmware(.badMeasurement))
        #expect(failure { _ = try guest.backend.guestRequest([UInt8](repeating: 0, count: 4096)) }?.kind == .firmware(.invalidParameter))
        #expect(failure { _ = try guest.backend.guestRequest([]) }?.kind == .firmware(.invalidParameter))
        // None of that used a number up.
        _ = try guest.report()
    }

    @Test func unknownTypesAreRefused() throws {
        let (guest, _, _) = try SoftwareLaunch().launched()
        for type: UInt8 in [0, 1, 2, 4, 6, 7, 16, 18, 255] { #expect(failure { _ = try guest.ask(type, []) }?.kind == .firmware(.invalidParameter), "\(type)") }
    }

    @Test func malformedPayloadsAreAnsweredByAStatus() throws {
        let (guest, _, _) = try SoftwareLaunch().launched()
        let zeros = [UInt8](repeating: 0, count: 64)
        var reserved = guest.reportRequest(zeros)
        reserved[95] = 1
        for payload in [[], zeros, guest.reportRequest(zeros, level: 4), guest.reportRequest(zeros, selection: 3), reserved] {
            #expect(try guest.ask(5, payload).number(at: 0, as: UInt32.self) == 0x16)
        }
        #expect(try guest.ask(5, version: 9, guest.reportRequest(zeros)).number(at: 0, as: UInt32.self) == 0x16)
        #expect(try guest.ask(17, zeros).number(at: 0, as: UInt32.self) == 0x16)
        #expect(try guest.ask(3, zeros).number(at: 0, as: UInt32.self) == 0x16)
    }

    @Test func aLessPrivilegedKeyReportsForNoMorePrivilegedLevel() throws {
        let (guest, _, _) = try SoftwareLaunch().launched()
        guest.keyIndex = 2
        #expect(try guest.ask(5, guest.reportRequest([UInt8](repeating: 0, count: 64), level: 1)).number(at: 0, as: UInt32.self) == 0x16)
        #expect(try guest.report(level: 3).number(at: 0x30, as: UInt32.self) == 3)
    }

    @Test func derivedKeysDependOnWhatIsMixedIn() throws {
        var launch = try SoftwareLaunch()
        launch.platform.mitigations = 6
        let endorsement = try Authorities.genoa.endorse(launch.platform)
        let processor = try SoftwarePSP(launch.platform, endorsement: endorsement)
        func guest(_ change: (inout LaunchPlan) throws -> Void = { _ in }) throws -> SoftwareGuest {
            var plan = launch.plan
            try change(&plan)
            let backend = SoftwareBackend(processor)
            _ = try LaunchSequence(plan).launch(on: backend)
            return try SoftwareGuest(backend)
        }
        let (one, same) = (try guest(), try guest())
        let other = try guest { $0.runs[0] = try LaunchRun(.normal, at: 0x100000, contents: [UInt8](repeating: 7, count: 8192)) }
        #expect(try one.derivedKey(fields: 0x3F).key == same.derivedKey(fields: 0x3F).key, "the same guest on the same chip finds its key again")
        #expect(try one.derivedKey(fields: 1 << 3).key != other.derivedKey(fields: 1 << 3).key, "another measurement")
        #expect(try one.derivedKey(fields: 0).key == other.derivedKey(fields: 0).key, "the measurement was not mixed in")
        #expect(try one.derivedKey(root: 1).key != same.derivedKey(root: 1).key, "each launch has its own VMRK")
        #expect(try one.derivedKey(fields: 0).key != one.derivedKey(fields: 1).key)
        #expect(try one.derivedKey(fields: 1 << 6, mitigations: 2).key != one.derivedKey(fields: 1 << 6, mitigations: 4).key)
        let refused: [(status: UInt32, key: [UInt8])] = [
            try one.derivedKey(svn: 1), try one.derivedKey(fields: 1 << 6), try one.derivedKey(level: 4), try one.derivedKey(root: 6), try one.derivedKey(tcb: .max),
            try one.derivedKey(mitigations: 1),
        ]
        for answer in refused { #expect(answer.status == 0x16 && answer.key.allSatisfy { $0 == 0 }) }
    }

    @Test("what a guest seals by, on the chip's own root with policy and measurement, is the same after the firmware has begun anew, and on no other chip")
    func sealingKeysLastAsLongAsTheChip() throws {
        let launch = try SoftwareLaunch()
        func key(_ change: (inout SoftwareLaunch) -> Void = { _ in }) throws -> [UInt8] {
            var changed = launch
            change(&changed)
            let answer = try changed.launched().guest.derivedKey(root: 2, fields: 0b1001)
            #expect(answer.status == 0)
            return answer.key
        }
        let own = try key()
        #expect(try key() == own)
        // Neither who launched it nor the firmware's version counts.
        #expect(try key { $0.plan.hostData = [UInt8](repeating: 1, count: 32) } == own)
        #expect(try key { $0.platform.currentTCB.microcode += 1 } == own)
        #expect(try key { $0.provider = "a cloud" } == own)
        #expect(try key { $0.plan.policy.insert(.debugging) } != own)
        #expect(try key { $0.plan.runs.removeLast() } != own)
        #expect(try key { $0.platform.chipSecret = PSPPlatform().chipSecret } != own)
    }

    @Test func aLastingAuthorityStandsForALastingChip() throws {
        let authority = try Authorities.authority(.genoa)
        #expect(try TestAuthority(.genoa, keys: authority.keys).chipSecret == authority.chipSecret)
        #expect(authority.chipSecret != PSPPlatform().chipSecret && authority.chipSecret.count == PSPPlatform().chipSecret.count)
    }

    @Test func theClockIsTold() throws {
        var launch = try SoftwareLaunch()
        launch.platform.time = (7, 8, 9)
        let answer = try launch.launched().guest.ask(17, [UInt8](repeating: 0, count: 128))
        #expect(answer.count == 128 && answer.number(at: 8, as: UInt64.self) == 7 && answer.number(at: 16, as: UInt64.self) == 8 && answer.number(at: 24, as: UInt32.self) == 9)
    }
}
