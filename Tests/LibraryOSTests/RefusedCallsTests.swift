import Testing

@testable import LibraryOS

@Suite("Refused calls")
struct RefusedCallsTests {
    let sandbox = TestKernel()

    /// Whatever the arguments, and for root as well: nothing of the call is looked at.
    @Test(arguments: Syscalls.refusedTable.map(\.number))
    func isRefusedForEveryone(number: Int) throws {
        for user: UInt32 in [0, 1000] {
            let task = try sandbox.makeTask(user: user)
            for argument: UInt64 in [0, .max] {
                let result = task.result(UInt64(number), argument, argument, argument, argument, argument, argument)
                #expect(-4095...(-1) ~= result)
            }
        }
    }

    @Test func everyRefusalSaysWhy() {
        for entry in SyscallTable.shared.entries where entry.support != .full { #expect(!entry.note.isEmpty, "\(entry.name)") }
    }
}
