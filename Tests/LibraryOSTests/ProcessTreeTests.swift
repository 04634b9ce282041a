import Testing

@testable import LibraryOS

@Suite("Processes")
struct ProcessTreeTests {
    let sandbox = TestKernel()
    let task: Task
    let machine = TestMachine()

    init() throws {
        task = try sandbox.makeTask()
        task.machine = machine
    }

    /// fork(2); the child never runs by itself.
    private func fork() throws -> Task {
        let id = task.result(57)
        let child = try #require(machine.started.last)
        #expect(id == Int64(child.id) && child.id == child.group.id && child.registers.rax == 0)
        return child
    }

    /// The program of `child` ends with a status.
    private func end(_ child: Task, _ status: UInt64) throws {
        _ = try child.run(231, status)
        child.finish()
    }

    @Test func aChildHasItsParentsMemoryAndItsOwn() throws {
        let page = task.mapped()
        try task.put([1, 2, 3], at: page)
        let child = try fork()
        #expect(try child.memory.readBytes(GuestAddress(page), count: 3) == [1, 2, 3])
        try child.put([9], at: page)
        try task.put([7], at: page + 1)
        #expect(try task.memory.readBytes(GuestAddress(page), count: 3) == [1, 7, 3])
        #expect(try child.memory.readBytes(GuestAddress(page), count: 3) == [9, 2, 3])
    }

    @Test func sharedMemoryStaysShared() throws {
        let page = UInt64(bitPattern: task.result(9, 0, 4096, 3, 0x21, UInt64(bitPattern: -1), 0))
        let child = try fork()
        try child.put([5], at: page)
        #expect(try task.memory.readBytes(GuestAddress(page), count: 1) == [5])
    }

    @Test func areasAreLeftOutOrWipedAsAdvised() throws {
        let (left, wiped) = (task.mapped(), task.mapped())
        try task.put([1], at: left)
        try task.put([1], at: wiped)
        #expect(task.result(28, left, 4096, 10) == 0 && task.result(28, wiped, 4096, 18) == 0)
        let child = try fork()
        #expect(throws: Errno.EFAULT) { try child.memory.readBytes(GuestAddress(left), count: 1) }
        #expect(try child.memory.readBytes(GuestAddress(wiped), count: 1) == [0])
    }

    @Test func anEndedChildIsKeptUntilItsParentAsks() throws {
        let page = task.mapped()
        let child = try fork()
        #expect(task.result(61, UInt64(child.id), page, 1, 0) == 0)
        try end(child, 3)
        #expect(sandbox.kernel.group(child.id) != nil)
        #expect(task.result(61, UInt64(bitPattern: -1), page, 0, 0) == Int64(child.id))
        #expect(try task.memory.readU32(GuestAddress(page)) == 3 << 8)
        #expect(sandbox.kernel.group(child.id) == nil)
        #expect(task.result(61, UInt64(bitPattern: -1), page, 0, 0) == failure(.ECHILD))
    }

    @Test func orphansBelongToInit() throws {
        let child = try fork()
        child.machine = machine
        let id = child.result(57)
        let grandchild = try #require(machine.started.last)
        #expect(Int64(grandchild.id) == id && grandchild.result(110) == Int64(child.id))
        try end(child, 0)
        #expect(grandchild.result(110) == 1)
        // init asks at once.
        try end(grandchild, 0)
        #expect(sandbox.kernel.group(grandchild.id) == nil && sandbox.kernel.group(child.id) != nil)
    }

    @Test func aLeaderMakesNoSession() throws {
        #expect(task.result(112) == failure(.EPERM))
        let child = try fork()
        #expect(child.result(124, 0) == task.result(124, 0))
        #expect(child.result(112) == Int64(child.id) && child.result(124, 0) == Int64(child.id))
        #expect(child.result(112) == failure(.EPERM))
    }

    @Test func theSandboxEndsWithItsFirstProgram() throws {
        let child = try fork()
        try end(task, 0)
        #expect(child.group.exitStatus == Signal.SIGKILL)
    }
}
