import Testing

@testable import LibraryOS

@Suite("Credentials, limits and scheduling")
struct CredentialsTests {
    let sandbox = TestKernel()

    private func ids(_ task: Task) -> [UInt32] { [task.credentials.realUser, task.credentials.effectiveUser, task.credentials.savedUser] }

    @Test func rootDropsEverythingForGoodWithSetuid() throws {
        let task = try sandbox.makeTask(user: 0)
        #expect(task.result(105, 1000) == 0)
        #expect(ids(task) == [1000, 1000, 1000])
        #expect(task.credentials.capabilities.permitted == 0)
        #expect(task.result(105, 0) == -1)
    }

    @Test func savedUserLetsAProcessComeBack() throws {
        let task = try sandbox.makeTask(user: 0)
        #expect(task.result(117, UInt64(UInt32.max), 1000, UInt64(UInt32.max)) == 0)
        #expect(ids(task) == [0, 1000, 0])
        #expect(task.credentials.capabilities.effective == 0)
        #expect(task.result(105, 0) == 0)
        #expect(ids(task) == [0, 0, 0])
        #expect(task.credentials.capabilities.effective == CapabilitySets.containerSet)
    }

    @Test func setreuidOfTheEffectiveUserSetsTheSavedOne() throws {
        let task = try sandbox.makeTask(user: 1000)
        #expect(task.result(113, 1000, 1001) == -1)
        #expect(task.result(105, UInt64(UInt32.max)) == -22)
        var set = IdentitySet(real: 5, effective: 6, saved: 7, fileSystem: 6)
        try set.set(real: IdentitySet.unchanged, effective: 7, privileged: false)
        #expect(set == IdentitySet(real: 5, effective: 7, saved: 7, fileSystem: 7))
    }

    @Test func setUserIDProgramsOfMemoryFileSystemsChangeTheUser() throws {
        let task = try sandbox.makeTask(user: 1000)
        let root = sandbox.root
        let file = try root.inode.create(bytes("su"), kind: .regular, mode: 0o4755, deviceNumber: 0, owner: FileCredentials(user: 0, group: 0))
        let place = PathLocation(mount: root.mount, inode: file, parent: root, name: bytes("su"))
        let changed = try ProgramIdentity(of: task, running: place, isReadable: true)
        #expect(changed.credentials.realUser == 1000 && changed.credentials.effectiveUser == 0 && changed.credentials.savedUser == 0)
        #expect(changed.credentials.capabilities.effective == CapabilitySets.containerSet)
        #expect(changed.isSecure)
        task.noNewPrivileges = true
        let same = try ProgramIdentity(of: task, running: place, isReadable: true)
        #expect(same.credentials.effectiveUser == 1000 && same.credentials.capabilities.permitted == 0)
        #expect(!same.isSecure)
    }

    @Test func writersAndRunningProgramsExcludeEachOther() throws {
        let file = try sandbox.root.inode.create(bytes("run"), kind: .regular, mode: 0o755, deviceNumber: 0, owner: FileCredentials(user: 0, group: 0))
        try file.locks.beginWriting()
        #expect(throws: Errno.ETXTBSY) { try WriteDenial(file) }
        file.locks.endWriting()
        var denials = [try WriteDenial(file), try WriteDenial(file)]
        #expect(throws: Errno.ETXTBSY) { try file.locks.beginWriting() }
        denials.removeLast()
        #expect(throws: Errno.ETXTBSY) { try file.locks.beginWriting() }
        denials.removeAll()
        try file.locks.beginWriting()
    }

    @Test func initAnswersAsRootsProcess() throws {
        let root = try sandbox.makeTask(user: 0)
        let user = try sandbox.makeTask(user: 1000)
        // prlimit64, ioprio_get, kcmp and get_robust_list.
        #expect(root.result(302, 1, 7, 0, root.mapped()) == 0)
        #expect(user.result(302, 1, 7, 0, user.mapped()) == -1)
        #expect(root.result(252, 1, 1) == 0)
        #expect(root.result(312, UInt64(root.id), 1, 1) == -1)
        #expect(root.result(274, 1, 0, 0) == -1)
    }

    @Test func keepCapabilitiesKeepsThePermittedSet() throws {
        let task = try sandbox.makeTask(user: 0)
        #expect(task.result(157, 8, 1) == 0)
        #expect(task.result(105, 1000) == 0)
        #expect(task.credentials.capabilities.permitted == CapabilitySets.containerSet)
        #expect(task.credentials.capabilities.effective == 0)
    }

    @Test func groupsAreSortedAndRefusedToOrdinaryUsers() throws {
        let root = try sandbox.makeTask(user: 0)
        let page = root.mapped()
        try root.memory.writeU32(30, to: GuestAddress(page))
        try root.memory.writeU32(20, to: GuestAddress(page + 4))
        #expect(root.result(116, 2, page) == 0)
        #expect(root.credentials.groups == [20, 30])
        #expect(root.result(115, 1, page) == -22)
        #expect(try sandbox.makeTask(user: 1).result(116, 0, 0) == -1)
    }

    @Test func hardLimitsOnlyFallWithoutPrivilege() throws {
        let task = try sandbox.makeTask(user: 1000)
        let page = task.mapped()
        try task.memory.writeU64(512, to: GuestAddress(page))
        try task.memory.writeU64(600, to: GuestAddress(page + 8))
        #expect(task.result(302, 0, 7, page, 0) == 0)
        try task.memory.writeU64(700, to: GuestAddress(page + 8))
        #expect(task.result(302, 0, 7, page, 0) == -1)
        try task.memory.writeU64(900, to: GuestAddress(page))
        #expect(task.result(302, 0, 7, page, 0) == -22)
        #expect(task.result(302, 0, 16, 0, page) == -22)
        #expect(task.result(302, 0, 7, 0, page) == 0)
        #expect(try task.memory.readU64(GuestAddress(page + 8)) == 600)
    }

    @Test func loweringNiceNeedsPrivilege() throws {
        let task = try sandbox.makeTask(user: 1000)
        #expect(task.result(141, 0, 0, 5) == 0)
        #expect(task.result(140, 0, 0) == 15)
        #expect(task.result(141, 0, 0, 4) == -13)
        #expect(task.result(144, 0, 1, 0) == -22)
    }

    @Test func capabilityVersionIsNegotiated() throws {
        let task = try sandbox.makeTask(user: 0)
        let page = task.mapped()
        #expect(task.result(125, page, 0) == 0)
        #expect(try task.memory.readU32(GuestAddress(page)) == 0x2008_0522)
        try task.memory.writeU32(0, to: GuestAddress(page))
        #expect(task.result(125, page, page + 64) == -22)
    }

    @Test func basesOutsideTheProgramsHalfAreRefused() throws {
        let task = try sandbox.makeTask()
        #expect(task.result(158, 0x1002, 1 << 47) == -1)
        #expect(task.result(158, 0x1002, 0x1234) == 0)
        #expect(task.fsBase == 0x1234)
        #expect(task.result(158, 0x3001) == -22)
    }

    @Test func interruptedSleepTellsWhatIsLeft() throws {
        let task = try sandbox.makeTask()
        let page = task.mapped()
        try task.memory.writeU64(3, to: GuestAddress(page))
        var call = SyscallCall(number: 35, page, page + 16)
        #expect(try task.run(&call).isWait)
        sandbox.host.advance(nanoseconds: 1_000_000_000)
        call.wake = .interrupted
        #expect(throws: Errno.ERESTART_RESTARTBLOCK) { try task.run(&call) }
        #expect(try task.memory.readU64(GuestAddress(page + 16)) == 2)
        #expect(task.restartBlock?.number == 35)
        sandbox.host.advance(nanoseconds: 2_000_000_000)
        call.wake = .deadline
        #expect(try task.run(&call).value == 0)
    }

    @Test func noNumberIsServedTwice() {
        let numbers = Syscalls.areas.joined().map(\.number)
        #expect(Set(numbers).count == numbers.count, "\(Dictionary(grouping: numbers) { $0 }.filter { $1.count > 1 }.keys.sorted())")
    }
}
