import Testing

@testable import LibraryOS

@Suite struct PipeTests {
    let system = TestKernel()
    let task: Task
    let page: UInt64
    let reader: UInt64
    let writer: UInt64

    init() throws {
        task = try system.makeTask()
        page = task.mapped(pages: 64)
        #expect(task.result(293, page, 0o4000) == 0)
        let ends = try task.pair(at: page)
        (reader, writer) = (fd(ends.0), fd(ends.1))
    }

    @Test func carriesBytesInOrderAndEndsWhenTheLastWriterGoes() throws {
        try task.put(bytes("hello"), at: page)
        #expect(task.result(1, writer, page, 5) == 5)
        #expect(task.result(0, reader, page + 100, 3) == 3)
        #expect(task.result(0, reader, page + 103, 9) == 2)
        #expect(try task.bytes(at: page + 100, 5) == bytes("hello"))
        #expect(task.result(0, reader, page, 1) == failure(.EAGAIN))
        #expect(task.result(3, writer) == 0)
        #expect(task.result(0, reader, page, 1) == 0)
    }

    @Test func holdsSixtyFourKibibytesAndWritesSmallPiecesWhole() {
        #expect(task.result(1, writer, page, 200_000) == 65536)
        #expect(task.result(1, writer, page, 1) == failure(.EAGAIN))
        #expect(task.result(0, reader, page, 4095) == 4095)
        #expect(task.result(1, writer, page, 4096) == failure(.EAGAIN))
        #expect(task.result(0, reader, page, 1) == 1)
        #expect(task.result(1, writer, page, 4096) == 4096)
        #expect(task.result(72, reader, 1032) == 65536)
        #expect(task.result(72, reader, 1031, 4096) == failure(.EBUSY))
        #expect(task.result(72, reader, 1031, 100_000) == 131_072)
    }

    @Test func aBlockingWriteGoesOnWhereItStopped() throws {
        #expect(task.result(72, writer, 4, 0) == 0)
        var call = SyscallCall(number: 1, writer, page, 100_000)
        #expect(try task.run(&call).isWait)
        #expect(task.result(0, reader, page, 65536) == 65536)
        call.wake = .queue
        #expect(try task.run(&call).value == 100_000)
    }

    @Test func anInterruptedWriteTellsWhatItWrote() throws {
        #expect(task.result(72, writer, 4, 0) == 0)
        var call = SyscallCall(number: 1, writer, page, 100_000)
        #expect(try task.run(&call).isWait)
        call.wake = .interrupted
        #expect(try task.run(&call).value == 65536)
    }

    @Test func aClosedDescriptorStaysOpenForTheCallThatWaitsOnIt() throws {
        #expect(task.result(72, reader, 4, 0) == 0)
        var call = SyscallCall(number: 0, reader, page, 10)
        #expect(try task.run(&call).isWait)
        #expect(task.result(3, reader) == 0)
        #expect(task.result(1, writer, page, 4) == 4)
        call.wake = .queue
        #expect(try task.run(&call).value == 4)
        #expect(task.result(1, writer, page, 4) == failure(.EPIPE))
    }

    @Test func packetsAreReadOneByOneAndCut() {
        #expect(task.result(72, writer, 4, 0o44000) == 0)
        #expect(task.result(1, writer, page, 10) == 10)
        #expect(task.result(1, writer, page, 20) == 20)
        #expect(task.result(0, reader, page, 4) == 4)
        #expect(task.result(0, reader, page, 100) == 20)
    }

    @Test func badBuffersAndOffsetsAreRefused() {
        #expect(task.result(1, writer, 0, 4) == failure(.EFAULT))
        #expect(task.result(0, writer, page, 4) == failure(.EBADF))
        #expect(task.result(17, reader, page, 4, 0) == failure(.ESPIPE))
        #expect(task.result(8, reader, 0, 0) == failure(.ESPIPE))
        #expect(task.result(0, reader, .max, .max) == failure(.EFAULT))
        #expect(task.result(20, writer, page, 1025) == failure(.EINVAL))
    }

    @Test func teeCopiesAndSpliceMoves() throws {
        #expect(task.result(293, page, 0o4000) == 0)
        let other = try task.pair(at: page)
        try task.put(bytes("data"), at: page)
        #expect(task.result(1, writer, page, 4) == 4)
        #expect(task.result(276, reader, fd(other.1), 100, 0) == 4)
        #expect(task.result(275, reader, 0, fd(other.1), 0, 3, 0) == 3)
        #expect(task.result(0, fd(other.0), page + 64, 100) == 7)
        #expect(try task.bytes(at: page + 64, 7) == bytes("datadat"))
        #expect(task.result(0, reader, page, 9) == 1)
        #expect(task.result(275, reader, 0, writer, 0, 3, 0) == failure(.EINVAL))
    }

    @Test func duplicatesShareOneDescriptionAndCloseRangeClosesBoth() {
        let copy = task.result(32, reader)
        #expect(copy >= 0)
        #expect(task.result(33, reader, reader) == Int64(reader))
        #expect(task.result(292, reader, reader, 0) == failure(.EINVAL))
        #expect(task.result(436, 0, UInt64(UInt32.max), 0) == 0)
        #expect(task.result(32, reader) == failure(.EBADF))
    }
}
