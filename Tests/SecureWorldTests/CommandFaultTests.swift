import Foundation
import Testing

@testable import SecureWorld

/// `--fault`: what an application sees of failures that a test asks for.
@Suite(.enabled(if: TrustedApplications.canRun)) struct CommandFaultTests {
    private let device: CommandDevice

    init() throws { device = try CommandDevice() }

    private func run(_ faults: [String], _ commands: String, of application: String) throws -> CommandDevice.Outcome {
        try device.commands("{\"commands\": [\(commands)]}", of: application, faults.flatMap { ["--fault", $0] })
    }

    /// STORAGE_CREATE and STORAGE_READ of an object with the data "abc".
    private static let create = #"{"invoke": 0, "parameters": [{"type": "memory-in", "text": "o"}, {"type": "memory-in", "text": "abc"}, {"type": "value-in", "a": 1024}]"#
    private static let read = #"{"invoke": 1, "parameters": [{"type": "memory-in", "text": "o"}, {"type": "value-in"}, {"type": "memory-out", "size": 9"#

    @Test func aFullStorageRefusesOneChangeAndKeepsWhatItHas() throws {
        let rewrite = Self.create.replacingOccurrences(of: "abc", with: "defgh")
        let outcome = try run(
            ["storage-full@2"],
            "\(Self.create)}, \(rewrite), \"expect\": {\"result\": \"TEE_ERROR_STORAGE_NO_SPACE\"}}, "
                + "\(Self.read), \"expect\": {\"text\": \"abc\"}}]}, \(rewrite)}",
            of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("skerry: fault storage-full@2: storage_obj_create of \(TrustedApplications.uuid("storage"))\n"))
    }

    @Test func aDamagedObjectIsCorruptAndThenGone() throws {
        let outcome = try run(
            ["storage-corrupt"],
            "\(Self.create)}, \(Self.read)}], \"expect\": {\"result\": \"TEE_ERROR_CORRUPT_OBJECT\"}}, \(Self.read)}], \"expect\": {\"result\": \"TEE_ERROR_ITEM_NOT_FOUND\"}}",
            of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("skerry: fault storage-corrupt@1: storage_obj_open of"))
    }

    /// STORAGE_OPEN_TWICE gives the results of two openings.
    @Test func theNthAllocationFails() throws {
        let open = #"{"invoke": 8, "parameters": [{"type": "memory-in", "text": "o"}, {"type": "value-in", "a": 17, "b": 17}, {"type": "value-out", "expect": {"#
        let outcome = try run(
            ["out-of-memory@3"], "\(Self.create)}, \(open)\"a\": 0, \"b\": \"0xffff000c\"}}]}, \(open)\"a\": 0, \"b\": 0}}]}", of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func aPanicAtACallEndsTheInstanceThere() throws {
        let outcome = try device.commands(
            "{\"commands\": [\(Self.create)}, \(Self.create), \"expect\": {\"result\": \"TEE_ERROR_TARGET_DEAD\", \"origin\": \"tee\"}}, {\"close\": \"main\"}, {\"open\": \"main\"}, "
                + "\(Self.read), \"expect\": {\"text\": \"abc\"}}]}]}", of: "storage", ["--trace-file", "trace", "--fault", "panic@4"])
        #expect(outcome.status == 0, "\(outcome)")
        // The calls that count: a random number at the opening, two of the first command, then the one that panics.
        let lines = String(decoding: try device.folder.read("trace"), as: UTF8.self).split(separator: "\n")
        let place = try #require(lines.firstIndex { $0.hasPrefix("skerry: fault panic@4: storage_obj_create") })
        let calls = lines[..<place].filter { $0.contains(" = TEE_") && !$0.contains("log(") && !$0.contains(" < ") }
        #expect(calls.count == 3, "\(lines)")
        #expect(lines.dropFirst(place).contains { $0.contains("< invoke command 0 = TEE_ERROR_TARGET_DEAD from TEE_ORIGIN_TEE") })
    }

    /// CANCELLATION_WAIT_UNMASKED makes two calls behind the one of the opening: it unmasks, and waits for a minute; it waits no longer than the cancellation.
    @Test(arguments: [2, 3]) func aCancellationAtACallIsSeenOnceItIsUnmasked(_ call: Int) throws {
        let outcome = try run(
            ["cancel@\(call)"], #"{"invoke": 1, "parameters": [{"type": "value-in", "a": 60000}], "expect": {"result": "TEE_ERROR_CANCEL", "origin": "application"}}"#,
            of: "cancellation")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func theNthCallOfANameAnswersAnything() throws {
        let outcome = try run(
            ["call storage_obj_read@2=TEE_ERROR_STORAGE_NOT_AVAILABLE", "call:storage_obj_create@2=0xffff0003"],
            "\(Self.create)}, \(Self.read)}]}, \(Self.read)}], \"expect\": {\"result\": \"TEE_ERROR_STORAGE_NOT_AVAILABLE\"}}, \(Self.read)}]}, "
                + "\(Self.create), \"expect\": {\"result\": \"TEE_ERROR_ACCESS_CONFLICT\"}}", of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// The runtime library panics, with the result as the code, where the specification knows no such result (TEE_WriteObjectData has no BUSY).
    @Test func aResultThatTheSpecificationDoesNotKnowIsAPanic() throws {
        let write = #"{"invoke": 2, "parameters": [{"type": "memory-in", "text": "o"}, {"type": "value-in"}, {"type": "memory-in", "text": "x"}]"#
        let outcome = try run(["call storage_obj_write=TEE_ERROR_BUSY"], "\(Self.create)}, \(write), \"expect\": {\"result\": \"TEE_ERROR_TARGET_DEAD\"}}", of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("panicked: it called TEE_Panic(0xffff000d)"))
    }

    /// CALLERS_OPEN gives the result of opening a session, and its origin.
    @Test func aRefusedSessionIsRefusedByTheTEE() throws {
        let target = ImagesSupport.hex(TrustedApplications.uuid("hello_world").structure)
        let outcome = try run(
            ["out-of-memory"],
            "{\"invoke\": 4, \"parameters\": [{\"type\": \"memory-in\", \"hex\": \"\(target)\"}, {\"type\": \"value-out\", \"expect\": {\"a\": \"0xffff000c\", \"b\": 3}}]}",
            of: "callers")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func whatHasNotHappenedIsSaid() throws {
        let faults = ["panic@1000", "storage-full@9", "cancel@1"].flatMap { ["--fault", $0] }
        let outcome = try device.unsigned("call", faults + [device.file("hello_world"), "0", "value-inout=1"])
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("skerry: fault panic@1000: there was no such occasion\n"))
        #expect(outcome.errors.contains("skerry: fault storage-full@9: there was no such occasion\n"))
        #expect(!outcome.errors.contains("fault cancel@1: there was no such occasion"))
    }

    @Test(arguments: [
        "storage", "panic@0", "panic@-1", "panic@x", "panic@", "cancel=TEE_ERROR_BUSY", "call storage_obj_open", "call storage_obj_open=BUSY!", "call nothing=1", "call return=0",
        "",
    ])
    func whatIsNoFaultIsRefusedInWords(_ text: String) throws {
        #expect(throws: FaultSyntaxError.self) { try FaultPlan.Point(text) }
        let outcome = try device.unsigned("call", ["--fault", text, device.file("hello_world")])
        #expect(outcome.status == 125)
        #expect(outcome.errors.contains("'\(text)'"))
    }

    @Test(arguments: [
        "storage-full@1", "storage-corrupt@7", "out-of-memory@2", "panic@5", "cancel@4", "call storage_obj_open@3=TEE_ERROR_ACCESS_CONFLICT", "call get_time@1=0x12345",
    ])
    func aFaultIsWrittenAsItIsRead(_ text: String) throws { #expect(try FaultPlan.Point(text).description == text) }
}
