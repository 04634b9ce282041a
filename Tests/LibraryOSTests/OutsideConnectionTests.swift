import Testing

@testable import LibraryOS

/// Sockets whose connections the host serves.
@Suite struct OutsideConnectionTests {
    let system = TestKernel()
    let task: Task
    let page: UInt64
    private let path = "/run/service"

    init() throws {
        task = try system.makeTask()
        page = task.mapped(pages: 128)
        try MountTree(kernel: system.kernel, root: system.root).makeSocket(Array(path.utf8), servedAs: Array("name".utf8))
    }

    private func socket(_ type: UInt64 = 1) -> UInt64 { UInt64(task.result(41, 1, type | 0o4000, 0)) }

    private func connect(_ socket: UInt64) throws -> Int64 {
        try task.put([1, 0] + Array(path.utf8) + [0], at: page)
        return task.result(42, socket, page, UInt64(3 + path.utf8.count))
    }

    /// A connected socket, and the stream behind it.
    private func connected() throws -> (UInt64, TestStream) {
        let stream = TestStream()
        system.host.serve("name", [stream])
        let socket = socket()
        #expect(try connect(socket) == 0)
        return (socket, stream)
    }

    private func write(_ text: String, to socket: UInt64) throws -> Int64 {
        try task.put(Array(text.utf8), at: page)
        return task.result(1, socket, page, UInt64(text.utf8.count))
    }
    private func read(_ socket: UInt64, _ count: UInt64 = 100) throws -> String? {
        let got = task.result(0, socket, page, count)
        return got < 0 ? nil : String(decoding: try task.bytes(at: page, Int(got)), as: UTF8.self)
    }
    private func error(_ socket: UInt64) throws -> Int32 {
        try task.put([4, 0, 0, 0], at: page + 64)
        #expect(task.result(55, socket, 1, 4, page, page + 64) == 0)
        return ByteReader(try task.bytes(at: page, 4)).i32(0)
    }
    private func ready(_ socket: UInt64) throws -> PollEvents { try task.file(Int32(socket)).poll() }

    @Test func bytesGoBothWays() throws {
        let (socket, stream) = try connected()
        #expect(try write("out", to: socket) == 3 && stream.output == Array("out".utf8))
        #expect(try read(socket) == nil && ready(socket).isDisjoint(with: [.input, .hangUp]) && ready(socket).contains(.output))
        stream.arrive(Array("in and".utf8))
        #expect(try ready(socket).contains(.input) && read(socket, 3) == "in ")
        stream.arrive(Array(" more".utf8))
        #expect(try read(socket) == "and more")
        #expect(task.result(3, socket) == 0)
        #expect(!stream.isWatched && system.kernel.buffers.isIdle)
    }

    @Test func theSocketIsAFileThatLeadsToWhatTheHostHas() throws {
        #expect(try connect(socket()) == failure(.ECONNREFUSED))
        #expect(try connect(socket(2)) == failure(.EPROTOTYPE))
        #expect(try connect(socket(5)) == failure(.EPROTOTYPE))
        let (socket, _) = try connected()
        #expect(try connect(socket) == failure(.EISCONN))
        try task.put([64, 0, 0, 0], at: page + 128)
        #expect(task.result(52, socket, page, page + 128) == 0)
        #expect(try task.bytes(at: page, 3 + path.utf8.count) == [1, 0] + Array(path.utf8) + [0])
        let place = try MountTree(kernel: system.kernel, root: system.root).locate(Array(path.utf8))
        #expect(try place.inode.kind == .socket && place.inode.attributes().permissions == 0o666)
        #expect(throws: Errno.EEXIST) { try MountTree(kernel: system.kernel, root: system.root).makeSocket(Array(path.utf8), servedAs: [1]) }
    }

    @Test func whatTheHostDoesNotTakeWaits() throws {
        let (socket, stream) = try connected()
        stream.take(10)
        var written: Int64 = 0
        while true {
            let count = task.result(1, socket, page, 100_000)
            if count < 0 { break }
            written += count
        }
        #expect(try written > 100_000 && stream.output.count == 10 && !ready(socket).contains(.output))
        #expect(system.kernel.unixSockets.bytesForOutside == Int(written) - 10)
        #expect(task.result(3, socket) == 0)
        // The program is gone, and what it wrote is sent on.
        stream.take(1000)
        #expect(stream.output.count == 1010 && stream.isWatched)
        stream.take(.max)
        #expect(stream.output.count == Int(written) && !stream.isWatched && system.kernel.unixSockets.bytesForOutside == 0)
        #expect(system.kernel.buffers.isIdle)
    }

    @Test func whatTheProgramDoesNotReadWaitsOutside() throws {
        let (socket, stream) = try connected()
        let sent = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        stream.arrive(sent)
        var got: [UInt8] = []
        while true {
            let count = task.result(0, socket, page, 65536)
            if count < 0 { break }
            got += try task.bytes(at: page, Int(count))
        }
        #expect(got == sent)
    }

    @Test func eachDirectionEndsOnItsOwn() throws {
        let (socket, stream) = try connected()
        #expect(task.result(48, socket, 1) == 0)
        #expect(stream.isFinished && stream.isWatched)
        #expect(try write("late", to: socket) == failure(.EPIPE))
        stream.arrive([0x61])
        stream.end()
        #expect(try read(socket) == "a" && read(socket)?.isEmpty == true && ready(socket).contains(.hangUp))
        let (other, second) = try connected()
        second.end()
        #expect(try read(other)?.isEmpty == true && ready(other).contains(.readHangUp) && !ready(other).contains(.hangUp))
        #expect(try write("answer", to: other) == 6 && second.output == Array("answer".utf8))
    }

    @Test func whoIsGoneTakesNothing() throws {
        let (socket, stream) = try connected()
        stream.end(gone: true)
        #expect(try ready(socket).contains(.hangUp) && read(socket)?.isEmpty == true && write("x", to: socket) == failure(.EPIPE))
        let (other, second) = try connected()
        second.stopReading()
        #expect(try write("lost", to: other) == 4)
        #expect(try write("x", to: other) == failure(.EPIPE))
        second.arrive([0x62])
        #expect(try read(other) == "b")
        #expect(system.kernel.unixSockets.bytesForOutside == 0)
    }

    @Test func aResetComesBehindWhatWasReceived() throws {
        let (socket, stream) = try connected()
        stream.arrive([0x63])
        stream.reset()
        #expect(try read(socket) == "c")
        #expect(task.result(0, socket, page, 10) == failure(.ECONNRESET))
        #expect(try read(socket)?.isEmpty == true && write("x", to: socket) == failure(.EPIPE) && error(socket) == 0)
        #expect(!stream.isWatched)
    }

    @Test func closingWithBytesUnreadEndsTheStream() throws {
        let (socket, stream) = try connected()
        stream.arrive([1, 2, 3])
        #expect(task.result(3, socket) == 0)
        #expect(!stream.isWatched && system.kernel.buffers.isIdle)
    }

    @Test func theEndOfTheSandboxIsTheEnd() throws {
        let (_, stream) = try connected()
        system.kernel.release()
        #expect(!stream.isWatched)
    }
}
