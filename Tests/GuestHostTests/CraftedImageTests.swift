import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// Images whose digests hold and whose structures do not, one field at a time.
@Suite struct CraftedImageTests {
    private static let (inodes, root, folder, file) = (4096, 0, 1, 2)

    /// A root with the folder "a" and, in that, the file "file" of one byte: inodes 1, 2 and 3. Every byte of it may be changed before the tree is made.
    private func host(_ change: (inout [UInt8]) -> Void) throws -> RingHost {
        let (top, inner, content) = (MemoryTree.File(.directory, 0o755, number: 1), MemoryTree.File(.directory, 0o755, number: 2), MemoryTree.File(.regular, 0o644, number: 3))
        (top.entries, inner.entries, content.bytes) = ([(Array("a".utf8), inner)], [(Array("file".utf8), content)], [7])
        var (bytes, identity) = try image(of: MemoryTree(root: top))
        change(&bytes)
        var result: [UInt8] = []
        let writer = BlockWriter()
        try writer.append(bytes[..<(Int(identity.blocks) * 4096)]) { result += $0 }
        identity.root = try writer.finish { result += $0 }
        return try ImageBed(result, identity).host
    }

    /// Where a field of an inode is.
    private func field(_ inode: Int, _ offset: Int) -> Int { Self.inodes + inode * 128 + offset }
    /// Where the content of an inode is.
    private func content(_ inode: Int, _ bytes: [UInt8]) -> Int { Int(bytes.number(at: field(inode, 24), as: UInt64.self)) }

    private func open(_ host: RingHost, _ path: String) throws -> HostFile { try host.open(beneath: host.rootDirectory, Array(path.utf8), flags: 0o10000000, mode: 0) }
    private func names(_ host: RingHost, _ path: String) throws -> [[UInt8]] {
        try host.readDirectory(try host.reopen(try open(host, path), flags: 0o200000), from: 0).map(\.name)
    }

    @Test func withoutAChangeAllIsWell() throws {
        let host = try host { _ in }
        #expect(try names(host, "a").last == Array("file".utf8))
        #expect(try host.attributes(of: try open(host, "a/file")).size == 1)
    }

    @Test(arguments: [.max, 0x8000_0000_0000_0000, 0x100_0000_0000, 0x10_0000] as [UInt64]) func contentBehindTheImagesEndIsAnError(number: UInt64) throws {
        let long = try host { $0.store(number, at: field(Self.file, 16)) }
        #expect(errno { _ = try open(long, "a/file") } == .EIO)
        let far = try host { $0.store(number & ~4095, at: field(Self.file, 24)) }
        #expect(errno { _ = try open(far, "a/file") } == .EIO)
    }

    @Test(arguments: [0, 0o170000, 0o030000, .max] as [UInt32]) func aKindThatThereIsNotIsAnError(mode: UInt32) throws {
        let host = try host { $0.store(mode, at: field(Self.file, 0)) }
        #expect(errno { _ = try open(host, "a/file") } == .EIO)
    }

    @Test(arguments: [0, 4, .max] as [UInt64]) func anInodeThatThereIsNotIsAnError(number: UInt64) throws {
        let host = try host { $0.store(number, at: content(Self.folder, $0) + 8) }
        #expect(errno { _ = try open(host, "a/file") } == .EIO)
    }

    @Test func moreEntriesThanBytesAreAnError() throws {
        for count: UInt32 in [2, 1 << 20, .max] {
            let host = try host { $0.store(count, at: content(Self.folder, $0)) }
            #expect(errno { _ = try names(host, "a") } == .EIO)
            #expect(errno { _ = try open(host, "a/gone") } == .EIO)
        }
    }

    /// A name with a slash, a zero, or that means another folder, would lead programs astray.
    @Test func namesThatLinuxDoesNotAllowAreAnError() throws {
        for name in [Array("a/bc".utf8), [0x61, 0, 0x62, 0x63], Array("../x".utf8)] {
            let host = try host { bytes in bytes.store(name, at: content(Self.folder, bytes) + 24) }
            #expect(errno { _ = try names(host, "a") } == .EIO)
        }
        for (length, name) in [(UInt16(1), "."), (2, ".."), (0, ""), (256, ""), (5, "")] {
            let host = try host { bytes in
                bytes.store(Array(name.utf8), at: content(Self.folder, bytes) + 24)
                bytes.store(length, at: content(Self.folder, bytes) + 8 + 12)
            }
            #expect(errno { _ = try names(host, "a") } == .EIO)
        }
        let far = try host { $0.store(UInt32.max, at: content(Self.folder, $0) + 8 + 8) }
        #expect(errno { _ = try names(far, "a") } == .EIO)
    }

    /// The folder "a" has itself as an entry and as the folder above: names go down for ever, and the way up ends.
    @Test func aFolderInItselfHasNoPlace() throws {
        let host = try host { bytes in
            bytes.store(UInt64(2), at: content(Self.folder, bytes) + 8)
            bytes[content(Self.folder, bytes) + 8 + 14] = 4
            bytes.store(UInt64(2), at: field(Self.folder, 64))
        }
        let deep = try open(host, "a" + String(repeating: "/file", count: 100))
        #expect(try host.attributes(of: deep).kind == .directory)
        #expect(errno { _ = try host.components(of: deep, below: host.rootDirectory) } == .ENOENT)
    }

    @Test func aSuperblockThatIsNoneIsRefused() {
        #expect(throws: Errno.EIO) { try host { $0[0] ^= 1 } }
        #expect(throws: Errno.EIO) { try host { $0.store(UInt64(1), at: 8) } }
        for inodes: UInt64 in [0, 100_000, .max] { #expect(throws: Errno.EIO) { try host { $0.store(inodes, at: 16) } } }
    }
}
