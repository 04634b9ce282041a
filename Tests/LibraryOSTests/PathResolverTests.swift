import Testing

@testable import LibraryOS

@Suite("Path resolution")
struct PathResolverTests {
    let sandbox = TestKernel()

    init() throws {
        let files = sandbox.rootFileSystem
        try files.makeDirectories(bytes("a/b/c"))
        try files.addFile(bytes("a/file"), bytes("x"))
        try files.addSymbolicLink(bytes("to-b"), to: bytes("a/b"))
        try files.addSymbolicLink(bytes("a/absolute"), to: bytes("/a/file"))
        try files.addSymbolicLink(bytes("loop"), to: bytes("loop"))
        try files.addSymbolicLink(bytes("dangling"), to: bytes("a/new"))
    }

    private func path(_ text: String, _ flags: ResolveFlags = .followFinal) throws -> String {
        String(decoding: try sandbox.locate(text, flags).path(from: sandbox.root), as: UTF8.self)
    }

    @Test(arguments: [
        ("/", "/"), ("//a//b/", "/a/b"), ("/a/./b/../file", "/a/file"), ("/../..", "/"), ("/to-b/c", "/a/b/c"), ("/to-b/..", "/a"),
        ("a/absolute", "/a/file"), ("/to-b/", "/a/b"), ("/to-b/.", "/a/b"),
    ])
    func pathsLeadWhereTheyDoOnLinux(_ text: String, _ expected: String) throws {
        #expect(try path(text) == expected)
    }

    @Test(arguments: [
        ("", Errno.ENOENT), ("/missing", .ENOENT), ("/missing/x", .ENOENT), ("/a/file/", .ENOTDIR), ("/a/file/..", .ENOTDIR), ("/a/absolute/", .ENOTDIR),
        ("/loop", .ELOOP), ("/loop/x", .ELOOP), ("/dangling", .ENOENT), ("/dangling/", .ENOENT),
    ])
    func pathsFailAsOnLinux(_ text: String, _ expected: Errno) {
        #expect(throws: expected) { try sandbox.locate(text) }
    }

    @Test func lengthsAreLimited() throws {
        #expect(throws: Errno.ENAMETOOLONG) { try sandbox.locate("/a/" + String(repeating: "n", count: 256)) }
        #expect(throws: Errno.ENOENT) { try sandbox.locate("/a/" + String(repeating: "n", count: 255)) }
        #expect(throws: Errno.ENAMETOOLONG) { try sandbox.locate(String(repeating: "/", count: 4096)) }
        #expect(try path(String(repeating: "/", count: 4095)) == "/")
    }

    @Test func fortyLinksAreFollowedAndFortyOneAreNot() throws {
        var target = "a"
        for index in 1...41 {
            try sandbox.rootFileSystem.addSymbolicLink(bytes("l\(index)"), to: bytes(target))
            target = "l\(index)"
        }
        #expect(try path("/l40") == "/a")
        #expect(throws: Errno.ELOOP) { try sandbox.locate("/l41") }
    }

    @Test func theLastLinkIsKeptUnlessASlashFollows() throws {
        #expect(try sandbox.locate("/to-b", []).inode.kind == .symbolicLink)
        #expect(try sandbox.locate("/to-b/", []).inode.kind == .directory)
    }

    @Test func nothingLeadsOutOfTheRoot() throws {
        let jail = try sandbox.locate("/a")
        try sandbox.rootFileSystem.addSymbolicLink(bytes("a/out"), to: bytes("/../../a"))
        let resolver = PathResolver(mounts: sandbox.kernel.mounts, root: jail, credentials: FileCredentials(user: 0, group: 0))
        #expect(try resolver.resolve(bytes("/../../b"), from: jail).path(from: jail) == bytes("/b"))
        #expect(throws: Errno.ENOENT) { try resolver.resolve(bytes("out"), from: jail) }
        // A working directory outside the root still finds its way, and says that it is outside.
        let outside = try resolver.resolve(bytes(".."), from: sandbox.root)
        #expect(outside.path(from: jail) == bytes("(unreachable)/"))
    }

    @Test func mountsAreCrossedBothWays() throws {
        let other = TmpFS(kernel: sandbox.kernel)
        try other.makeDirectories(bytes("inside/deep"))
        try sandbox.kernel.mounts.mount(other, at: try sandbox.locate("/a/b"))
        #expect(try path("/a/b/inside/deep") == "/a/b/inside/deep")
        #expect(try path("/a/b/inside/../..") == "/a")
        #expect(throws: Errno.ENOENT) { try sandbox.locate("/a/b/c") }
        let second = TmpFS(kernel: sandbox.kernel)
        try sandbox.kernel.mounts.mount(second, at: try sandbox.locate("/a/b"))
        #expect(throws: Errno.ENOENT) { try sandbox.locate("/a/b/inside") }
        #expect(try path("/a/b/..") == "/a")
    }

    @Test func aFileCanBeMountedOverAFileOnly() throws {
        let other = TmpFS(kernel: sandbox.kernel)
        let file = try other.addFile(bytes("f"), bytes("other"))
        #expect(throws: Errno.ENOTDIR) { try sandbox.kernel.mounts.mount(other, root: file, at: sandbox.locate("/a/b")) }
        try sandbox.kernel.mounts.mount(other, root: file, at: try sandbox.locate("/a/file"), readOnly: true)
        #expect(try sandbox.locate("/a/file").inode === file)
        #expect(try path("/a/file") == "/a/file")
        #expect(throws: Errno.EROFS) { try Permissions.check(sandbox.locate("/a/file"), .write, FileCredentials(user: 0, group: 0)) }
    }

    @Test func openat2ConfinesTheWalk() throws {
        let base = try sandbox.locate("/a")
        let resolver = sandbox.resolver()
        func resolve(_ text: String, _ flags: ResolveFlags) throws -> PathLocation { try resolver.resolve(bytes(text), from: base, [flags, .followFinal]) }
        #expect(throws: Errno.EXDEV) { try resolve("..", .beneath) }
        #expect(throws: Errno.EXDEV) { try resolve("/a/file", .beneath) }
        #expect(throws: Errno.EXDEV) { try resolve("absolute", .beneath) }
        #expect(try resolve("b/../file", .beneath).path(from: sandbox.root) == bytes("/a/file"))
        #expect(try resolve("../../file", .inRoot).path(from: sandbox.root) == bytes("/a/file"))
        #expect(throws: Errno.ELOOP) { try resolve("absolute", .noSymbolicLinks) }
        try sandbox.kernel.mounts.mount(TmpFS(kernel: sandbox.kernel), at: try sandbox.locate("/a/b"))
        #expect(throws: Errno.EXDEV) { try resolve("b", .noMountCrossing) }
    }

    @Test func creationFollowsADanglingLinkToWhereItsTargetIsMissing() throws {
        let found = try sandbox.resolver().resolveForCreation(bytes("dangling"), from: sandbox.root, .followFinal)
        #expect(found.existing == nil)
        #expect(found.last.name == bytes("new"))
        #expect(found.last.parent.path(from: sandbox.root) == bytes("/a"))
        #expect(throws: Errno.EISDIR) { try sandbox.resolver().resolveForCreation(bytes("fresh/"), from: sandbox.root, .followFinal) }
    }

    @Test func theLastComponentSaysWhatItIs() throws {
        func last(_ text: String) throws -> LastComponent { try sandbox.resolver().resolveParent(bytes(text), from: sandbox.root) }
        #expect(try last("/").kind == .root)
        #expect(try last("a/.").kind == .dot)
        #expect(try last("a/../").kind == .dotDot)
        #expect(try last("to-b/x/").trailingSlash)
        #expect(try last("to-b/x").parent.path(from: sandbox.root) == bytes("/a/b"))
    }

    @Test func searchPermissionIsNeededOnEveryDirectory() throws {
        try sandbox.rootFileSystem.makeDirectories(bytes("private/public"), permissions: 0o700)
        let stranger = sandbox.resolver(user: 1000)
        #expect(throws: Errno.EACCES) { try stranger.resolve(bytes("/private/public"), from: sandbox.root) }
        #expect(try stranger.resolve(bytes("/private"), from: sandbox.root).inode.kind == .directory)
        #expect(throws: Errno.EACCES) { try stranger.resolve(bytes("/private/."), from: sandbox.root) }
    }

    @Test func dotDotAndPathsFollowARename() throws {
        let deep = try sandbox.locate("/a/b/c")
        let root = try #require(sandbox.rootFileSystem.rootDirectory)
        try sandbox.rootFileSystem.makeDirectories(bytes("z"))
        try sandbox.locate("/a").inode.rename(bytes("b"), to: sandbox.locate("/z").inode, bytes("moved"), flags: 0)
        #expect(deep.path(from: sandbox.root) == bytes("/z/moved/c"))
        #expect(try sandbox.resolver().resolve(bytes("../.."), from: deep).path(from: sandbox.root) == bytes("/z"))
        #expect(try root.lookup(bytes("z")).number == deep.parentDirectory(below: sandbox.root).parentDirectory(below: sandbox.root).inode.number)
    }

    @Test func aDeletedDirectoryIsSaidToBeDeleted() throws {
        let gone = try sandbox.locate("/a/b/c")
        try sandbox.locate("/a/b").inode.rmdir(bytes("c"))
        #expect(gone.isDeleted)
        #expect(gone.displayPath(from: sandbox.root) == bytes("/a/b/c (deleted)"))
    }

    @Test func mountsAreListedWithEscapedNames() throws {
        try sandbox.rootFileSystem.makeDirectories(bytes("with blank"))
        try sandbox.kernel.mounts.mount(TmpFS(kernel: sandbox.kernel, sizeLimit: 1 << 20), at: try sandbox.locate("/with blank"), readOnly: true)
        let lines = sandbox.kernel.mounts.descriptions(from: sandbox.root).map { String(decoding: $0.mountsLine, as: UTF8.self) }
        #expect(lines == ["tmpfs / tmpfs rw,relatime 0 0\n", "tmpfs /with\\040blank tmpfs ro,relatime,size=1024k 0 0\n"])
    }
}
