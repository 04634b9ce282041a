import Testing

@testable import LibraryOS

@Suite struct EpollTests {
    let system = TestKernel()
    let task: Task
    let page: UInt64
    let reader: UInt64
    let writer: UInt64
    let epoll: UInt64

    init() throws {
        task = try system.makeTask()
        page = task.mapped()
        #expect(task.result(293, page, 0o4000) == 0)
        let ends = try task.pair(at: page)
        (reader, writer) = (fd(ends.0), fd(ends.1))
        epoll = UInt64(task.result(291, 0))
    }

    private func control(_ operation: UInt64, _ descriptor: UInt64, _ events: UInt32) throws -> Int64 {
        var event = ByteWriter()
        event.u32(events)
        event.u64(77)
        try task.put(event.bytes, at: page)
        return task.result(233, epoll, operation, descriptor, page)
    }
    /// How many events there are now.
    private func wait() -> Int64 { task.result(232, epoll, page + 256, 8, 0) }
    private func write() { #expect(task.result(1, writer, page, 10) == 10) }
    private func read(_ count: UInt64) { #expect(task.result(0, reader, page, count) == Int64(count)) }

    @Test func levelTriggeredReportsUntilItIsRead() throws {
        #expect(try control(1, reader, 1) == 0)
        #expect(wait() == 0)
        write()
        #expect(wait() == 1)
        #expect(wait() == 1)
        let event = ByteReader(try task.bytes(at: page + 256, 12))
        #expect(event.u32(0) == 1 && event.u64(4) == 77)
        read(10)
        #expect(wait() == 0)
    }

    @Test func edgeTriggeredReportsEachArrivalOnce() throws {
        #expect(try control(1, reader, 1 | 1 << 31) == 0)
        write()
        #expect(wait() == 1)
        #expect(wait() == 0)
        read(5)
        #expect(wait() == 0)
        write()
        #expect(wait() == 1)
    }

    @Test func oneShotIsSilentUntilItIsArmedAgain() throws {
        #expect(try control(1, reader, 1 | 1 << 30) == 0)
        write()
        #expect(wait() == 1)
        write()
        #expect(wait() == 0)
        #expect(try control(3, reader, 1 | 1 << 30) == 0)
        #expect(wait() == 1)
    }

    @Test func hangUpIsReportedUnasked() throws {
        #expect(try control(1, reader, 0) == 0)
        #expect(task.result(3, writer) == 0)
        #expect(wait() == 1)
        #expect(ByteReader(try task.bytes(at: page + 256, 12)).u32(0) == 0x10)
    }

    @Test func theLastCloseForgetsTheDescription() throws {
        #expect(try control(1, reader, 1) == 0)
        write()
        let copy = UInt64(task.result(32, reader))
        #expect(task.result(3, reader) == 0)
        #expect(wait() == 1)
        #expect(task.result(3, copy) == 0)
        #expect(wait() == 0)
    }

    @Test func wrongUsesAreRefused() throws {
        #expect(try control(3, reader, 1) == failure(.ENOENT))
        #expect(try control(1, reader, 1) == 0)
        #expect(try control(1, reader, 1) == failure(.EEXIST))
        #expect(try control(1, epoll, 1) == failure(.EINVAL))
        #expect(task.result(232, epoll, page, 0, 0) == failure(.EINVAL))
        let outer = UInt64(task.result(291, 0))
        #expect(task.result(233, outer, 1, epoll, page) == 0)
        #expect(try control(1, outer, 1) == failure(.ELOOP))
    }

    @Test func anOuterInstanceSeesTheInnerOne() throws {
        #expect(try control(1, reader, 1) == 0)
        let outer = UInt64(task.result(291, 0))
        #expect(task.result(233, outer, 1, epoll, page) == 0)
        #expect(task.result(232, outer, page + 256, 8, 0) == 0)
        write()
        #expect(task.result(232, outer, page + 256, 8, 0) == 1)
    }

    @Test func aWaitEndsWithTheEventOrTheTimeOut() throws {
        #expect(try control(1, reader, 1) == 0)
        var call = SyscallCall(number: 232, epoll, page + 256, 8, 50)
        #expect(try task.run(&call).isWait)
        call.wake = .deadline
        #expect(try task.run(&call).value == 0)
        call = SyscallCall(number: 232, epoll, page + 256, 8, .max)
        #expect(try task.run(&call).isWait)
        write()
        call.wake = .queue
        #expect(try task.run(&call).value == 1)
    }

    @Test func pollAndSelectAgreeWithTheFiles() throws {
        var entries = ByteWriter()
        for (descriptor, events) in [(reader, UInt16(1)), (writer, 4), (999, 1)] {
            entries.u32(UInt32(descriptor))
            entries.u16(events)
            entries.u16(0xffff)
        }
        try task.put(entries.bytes, at: page)
        #expect(task.result(7, page, 3, 0) == 2)
        let shown = ByteReader(try task.bytes(at: page, 24))
        #expect(shown.u16(6) == 0 && shown.u16(14) == 4 && shown.u16(22) == 0x20)
        var set = ByteWriter()
        set.u64(1 << reader | 1 << writer)
        try task.put(set.bytes, at: page)
        try task.put(set.bytes, at: page + 8)
        try task.put([UInt8](repeating: 0, count: 16), at: page + 64)
        #expect(task.result(23, writer + 1, page, page + 8, 0, page + 64) == 1)
        #expect(try task.memory.readU64(GuestAddress(page)) == 0)
        #expect(try task.memory.readU64(GuestAddress(page + 8)) == 1 << writer)
    }

    @Test func eventfdCountsAndSemaphoresCountDown() throws {
        let counter = UInt64(task.result(290, 3, 0o4000))
        #expect(task.result(0, counter, page, 8) == 8)
        #expect(try task.memory.readU64(GuestAddress(page)) == 3)
        #expect(task.result(0, counter, page, 8) == failure(.EAGAIN))
        #expect(task.result(0, counter, page, 7) == failure(.EINVAL))
        let semaphore = UInt64(task.result(290, 2, 1))
        #expect(task.result(0, semaphore, page, 8) == 8)
        #expect(try task.memory.readU64(GuestAddress(page)) == 1)
    }

    @Test func timerfdCountsWhatHasPassed() throws {
        let timer = UInt64(task.result(283, 1, 0o4000))
        var setting = ByteWriter()
        for value: UInt64 in [0, 1000, 0, 500] { setting.u64(value) }
        try task.put(setting.bytes, at: page)
        #expect(task.result(286, timer, 0, page, 0) == 0)
        #expect(task.result(0, timer, page, 8) == failure(.EAGAIN))
        system.host.advance(nanoseconds: 3700)
        #expect(task.result(0, timer, page, 8) == 8)
        #expect(try task.memory.readU64(GuestAddress(page)) == 4)
        #expect(task.result(287, timer, page) == 0)
        #expect(try task.memory.readU64(GuestAddress(page + 24)) == 800)
    }
}
