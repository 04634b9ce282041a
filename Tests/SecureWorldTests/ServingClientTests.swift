import Foundation
import SecureWorld
import Testing

/// TEE_GEN_CAP_* of linux/tee.h: GP, REG_MEM, MEMREF_NULL.
private let everything = 1 | 4 | 8

@Suite("libteec over the socket and over /dev/tee*")
struct ServingClientTests {
    @Test("structures have the layout of OP-TEE's libteec.so.2 on x86-64")
    func layout() throws {
        let expected = [
            "TEEC_Context 8", "TEEC_Context.imp.reg_mem 4", "TEEC_Context.imp.memref_null 5", "TEEC_UUID 16", "TEEC_Session 16",
            "TEEC_Session.imp.session_id 8", "TEEC_SharedMemory 56", "TEEC_SharedMemory.flags 16", "TEEC_SharedMemory.imp.id 24",
            "TEEC_SharedMemory.imp.alloced_size 32", "TEEC_SharedMemory.imp.shadow_buffer 40", "TEEC_SharedMemory.imp.registered_fd 48",
            "TEEC_SharedMemory.imp.flags 52", "TEEC_Parameter 24", "TEEC_Operation 112", "TEEC_Operation.params 8", "TEEC_Operation.imp.session 104",
        ]
        #expect(try ServingClients.run("layout", capabilities: everything).lines == expected)
    }

    @Test("the library is libteec.so.2 and shows the functions of the API and nothing else")
    func symbols() throws {
        let library = try ServingClients.folder() + "/libteec.so.2"
        let symbols = try ServingClients.launch(["nm", "-D", "--defined-only", "--format=just-symbols", library], environment: [:]).lines
        let functions = [
            "AllocateSharedMemory", "CloseSession", "FinalizeContext", "InitializeContext", "InvokeCommand", "OpenSession", "RegisterSharedMemory",
            "RegisterSharedMemoryFileDescriptor", "ReleaseSharedMemory", "RequestCancellation",
        ]
        #expect(symbols.sorted() == functions.map { "TEEC_" + $0 })
        #expect(try ServingClients.launch(["readelf", "-d", library], environment: [:]).output.contains("Library soname: [libteec.so.2]"))
    }

    @Test("headers are C++ as well")
    func headers() throws {
        let folder = try ServingFolder()
        let source = folder.path + "/headers.cpp"
        try "#include <tee_client_api_extensions.h>\nTEEC_Operation operation = {};\nint main() { return operation.started; }\n"
            .write(toFile: source, atomically: true, encoding: .utf8)
        let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I" + (try ServingClients.folder()) + "/include"]
        #expect(try ServingClients.launch(["c++", "-fsyntax-only"] + flags + [source], environment: [:]).output == "")
    }

    @Test("values and temporary memory go both ways")
    func parameters() throws {
        let fixture = try ServingFixture()
        let outcome = try ServingClients.run("parameters", socket: fixture.path)
        #expect(outcome.status == 0)
        #expect(outcome == (try ServingClients.run("parameters", capabilities: everything)))
        #expect(outcome == (try ServingClients.run("parameters", capabilities: 1 | 8)))
        let lines = outcome.lines
        #expect(
            lines.prefix(5) == [
                "invoke(NOTHING, NULL): 00000000 from 4", "invoke(12345, NULL): ffff000a from 4", "invoke(ADD, &operation): 00000000 from 4",
                "sum 42, b 2, input 7 8", "sum 1",
            ])
        #expect(lines.filter { $0.hasPrefix("copy") && $0.hasSuffix("equal, rest untouched") }.count == 9)
        #expect(lines.filter { $0.hasPrefix("invert") && $0.hasSuffix("right") }.count == 9)
        #expect(lines.contains("copy 100 to 99: ffff0010 from 4, size 100, different, rest untouched"))
        #expect(lines.contains("grow 99984: ffff0010 from 4, size 100000, first g"))
        #expect(lines.contains("describe 6: 00000000 from 4, type 6, size 80000000"))
        #expect(lines.suffix(2) == ["invoke(FAIL, &failing): 12345678 from 4", "invoke(NOTHING, &unknown): ffff0006 from 1"])
        #expect(fixture.eventually { fixture.service.record.open.isEmpty && fixture.server.connectionCount == 0 })
    }

    @Test("registered and allocated memory, whole and in part")
    func sharedMemory() throws {
        let fixture = try ServingFixture()
        let outcome = try ServingClients.run("shared_memory", socket: fixture.path)
        #expect(outcome.status == 0)
        for capabilities in [everything, 1 | 4, 1 | 8, 1] { #expect(outcome == (try ServingClients.run("shared_memory", capabilities: capabilities))) }
        for what in ["allocated", "registered"] {
            #expect(outcome.lines.contains("\(what) 0+3000000 of 3000000: 00000000 from 4, size 3000000, inverted 3000000, kept 0"))
            #expect(outcome.lines.contains("\(what) 6666+10000 of 20000: 00000000 from 4, size 10000, inverted 10000, kept 10000"))
            #expect(outcome.lines.contains("\(what) 100+1 of 100: ffff0006 from 1, size 1, inverted 0, kept 100"))
        }
        let pattern = "pattern size 15: 11 11 11 11 00 07 0e 15 1c 23 2a 31 38 3f 46 4d 54 5b 62 11 11"
        #expect(outcome.lines.filter { $0 == pattern }.count == 6)
        #expect(outcome.lines.last == "constant 9")
    }

    @Test("a thousand sessions and a thousand contexts")
    func sessions() throws {
        let fixture = try ServingFixture()
        let outcome = try ServingClients.run("sessions", socket: fixture.path)
        #expect(outcome.lines == ["sessions 1000", "left open 50", "contexts 1000"])
        #expect(fixture.eventually { fixture.server.connectionCount == 0 })
        let record = fixture.service.record
        #expect(record.opened == 1000 + 1 + 100 + 100)
        #expect(record.open.isEmpty && Set(record.closed).count == record.opened && record.closed.count == record.opened)
    }

    @Test("eight threads on one context", arguments: [1, 2])
    func threads(_ round: Int) throws {
        let fixture = try ServingFixture()
        #expect(try ServingClients.run("threads", socket: fixture.path).lines == ["good 1200 of 1200"])
        #expect(try ServingClients.run("threads", capabilities: round == 1 ? everything : 1).lines == ["good 1200 of 1200"])
    }

    @Test("more threads than the server lets be under way wait for their turn")
    func turns() throws {
        var limits = TEEServingLimits()
        limits.requests = 2
        let fixture = try ServingFixture(limits: limits)
        #expect(try ServingClients.run("threads", socket: fixture.path).lines == ["good 1200 of 1200"])
        #expect(fixture.service.record.mostRunning <= 2)
    }

    @Test("operations under way, and those not yet started, can be cancelled")
    func cancellation() throws {
        let fixture = try ServingFixture()
        let expected =
            [String](repeating: "command: ffff0002 from 4", count: 8) + [String](repeating: "opening: ffff0002 from 4", count: 2) + [
                "invoke(NOTHING, &early): ffff0002 from 1", "invoke(NOTHING, &early): 00000000 from 4", "invoke(NOTHING, &early): 00000000 from 4",
            ]
        #expect(try ServingClients.run("cancellation", socket: fixture.path).lines == expected)
        #expect(try ServingClients.run("cancellation", capabilities: everything).lines == expected)
    }

    @Test("missing arguments and contexts that are not there")
    func mistakes() throws {
        let fixture = try ServingFixture()
        let outcome = try ServingClients.run("mistakes", "unix:" + fixture.path, socket: fixture.path)
        #expect(outcome.status == 0)
        let calls: [(String, String)] = [
            ("InitializeContext(NULL, NULL)", "ffff0006 from 0"), ("InitializeContext(\"another TEE\", &context)", "ffff0008 from 0"),
            ("InitializeContext(\"unix:/nonexistent/socket\", &context)", "ffff0008 from 0"), ("InitializeContext(\"unix:\", &context)", "ffff0006 from 0"),
            ("OpenSession(&context, &other, &unknown, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin)", "ffff0008 from 3"),
            ("OpenSession(NULL, &other, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin)", "ffff0006 from 1"),
            ("OpenSession(&context, NULL, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin)", "ffff0006 from 1"),
            ("OpenSession(&context, &other, NULL, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin)", "ffff0006 from 1"),
            ("OpenSession(&context, &other, &echo, TEEC_LOGIN_GROUP, NULL, NULL, &origin)", "ffff0006 from 1"),
            ("OpenSession(&context, &other, &unknown, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL)", "ffff0008 from 0"),
            ("InvokeCommand(NULL, NOTHING, NULL, &origin)", "ffff0006 from 1"), ("RegisterSharedMemory(&context, NULL)", "ffff0006 from 0"),
            ("AllocateSharedMemory(NULL, NULL)", "ffff0006 from 0"), ("RegisterSharedMemoryFileDescriptor(&context, NULL, 0)", "ffff0006 from 0"),
        ]
        let expected = calls.map { "TEEC_\($0.0): \($0.1)" } + ["after the end: failure from 2", "TEEC_InitializeContext(argv[1], &context): 00000000 from 0"]
        #expect(outcome.lines == expected)
    }

    @Test("a client that dies leaves no session, and what it waited for is cancelled")
    func death() throws {
        let fixture = try ServingFixture()
        let client = try StartedProcess([try ServingClients.folder() + "/hanging"], environment: ["SKERRY_TEE_SOCKET": fixture.path])
        #expect(fixture.eventually { fixture.service.record.running == 1 && fixture.service.record.open.count == 3 })
        kill(client.identifier, SIGKILL)
        client.wait()
        #expect(fixture.eventually { fixture.server.connectionCount == 0 })
        #expect(fixture.service.record.open.isEmpty && fixture.service.record.cancelled == 1)
    }

    @Test("a context that is finalized while a command runs ends the command")
    func ending() throws {
        let fixture = try ServingFixture()
        #expect(try ServingClients.run("ending", socket: fixture.path).lines == ["command: ffff000e from 2", "next: failure", "new context: 00000000"])
        #expect(fixture.eventually { fixture.server.connectionCount == 0 })
        #expect(fixture.service.record.cancelled == 1 && fixture.service.record.open.isEmpty)
    }

    @Test("descriptors of memory can be shared, others not")
    func descriptors() throws {
        let fixture = try ServingFixture()
        let outcome = try ServingClients.run("descriptors", socket: fixture.path)
        #expect(
            outcome.lines == [
                "memory: 00000000, buffer none, size 10000", "invert: 00000000, right", "invert after it shrank: ffff0001", "file stays 100",
                "sealed: ffff0001", "pipe: ffff0006", "directory: ffff0006", "too many: ffff000c after 64", "again: 00000000",
            ])
    }
}
