import Testing

@testable import LibraryOS

@Suite("Refused calls")
struct RefusedCallsTests {
    let sandbox = TestKernel()

    /// Whatever the arguments, and for root as well: nothing of the call is looked at.
    @Test(arguments: Syscalls.refusedTable.filter { $0.support == .refused }.map(\.number))
    func isRefusedForEveryone(number: Int) throws {
        let refusals: [Errno] = [.EPERM, .EACCES, .EINVAL, .ENOSYS, .ENOSPC, .EOPNOTSUPP]
        for user: UInt32 in [0, 1000] {
            let task = try sandbox.makeTask(user: user)
            #expect(refusals.map(\.syscallResult).contains(task.result(UInt64(number), 0, 0, 0, 0, 0, 0)))
            #expect(refusals.map(\.syscallResult).contains(task.result(UInt64(number), .max, .max, .max, .max, .max, .max)))
        }
    }

    @Test func everyRefusalSaysWhy() {
        for entry in SyscallTable.shared.entries where entry.support != .full { #expect(!entry.note.isEmpty, "\(entry.name)") }
    }
}
