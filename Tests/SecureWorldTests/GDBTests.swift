import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// A real gdb debugs an application in its virtual machine.
@Suite(.enabled(if: TrustedApplications.canRun && GDB.isThere, "gdb, gcc and /dev/kvm are needed: not a line of the debugger is tested without")) struct GDBTests {
    /// `call` beside gdb with these commands; what gdb printed.
    private func debug(
        _ source: String, _ suffix: String, options: [String] = ["-g", "-O1"], signed: Bool = false, libraries: [TEEUUID: String] = [:],
        call: (TrustedApplications.World, TEEUUID) -> Void, _ commands: String...
    ) throws -> String {
        let folder = try ImagesFolder()
        let uuid = TEEUUID("5ec0e001-00\(suffix)-4a11-9001-5b65727279\(suffix)") ?? .null
        var file = try DebuggingApplications.build(source, uuid, options)
        let socket = folder.path + "/gdb"
        let world = try TrustedApplications.World(timeLimit: 1) { configuration in
            if signed { file = try GDB.signed(file, uuid, configuration, in: folder.path) }
            configuration.files = libraries
            configuration.files[uuid] = file
            configuration.debugger = try TADebugger(uuid, at: .path(socket))
        }
        defer { world.end() }
        let script = (["set pagination off", "set width 0", "target remote \(socket)"] + commands).joined(separator: "\n") + "\n"
        try folder.write("script", script)
        let output = GDB.Output()
        let debugger = world.world.configuration.debugger
        Thread.detachNewThread {
            // A thread of a pool may block signals, gdb would do so too, and neither Ctrl-C nor an end of its time would reach it.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            // What gdb prints is in the error if it fails.
            do { output.finish(try ImagesSupport.run(["gdb", "-nx", "-batch", "-x", "script"], in: folder.path)) } catch { output.finish("FAILED: \(error)") }
            // An application that waits for a gdb that never came runs on.
            debugger?.stop()
        }
        call(world, uuid)
        return output.wait()
    }

    private func addOne(_ world: TrustedApplications.World, _ uuid: TEEUUID) -> UInt32? {
        let request = GDB.call(world, uuid, 0, [.value([.input, .output], a: 41, b: 7)])
        #expect(request.result == .success)
        if case .value(_, let a, 7) = request.parameters[0] { return a }
        return nil
    }

    @Test func aCommandIsStoppedAtItsEntrySteppedAndLookedAt() throws {
        var answer: UInt32?
        let text = try debug(
            "hello_world", "01", call: { answer = addOne($0, $1) },
            "break TA_InvokeCommandEntryPoint", "continue", "backtrace", "print commandID", "print params[0].value", "set $before = $rip", "stepi", "print $rip != $before", "next",
            "info registers cs eflags", "x/4xb &params[0].value.a", "print $xmm0.uint128", "print greeting", "finish", "continue")
        #expect(answer == 42)
        #expect(text.contains("Breakpoint 1, TA_InvokeCommandEntryPoint (sessionContext=0x0, commandID=0, paramTypes=3, params=0x"))
        for function in ["#0  TA_InvokeCommandEntryPoint (", " skerry_ta_enter (", " in __ta_entry ("] { #expect(text.contains(function), "\(text)") }
        #expect(text.contains("$1 = 0\n"))
        #expect(text.contains("$2 = {a = 41, b = 7}"))
        #expect(text.contains("$3 = 1\n"))
        #expect(text.contains("0x29\t0x00\t0x00\t0x00"))
        // No trap flag.
        #expect(text.contains(#/eflags +0x[0-9a-f]+ +\[[^\]]*IF[^\]]*\]/#) && !text.contains(" TF "))
        #expect(text.contains("\"Hello, world\""))
        #expect(text.contains("Value returned is "))
        #expect(text.contains("exited normally"))
    }

    @Test func memoryAndRegistersAreChanged() throws {
        var answer: UInt32?
        let text = try debug(
            "hello_world", "01", call: { answer = addOne($0, $1) },
            "break TA_InvokeCommandEntryPoint", "continue", "set var params[0].value.a = 99", "set $xmm5.uint128 = 0x1234567", "set $rbx = $rbx", "set $mxcsr = 0x1f80", "stepi",
            "print $xmm5.v4_int32[0]", "continue")
        #expect(answer == 100)
        #expect(text.contains("$1 = 19088743"), "\(text)")
    }

    /// Steps over system calls, too.
    @Test func stepsGoThroughSystemCalls() throws {
        var answer: UInt32?
        let text = try debug(
            "hello_world", "01", call: { answer = addOne($0, $1) },
            "break _utee_log", "continue", "while *(unsigned short *)$rip != 0x050f\nstepi\nend", "print $rax", "set $at = $rip", "stepi", "print $rip - $at",
            "stepi",
            "info registers eflags", "delete", "continue")
        #expect(answer == 42)
        // TEE_SCN_LOG; the instruction has two bytes.
        #expect(text.contains("$1 = 1\n"), "\(text)")
        #expect(text.contains("$2 = 2\n"))
        #expect(!text.contains(" TF "))
    }

    @Test func aFaultStopsBeforeTheInstanceDies() throws {
        var result: TEEResult?
        let text = try debug("panics", "03", call: { result = GDB.call($0, $1, 1).result }, "continue", "backtrace 1", "print zero", "continue")
        #expect(text.contains("Program received signal SIGSEGV"), "\(text)")
        #expect(text.contains("#0  0x") && text.contains("TA_InvokeCommandEntryPoint"))
        #expect(text.contains("Program terminated with signal SIGSEGV"))
        #expect(result == .targetDead)
    }

    @Test func aPanicStopsAtTheCallThatMadeIt() throws {
        var result: TEEResult?
        let text = try debug("panics", "03", call: { result = GDB.call($0, $1, 0, [.value(.input, a: 0xbad, b: 0)]).result }, "continue", "print/x $rdi", "backtrace", "continue")
        #expect(text.contains("Program received signal SIGABRT"), "\(text)")
        #expect(text.contains("$1 = 0xbad"))
        for function in [" _utee_panic ", " in TA_InvokeCommandEntryPoint "] { #expect(text.contains(function)) }
        #expect(text.contains("Program terminated with signal SIGABRT"))
        #expect(result == .targetDead)
    }

    @Test func aFaultThatIsMendedGoesOn() throws {
        var result: TEEResult?
        // Command 15 executes ud2, which has two bytes.
        let text = try debug("panics", "03", call: { result = GDB.call($0, $1, 15).result }, "continue", "set $rip = $rip + 2", "signal 0")
        #expect(text.contains("Program received signal SIGILL"), "\(text)")
        #expect(text.contains("exited normally"))
        #expect(result == .success)
    }

    @Test func whoeverIsKilledAnswersTargetDead() throws {
        var result: TEEResult?
        _ = try debug("hello_world", "01", call: { result = GDB.call($0, $1, 0).result }, "kill")
        #expect(result == .targetDead)
    }

    @Test func withoutGDBItRunsOn() throws {
        var answer: UInt32?
        _ = try debug("hello_world", "01", call: { answer = addOne($0, $1) }, "break TA_InvokeCommandEntryPoint", "continue", "detach")
        #expect(answer == 42)
        // gdb that only goes away lets go, too.
        _ = try debug("hello_world", "01", call: { answer = addOne($0, $1) }, "break TA_InvokeCommandEntryPoint", "continue")
        #expect(answer == 42)
    }

    /// The TEE reads the code of a function whose first byte is a breakpoint.
    @Test func noBreakpointIsSeenByTheTEE() throws {
        func digest(_ world: TrustedApplications.World, _ uuid: TEEUUID) -> [UInt8] {
            let result = TrustedApplications.Buffer([UInt8](repeating: 0, count: 32))
            #expect(GDB.call(world, uuid, 0, [result.parameter(.output)]).result == .success)
            return result.bytes
        }
        var (plain, watched): ([UInt8], [UInt8]) = ([], [])
        _ = try debug("breakpoints", "62", call: { plain = digest($0, $1) }, "continue")
        let text = try debug("breakpoints", "62", call: { watched = digest($0, $1) }, "break *watched", "continue", "print/x *(unsigned char *)watched", "continue")
        #expect(text.contains("Breakpoint 1, watched"), "\(text)")
        #expect(!text.contains("$1 = 0xcc"))
        #expect(plain == watched)
        #expect(plain != [UInt8](repeating: 0, count: 32))
    }

    /// Ctrl-C, which is SIGINT for gdb.
    @Test func whatRunsIsInterrupted() throws {
        var result: TEEResult?
        let text = try debug(
            "breakpoints", "62", call: { result = GDB.call($0, $1, 1).result },
            "break TA_InvokeCommandEntryPoint", "continue", "delete", "shell (sleep 1; kill -INT $PPID) &", "continue", "print isOver", "backtrace 1", "set var isOver = 1",
            "continue")
        #expect(text.contains("Program received signal SIGINT"), "\(text)")
        #expect(text.contains("$1 = 0\n"))
        #expect(text.contains("#0  TA_InvokeCommandEntryPoint") || text.contains("in TA_InvokeCommandEntryPoint"))
        #expect(text.contains("exited normally"))
        #expect(result == .success)
    }

    /// A number in an SSE register is changed between its computation and its use.
    @Test func vectorRegistersAreTheApplications() throws {
        var answer: UInt32?
        let text = try debug(
            "breakpoints", "62",
            call: { world, uuid in
                if case .value(_, let a, _) = GDB.call(world, uuid, 2, [.value(.output, a: 0, b: 0)]).parameters[0] { answer = a }
            }, "break square", "continue", "print number", "set $xmm0.v2_double[0] = 5", "continue")
        #expect(text.contains("$1 = 12\n"), "\(text)")
        #expect(answer == 25)
    }

    @Test func sharedLibrariesHaveSymbols() throws {
        let library = TEEUUID("5ec0e001-0014-4a11-9001-5b6572727914") ?? .null
        let file = try DebuggingApplications.build("shared_library", library, ["--library", "-g", "-O1"])
        var answer: UInt32?
        let text = try debug(
            "library_user", "15", options: ["-g", "-O1", file], libraries: [library: file],
            call: { world, uuid in
                if case .value(_, let a, _) = GDB.call(world, uuid, 0, [.value([.input, .output], a: 20, b: 22)]).parameters[0] { answer = a }
            }, "break shared_library_add", "continue", "info sharedlibrary", "print a + b", "backtrace 2", "continue")
        #expect(text.contains("shared_library_add (a=20, b=22)"), "\(text)")
        #expect(text.contains("$1 = 42\n"))
        #expect(text.contains("in TA_InvokeCommandEntryPoint"))
        #expect(answer == 42)
    }

    /// The signed file has no symbols; UUID.elf beside it has.
    @Test func symbolsOfASignedApplicationAreBesideIt() throws {
        var answer: UInt32?
        let text = try debug("hello_world", "01", signed: true, call: { answer = addOne($0, $1) }, "break TA_InvokeCommandEntryPoint", "continue", "continue")
        #expect(text.contains("Breakpoint 1, TA_InvokeCommandEntryPoint (sessionContext=0x0, commandID=0"), "\(text)")
        #expect(answer == 42)
    }
}

/// What the tests of the debugger share.
enum GDB {
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/gdb") }

    /// A session for one command.
    static func call(_ world: TrustedApplications.World, _ uuid: TEEUUID, _ command: UInt32, _ parameters: [TEEParameter] = []) -> TEERequest {
        let opening = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)))
        world.world.perform(opening)
        guard opening.result == .success else { return opening }
        defer { world.world.perform(TEERequest(.close(session: opening.session))) }
        return world.invoke(opening.session, command, parameters)
    }

    /// UUID.ta beside the file, stripped and signed.
    static func signed(_ file: String, _ uuid: TEEUUID, _ configuration: SecureWorldConfiguration, in folder: String) throws -> String {
        _ = try ImagesSupport.run(["cp", file, "\(folder)/\(uuid).elf"], in: folder)
        _ = try ImagesSupport.run(["strip", "-o", folder + "/stripped", file], in: folder)
        let elf = Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/stripped")))
        let signed = try TAFile.signed(elf, uuid: uuid, by: TAFile.Signer(configuration.keys.signingKey))
        try Data(signed).write(to: URL(fileURLWithPath: "\(folder)/\(uuid).ta"))
        return "\(folder)/\(uuid).ta"
    }

    /// What a thread leaves for another.
    final class Output: Sendable {
        private let text = Mutex<String?>(nil)
        func finish(_ value: String) { text.withLock { $0 = value } }
        func wait() -> String {
            while true {
                if let value = text.withLock({ $0 }) { return value }
                usleep(10_000)
            }
        }
    }
}
