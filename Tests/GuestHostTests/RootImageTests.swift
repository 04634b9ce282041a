import Confidential
import Foundation
import GuestHost
import LibraryOS
import Testing

/// Root images: what is written is read back, and the same tree gives the same bytes.
@Suite struct RootImageTests {
    @Test func theSameTreeGivesTheSameBytesInWhateverOrderItIsWalked() throws {
        var (first, second) = (SeededGenerator(state: 1), SeededGenerator(state: 2))
        let (one, other) = (try image(of: MemoryTree.sample(shuffled: &first)), try image(of: MemoryTree.sample(shuffled: &second)))
        #expect(one.bytes == other.bytes && one.identity == other.identity)
        #expect(UInt64(one.bytes.count) == one.identity.storedBlocks * 4096)
    }

    @Test(arguments: [(2048, 256), (1, 1)]) func everythingIsReadBackWithLargeAndTinyCaches(cachedBlocks: Int, cachedNodes: Int) throws {
        var generator = SeededGenerator(state: 3)
        let tree = MemoryTree.sample(shuffled: &generator)
        let (bytes, identity) = try image(of: tree)
        let bed = try ImageBed(bytes, identity, cachedBlocks: cachedBlocks, cachedNodes: cachedNodes)
        var seen: [UInt64: UInt64] = [:]
        try compare(bed.host, bed.host.rootDirectory, tree.root, &seen)
        #expect(seen.count == 418)
        #expect(bed.ring.transport.violations.isEmpty)
    }

    private func compare(_ host: RingHost, _ file: HostFile, _ expected: MemoryTree.File, _ seen: inout [UInt64: UInt64]) throws {
        let found = try host.attributes(of: file)
        let wanted = expected.attributes
        #expect(found.mode == wanted.mode && found.user == wanted.user && found.group == wanted.group && found.modificationTime == wanted.modificationTime)
        #expect(found.accessTime == wanted.modificationTime && found.changeTime == wanted.modificationTime)
        #expect(found.deviceNumber == wanted.deviceNumber)
        // Two names, one file.
        #expect(seen[found.inode] ?? wanted.inode == wanted.inode)
        seen[found.inode] = wanted.inode
        switch wanted.kind {
        case .regular:
            #expect(found.size == Int64(expected.bytes.count))
            #expect(found.links == (wanted.permissions == 0o4755 ? 2 : 1))
            #expect(try read(host, file, Int(found.size) + 10) == expected.bytes)
        case .symbolicLink: #expect(try host.readLink(file) == expected.bytes)
        case .directory:
            #expect(found.links == UInt64(2 + expected.entries.filter { $0.file.attributes.kind == .directory }.count))
            let handle = try host.reopen(file, flags: 0o200000)
            var (names, place) = ([[UInt8]](), Int64(0))
            while let entries = Optional(try host.readDirectory(handle, from: place)), let last = entries.last {
                names += entries.map(\.name)
                place = last.offset
            }
            #expect(names == [[0x2e], [0x2e, 0x2e]] + expected.entries.map(\.name).sorted { $0.lexicographicallyPrecedes($1) })
            for entry in expected.entries { try compare(host, try host.open(beneath: file, entry.name, flags: 0o10000000, mode: 0), entry.file, &seen) }
        default: #expect(errno { _ = try host.reopen(file, flags: 0) } == .ENXIO)
        }
    }

    private func read(_ host: RingHost, _ file: HostFile, _ count: Int) throws -> [UInt8] {
        let handle = try host.reopen(file, flags: 0)
        var buffer = [UInt8](repeating: 0xEE, count: count)
        let done = try buffer.withUnsafeMutableBytes { try host.read(handle, into: [$0], at: 0) }
        #expect(buffer[done...].allSatisfy { $0 == 0xEE })
        return Array(buffer[..<done])
    }

    @Test func theLibraryOSFindsFilesByPath() throws {
        var generator = SeededGenerator(state: 4)
        let (bytes, identity) = try image(of: MemoryTree.sample(shuffled: &generator))
        let bed = try ImageBed(bytes, identity)
        let files = try HostFS(host: bed.host, root: bed.host.rootDirectory, device: 9, readOnly: true)
        let deep = try files.root.lookup(Array("lib".utf8)).lookup(Array("deep".utf8))
        let link = try deep.lookup(Array("link".utf8))
        #expect(try link.readLink() == Array("../file-4097".utf8))
        let attributes = try deep.attributes()
        #expect(attributes.permissions == 0o1777 && attributes.device == 9)
        #expect(errno { _ = try deep.lookup(Array("missing".utf8)) } == .ENOENT)
        #expect(deep.parentDirectory()?.name == Array("deep".utf8))
        #expect(try files.statistics().flags & 1 == 1)
        let twice = try bed.host.open(beneath: bed.host.rootDirectory, Array("lib/deep/first".utf8), flags: 0, mode: 0)
        #expect(try bed.host.components(of: twice, below: bed.host.rootDirectory) == [Array("lib".utf8), Array("deep".utf8), Array("first".utf8)])
    }

    @Test func nothingCanBeWritten() throws {
        var generator = SeededGenerator(state: 5)
        let (bytes, identity) = try image(of: MemoryTree.sample(shuffled: &generator))
        let host = try ImageBed(bytes, identity).host
        let root = host.rootDirectory
        for flags: Int32 in [1, 2, 0o100, 0o1000] { #expect(errno { _ = try host.open(beneath: root, Array("bin/second".utf8), flags: flags, mode: 0) } == .EROFS) }
        #expect(errno { _ = try host.open(beneath: root, Array("../etc".utf8), flags: 0, mode: 0) } == .EXDEV)
        #expect(errno { _ = try host.open(beneath: root, Array("/etc".utf8), flags: 0, mode: 0) } == .EXDEV)
        #expect(errno { _ = try host.open(beneath: root, Array("lib/deep/link".utf8), flags: 0, mode: 0) } == .ELOOP)
        #expect(errno { _ = try host.open(beneath: root, Array("lib/deep/link/x".utf8), flags: 0, mode: 0) } == .ELOOP)
        #expect(errno { _ = try host.open(beneath: root, Array("bin/second/x".utf8), flags: 0, mode: 0) } == .ENOTDIR)
        #expect(errno { _ = try host.open(beneath: root, Array(repeating: 0x61, count: 256), flags: 0, mode: 0) } == .ENAMETOOLONG)
        let file = try host.open(beneath: root, Array("bin/second".utf8), flags: 0, mode: 0)
        #expect(errno { _ = try host.write(file, from: [], at: 0) } == .EBADF)
    }

    @Test func whatWasReadIsCachedAndNothingElse() throws {
        var generator = SeededGenerator(state: 6)
        let (bytes, identity) = try image(of: MemoryTree.sample(shuffled: &generator))
        let bed = try ImageBed(bytes, identity)
        let file = try bed.host.open(beneath: bed.host.rootDirectory, Array("etc/file-1".utf8), flags: 0, mode: 0)
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(errno { _ = try buffer.withUnsafeMutableBytes { try bed.host.readCached(file, into: [$0], at: 0) } } == .EAGAIN)
        #expect(try buffer.withUnsafeMutableBytes { try bed.host.read(file, into: [$0], at: 0) } == 1)
        let exchanges = bed.ring.transport.exchanges
        #expect(try buffer.withUnsafeMutableBytes { try bed.host.readCached(file, into: [$0], at: 0) } == 1)
        #expect(bed.ring.transport.exchanges == exchanges)
        #expect(try bed.host.seek(file, offset: 0, whence: 3) == 0)
        #expect(try bed.host.seek(file, offset: 0, whence: 4) == 1)
        #expect(errno { _ = try bed.host.seek(file, offset: 1, whence: 3) } == .ENXIO)
    }

    /// The tree's root by Python's hashlib, out of the image's bytes and the documented format.
    @Test func theRootIsWhatAnotherImplementationComputes() throws {
        var generator = SeededGenerator(state: 7)
        let (bytes, identity) = try image(of: MemoryTree.sample(shuffled: &generator))
        let file = FileManager.default.temporaryDirectory.appending(path: "skerry-image-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let script = """
            import hashlib, sys
            data = open(sys.argv[1], "rb").read()
            count = int.from_bytes(data[8:16], "little")
            level, at = [hashlib.sha256(b"\\0" + data[i * 4096:(i + 1) * 4096]).digest() for i in range(count)], count * 4096
            while True:
                nodes = [b"".join(level[i:i + 128]).ljust(4096, b"\\0") for i in range(0, len(level), 128)]
                assert b"".join(nodes) == data[at:at + 4096 * len(nodes)]
                level, at = [hashlib.sha256(b"\\1" + node).digest() for node in nodes], at + 4096 * len(nodes)
                if len(level) == 1: break
            assert at == len(data)
            print(level[0].hex())
            """
        let process = Process()
        let output = Pipe()
        (process.executableURL, process.arguments, process.standardOutput) = (URL(filePath: "/usr/bin/python3"), ["-c", script, file.path], output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(text == identity.root.bytes.hexadecimal + "\n")
    }

    /// A folder of the host, as lstat(2) and the file's bytes have it.
    @Test func aFolderOfTheHostBecomesAnImage() throws {
        let bed = try RingBed()
        let files = FileManager.default
        let folder = bed.folder.appending(path: "tree")
        try files.createDirectory(at: folder.appending(path: "a/b"), withIntermediateDirectories: true)
        try Data(repeating: 0x42, count: 12_345).write(to: folder.appending(path: "a/b/file"))
        try files.linkItem(at: folder.appending(path: "a/b/file"), to: folder.appending(path: "again"))
        try files.createSymbolicLink(atPath: folder.appending(path: "link").path, withDestinationPath: "a/b")
        let (bytes, identity) = try image(of: FolderTree(Array(folder.path.utf8)))
        #expect(try image(of: FolderTree(Array(folder.path.utf8))).bytes == bytes)
        let host = try ImageBed(bytes, identity).host
        let file = try host.open(beneath: host.rootDirectory, Array("a/b/file".utf8), flags: 0, mode: 0)
        let attributes = try host.attributes(of: file)
        #expect(attributes.links == 2 && attributes.size == 12_345)
        #expect(try read(host, file, 20_000) == [UInt8](repeating: 0x42, count: 12_345))
        #expect(try host.readLink(try host.open(beneath: host.rootDirectory, Array("link".utf8), flags: 0o10000000, mode: 0)) == Array("a/b".utf8))
    }

    @Test func aTreeThatCannotBeAnImageIsRefused() throws {
        func refused(_ change: (MemoryTree.File) -> Void) -> Bool {
            let root = MemoryTree.File(.directory, 0o755, number: 1)
            change(root)
            return (try? image(of: MemoryTree(root: root))) == nil
        }
        let file = MemoryTree.File(.regular, 0o644, number: 2)
        #expect(!refused { $0.entries = [(Array("fine".utf8), file)] })
        #expect(refused { $0.entries = [(Array("a/b".utf8), file)] })
        #expect(refused { $0.entries = [([0x2e, 0x2e], file)] })
        #expect(refused { $0.entries = [([], file)] })
        #expect(refused { $0.entries = [(Array("twice".utf8), file), (Array("twice".utf8), file)] })
        #expect(refused { $0.entries = [(Array(repeating: 0x61, count: 256), file)] })
        #expect(refused { $0.entries = [(Array("link".utf8), MemoryTree.File(.symbolicLink, 0o777, number: 3))] })
        #expect(refused { $0.attributes.kind = .regular })
    }
}
