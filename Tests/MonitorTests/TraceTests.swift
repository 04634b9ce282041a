import LibraryOS
import Testing

@testable import Monitor

/// Lines as strace 6.1 prints them for the same calls.
@Suite("Trace")
struct TraceTests {
    private final class Lines: @unchecked Sendable {
        var all: [String] = []
    }
    private let sandbox = TestKernel()
    private let lines = Lines()
    private let printer: TracePrinter
    private let task: Task
    private let page: UInt64

    init() throws {
        let lines = lines
        printer = TracePrinter { lines.all.append($0) }
        task = try sandbox.makeTask()
        page = task.mapped()
    }

    private func put(_ text: String, at offset: UInt64 = 0) throws -> UInt64 {
        try task.memory.writeBytes(Array(text.utf8) + [0], to: GuestAddress(page + offset))
        return page + offset
    }
    private func put(words: [UInt64], at offset: UInt64) throws -> UInt64 {
        var writer = ByteWriter()
        for word in words { writer.u64(word) }
        try task.memory.writeBytes(writer.bytes, to: GuestAddress(page + offset))
        return page + offset
    }
    private func trace(_ call: SyscallCall, _ result: Int64?) -> String {
        printer.entered(task, call)
        printer.returned(task, call, result: result)
        return lines.all.last ?? ""
    }

    @Test func failuresShowNameAndText() throws {
        let path = try put("/etc/passwd")
        #expect(
            trace(SyscallCall(number: 257, UInt64(bitPattern: -100), path, 0o2000000), -2)
                == "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)")
        #expect(trace(SyscallCall(number: 257, UInt64(bitPattern: -100), path, 0o102, 0o640), 3) == "openat(AT_FDCWD, \"/etc/passwd\", O_RDWR|O_CREAT, 0640) = 3")
    }

    @Test func shortLinesAlignTheirResults() {
        #expect(trace(SyscallCall(number: 39), 20938) == "getpid()                                = 20938")
        #expect(trace(SyscallCall(number: 12, 0), 0x55ad_25ba_b000) == "brk(NULL)                               = 0x55ad25bab000")
    }

    @Test func buffersAreCutAndEscaped() throws {
        let address = try put("hi\u{1}7\"\n" + String(repeating: "x", count: 40))
        #expect(
            trace(SyscallCall(number: 1, 1, address, 46), 46) == "write(1, \"hi\\0017\\\"\\nxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., 46) = 46")
        #expect(trace(SyscallCall(number: 0, 0, address, 100), 2) == "read(0, \"hi\", 100)                      = 2")
        #expect(trace(SyscallCall(number: 0, 0, address, 100), -11).hasPrefix("read(0, 0x"))
        #expect(trace(SyscallCall(number: 1, 1, 0x1000, 4), -14) == "write(1, 0x1000, 4)                     = -1 EFAULT (Bad address)")
    }

    @Test func memoryCallsNameTheirFlags() {
        #expect(
            trace(SyscallCall(number: 9, 0, 8192, 3, 0x22, .max, 0), 0x7f00_0000_0000)
                == "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000")
        #expect(FlagTable.all["prot"]?.text(0) == "PROT_NONE")
        #expect(FlagTable.all["prot"]?.text(0x40) == "0x40 /* PROT_??? */")
        #expect(FlagTable.all["clock"]?.text(77) == "0x4d /* CLOCK_??? */")
    }

    @Test func structuresAreReadOnReturn() throws {
        let request = try put(words: [1, 500], at: 64)
        #expect(trace(SyscallCall(number: 228, 1, request), 0) == "clock_gettime(CLOCK_MONOTONIC, {tv_sec=1, tv_nsec=500}) = 0")
        let limits = try put(words: [8 << 20, .max], at: 128)
        #expect(
            trace(SyscallCall(number: 302, 0, 3, 0, limits), 0)
                == "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0")
    }

    @Test func futexesShowWhatTheirOperationUses() {
        #expect(trace(SyscallCall(number: 202, 0x1000, 0x81, 1), 1) == "futex(0x1000, FUTEX_WAKE_PRIVATE, 1)    = 1")
        #expect(
            trace(SyscallCall(number: 202, 0x1000, 0x189, 0, 0, 0, 0xffff_ffff), 0)
                == "futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY) = 0")
    }

    @Test func setsOfSignals() {
        #expect(SignalNames.set(0) == "[]")
        #expect(SignalNames.set(1 << 1 | 1 << 14 | 1 << 31) == "[INT TERM RTMIN]")
        #expect(SignalNames.set(~0) == "~[]")
        #expect(SignalNames.set(~(1 << 32)) == "~[RT_1]")
    }

    @Test func callsOfTwoThreadsAreBrokenUp() throws {
        let other = try sandbox.makeTask()
        let (sleep, get) = (SyscallCall(number: 202, 0x1000, 0x80, 0, 0), SyscallCall(number: 39))
        printer.entered(task, sleep)
        printer.entered(other, get)
        printer.returned(other, get, result: 5)
        printer.returned(task, sleep, result: -512)
        #expect(
            lines.all == [
                "[pid \(task.id)] futex(0x1000, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>",
                "[pid \(other.id)] getpid()                        = 5",
                "[pid \(task.id)] <... futex resumed>)            = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
            ])
    }

    @Test func endsAndSignals() {
        var fault = SignalInfo(11, code: 1)
        fault.address = 0x10
        printer.signal(task, fault)
        let exit = SyscallCall(number: 231, 3)
        printer.entered(task, exit)
        printer.returned(task, exit, result: nil)
        printer.exited(task, status: 0x300)
        // Said once.
        printer.exited(task, status: 0x300)
        #expect(
            lines.all == [
                "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---", "exit_group(3)                           = ?",
                "+++ exited with 3 +++",
            ])
    }

    @Test func aCoreIsSaid() {
        printer.exited(task, status: 0x8b)
        #expect(lines.all == ["+++ killed by SIGSEGV (core dumped) +++"])
    }

    @Test func theFirstProgramIsShownAsAnExecve() {
        printer.started(task, Array("/bin/echo".utf8), [Array("echo".utf8), Array("a \"b\"".utf8)], environment: 3)
        #expect(lines.all == [#"execve("/bin/echo", ["echo", "a \"b\""], /* 3 vars */) = 0"#])
    }

    @Test func aThreadThatEndsShowsItsCallAndItself() throws {
        let thread = try sandbox.makeTask(in: task.group)
        printer.entered(task, SyscallCall(number: 202, 0x1000, 0x80, 0, 0))
        let exit = SyscallCall(number: 60, 0)
        printer.entered(thread, exit)
        thread.exitCode = 0
        printer.returned(thread, exit, result: nil)
        printer.ended(thread)
        printer.ended(task)
        printer.exited(task, status: 9)
        #expect(
            lines.all == [
                "[pid \(task.id)] futex(0x1000, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>",
                "[pid \(thread.id)] exit(0)                         = ?",
                "[pid \(thread.id)] +++ exited with 0 +++",
                "<... futex resumed>)                    = ?",
                "+++ killed by SIGKILL +++",
            ])
    }

    @Test func jsonShowsCallsThatDoNotReturn() {
        let lines = lines
        let json = TracePrinter(format: .json) { lines.all.append($0) }
        let exit = SyscallCall(number: 231, 3)
        json.entered(task, exit)
        json.returned(task, exit, result: nil)
        json.exited(task, status: 0x300)
        json.entered(task, SyscallCall(number: 0, 0, 0x1000, 5))
        json.exited(task, status: 9)
        let pid = task.id
        #expect(
            lines.all == [
                #"{"pid":\#(pid),"call":"exit_group","args":["3"],"result":null}"#, #"{"pid":\#(pid),"exited":3}"#,
                #"{"pid":\#(pid),"call":"read","args":["0","?","5"],"result":null}"#, #"{"pid":\#(pid),"killed":"SIGKILL"}"#,
            ])
    }

    @Test func directoryEntriesAreCounted() throws {
        // struct linux_dirent64 of 24 bytes, twice.
        let entry: [UInt64] = [7, 1, 0x61_08_0018]
        let address = try put(words: entry + entry, at: 256)
        let place = TraceText.hex(address)
        #expect(trace(SyscallCall(number: 217, 5, address, 4096), 48) == "getdents64(5, \(place) /* 2 entries */, 4096) = 48")
        #expect(trace(SyscallCall(number: 78, 5, address, 4096), 24) == "getdents(5, \(place) /* 1 entry */, 4096) = 24")
        #expect(trace(SyscallCall(number: 78, 5, address, 4096), 0) == "getdents(5, \(place) /* 0 entries */, 4096) = 0")
    }

    @Test func severalMessagesShowHowMuchOfEachWentThrough() throws {
        let text = try put("hello")
        let vectors = try put(words: [text, 10], at: 64)
        let header: [UInt64] = [0, 0, vectors, 1, 0, 0, 0]
        let messages = try put(words: header + [5] + header + [0], at: 256)
        let timeout = try put(words: [1, 5], at: 512)
        func shown(_ data: String, _ length: String) -> String {
            "{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\(data), iov_len=10}], msg_iovlen=1, msg_controllen=0, msg_flags=0}\(length)}"
        }
        let whole = #""hello\0\0\0\0\0""#
        #expect(
            trace(SyscallCall(number: 307, 3, messages, 2, 0), 1)
                == "sendmmsg(3, [\(shown(whole, ", msg_len=5")), \(shown(whole, ""))], 2, 0) = 1")
        #expect(
            trace(SyscallCall(number: 299, 4, messages, 2, 0x40, timeout), 1)
                == #"recvmmsg(4, [\#(shown("\"hello\"", ", msg_len=5"))], 2, MSG_DONTWAIT, {tv_sec=1, tv_nsec=5}) = 1 (left {tv_sec=1, tv_nsec=5})"#)
        #expect(trace(SyscallCall(number: 299, 4, messages, 2, 0x40, 0), -11).hasPrefix("recvmmsg(4, 0x"))
        #expect(trace(SyscallCall(number: 307, 3, 0x1000, 2, 0), -14) == "sendmmsg(3, 0x1000, 2, 0)               = -1 EFAULT (Bad address)")
    }

    @Test func jsonHasTheSameFields() throws {
        let lines = lines
        let json = TracePrinter(format: .json) { lines.all.append($0) }
        let call = SyscallCall(number: 257, UInt64(bitPattern: -100), try put("/a\"b"), 0)
        json.entered(task, call)
        json.returned(task, call, result: -2)
        #expect(
            lines.all == [
                #"{"pid":\#(task.id),"call":"openat","args":["AT_FDCWD","\"/a\\\"b\"","O_RDONLY"],"result":-1,"errno":"ENOENT"}"#
            ])
    }

    @Test func unknownCallsAreNumbers() {
        #expect(trace(SyscallCall(number: 500, 1), -38) == "syscall_0x1f4(0x1, 0x0, 0x0, 0x0, 0x0, 0x0) = -1 ENOSYS (Function not implemented)")
    }
}
