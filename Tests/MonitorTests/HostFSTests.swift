import Glibc
import Testing

@testable import LibraryOS
@testable import Monitor

@Suite("Granted folders")
struct HostFSTests {
    let host: LinuxHost
    let folder = TemporaryFolder()
    private let owner = FileCredentials(user: 0, group: 0)

    init() throws { host = try LinuxHost(processors: 1) }

    private func grant(_ path: String = "", readOnly: Bool) throws -> Inode {
        let root = try host.openGrant(bytes(folder.path + path))
        return try HostFS(host: host, root: root, device: 77, readOnly: readOnly).root
    }

    @Test func linksAndDotsStayInside() throws {
        folder.link("out", to: "/etc")
        folder.folder("a")
        let root = try grant(readOnly: true)
        let link = try root.lookup(bytes("out"))
        #expect(link.kind == .symbolicLink)
        #expect(try link.readLink() == bytes("/etc"))
        #expect(throws: Errno.ENOTDIR) { try link.lookup(bytes("passwd")) }
        for name in ["..", "a/../..", "out/passwd"] {
            #expect(throws: Errno.self) { try root.lookup(bytes(name)) }
        }
        #expect(try root.directoryEntries().map { text($0.name) }.sorted() == ["a", "out"])
    }

    @Test func newFilesBelongToTheProgramsUserWhereRootMadeThemAndElseToTheMonitors() throws {
        let root = try grant(readOnly: false)
        let user = FileCredentials(user: 4321, group: 8765)
        let expected: (UInt32, UInt32) = geteuid() == 0 ? (4321, 8765) : (geteuid(), getegid())
        let file = try root.create(bytes("file"), kind: .regular, mode: 0o4640, deviceNumber: 0, owner: user)
        let link = try root.symlink(bytes("link"), target: bytes("/etc/passwd"), owner: user)
        let place = try root.create(bytes("folder"), kind: .directory, mode: 0o755, deviceNumber: 0, owner: user)
        for inode in [file, link, place, try root.createTemporary(mode: 0o600, owner: user, linkable: false)] {
            let attributes = try inode.attributes()
            #expect(attributes.user == expected.0)
            #expect(attributes.group == expected.1)
        }
        #expect(try file.attributes().permissions == 0o4640)
        var found = stat()
        #expect(lstat("/etc/passwd", &found) == 0 && found.st_uid == 0, "what a link leads to is nobody's business")
        // A set-group-ID folder hands its own group on.
        var change = AttributeChange()
        change.permissions = 0o2755
        try place.change(change)
        let inner = try place.create(bytes("inner"), kind: .regular, mode: 0o600, deviceNumber: 0, owner: FileCredentials(user: 4321, group: 1))
        #expect(try inner.attributes().group == place.attributes().group)
    }

    @Test func aReadOnlyGrantRefusesEveryChange() throws {
        folder.file("f", "x")
        let root = try grant(readOnly: true)
        let file = try root.lookup(bytes("f"))
        var change = AttributeChange()
        change.permissions = 0o777
        #expect(throws: Errno.EROFS) { try file.change(change) }
        #expect(throws: Errno.EROFS) { try file.truncate(to: 0) }
        #expect(throws: Errno.EROFS) { try root.create(bytes("n"), kind: .regular, mode: 0o644, deviceNumber: 0, owner: owner) }
        #expect(throws: Errno.EROFS) { try root.unlink(bytes("f")) }
        #expect(throws: Errno.EROFS) { try root.rename(bytes("f"), to: root, bytes("g"), flags: 0) }
        #expect(throws: Errno.EROFS) { try root.symlink(bytes("s"), target: bytes("f"), owner: owner) }
    }

    @Test func changesReachTheHost() throws {
        let root = try grant(readOnly: false)
        let folderInside = try root.create(bytes("d"), kind: .directory, mode: 0o777, deviceNumber: 0, owner: owner)
        #expect(try folderInside.attributes().permissions == 0o777)
        let file = try folderInside.create(bytes("f"), kind: .regular, mode: 0o666, deviceNumber: 0, owner: owner)
        #expect(try file.attributes().permissions == 0o666)
        #expect(throws: Errno.EEXIST) { try folderInside.create(bytes("f"), kind: .regular, mode: 0o666, deviceNumber: 0, owner: owner) }
        try file.truncate(to: 10)
        try root.link(bytes("l"), to: file)
        #expect(try root.lookup(bytes("l")).attributes().links == 2)
        #expect(try root.lookup(bytes("l")).number == file.number)
        #expect(try root.lookup(bytes("l")).locks === file.locks)
        try folderInside.rename(bytes("f"), to: root, bytes("g"), flags: 0)
        try root.rmdir(bytes("d"))
        #expect(try root.directoryEntries().map { text($0.name) }.sorted() == ["g", "l"])
        #expect(throws: Errno.EPERM) { try root.create(bytes("dev"), kind: .characterDevice, mode: 0o666, deviceNumber: 259, owner: owner) }
        #expect(throws: Errno.EOPNOTSUPP) { try file.extendedAttribute(bytes("trusted.x")) }
        #expect(throws: Errno.ENODATA) { try file.extendedAttribute(bytes("security.capability")) }
    }

    @Test func aSingleFileCanBeGranted() throws {
        folder.file("only", "content")
        folder.file("other", "secret")
        let root = try grant("/only", readOnly: true)
        #expect(root.kind == .regular)
        #expect(try root.attributes().size == 7)
        #expect(try root.attributes().device == 77)
        #expect(throws: Errno.ENOTDIR) { try root.lookup(bytes("other")) }
    }
}
