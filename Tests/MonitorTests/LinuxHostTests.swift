import Glibc
@testable import LibraryOS
import Synchronization
import Testing

@testable import Monitor

private func read(_ host: LinuxHost, _ file: HostFile, at offset: Int64?) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 64)
    var outcome: Result<Int, Errno> = .success(0)
    buffer.withUnsafeMutableBytes { buffer in
        do throws(Errno) { outcome = .success(try host.read(file, into: [buffer], at: offset)) } catch { outcome = .failure(error) }
    }
    return Array(buffer[..<(try outcome.get())])
}

@Suite("Linux host")
struct LinuxHostTests {
    let host: LinuxHost
    let folder = TemporaryFolder()
    let root: HostFile

    init() throws {
        host = try LinuxHost(processors: 1)
        root = try host.openGrant(bytes(folder.path))
    }

    @Test func noNameLeadsOutOfAFolder() {
        folder.link("absolute", to: "/etc")
        folder.link("up", to: "..")
        folder.folder("inside")
        for name in ["..", "inside/../..", "/etc/passwd", "absolute/passwd", "up/etc"] {
            #expect(throws: Errno.self, "\(name)") { try host.open(beneath: root, bytes(name), flags: OpenFlags.path.hostBits, mode: 0) }
        }
        for name in ["..", "inside/../../x", "/tmp/x", "", "."] {
            #expect(throws: Errno.EINVAL) { try host.makeDirectory(in: root, bytes(name), mode: 0o755) }
            #expect(throws: Errno.EINVAL) { try host.unlink(in: root, bytes(name), directory: false) }
            #expect(throws: Errno.EINVAL) { try host.rename(from: root, bytes("inside"), to: root, bytes(name), flags: 0) }
        }
    }

    @Test func aSymbolicLinkIsOpenedAsItself() throws {
        folder.link("link", to: "/etc/passwd")
        let link = try host.open(beneath: root, bytes("link"), flags: OpenFlags.path.hostBits, mode: 0)
        #expect(try host.attributes(of: link).kind == .symbolicLink)
        #expect(try host.readLink(link) == bytes("/etc/passwd"))
        #expect(throws: Errno.ELOOP) { try host.open(beneath: root, bytes("link"), flags: O_RDONLY, mode: 0) }
    }

    @Test func pathHandlesCanBeChangedAndReopened() throws {
        folder.file("file", "hello")
        let handle = try host.open(beneath: root, bytes("file"), flags: OpenFlags.path.hostBits, mode: 0)
        try host.setMode(handle, 0o600)
        try host.setTimes(handle, access: nil, modification: 1_500_000_000)
        let attributes = try host.attributes(of: handle)
        #expect(attributes.permissions == 0o600)
        #expect(attributes.modificationTime == 1_500_000_000)
        try host.makeLink(to: handle, in: root, bytes("second"))
        #expect(try host.attributes(of: handle).links == 2)
        #expect(try read(host, try host.reopen(handle, flags: O_RDONLY), at: 1) == bytes("ello"))
        #expect(throws: Errno.ENODATA) { try host.extendedAttribute(handle, bytes("user.none")) }
    }

    @Test func directoriesAreReadFromACookie() throws {
        for name in ["a", "b", "c"] { folder.file(name) }
        let handle = try host.reopen(root, flags: O_RDONLY | O_DIRECTORY)
        let all = try host.readDirectory(handle, from: 0)
        #expect(Set(all.map { String(decoding: $0.name, as: UTF8.self) }) == [".", "..", "a", "b", "c"])
        let rest = try host.readDirectory(handle, from: all[2].offset)
        #expect(rest.map(\.name) == all[3...].map(\.name))
    }

    @Test func pipesNeverMakeTheCallerWait() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { Glibc.close(end) } }
        let reader = try host.inherited(ends[0])
        let writer = try host.inherited(ends[1])
        #expect(throws: Errno.EAGAIN) { try read(host, reader, at: nil) }
        var filler = [UInt8](repeating: 1, count: 100_000)
        var written = 0
        while true {
            var count = 0
            filler.withUnsafeMutableBytes { count = (try? host.write(writer, from: [$0], at: nil)) ?? -1 }
            if count < 0 { break }
            written += count
        }
        #expect(written == 65536)
        #expect(fcntl(ends[1], F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func aWatchedPipeWakesItsQueue() throws {
        final class Flag: WaitQueueWaiter, @unchecked Sendable {
            let semaphore = Mutex(0)
            override func wake(from queue: WaitQueue) { semaphore.withLock { $0 += 1 } }
        }
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { Glibc.close(end) } }
        let reader = try host.inherited(ends[0])
        let queue = WaitQueue()
        let flag = Flag()
        queue.add(flag)
        host.watch(reader, waking: queue)
        let before = flag.semaphore.withLock { $0 }
        _ = Glibc.write(ends[1], "x", 1)
        while flag.semaphore.withLock({ $0 }) == before { usleep(1000) }
        // Another file of the sandbox over the same descriptor comes and goes: this one is still woken.
        let other = WaitQueue()
        host.watch(reader, waking: other)
        host.unwatch(reader, waking: other)
        let woken = flag.semaphore.withLock { $0 }
        _ = Glibc.write(ends[1], "y", 1)
        while flag.semaphore.withLock({ $0 }) == woken { usleep(1000) }
        host.unwatch(reader, waking: queue)
        host.shutDown()
        #expect(host.poll(reader, events: .input) == .input)
    }

    @Test func onlyListedTerminalRequestsPass() throws {
        let terminal = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { Glibc.close(terminal) }
        let file = try host.inherited(terminal)
        var size = [UInt8](repeating: 0, count: 8)
        size[0] = 25
        try host.terminalControl(file, request: 0x5414, argument: &size)
        size[0] = 0
        try host.terminalControl(file, request: 0x5413, argument: &size)
        #expect(size[0] == 25)
        for request: UInt32 in [0x5412, 0x541C, 0x540E] {
            #expect(throws: Errno.ENOTTY) { try host.terminalControl(file, request: request, argument: &size) }
        }
    }

    @Test func processorTextIsCutToTheSandboxsProcessors() {
        let text = bytes("processor: 0\nflags: a\n\nprocessor: 1\nflags: a\n\n")
        #expect(LinuxHost.processorBlocks(text, count: 1) == bytes("processor: 0\nflags: a\n\n"))
        #expect(LinuxHost.processorBlocks(text, count: 4) == text)
    }
}
