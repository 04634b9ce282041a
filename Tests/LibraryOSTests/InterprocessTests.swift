import Testing

@testable import LibraryOS

@Suite("System V interprocess communication") struct InterprocessTests {
    let sandbox = TestKernel()

    private func write(_ task: Task, _ shorts: [UInt16], at address: UInt64) throws {
        var writer = ByteWriter()
        for short in shorts { writer.u16(short) }
        try task.memory.writeBytes(writer.bytes, to: GuestAddress(address))
    }

    @Test func theEndOfATaskTakesBackWhatItMayUndo() throws {
        let (first, second) = (try sandbox.makeTask(), try sandbox.makeTask())
        let id = UInt64(first.result(64, 0, 2, 0o600))
        let place = first.mapped(pages: 1)
        #expect(first.result(66, id, 0, 16, 5) == 0)
        // Two down with SEM_UNDO, then the other semaphore up.
        try write(first, [0, UInt16(bitPattern: -2), 0x1000, 1, 3, 0x1000], at: place)
        #expect(first.result(65, id, place, 2) == 0)
        #expect(second.result(66, id, 0, 12, 0) == 3 && second.result(66, id, 1, 12, 0) == 3)
        first.leaveSemaphoreUndo()
        #expect(second.result(66, id, 0, 12, 0) == 5 && second.result(66, id, 1, 12, 0) == 0)
    }

    @Test func settingAValueForgetsWhatWouldBeUndone() throws {
        let task = try sandbox.makeTask()
        let id = UInt64(task.result(64, 0, 1, 0o600))
        let place = task.mapped(pages: 1)
        try write(task, [0, 4, 0x1000], at: place)
        #expect(task.result(65, id, place, 1) == 0)
        #expect(task.result(66, id, 0, 16, 1) == 0)
        task.leaveSemaphoreUndo()
        #expect(task.result(66, id, 0, 12, 0) == 1)
    }

    @Test func aRemovedSetEndsItsWaits() throws {
        let task = try sandbox.makeTask()
        let id = UInt64(task.result(64, 0, 1, 0o600))
        let place = task.mapped(pages: 1)
        try write(task, [0, UInt16(bitPattern: -1), 0], at: place)
        var call = SyscallCall(number: 65, id, place, 1)
        #expect(try task.run(&call).isWait)
        #expect(task.result(66, id, 0, 14, 0) == 1)
        #expect(task.result(66, id, 0, 0, 0) == 0)
        #expect(throws: Errno.EIDRM) { _ = try task.run(&call) }
    }

    @Test func aWaiterThatIsCancelledIsNotCounted() throws {
        let task = try sandbox.makeTask()
        let id = UInt64(task.result(64, 0, 1, 0o600))
        let place = task.mapped(pages: 1)
        try write(task, [0, UInt16(bitPattern: -1), 0], at: place)
        var call = SyscallCall(number: 65, id, place, 1)
        #expect(try task.run(&call).isWait)
        call.progress?.cancel()
        #expect(task.result(66, id, 0, 14, 0) == 0)
    }

    @Test func idsAreNotGivenOutAgainSoon() throws {
        let task = try sandbox.makeTask()
        var seen: Set<Int64> = []
        for _ in 0..<500 {
            let id = task.result(68, 0, 0o600)
            #expect(id >= 0 && seen.insert(id).inserted)
            #expect(task.result(71, UInt64(id), 0, 0) == 0)
        }
    }

    @Test func permissionsAreChecked() throws {
        let (owner, stranger) = (try sandbox.makeTask(user: 1000), try sandbox.makeTask(user: 1001))
        let id = UInt64(owner.result(29, 77, 4096, 0o1640))
        #expect(stranger.result(29, 77, 4096, 0o400) == Errno.EACCES.syscallResult)
        #expect(stranger.result(29, 77, 0, 0) == Int64(id))
        #expect(stranger.result(30, id, 0, 0o10000) == Errno.EACCES.syscallResult)
        #expect(stranger.result(31, id, 0, 0) == Errno.EPERM.syscallResult)
        #expect(owner.result(31, id, 0, 0) == 0)
        #expect(owner.result(29, 77, 0, 0) == Errno.ENOENT.syscallResult)
    }

    @Test func aRemovedSegmentLivesUntilItsLastMappingGoes() throws {
        let (first, second) = (try sandbox.makeTask(), try sandbox.makeTask())
        let id = UInt64(first.result(29, 0, 8192, 0o600))
        let one = first.result(30, id, 0, 0), two = second.result(30, id, 0, 0)
        try first.memory.writeU32(99, to: GuestAddress(UInt64(one)))
        #expect(try second.memory.readU32(GuestAddress(UInt64(two))) == 99)
        #expect(first.result(31, id, 0, 0) == 0)
        #expect(first.result(67, UInt64(one)) == 0)
        #expect(try second.memory.readU32(GuestAddress(UInt64(two))) == 99)
        #expect(sandbox.kernel.interprocess.segments.objects.count == 1)
        // The end of a process unmaps as well.
        second.memory.release()
        #expect(sandbox.kernel.interprocess.segments.objects.isEmpty)
    }

    @Test func otherUsersMemoryIsOutOfReach() throws {
        let (first, second, root) = (try sandbox.makeTask(user: 1000), try sandbox.makeTask(user: 1001), try sandbox.makeTask(user: 1000))
        let (mine, theirs) = (first.mapped(pages: 1), second.mapped(pages: 1))
        var writer = ByteWriter()
        for value in [mine + 512, 8, theirs, 8] { writer.u64(value) }
        try first.memory.writeBytes(writer.bytes, to: GuestAddress(mine))
        for call: UInt64 in [310, 311] {
            #expect(first.result(call, UInt64(second.id), mine, 1, mine + 16, 1, 0) == Errno.EPERM.syscallResult)
            #expect(first.result(call, 0xffff, mine, 1, mine + 16, 1, 0) == Errno.ESRCH.syscallResult)
        }
        let other = root.mapped(pages: 1)
        try root.memory.writeU64(0x1122_3344, to: GuestAddress(other))
        try first.memory.writeU64(other, to: GuestAddress(mine + 16))
        #expect(first.result(310, UInt64(root.id), mine, 1, mine + 16, 1, 0) == 8)
        #expect(try first.memory.readU64(GuestAddress(mine + 512)) == 0x1122_3344)
    }
}
