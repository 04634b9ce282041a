import Testing

@testable import LibraryOS

@Suite("Overlay")
struct OverlayFSTests {
    let sandbox = TestKernel()
    let lower: TmpFS
    let upper: TmpFS
    let overlay: OverlayFS
    private var root: Inode { overlay.root }
    private let owner = FileCredentials(user: 0, group: 0)

    init() throws {
        lower = TmpFS(kernel: sandbox.kernel, permissions: 0o751)
        try lower.addFile(bytes("a/file"), bytes("below"), permissions: 0o640)
        try lower.addFile(bytes("a/b/deep"), bytes("deep"))
        try lower.addSymbolicLink(bytes("link"), to: bytes("a"))
        upper = TmpFS(kernel: sandbox.kernel, permissions: 0o755)
        overlay = try OverlayFS(host: sandbox.host, lower: lower, upper: upper, device: 99)
    }

    private func find(_ path: String) throws -> Inode {
        try path.split(separator: "/").reduce(root) { try $0.lookup(bytes(String($1))) }
    }
    private func names(_ path: String) throws -> [String] { try find(path).directoryEntries().map { String(decoding: $0.name, as: UTF8.self) }.sorted() }
    private func exists(_ path: String) -> Bool { (try? find(path)) != nil }
    private func make(_ path: String, _ name: String, _ kind: FileKind = .regular) throws -> Inode {
        try find(path).create(bytes(name), kind: kind, mode: 0o755, deviceNumber: 0, owner: owner)
    }
    private func content(_ inode: Inode) throws -> [UInt8] {
        guard case .object(let object) = inode.mappingSource() else { return [] }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = try buffer.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            return try object.read(&buffers, at: 0)
        }
        return Array(buffer[..<count])
    }

    @Test func changingAFileCopiesItUpAndLeavesTheLowerOneAlone() throws {
        let file = try find("a/file")
        let before = try file.attributes()
        var change = AttributeChange()
        change.permissions = 0o600
        try file.change(change)
        let after = try find("a/file").attributes()
        #expect(after.permissions == 0o600)
        #expect(after.inode == before.inode)
        #expect(after.modificationTime == before.modificationTime)
        #expect(after.device == 99)
        #expect(try content(file) == bytes("below"))
        #expect(try lower.root.lookup(bytes("a")).lookup(bytes("file")).attributes().permissions == 0o640)
    }

    @Test func handlesThatWereFoundBeforeSeeTheCopy() throws {
        let first = try find("a/file")
        let second = try find("a/file")
        try first.truncate(to: 2)
        #expect(try second.attributes().size == 2)
        #expect(try content(second) == bytes("be"))
        #expect(first.locks === second.locks)
    }

    @Test func aFileOpenedForReadingKeepsTheLowerContent() throws {
        let task = try sandbox.makeTask()
        let place = PathLocation(mount: Mount(id: 9, fileSystem: overlay, root: root, mountPoint: nil, readOnly: false), inode: root, parent: nil, name: [])
        let open = try find("a/file").open(flags: [], location: place, task: task)
        try find("a/file").truncate(to: 0)
        #expect(try open.endOfFile() == 5)
        #expect(try find("a/file").open(flags: .writeOnly, location: place, task: task).endOfFile() == 0)
    }

    @Test func removedLowerFilesStayRemoved() throws {
        try find("a").unlink(bytes("file"))
        #expect(!exists("a/file"))
        #expect(try names("a") == ["b"])
        #expect(try lower.root.lookup(bytes("a")).lookup(bytes("file")).kind == .regular)
        let again = try make("a", "file")
        #expect(try again.attributes().size == 0)
        try find("a").unlink(bytes("file"))
        #expect(!exists("a/file"))
    }

    @Test func aDirectoryMadeOverAWhiteoutIsOpaque() throws {
        #expect(throws: Errno.ENOTEMPTY) { try find("a").rmdir(bytes("b")) }
        try find("a/b").unlink(bytes("deep"))
        try find("a").rmdir(bytes("b"))
        _ = try make("a", "b", .directory)
        #expect(try names("a/b") == [])
        #expect(!exists("a/b/deep"))
    }

    @Test func listingsMergeWithoutDuplicates() throws {
        _ = try make("a", "new")
        try find("a/file").truncate(to: 1)
        #expect(try names("a") == ["b", "file", "new"])
        #expect(try names("") == ["a", "link"])
        #expect(throws: Errno.EEXIST) { try make("a", "file") }
    }

    @Test func renamingWhatExistsBelow() throws {
        #expect(throws: Errno.EXDEV) { try find("a").rename(bytes("b"), to: root, bytes("c"), flags: 0) }
        let number = try find("a/file").number
        try find("a").rename(bytes("file"), to: root, bytes("moved"), flags: 0)
        #expect(!exists("a/file"))
        #expect(try find("moved").number == number)
        #expect(try content(try find("moved")) == bytes("below"))
        #expect(throws: Errno.EEXIST) { try root.rename(bytes("moved"), to: root, bytes("link"), flags: 1) }
        try root.rename(bytes("moved"), to: root, bytes("link"), flags: 0)
        #expect(try find("link").kind == .regular)
        try root.unlink(bytes("link"))
        #expect(try names("") == ["a"])
    }

    @Test func newDirectoriesMoveAndExchange() throws {
        _ = try make("", "d", .directory)
        _ = try make("d", "x")
        try root.rename(bytes("d"), to: try find("a"), bytes("d"), flags: 0)
        #expect(exists("a/d/x"))
        #expect(try find("a/d").parentDirectory()?.parent.number == find("a").number)
        try find("a/d").rename(bytes("x"), to: try find("a"), bytes("file"), flags: 2)
        #expect(try content(try find("a/d/x")) == bytes("below"))
        #expect(try find("a/file").attributes().size == 0)
        #expect(throws: Errno.EINVAL) { try find("a").rename(bytes("d"), to: try find("a/d"), bytes("in"), flags: 0) }
    }

    @Test func hardLinksShareTheCopy() throws {
        try root.link(bytes("second"), to: try find("a/file"))
        #expect(try find("second").attributes().links == 2)
        #expect(try find("second").number == find("a/file").number)
        try find("a").unlink(bytes("file"))
        #expect(try content(try find("second")) == bytes("below"))
    }

    @Test func whatWasOnlyLookedAtIsForgotten() throws {
        do { #expect(exists("a/b/deep")) }
        #expect(overlay.rootNode.children.isEmpty)
    }
}
