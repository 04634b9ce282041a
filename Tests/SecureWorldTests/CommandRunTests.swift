import Foundation
import Testing

@testable import SecureWorld

/// `skerry tee run`: commands of a file, and whether what comes back is what the file expects.
@Suite(.enabled(if: TrustedApplications.canRun)) struct CommandRunTests {
    private let device: CommandDevice

    init() throws { device = try CommandDevice() }

    @Test func whatIsExpectedPasses() throws {
        let outcome = try device.commands(
            """
            {"commands": [
              {"invoke": 0, "parameters": [{"type": "value-inout", "a": 41, "b": "0x7", "expect": {"a": 42, "b": "7"}}]},
              {"invoke": 1, "parameters": [{"type": "memory-out", "size": 64, "expect": {"text": "Hello, world\\u0000", "size": 13}}]},
              {"invoke": 1, "parameters": [{"type": "memory-out", "size": 2, "expect": {"size": 13}}], "expect": {"result": "TEE_ERROR_SHORT_BUFFER", "origin": "application"}},
              {"invoke": 77, "expect": {"result": "0xffff000a"}},
              {"invoke": 77, "expect": {"result": "any"}}
            ]}
            """)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.lines == [
                "ok     open main = TEE_SUCCESS from the application",
                "ok     invoke 0 = TEE_SUCCESS from the application; parameter 0: 42, 7 (0x2a, 0x7)",
                "ok     invoke 1 = TEE_SUCCESS from the application; parameter 0: 13 bytes: \"Hello, world\"",
                "ok     invoke 1 = TEE_ERROR_SHORT_BUFFER from the application; parameter 0: 13 bytes are needed",
                "ok     invoke 77 = TEE_ERROR_NOT_SUPPORTED from the application", "ok     invoke 77 = TEE_ERROR_NOT_SUPPORTED from the application",
                "6 passed, 0 failed",
            ])
    }

    /// What is expected wrongly of HELLO_WORLD_ADD_ONE or HELLO_WORLD_GREET, and what is said of it.
    @Test(arguments: [
        (#"{"invoke": 0, "parameters": [{"type": "value-inout", "a": 1, "expect": {"a": 1}}]}"#, "parameter 0: expected a = 1"),
        (#"{"invoke": 0, "parameters": [{"type": "value-inout", "a": 1, "b": 2, "expect": {"b": 3}}]}"#, "parameter 0: expected b = 3"),
        (#"{"invoke": 1, "parameters": [{"type": "memory-out", "size": 20, "expect": {"text": "Hello, World\u0000"}}]}"#, "parameter 0: expected \"Hello, World\""),
        (#"{"invoke": 1, "parameters": [{"type": "memory-out", "size": 20, "expect": {"size": 12}}]}"#, "parameter 0: expected a size of 12 bytes"),
        (#"{"invoke": 1, "parameters": [{"type": "memory-out", "size": 2, "expect": {"hex": "00"}}], "expect": {"result": "any"}}"#, "parameter 0: expected 00"),
        (#"{"invoke": 99}"#, "expected the result TEE_SUCCESS"), (#"{"invoke": 0, "expect": {"result": "TEE_ERROR_BUSY"}}"#, "expected the result TEE_ERROR_BUSY"),
        (#"{"invoke": 99, "expect": {"result": "any", "origin": "tee"}}"#, "expected it from the TEE"),
    ])
    func whatIsNotExpectedFails(_ command: String, _ said: String) throws {
        let outcome = try device.commands("{\"commands\": [\(command)]}")
        #expect(outcome.status == 1)
        #expect(outcome.lines.contains("       commands[0]: \(said)"), "\(outcome)")
        #expect(outcome.lines.last == "1 passed, 1 failed")
    }

    @Test func withoutCommandsASessionIsOpenedAndClosed() throws {
        let outcome = try device.unsigned("run", [device.file("hello_world")])
        #expect(outcome.status == 0)
        #expect(outcome.lines == ["ok     open main = TEE_SUCCESS from the application", "ok     close main", "2 passed, 0 failed"])
        #expect(outcome.errors.contains("Hello World!"))
        #expect(outcome.errors.contains("Goodbye!"))
    }

    @Test func severalSessionsOfSeveralApplicationsLiveAtATime() throws {
        let outcome = try device.commands(
            """
            {"applications": {"storage": "\(TrustedApplications.uuid("storage"))", "hello": "\(device.file("hello_world"))"},
             "commands": [
              {"open": "store", "application": "storage"}, {"open": "first", "application": "hello"}, {"open": "second", "application": "hello"},
              {"invoke": 0, "session": "store", "parameters": [{"type": "memory-in", "text": "name"}, {"type": "memory-in", "hex": "00 01ff"}, {"type": "value-in"}]},
              {"invoke": 0, "session": "first", "parameters": [{"type": "value-inout", "a": 1, "expect": {"a": 2}}]},
              {"close": "first"},
              {"invoke": 0, "session": "second", "parameters": [{"type": "value-inout", "a": 2, "expect": {"a": 3}}]},
              {"invoke": 1, "session": "store",
               "parameters": [{"type": "memory-in", "text": "name"}, {"type": "value-in", "a": 1}, {"type": "memory-out", "size": 9, "expect": {"hex": "01ff"}}]},
              {"open": "first"}
            ]}
            """)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.lines.last == "9 passed, 0 failed")
    }

    @Test func aCommandIsRepeatedUntilItFails() throws {
        let outcome = try device.commands(
            """
            {"commands": [
              {"invoke": 0, "parameters": [{"type": "value-inout", "a": 5, "expect": {"a": 6}}], "repeat": 7},
              {"invoke": 0, "repeat": 7}
            ]}
            """)
        #expect(outcome.status == 1)
        #expect(outcome.lines.contains { $0.hasPrefix("ok     invoke 0 (7 times) = TEE_SUCCESS") })
        #expect(outcome.lines.contains("       commands[1]: this was time 1 of 7"))
    }

    /// CANCELLATION_WAIT_UNMASKED is cancelled, CANCELLATION_WAIT_MASKED is not.
    @Test func cancellationComesAfterATime() throws {
        let outcome = try device.commands(
            """
            {"commands": [
              {"invoke": 1, "parameters": [{"type": "value-in", "a": 60000}], "cancelAfter": 20, "expect": {"result": "TEE_ERROR_CANCEL", "origin": "application"}},
              {"invoke": 0, "parameters": [{"type": "value-in", "a": 100}], "cancelAfter": 1}
            ]}
            """, of: "cancellation")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func theSessionOfAPanicIsDeadAndOthersLive() throws {
        let outcome = try device.commands(
            """
            {"applications": {"hello": "\(TrustedApplications.uuid("hello_world"))"},
             "commands": [
              {"open": "other", "application": "hello"},
              {"invoke": 0, "parameters": [{"type": "value-in", "a": 5}], "expect": {"result": "TEE_ERROR_TARGET_DEAD", "origin": "tee"}},
              {"invoke": 0, "repeat": 2, "expect": {"result": "TEE_ERROR_TARGET_DEAD"}},
              {"invoke": 0, "session": "other", "parameters": [{"type": "value-inout"}]}
            ]}
            """, of: "panics")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func charactersBeyondTheFirstPlaneAreTwoEscapes() throws {
        // U+1F511 in UTF-8.
        let outcome = try device.commands(
            #"""
            {"commands": [
              {"invoke": 0, "parameters": [{"type": "memory-in", "text": "key"}, {"type": "memory-in", "text": "\ud83d\udd11"}, {"type": "value-in"}]},
              {"invoke": 1, "parameters": [{"type": "memory-in", "text": "key"}, {"type": "value-in"}, {"type": "memory-out", "size": 9, "expect": {"hex": "f09f9491"}}]}
            ]}
            """#, of: "storage")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func aSessionThatWasRefusedFailsItsCommands() throws {
        let outcome = try device.commands(
            """
            {"commands": [
              {"open": "main", "parameters": [{"type": "value-in", "a": 1}], "expect": {"result": "TEE_ERROR_BAD_PARAMETERS", "origin": "application"}},
              {"invoke": 0},
              {"close": "main"}
            ]}
            """)
        #expect(outcome.status == 1)
        #expect(outcome.lines.last == "1 passed, 2 failed")
        #expect(outcome.lines.contains("       commands[1]: the session main was not opened"))
    }

    /// UUIDs as Linux makes them of a name space and "uid=..." (RFC 4122 version 5), by Python.
    @Test(arguments: ["uid", "gid"]) func theLoginIsWhatTheApplicationSees(_ kind: String) throws {
        let number = kind == "uid" ? "os.geteuid()" : "os.getegid()"
        let uuid = try device.printed(
            ["python3", "-c", "import os, uuid; print(uuid.uuid5(uuid.UUID('58ac9ca0-2086-4683-a1b8-ec4bc08e01b6'), '\(kind)=%x' % \(number)))"])
        let login = kind == "uid" ? "user" : "group"
        let value: String = (kind == "uid" ? "1" : "2") + ":" + uuid
        let outcome = try device.commands(
            """
            {"commands": [
              {"open": "main", "login": "\(login)"},
              {"invoke": 0, "parameters": [
                {"type": "value-in", "a": 1}, {"type": "memory-in", "text": "gpd.client.identity\\u0000"}, {"type": "memory-out", "size": 80, "expect": {"text": "\(value)\\u0000"}}]}
            ]}
            """, of: "properties")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func filesAreReadFromTheFolderOfTheCommands() throws {
        try FileManager.default.createDirectory(atPath: device.folder.path + "/below", withIntermediateDirectories: true)
        try device.folder.write("below/contents", Array("from a file".utf8))
        try device.folder.write(
            "below/commands.json",
            """
            {"commands": [
              {"invoke": 0, "parameters": [{"type": "memory-in", "text": "x"}, {"type": "memory-in", "file": "contents"}, {"type": "value-in"}]},
              {"invoke": 1, "parameters": [{"type": "memory-in", "text": "x"}, {"type": "value-in"}, {"type": "memory-out", "size": 30, "expect": {"file": "contents"}}]}
            ]}
            """)
        let outcome = try device.unsigned("run", ["--commands", "below/commands.json", device.file("storage")])
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// The place of a mistake, and what is said there.
    @Test(arguments: [
        ("{", "line 1, column 2: a name in quotes is expected"), ("{\"commands\": [\n  {\"invoke\": 0,}\n]}", "line 2, column 16: a name in quotes is expected"),
        ("{\"commands\": [{\"invoke\": 0x1}]}", "line 1, column 27: a comma or } is expected"), ("{\"commands\": []} x", "line 1, column 18: the end of the file is expected"),
        ("{\"commands\": [],\n\"commands\": []}", "line 2, column 1: the name \"commands\" is there twice"), ("{\"commands\" []}", "line 1, column 13: a colon is expected"),
        ("{\"commands\": [{\"invoke\": 01}]}", "line 1, column 26: this is no number"), ("{\"commands\": [{\"open\": \"ab\ncd\"}]}", "line 1, column 27: a control character"),
        (#"{"commands": [{"open": "\ud83d"}]}"#, "line 1, column 31: the second half of a character is expected"),
        (#"{"commands": [{"open": "\udc00"}]}"#, "line 1, column 27: this is the second half"), (#"{"commands": [{"open": "\x"}]}"#, "line 1, column 26: behind \\ one of"),
        ("", "line 1, column 1: a value is expected"), ("[]", "an object in { } is expected"), ("{}", "the key \"commands\" is missing"),
        (#"{"applications": {"x": "5ec0e001-0001-4a11-9001-5b6572727901.ta"}, "commands": []}"#, "applications.x: 5ec0e001-0001-4a11-9001-5b6572727901.ta cannot be opened"),
        ("{\"commands\": 3}", "commands: a list in [ ] is expected"), ("{\"command\": []}", "command: is no known key; there are applications, commands"),
        (#"{"commands": [{"invoke": 0, "foo": 1}]}"#, "commands[0].foo: is no known key"), (#"{"commands": [{}]}"#, "commands[0]: a command has exactly one of"),
        (#"{"commands": [{"invoke": 0, "close": "x"}]}"#, "commands[0]: a command has exactly one of"),
        (#"{"commands": [{"invoke": -1}]}"#, "commands[0].invoke: a number of 32 bits is expected"),
        (#"{"commands": [{"invoke": 4294967296}]}"#, "commands[0].invoke: a number of 32 bits is expected"),
        (#"{"commands": [{"invoke": 1.5}]}"#, "commands[0].invoke: a number of 32 bits is expected"),
        (#"{"commands": [{"invoke": 0, "session": "q"}]}"#, "commands[0]: no session 'q' is open here"),
        (#"{"commands": [{"open": "s"}, {"close": "s"}, {"invoke": 0, "session": "s"}]}"#, "commands[2]: no session 's' is open here"),
        (#"{"commands": [{"open": "main"}, {"open": "main"}]}"#, "commands[1].open: the session 'main' is open already"),
        (#"{"commands": [{"open": "x", "application": "zz"}]}"#, "commands[0].application: 'zz' is neither a UUID nor a name under"),
        (#"{"commands": [{"open": "x", "repeat": 2}]}"#, "commands[0].repeat: goes not with \"open\""),
        (#"{"commands": [{"open": "x", "login": "root"}]}"#, "commands[0].login: one of application"),
        (#"{"commands": [{"open": "x", "login": "application"}]}"#, "commands[0].identity: this login needs the UUID"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "value"}]}]}"#, "commands[0].parameters[0].type: 'value' is no type; there are none, value-in"),
        (#"{"commands": [{"invoke": 0, "parameters": [{}]}]}"#, "commands[0].parameters[0]: the key \"type\" is missing"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "value-in", "size": 3}]}]}"#, "commands[0].parameters[0].size: goes not with the type value-in"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-out"}]}]}"#, "commands[0].parameters[0]: memory for an output needs its \"size\""),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-out", "size": 67108865}]}]}"#, "commands[0].parameters[0].size: a number from 0 to 67108864"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-in", "text": "abc", "size": 2}]}]}"#, "commands[0].parameters[0].size: 3 bytes do not fit into 2"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-in", "hex": "0"}]}]}"#, "commands[0].parameters[0].hex: pairs of hexadecimal digits"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-in", "text": "", "hex": ""}]}]}"#, "commands[0].parameters[0]: only one of text, hex and file"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "memory-in", "file": "nowhere"}]}]}"#, "commands[0].parameters[0].file: nowhere cannot be opened"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "value-out", "expect": {"size": 1}}]}]}"#, "commands[0].parameters[0].expect: of values a and b are expected"),
        (#"{"commands": [{"invoke": 0, "parameters": [{"type": "none"}, {"type": "none"}, {"type": "none"}, {"type": "none"}, {"type": "none"}]}]}"#, "four parameters at most"),
        (#"{"commands": [{"invoke": 0, "expect": {"result": "TEE_OK"}}]}"#, "commands[0].expect.result: a result such as"),
        (#"{"commands": [{"invoke": 0, "expect": {"origin": "moon"}}]}"#, "commands[0].expect.origin: one of api"),
        (#"{"commands": [{"invoke": 0, "repeat": 0}]}"#, "commands[0].repeat: a number from 1 to 1000000 is expected, not 0"),
    ])
    func aMistakeIsSaidWithItsPlace(_ text: String, _ said: String) throws {
        let outcome = try device.commands(text)
        #expect(outcome.status == 125)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("skerry: commands.json: "), "\(outcome)")
        #expect(outcome.errors.contains(said), "\(outcome)")
    }
}
