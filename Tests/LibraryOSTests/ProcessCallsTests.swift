import Testing

@testable import LibraryOS

@Suite("Process calls")
struct ProcessCallsTests {
    let sandbox = TestKernel()

    @Test func exitGroupEndsTheProcessWithItsStatus() throws {
        let task = try sandbox.makeTask()
        guard case .exit = try task.run(231, 0x107) else {
            Issue.record("exit_group goes on")
            return
        }
        #expect(task.group.exitStatus == 7 << 8)
    }

    @Test func kcmpTellsWhetherDescriptorsNameOneDescription() throws {
        let task = try sandbox.makeTask()
        let page = task.mapped()
        let id = UInt64(task.id)
        #expect(task.result(22, page) == 0)
        let (reader, writer) = try task.pair(at: page)
        let copy = task.result(32, fd(reader))
        #expect(task.result(312, id, id, 0, fd(reader), UInt64(copy)) == 0)
        let order = task.result(312, id, id, 0, fd(reader), fd(writer))
        #expect([1, 2].contains(order))
        #expect(task.result(312, id, id, 0, fd(writer), fd(reader)) == 3 - order)
        #expect(task.result(312, id, id, 0, 99, fd(reader)) == failure(.EBADF))
        #expect(task.result(312, id, 0, 1) == failure(.ESRCH))
    }

    /// Not among the programs that are compared: natively it depends on CAP_SYS_ADMIN, which containers take from root.
    @Test(arguments: [UInt64(170), 171]) func rootOfTheSandboxNamesIt(number: UInt64) throws {
        let root = try sandbox.makeTask()
        let page = root.mapped()
        try root.put(Array("island".utf8), at: page)
        #expect(root.result(number, page, UInt64(bitPattern: -1)) == failure(.EINVAL))
        #expect(root.result(number, page, 65) == failure(.EINVAL))
        #expect(root.result(number, 8, 6) == failure(.EFAULT))
        #expect(root.result(number, page, 6) == 0)
        let identity = sandbox.kernel.identity
        #expect((number == 170 ? identity.hostname : identity.domainName) == Array("island".utf8))
        let other = try sandbox.makeTask(user: 1000)
        #expect(other.result(number, other.mapped(), 6) == failure(.EPERM))
    }

    @Test func memoryPoliciesAreTheDefaultOnOneNode() throws {
        let task = try sandbox.makeTask()
        let page = task.mapped()
        #expect(task.result(238, 0, 0, 0) == 0)
        #expect(task.result(237, page, 4096, 0, 0, 0, 0) == 0)
        try task.put([1, 1, 1, 1], at: page)
        #expect(task.result(239, page, 0, 0, 0, 0) == 0)
        #expect(try task.bytes(at: page, 4) == [0, 0, 0, 0])
        #expect(task.result(216, page, 4096, 0, 0, 0) == failure(.EINVAL))
    }

    @Test func fchmodat2ChangesPermissionsAndKnowsItsFlags() throws {
        let task = try sandbox.makeTask()
        let page = task.mapped()
        let folder = UInt64(bitPattern: -100)
        try task.put(Array("/f\0".utf8), at: page)
        #expect(task.result(257, folder, page, 0o102, 0o644) >= 0)
        #expect(task.result(452, folder, page, 0o4600, 0) == 0)
        #expect(try sandbox.locate("/f").inode.attributes().mode & 0o7777 == 0o4600)
        #expect(task.result(452, folder, page, 0o600, 0x8000) == failure(.EINVAL))
    }
}
