import Foundation
import Testing

@testable import SecureWorld

/// `--trace` and `--trace-file`: the lines that a call of an application is shown as.
@Suite(.enabled(if: TrustedApplications.canRun)) struct CommandTraceTests {
    private let device: CommandDevice

    init() throws { device = try CommandDevice() }

    /// The lines of a trace, with handles, which are numbers of no meaning, as H.
    private func trace(_ application: String, _ words: [String]) throws -> [String] {
        let outcome = try device.unsigned("call", ["--trace-file", "trace", device.file(application)] + words)
        #expect(!outcome.errors.contains("["), "the trace goes to the file only: \(outcome.errors)")
        return String(decoding: try device.folder.read("trace"), as: UTF8.self).split(separator: "\n").map { String($0).replacing(/0x1[0-9a-f]{3}\b/, with: "H") }
    }

    @Test func anEntryIsShownWithItsCallsAndTheirResults() throws {
        let lines = try trace("storage", ["0", "in=name", "in=contents", "value=0x400,3"])
        let mark = "[5ec0e001.1] "
        #expect(lines.first == mark + "> open session for TEE_LOGIN_PUBLIC (no parameters)")
        let start = try #require(lines.firstIndex(of: mark + "> invoke command 0 (memory in 4 bytes; memory in 8 bytes; value in 1024, 3)"))
        #expect(
            Array(lines[start...].dropFirst().prefix(4)) == [
                mark + "  storage_obj_create(TEE_STORAGE_PRIVATE, \"name\", ACCESS_READ|ACCESS_WRITE|ACCESS_WRITE_META|OVERWRITE, no object, 8 bytes, -> H) = TEE_SUCCESS",
                mark + "  cryp_obj_close(object H) = TEE_SUCCESS", mark + "  return(TEE_SUCCESS)",
                mark + "< invoke command 0 = TEE_SUCCESS from TEE_ORIGIN_TRUSTED_APP",
            ])
        #expect(lines.last == mark + "< close session = TEE_SUCCESS from TEE_ORIGIN_TRUSTED_APP")
    }

    @Test func outputsAreShownWithTheirSizes() throws {
        let lines = try trace("hello_world", ["1", "out=64"])
        #expect(lines.contains("[5ec0e001.1] > invoke command 1 (memory out 64 bytes)"))
        #expect(lines.contains("[5ec0e001.1] < invoke command 1 = TEE_SUCCESS from TEE_ORIGIN_TRUSTED_APP (memory out 13 bytes)"))
        let read = try trace("storage", ["0", "in=n", "in=12345", "value=0x400"]) + trace("storage", ["1", "in=n", "value=2", "out=20"])
        #expect(read.contains("[5ec0e001.1]   storage_obj_seek(object H, 2, TEE_DATA_SEEK_SET) = TEE_SUCCESS"))
        #expect(read.contains("[5ec0e001.1]   storage_obj_read(object H, 20 bytes, -> 3) = TEE_SUCCESS"))
    }

    /// CRYPTO_MAC with the key "swordfish!swordfish!swor": the key's length, the data's, the key, the data.
    @Test func algorithmsTypesAndAttributesHaveTheirNamesAndKeysAreNotShown() throws {
        let lines = try trace("crypto", ["2", "value=0x30000004,0", "in=hex:180003" + Array("swordfish!swordfish!sworabc".utf8).map { String($0, radix: 16) }.joined(), "out=32"])
        let text = lines.joined(separator: "\n")
        #expect(text.contains("cryp_obj_alloc(TEE_TYPE_HMAC_SHA256, "))
        #expect(text.contains("cryp_obj_populate(object H, [TEE_ATTR_SECRET_VALUE: 24 bytes]) = TEE_SUCCESS"))
        #expect(text.contains("cryp_state_alloc(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, object H, no object, -> H) = TEE_SUCCESS"))
        #expect(text.contains("hash_final(operation H, 3 bytes, room for 32 -> 32 bytes) = TEE_SUCCESS"))
        #expect(!text.contains("swordfish"))
        #expect(!text.contains("73776f7264"))
    }

    @Test func applicationsThatCallOthersAreShownOneInTheOther() throws {
        let target = ImagesSupport.hex(TrustedApplications.uuid("hello_world").structure)
        let lines = try trace("callers", ["0", "in=hex:" + target, "value=0", "value-inout=9"])
        #expect(lines.contains("  [5ec0e001.2] > invoke command 0 (value inout 9, 0)"))
        #expect(lines.contains("  [5ec0e001.2] < invoke command 0 = TEE_SUCCESS from TEE_ORIGIN_TRUSTED_APP (value inout 10, 0)"))
        #expect(lines.contains("  [5ec0e001.2] > open session for TEE_LOGIN_TRUSTED_APP \(TrustedApplications.uuid("callers")) (no parameters)"))
        let invoked = "invoke_ta_command(session 2, TEE_TIMEOUT_INFINITE, 0, (value inout 9, 0) -> (value inout 10, 0), -> TEE_ORIGIN_TRUSTED_APP) = TEE_SUCCESS"
        #expect(lines.contains("[5ec0e001.1]   " + invoked), "\(lines)")
    }

    @Test func aPanicIsACallWithoutAResult() throws {
        let lines = try trace("panics", ["0", "value=5"])
        #expect(lines.contains { $0.hasPrefix("[5ec0e001.1]   panic(0x5, ") && $0.hasSuffix(")") }, "\(lines)")
        #expect(lines.contains("skerry: \(TrustedApplications.uuid("panics")) panicked: it called TEE_Panic(0x5)"))
        #expect(lines.contains("[5ec0e001.1] < invoke command 0 = TEE_ERROR_TARGET_DEAD from TEE_ORIGIN_TEE"))
    }

    /// PANICS_CALL_NOWHERE makes each call with arguments that point nowhere.
    @Test func addressesThatPointNowhereAreSaidToBeBad() throws {
        for (number, line) in [("19", "hash_update(operation 0x10, 16 bytes)"), ("30", "cryp_obj_populate(object 0x10, bad address 0x10)"), ("41", "bad address 0x10")] {
            let lines = try trace("panics", ["12", "value=" + number])
            #expect(lines.contains { $0.contains(line) && $0.contains(" = TEE_ERROR_") }, "\(number): \(lines)")
        }
    }

    /// Every number with arguments that are handles of nothing, lengths, and addresses where nothing is: the trace reads through them before and after the call.
    @Test func everyCallWithBadArgumentsHasALine() throws {
        final class Lines: TEELog, @unchecked Sendable {
            private let lock = NSLock()
            private var lines: [String] = []
            private var session: UInt32 = 0
            var lastSession: UInt32 { lock.withLock { session } }
            var all: [String] { lock.withLock { lines } }
            override var wantsTrace: Bool { true }
            override func traced(application: TEEUUID, session: UInt32, _ line: String) {
                lock.withLock {
                    lines.append(line)
                    self.session = session
                }
            }
        }
        let log = Lines()
        let world = try TrustedApplications.World(log: log)
        defer { world.end() }
        for entry in TEESyscallTable.entries {
            let before = log.all.count
            let request = world.call("panics", 12, [.value(.input, a: UInt32(entry.number), b: 0)])
            // Waiting 16 ms and the like succeed.
            #expect([0, 2].contains(entry.number) || request.origin == .trustedApplication, "\(entry.name): \(request.result)")
            #expect(log.all.dropFirst(before).contains { $0.contains("]   \(entry.name)(") }, "\(entry.name)")
        }
        for number in [60, 71, 0xffff_ffff] as [UInt32] {
            let request = world.call("panics", 12, [.value(.input, a: number, b: 0)])
            #expect(log.all.contains("[5ec0e001.\(log.lastSession)]   call \(number)() = \(request.result)"), "\(log.all.suffix(8))")
        }
    }

    @Test func standardErrorHasTheTraceWhenItIsAskedFor() throws {
        let outcome = try device.unsigned("call", ["--trace", device.file("hello_world"), "0", "value-inout=1"])
        #expect(outcome.errors.contains("[5ec0e001.1] > invoke command 0 (value inout 1, 0)\n"))
        #expect(outcome.errors.contains("[5ec0e001.1] < invoke command 0 = TEE_SUCCESS from TEE_ORIGIN_TRUSTED_APP (value inout 2, 0)\n"))
        #expect(!outcome.output.contains("["))
    }

    /// A C compiler says what the constants of the development kit's headers are.
    @Test func namesAreThoseOfTheHeaders() throws {
        // OP-TEE's first numbers for two names that the specification gave others.
        let replaced: Set<TEEAttributeID> = [.opteeHKDFSalt, .opteeHKDFInfo]
        // In the headers these are other names of the algorithms that replaced them; the TEE knows the first numbers, too. SM4-XTS, which nobody serves, is no part of the API.
        let legacy = TEEAlgorithm.names.filter { $0.value.contains(/_(P192|P224|P256|P384|P521|SM4_XTS)$/) }.keys
        var names = TEEAlgorithm.names.filter { !legacy.contains($0.key) }.map { ($0.value, $0.key.rawValue) } + TEEObjectType.names.map { ($0.value, $0.key.rawValue) }
        names += TEEAttributeID.names.filter { !replaced.contains($0.key) }.map { ($0.value, $0.key.rawValue) }
        names += (0..<7 as Range<UInt32>).map { (TraceName.mode($0), $0) } + [0, 1, 2, 4, 5, 6, 0xf000_0000].map { (TraceName.login($0), $0) }
        names += (1...4 as ClosedRange<UInt32>).map { (TraceName.origin($0), $0) } + [1, 0x8000_0000, 0x8000_0100].map { (TraceName.storage($0), $0) }
        names += [0xffff_ffff, 0xffff_fffe, 0xffff_fffd].map { (TraceName.propertySet($0), $0) }
        names += [1, 2, 4, 0x10, 0x20, 0x400].map { ("TEE_DATA_FLAG_" + TraceName.dataFlags($0), $0) }
        names += [1, 2, 4, 8, 16, 32, 64].map { ("TEE_USAGE_" + TraceName.usage($0), $0) } + [1, 2, 4].map { ("TEE_MEMORY_ACCESS_" + TraceName.access($0), $0) }
        let checks = names.map { "_Static_assert((unsigned)(uintptr_t)\($0.0) == \($0.1)u, \"\($0.0)\");\n" }.joined()
        try device.folder.write("names.c", "#include <tee_internal_api.h>\n#include <tee_internal_api_extensions.h>\n" + checks)
        let include = try device.printed(["gcc", "-print-file-name=include"])
        let headers = URL(fileURLWithPath: CommandDevice.compiler).deletingLastPathComponent().path + "/include"
        let compiled = try device.run(["gcc", "-ffreestanding", "-nostdinc", "-isystem", headers, "-isystem", include, "-fsyntax-only", "names.c"])
        #expect(compiled.status == 0, "\(compiled.errors)")
        #expect(names.count > 200)
    }

    @Test func everyCallHasAsManyFieldsAsArguments() {
        for entry in TEESyscallTable.entries { #expect(TraceField.fields(entry).reduce(0) { $0 + $1.width } == entry.argumentCount, "\(entry.name)") }
        #expect(Set(TraceField.calls.keys) == Set(TEESyscallTable.entries.map(\.number)))
    }
}
