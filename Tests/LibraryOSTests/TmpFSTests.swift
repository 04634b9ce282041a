import Testing

@testable import LibraryOS

@Suite("tmpfs")
struct TmpFSTests {
    let sandbox = TestKernel()
    let owner = FileCredentials(user: 1000, group: 1000, groups: [50])
    let root: TmpDirectory

    init() throws {
        root = try #require(sandbox.rootFileSystem.rootDirectory)
        try sandbox.rootFileSystem.makeDirectories(bytes("d1/sub"))
        try sandbox.rootFileSystem.makeDirectories(bytes("d2"))
        try sandbox.rootFileSystem.addFile(bytes("f1"), bytes("one"))
        try sandbox.rootFileSystem.addFile(bytes("f2"), bytes("two"))
    }

    private func node(_ path: String) throws -> Inode { try sandbox.locate("/" + path, []).inode }
    private func rename(_ old: String, _ new: String, flags: UInt32 = 0) throws {
        let from = try sandbox.resolver().resolveParent(bytes(old), from: sandbox.root)
        let to = try sandbox.resolver().resolveParent(bytes(new), from: sandbox.root)
        try from.parent.inode.rename(from.name, to: to.parent.inode, to.name, flags: flags)
    }
    private func links(_ path: String) throws -> UInt64 { try node(path).attributes().links }
    private func names(_ directory: TmpDirectory, from cookie: Int64 = 2) -> [String] {
        directory.list(from: cookie, limit: 1000).map { String(decoding: $0.name, as: UTF8.self) }
    }

    // MARK: Rename

    @Test(
        arguments: [
            ("d1", "d1/sub/x", 0, Errno.EINVAL), ("d1", "d1", 1, .EEXIST), ("f1", "f2", 1, .EEXIST), ("f1", "nothing", 2, .ENOENT), ("nothing", "f1", 0, .ENOENT),
            ("f1", "d2", 0, .EISDIR), ("d2", "f1", 0, .ENOTDIR), ("d2", "d1", 0, .ENOTEMPTY), ("d1/sub", "d1", 2, .EINVAL), ("f1", "f2", 3, .EINVAL),
            ("f1", "f2", 4, .EINVAL), ("d1/sub", "d1", 0, .ENOTEMPTY),
        ] as [(String, String, UInt32, Errno)])
    func renameRefuses(_ old: String, _ new: String, _ flags: UInt32, _ expected: Errno) throws {
        #expect(throws: expected) { try rename(old, new, flags: flags) }
    }

    @Test func renameReplacesAFileAndAnEmptyDirectory() throws {
        let replaced = try node("f2")
        let moved = try node("f1")
        try rename("f1", "f2")
        #expect(try node("f2") === moved)
        #expect(try replaced.attributes().links == 0)
        let directory = try node("d1/sub")
        try rename("d1/sub", "d2")
        #expect(try node("d2") === directory)
        #expect(try links("") == 4)
        #expect(try links("d1") == 2)
    }

    @Test func renameOfTwoLinksToOneFileChangesNothing() throws {
        try root.link(bytes("again"), to: try node("f1"))
        try rename("f1", "again")
        #expect(try node("f1") === node("again"))
        #expect(try links("f1") == 2)
    }

    @Test func exchangeSwapsAFileWithADirectory() throws {
        let (file, directory) = (try node("f1"), try node("d1/sub"))
        try rename("f1", "d1/sub", flags: 2)
        #expect(try node("f1") === directory)
        #expect(try node("d1/sub") === file)
        #expect(try links("d1") == 2)
        #expect(try links("") == 5)
        #expect(directory.parentDirectory()?.parent === root)
    }

    @Test func renameIntoARemovedDirectoryFails() throws {
        let gone = try node("d2")
        try root.rmdir(bytes("d2"))
        #expect(throws: Errno.ENOENT) { try root.rename(bytes("f1"), to: gone, bytes("x"), flags: 0) }
        #expect(throws: Errno.ENOENT) { _ = try gone.create(bytes("x"), kind: .regular, mode: 0o644, deviceNumber: 0, owner: owner) }
    }

    // MARK: Names

    @Test func removingTellsFilesFromDirectories() throws {
        #expect(throws: Errno.EISDIR) { try root.unlink(bytes("d1")) }
        #expect(throws: Errno.ENOTDIR) { try root.rmdir(bytes("f1")) }
        #expect(throws: Errno.ENOTEMPTY) { try root.rmdir(bytes("d1")) }
        #expect(throws: Errno.ENOENT) { try root.unlink(bytes("nothing")) }
        #expect(throws: Errno.EPERM) { try root.link(bytes("x"), to: try node("d1")) }
        #expect(throws: Errno.EEXIST) { try root.link(bytes("f2"), to: try node("f1")) }
    }

    @Test func aListingSurvivesChanges() throws {
        let directory = try sandbox.rootFileSystem.makeDirectories(bytes("many"))
        for index in 0..<100 { _ = try directory.create(bytes("n\(index)"), kind: .regular, mode: 0o644, deviceNumber: 0, owner: owner) }
        let half = directory.list(from: 2, limit: 50)
        for index in 0..<90 { try directory.unlink(bytes("n\(index)")) }
        _ = try directory.create(bytes("late"), kind: .regular, mode: 0o644, deviceNumber: 0, owner: owner)
        let rest = names(directory, from: try #require(half.last).next)
        #expect(rest == (90..<100).map { "n\($0)" } + ["late"])
    }

    @Test func aSetGroupIDDirectoryHandsItsGroupOn() throws {
        let shared = try root.create(bytes("shared"), kind: .directory, mode: 0o2775, deviceNumber: 0, owner: FileCredentials(user: 0, group: 77))
        let directory = try shared.create(bytes("d"), kind: .directory, mode: 0o755, deviceNumber: 0, owner: owner).attributes()
        #expect(directory.group == 77)
        #expect(directory.permissions == 0o2755)
        let program = try shared.create(bytes("p"), kind: .regular, mode: 0o2755, deviceNumber: 0, owner: owner).attributes()
        #expect(program.permissions == 0o755)
    }

    @Test func aTemporaryFileGetsANameUnlessItIsExclusive() throws {
        try root.link(bytes("named"), to: try root.createTemporary(mode: 0o600, owner: owner, linkable: true))
        #expect(try links("named") == 1)
        #expect(throws: Errno.ENOENT) { try root.link(bytes("x"), to: try root.createTemporary(mode: 0o600, owner: owner, linkable: false)) }
        let gone = try node("f1")
        try root.unlink(bytes("f1"))
        #expect(throws: Errno.ENOENT) { try root.link(bytes("f1"), to: gone) }
    }

    // MARK: Content

    private func write(_ file: TmpFile, _ text: String, at offset: Int64?) throws -> Int {
        var content = bytes(text)
        return try content.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            return try file.write(&buffers, at: offset, credentials: owner).count
        }
    }

    @Test func contentIsFreedWithTheLastUser() throws {
        let before = sandbox.memory.framesInUse
        do {
            let file = try sandbox.rootFileSystem.addFile(bytes("big"), [UInt8](repeating: 7, count: 100_000))
            #expect(sandbox.memory.framesInUse == before + 25)
            #expect(try file.attributes().blocks == 200)
            try root.unlink(bytes("big"))
            #expect(try file.attributes().size == 100_000)
        }
        #expect(sandbox.memory.framesInUse == before)
    }

    @Test func theSizeLimitCountsPagesAndLetsExistingOnesBeRewritten() throws {
        let small = TmpFS(kernel: sandbox.kernel, sizeLimit: 8192)
        let file = try small.addFile(bytes("f"), [UInt8](repeating: 1, count: 6000))
        #expect(try write(file, String(repeating: "x", count: 8000), at: 4096) == 4096)
        #expect(throws: Errno.ENOSPC) { try write(file, "x", at: 8192) }
        #expect(try write(file, "rewritten", at: 0) == 9)
        try file.truncate(to: 4096)
        #expect(try write(file, "x", at: nil) == 1)
        #expect(try small.statistics().blocksFree == 0)
    }

    @Test func sealsHold() throws {
        let (_, files) = sandbox.kernel.mounts.memoryFiles(sandbox.kernel)
        let file = TmpFile(files, number: 99, permissions: 0o777, owner: owner, links: 0, seals: [])
        #expect(try write(file, "content", at: 0) == 7)
        try file.add([.shrink, .grow])
        #expect(throws: Errno.EPERM) { try file.truncate(to: 3) }
        #expect(throws: Errno.EPERM) { try file.truncate(to: 30) }
        #expect(throws: Errno.EPERM) { try write(file, "more", at: 6) }
        #expect(try write(file, "CONTENT", at: 0) == 7)
        try file.add([.write, .seal])
        #expect(throws: Errno.EPERM) { try write(file, "x", at: 0) }
        #expect(throws: Errno.EPERM) { try file.add(.execute) }
        #expect(throws: Errno.EINVAL) { try file.add(FileSeals(rawValue: 0x100)) }
    }

    @Test func offsetsNearTheEndOfTheWorldAreRefused() throws {
        let file = try #require(try node("f1") as? TmpFile)
        #expect(throws: Errno.EFBIG) { try write(file, "x", at: .max - 1) }
        #expect(throws: Errno.EFBIG) { try file.truncate(to: .max) }
        #expect(throws: Errno.EFBIG) { try file.allocate(mode: 3, offset: .max - 1, length: 1) { false } }
    }

    @Test func reservingMuchCanBeInterrupted() throws {
        let file = try #require(try node("f1") as? TmpFile)
        let before = file.object.residentPages
        var looks = 0
        #expect(throws: Errno.EINTR) {
            try file.allocate(mode: 1, offset: 0, length: 64 << 20) {
                looks += 1
                return looks == 4
            }
        }
        #expect(file.object.residentPages == before)
        #expect(try file.attributes().size == 3)
        try file.allocate(mode: 1, offset: 0, length: 8 << 20) { false }
        #expect(file.object.residentPages == 2048)
    }

    @Test func writingTakesSetUserIDAway() throws {
        let file = try sandbox.rootFileSystem.addFile(bytes("program"), bytes("x"), permissions: 0o6755, owner: FileCredentials(user: 0, group: 0))
        _ = try write(file, "y", at: 0)
        #expect(try file.attributes().permissions == 0o755)
    }

    @Test func extendedAttributesObeyCreateAndReplace() throws {
        let file = try node("f1")
        #expect(throws: Errno.ENODATA) { try file.setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 2) }
        try file.setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 1)
        #expect(throws: Errno.EEXIST) { try file.setExtendedAttribute(bytes("user.a"), bytes("2"), flags: 1) }
        #expect(throws: Errno.ENOSPC) { try file.setExtendedAttribute(bytes("user.b"), [UInt8](repeating: 0, count: 200_000), flags: 0) }
        #expect(try file.extendedAttributeNames() == [bytes("user.a")])
        try file.removeExtendedAttribute(bytes("user.a"))
        #expect(throws: Errno.ENODATA) { try file.extendedAttribute(bytes("user.a")) }
    }
}

@Suite("Permissions")
struct PermissionsTests {
    private func attributes(_ permissions: UInt32, user: UInt32 = 1, group: UInt32 = 1, kind: FileKind = .regular) -> FileAttributes {
        var result = FileAttributes()
        result.permissions = permissions
        result.user = user
        result.group = group
        result.kind = kind
        return result
    }

    @Test func theFirstClassThatFitsDecides() throws {
        // The owner is refused although everybody else may read.
        #expect(throws: Errno.EACCES) { try Permissions.check(attributes(0o044), .read, FileCredentials(user: 1, group: 9)) }
        #expect(throws: Errno.EACCES) { try Permissions.check(attributes(0o704), .read, FileCredentials(user: 2, group: 1)) }
        #expect(throws: Errno.EACCES) { try Permissions.check(attributes(0o704), .read, FileCredentials(user: 2, group: 9, groups: [1])) }
        try Permissions.check(attributes(0o704), .read, FileCredentials(user: 2, group: 9))
    }

    @Test func userZeroMayEverythingButRunWhatIsNoProgram() throws {
        let root = FileCredentials(user: 0, group: 0)
        try Permissions.check(attributes(0), [.read, .write], root)
        #expect(throws: Errno.EACCES) { try Permissions.check(attributes(0o666), .execute, root) }
        try Permissions.check(attributes(0o100), .execute, root)
        try Permissions.check(attributes(0, kind: .directory), .execute, root)
    }

    @Test func aStickyDirectoryProtectsOthersFiles() throws {
        let sandbox = TestKernel()
        let owner = FileCredentials(user: 5, group: 5)
        try sandbox.rootFileSystem.makeDirectories(bytes("tmp"), permissions: 0o1777)
        let file = try sandbox.rootFileSystem.addFile(bytes("tmp/f"), [], owner: owner)
        let directory = try sandbox.locate("/tmp")
        #expect(throws: Errno.EPERM) { try Permissions.checkRemoval(of: file, from: directory, FileCredentials(user: 6, group: 5)) }
        try Permissions.checkRemoval(of: file, from: directory, owner)
        try Permissions.checkRemoval(of: file, from: directory, FileCredentials(user: 0, group: 0))
    }
}
