import Testing

@testable import LibraryOS

/// A process that makes file calls with paths as text; results are as in `rax`.
private struct Program {
    let task: Task
    let buffer: UInt64

    init(_ sandbox: TestKernel, user: UInt32 = 0, group: UInt32? = nil) throws {
        task = try sandbox.makeTask(user: user, group: group)
        buffer = task.mapped()
    }

    /// A path in the program's memory; `slot` keeps two apart.
    func text(_ text: String, slot: UInt64 = 0) throws -> UInt64 {
        let address = GuestAddress(buffer + 8192 + slot * 8192)
        try task.memory.writeBytes(bytes(text) + [0], to: address)
        return address.value
    }
    func open(_ path: String, _ flags: UInt64, _ mode: UInt64 = 0o644) throws -> Int64 { task.result(2, try text(path), flags, mode) }
    func onPath(_ number: UInt64, _ path: String, _ a: UInt64 = 0, _ b: UInt64 = 0) throws -> Int64 { task.result(number, try text(path), a, b) }
    func onPaths(_ number: UInt64, _ old: String, _ new: String) throws -> Int64 { task.result(number, try text(old), try text(new, slot: 1)) }
    func mode(_ path: String) throws -> UInt32 {
        #expect(try onPath(6, path, buffer) == 0)
        return ByteReader(try task.memory.readBytes(GuestAddress(buffer), count: 144)).u32(24)
    }
    /// Names that getdents64 lists, with a buffer of this size.
    func list(_ descriptor: Int64, size: UInt64 = 4096) throws -> [String] {
        var names: [String] = []
        while true {
            let count = task.result(217, UInt64(descriptor), buffer, size)
            guard count > 0 else {
                #expect(count == 0)
                return names
            }
            let entries = ByteReader(try task.memory.readBytes(GuestAddress(buffer), count: Int(count)))
            var offset = 0
            while offset < entries.bytes.count {
                names.append(String(decoding: entries.bytes[(offset + 19)...].prefix { $0 != 0 }, as: UTF8.self))
                offset += Int(entries.u16(offset + 16))
            }
        }
    }
}

@Suite("File name calls")
struct FileNameCallsTests {
    let sandbox = TestKernel()
    private let root: Program
    private let user: Program

    init() throws {
        root = try Program(sandbox)
        user = try Program(sandbox, user: 1000)
        try sandbox.rootFileSystem.makeDirectories(bytes("tmp"), permissions: 0o1777)
        try sandbox.rootFileSystem.addFile(bytes("etc/file"), bytes("content"))
        try sandbox.rootFileSystem.addSymbolicLink(bytes("link"), to: bytes("etc/file"))
    }

    // MARK: Open

    @Test(
        arguments: [
            ("/etc/file", 0o100 | 0o200, -17), ("/etc", 0o100, -21), ("/etc", 1, -21), ("/etc/file", 0o200000, -20), ("/link", 0o400000, -40),
            ("/link", 0o100 | 0o200, -17), ("/etc/x/", 0o100, -21), ("/missing/x", 0o100, -2), ("/etc", 0o100 | 0o200000, -22), ("", 0, -2),
            ("/tmp", 0o20200000, -22), ("/etc", 0o1000, -21),
        ] as [(String, UInt64, Int64)])
    func openRefusesAsLinuxDoes(_ path: String, _ flags: UInt64, _ expected: Int64) throws {
        #expect(try root.open(path, flags) == expected)
    }

    @Test func openGivesTheLowestDescriptorAndObeysTheLimit() throws {
        #expect(try root.open("/etc/file", 0) == 0)
        root.task.group.lock.withLock { root.task.group.limits[ResourceLimits.openFiles] = .init(1, 1) }
        #expect(try root.open("/tmp/not-made", 0o102) == -24)
        #expect(throws: Errno.ENOENT) { try sandbox.locate("/tmp/not-made") }
    }

    @Test func aNewFileIsOpenAsAskedWhateverItsModeSays() throws {
        #expect(user.task.result(95, 0o027) == 0o022)
        #expect(try user.open("/tmp/f", 0o102, 0o444) == 0)
        #expect(try user.mode("/tmp/f") == 0o100440)
        #expect(user.task.result(77, 0, 10) == 0)
        #expect(try user.open("/tmp/f", 1) == -13)
        #expect(try user.open("/etc/new", 0o102) == -13)
    }

    @Test func truncationNeedsWritePermissionEvenForReaders() throws {
        #expect(try user.open("/etc/file", 0o1000) == -13)
        #expect(try root.open("/etc/file", 0o1000) == 0)
        #expect(try sandbox.locate("/etc/file").inode.attributes().size == 0)
    }

    @Test func aPathDescriptorIsAPlaceAndNothingElse() throws {
        #expect(try root.open("/etc", 0o10000000) == 0)
        #expect(root.task.result(0, 0, root.buffer, 1) == -9)
        #expect(root.task.result(91, 0, 0o700) == -9)
        #expect(root.task.result(257, 0, try root.text("file"), 0) == 1)
        #expect(root.task.result(5, 0, root.buffer) == 0)
        #expect(root.task.result(81, 0) == 0)
    }

    @Test func openat2RefusesWhatItDoesNotKnow() throws {
        func openat2(flags: UInt64, mode: UInt64 = 0, resolve: UInt64 = 0, size: UInt64 = 24, extra: UInt64 = 0, _ path: String = "/etc/file") throws -> Int64 {
            var how = ByteWriter()
            for value in [flags, mode, resolve, extra] { how.u64(value) }
            try root.task.memory.writeBytes(how.bytes, to: GuestAddress(root.buffer))
            return root.task.result(437, UInt64(bitPattern: -100), try root.text(path), root.buffer, size)
        }
        #expect(try openat2(flags: 0, size: 23) == -22)
        #expect(try openat2(flags: 0, size: 32, extra: 1) == -7)
        #expect(try openat2(flags: 1 << 40) == -22)
        #expect(try openat2(flags: 0, mode: 0o644) == -22)
        #expect(try openat2(flags: 0, resolve: 0x40) == -22)
        #expect(try openat2(flags: 0, resolve: 8) == -18)
        #expect(try openat2(flags: 0, resolve: 4, "/link") == -40)
        #expect(try openat2(flags: 0, size: 32) == 0)
    }

    @Test func aTemporaryFileIsNamedThroughItsDescriptor() throws {
        #expect(try root.open("/tmp", 0o20200002) == 0)
        #expect(root.task.result(265, 0, try root.text(""), UInt64(bitPattern: -100), try root.text("/tmp/named", slot: 1), 0x1000) == 0)
        #expect(try root.mode("/tmp/named") == 0o100644)
    }

    @Test func aMemoryFileIsSealedOnlyWhenItMayBe() throws {
        #expect(root.task.result(319, try root.text("name"), 0) == 0)
        #expect(root.task.result(319, try root.text("name"), 2) == 1)
        #expect(root.task.result(319, try root.text(String(repeating: "n", count: 250)), 0) == -22)
        #expect(throws: Errno.EPERM) { try root.task.descriptors.file(0).addSeals(.grow) }
        try root.task.descriptors.file(1).addSeals(.grow)
        #expect(root.task.result(77, 1, 10) == -1)
        try root.task.descriptors.file(1).addSeals(.futureWrite)
        #expect(root.task.result(9, 0, 4096, 3, 1, 1, 0) == -1)
        #expect(root.task.result(9, 0, 4096, 3, 2, 1, 0) > 0)
        #expect(try root.task.descriptors.file(1).displayName(root.task) == bytes("/memfd:name (deleted)"))
    }

    // MARK: Names

    @Test func makingAndRemovingAnswersAsLinuxDoes() throws {
        #expect(try root.onPath(83, "/tmp/d/", 0o777) == 0)
        #expect(try root.mode("/tmp/d") == 0o40755)
        #expect(try root.onPath(83, "/tmp/d", 0o777) == -17)
        #expect(try root.onPath(83, "/", 0o777) == -17)
        #expect(try root.onPath(84, "/tmp/d/.") == -22)
        #expect(try root.onPath(84, "/tmp/d/..") == -39)
        #expect(try root.onPath(84, "/") == -16)
        #expect(try root.onPath(87, "/tmp/d") == -21)
        #expect(try root.onPath(87, "/etc/file/") == -20)
        #expect(try root.onPath(84, "/etc/file") == -20)
        #expect(try root.onPath(84, "/tmp/d") == 0)
        #expect(try root.onPaths(88, "", "/tmp/l") == -2)
        #expect(try root.onPaths(88, "anything", "/tmp/l/") == -2)
        #expect(try root.onPath(133, "/tmp/dev", 0o020666, 0x103) == 0)
        #expect(try root.open("/tmp/dev", 0) == -6)
        #expect(try user.onPath(133, "/tmp/dev2", 0o020666, 0x103) == -1)
    }

    @Test func renameKeepsMountPointsAndSlashes() throws {
        try sandbox.kernel.mounts.mount(TmpFS(kernel: sandbox.kernel), at: try sandbox.locate("/tmp"))
        #expect(try root.onPaths(82, "/tmp", "/other") == -16)
        #expect(try root.onPaths(82, "/etc/file", "/tmp/file") == -18)
        #expect(try root.onPaths(82, "/etc/file", "/etc/new/") == -20)
        #expect(try root.onPaths(82, "/etc", "/new/") == 0)
        #expect(try root.onPath(84, "/tmp") == -16)
        #expect(try root.onPaths(82, "/new/.", "/x") == -16)
    }

    @Test func aStickyDirectoryKeepsOthersFiles() throws {
        #expect(try root.open("/tmp/f", 0o102) == 0)
        #expect(try user.onPath(87, "/tmp/f") == -1)
        #expect(try user.onPaths(82, "/tmp/f", "/tmp/g") == -1)
        #expect(try user.onPaths(86, "/tmp/f", "/tmp/g") == -1)
        #expect(try user.onPath(87, "/etc/file") == -13)
    }

    @Test func aReadOnlyMountRefusesEveryChange() throws {
        let fixed = TmpFS(kernel: sandbox.kernel)
        try fixed.addFile(bytes("f"), bytes("x"))
        try sandbox.kernel.mounts.mount(fixed, at: try sandbox.locate("/tmp"), readOnly: true)
        #expect(try root.open("/tmp/f", 1) == -30)
        #expect(try root.open("/tmp/g", 0o102) == -30)
        #expect(try root.open("/tmp/f", 0o100) == 0)
        for (number, path, argument) in [(87, "/tmp/f", 0), (83, "/tmp/d", 0), (90, "/tmp/f", 0o600), (76, "/tmp/f", 0), (21, "/tmp/f", 2)] as [(UInt64, String, UInt64)] {
            #expect(try root.onPath(number, path, argument) == -30)
        }
    }

    // MARK: Attributes

    @Test func onlyOwnersChangeModeOwnerAndTimes() throws {
        #expect(try user.onPath(90, "/etc/file", 0o777) == -1)
        #expect(try user.onPath(92, "/etc/file", 1000, 1000) == -1)
        #expect(try root.onPath(92, "/etc/file", 1000, 7) == 0)
        #expect(try user.onPath(90, "/etc/file", 0o2755) == 0)
        #expect(try user.mode("/etc/file") == 0o100755)
        #expect(try user.onPath(92, "/etc/file", 1001, .max) == -1)
        #expect(try user.onPath(92, "/etc/file", .max, 1000) == 0)
    }

    @Test func timesFollowTheNanosecondRules() throws {
        func set(_ values: [Int64], _ path: String = "/etc/file", by program: Program) throws -> Int64 {
            var times = ByteWriter()
            for value in values { times.i64(value) }
            try program.task.memory.writeBytes(times.bytes, to: GuestAddress(program.buffer))
            return program.task.result(280, UInt64(bitPattern: -100), try program.text(path), program.buffer, 0)
        }
        let (now, omit): (Int64, Int64) = (0x3fff_ffff, 0x3fff_fffe)
        #expect(try set([-1, 5, 0, omit], by: root) == 0)
        let attributes = try sandbox.locate("/etc/file").inode.attributes()
        #expect(attributes.accessTime == -999_999_995)
        #expect(ByteReader(attributes.statStructure).i64(72) == -1 && ByteReader(attributes.statStructure).i64(80) == 5)
        #expect(try set([0, 1_000_000_000, 0, 0], by: root) == -22)
        #expect(try set([0, omit, 0, omit], "/missing", by: root) == 0)
        #expect(try set([0, 0, 0, 0], by: user) == -1)
        #expect(try set([0, now, 0, now], by: user) == -13)
        #expect(try set([.max, 0, .min, 0], by: root) == 0)
    }

    @Test func accessAsksForTheRealUser() throws {
        root.task.credentials = Credentials(user: 1000, group: 1000)
        root.task.credentials.effectiveUser = 0
        root.task.credentials.fileSystemUser = 0
        #expect(try root.onPath(21, "/etc/file", 2) == -13)
        #expect(root.task.result(439, UInt64(bitPattern: -100), try root.text("/etc/file"), 2, 0x200) == 0)
        #expect(try root.onPath(21, "/etc/file", 8) == -22)
    }

    @Test func extendedAttributesHaveNameSpaces() throws {
        func set(_ name: String, by program: Program) throws -> Int64 {
            program.task.result(188, try program.text("/etc/file"), try program.text(name, slot: 1), program.buffer, 4, 0)
        }
        #expect(try set("user.x", by: root) == 0)
        #expect(try set("trusted.x", by: root) == 0)
        #expect(try set("user.x", by: user) == -13)
        #expect(try set("trusted.x", by: user) == -1)
        #expect(try set("unknown.x", by: root) == -95)
        #expect(try set("user.", by: root) == -95)
        #expect(try user.onPath(194, "/etc/file", user.buffer, 100) == 7)
        #expect(try root.onPath(194, "/etc/file", root.buffer, 10) == -34)
        #expect(root.task.result(191, try root.text("/etc/file"), try root.text("user.x", slot: 1), 0, 0) == 4)
    }

    // MARK: Directories

    @Test func listingGoesOnWhereTheBufferEnded() throws {
        for index in 0..<40 { try sandbox.rootFileSystem.addFile(bytes("dir/n\(index)"), []) }
        #expect(try root.open("/dir", 0o200000) == 0)
        #expect(try root.list(0, size: 64) == [".", ".."] + (0..<40).map { "n\($0)" })
        #expect(root.task.result(8, 0, 0, 0) == 0)
        #expect(root.task.result(217, 0, root.buffer, 23) == -22)
        #expect(root.task.result(217, 0, 0, 4096) == -14)
        #expect(try root.list(0).count == 42)
    }

    @Test func theWorkingDirectoryMayVanish() throws {
        #expect(try root.onPath(83, "/tmp/d", 0o755) == 0)
        #expect(try root.onPath(80, "/tmp/d") == 0)
        #expect(root.task.result(79, root.buffer, 6) == -34)
        #expect(root.task.result(79, root.buffer, 7) == 7)
        #expect(try root.onPath(84, "/tmp/d") == 0)
        #expect(root.task.result(79, root.buffer, 100) == -2)
        #expect(try root.open("x", 0o102) == -2)
        #expect(try root.onPath(80, "..") == 0)
        #expect(try root.onPath(80, "/etc/file") == -20)
    }

    @Test func chrootIsForUserZeroAndConfines() throws {
        #expect(try user.onPath(161, "/etc") == -1)
        #expect(try root.onPath(161, "/etc") == 0)
        #expect(try root.onPath(21, "/../../file") == 0)
        #expect(root.task.result(79, root.buffer, 100) == 15)
    }

    @Test func badPointersAreErrors() throws {
        for number in [2, 4, 21, 80, 83, 87, 90, 137, 161] as [UInt64] {
            #expect(root.task.result(number, 0x10) == -14)
            #expect(root.task.result(number, .max) == -14)
        }
        #expect(try root.onPath(4, "/etc/file", 0x10) == -14)
        #expect(try root.onPath(2, String(repeating: "a", count: 4096)) == -36)
    }

    // MARK: Devices

    @Test func devicesBehaveAsTheirNamesSay() throws {
        let devices = try DevFS.make(kernel: sandbox.kernel)
        try sandbox.rootFileSystem.makeDirectories(bytes("dev"))
        try sandbox.kernel.mounts.mount(devices, at: try sandbox.locate("/dev"))
        func read(_ name: String, _ count: UInt64 = 8) throws -> (Int64, [UInt8]) {
            let file = try root.open("/dev/" + name, 2)
            try root.task.memory.writeBytes([UInt8](repeating: 9, count: 8), to: GuestAddress(root.buffer))
            return (root.task.result(0, UInt64(file), root.buffer, count), try root.task.memory.readBytes(GuestAddress(root.buffer), count: 8))
        }
        #expect(try read("null").0 == 0)
        #expect(try read("zero") == (8, [UInt8](repeating: 0, count: 8)))
        #expect(try read("full").0 == 8)
        #expect(root.task.result(1, 2, root.buffer, 8) == -28)
        #expect(root.task.result(1, 0, root.buffer, 8) == 8)
        #expect(try read("urandom").1 == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try root.open("/dev/tty", 2) == -6)
        #expect(try root.open("/dev/ptmx", 2) >= 0)
        #expect(try root.mode("/dev/null") == 0o20666)
    }
}
