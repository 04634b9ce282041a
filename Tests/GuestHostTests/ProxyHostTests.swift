import Foundation
import Glibc
import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// Every method of `Host` for files, through the ring to the monitor's library OS and back: what it does is there, and what it says is what the library OS says.
@Suite struct ProxyHostTests {
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    private func isSame(_ left: FileAttributes, _ right: FileAttributes) -> Bool { ProxyAttributes.encode(left) == ProxyAttributes.encode(right) }

    // MARK: Bytes

    @Test(arguments: ProxyBed.Storage.allCases) func bytesOfAnyLengthArrive(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        let bytes = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) }
        let file = try bed.host.open("large", in: bed.root, [.create, .exclusive, .readWrite])
        #expect(try bed.host.write(bytes, to: file, pieces: 3) == bytes.count)
        #expect(try bed.host.read(file, bytes.count + 10, pieces: 2) == bytes)
        #expect(try bed.host.read(file, 100, at: 299_990) == Array(bytes[299_990...]))
        #expect(try bed.host.read(file, 100, at: 400_000) == [])
        let other = try bed.truth.open("large", in: bed.truth.rootDirectory, [])
        #expect(try bed.truth.read(other, bytes.count) == bytes)
        if storage == .folder { #expect(try Array(Data(contentsOf: bed.folder.appending(path: "large"))) == bytes) }
        var cached = [UInt8](repeating: 0, count: 5000)
        let moved = try cached.withUnsafeMutableBytes { try bed.host.readCached(file, into: [$0], at: 10) }
        #expect(Array(cached[..<moved]) == Array(bytes[10..<10 + moved]) && moved > 0)
        #expect(errno { _ = try bed.host.write(file, from: [], at: -1) } == .EINVAL)
        #expect(errno { _ = try bed.host.read(file, 1, at: .max) } == .EINVAL)
        #expect(bed.transport.violations == [] && !bed.transport.readTwice)
    }

    @Test(arguments: ProxyBed.Storage.allCases) func lengthsChange(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        let file = try bed.host.make("file", in: bed.root, [UInt8](repeating: 1, count: 5000))
        try bed.host.truncate(file, to: 100)
        #expect(try bed.host.attributes(of: file).size == 100)
        try bed.host.allocate(file, mode: 0, offset: 8192, length: 4096)
        #expect(try bed.host.attributes(of: file).size == 12288)
        try bed.host.truncate(file, to: 1 << 20)
        _ = try bed.host.write([2], to: file, at: 1 << 19)
        try bed.host.sync(file, dataOnly: true)
        try bed.host.sync(file, dataOnly: false)
        let other = try bed.truth.open("file", in: bed.truth.rootDirectory, [])
        for (whence, from) in [(3, 0), (3, 200_000), (4, 0), (4, 1 << 19)] as [(Int32, Int64)] {
            #expect(try bed.host.seek(file, offset: from, whence: whence) == bed.truth.seek(other, offset: from, whence: whence))
        }
        #expect(errno { _ = try bed.host.seek(file, offset: 1 << 21, whence: 3) } == .ENXIO)
        let reader = try bed.host.open("file", in: bed.root, [])
        #expect(errno { try bed.host.truncate(reader, to: 0) } == .EINVAL)
        _ = try bed.host.open("file", in: bed.root, [.truncate, .writeOnly])
        #expect(try bed.host.attributes(of: file).size == 0)
    }

    // MARK: Attributes

    @Test(arguments: ProxyBed.Storage.allCases) func attributesAreThoseOfTheLibraryOS(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        let file = try bed.host.make("file", in: bed.root, [1, 2, 3])
        try bed.host.makeDirectory(in: bed.root, text("folder"), mode: 0o700)
        try bed.host.makeNode(in: bed.root, text("fifo"), mode: 0o010640)
        try bed.host.makeSymbolicLink(in: bed.root, text("link"), target: text("folder/nowhere"))
        try bed.host.setMode(file, 0o4751)
        try bed.host.setTimes(file, access: -5, modification: 1_600_000_000_123_456_789)
        try bed.host.setTimes(file, access: nil, modification: nil)
        try bed.host.setOwner(file, user: nil, group: nil)
        for name in ["file", "folder", "fifo", "link", "fixed", "fixed/file", "fixed/folder", "proc", "dev"] {
            let (seen, said) = (try bed.host.open(name, in: bed.root), try bed.truth.open(name, in: bed.truth.rootDirectory))
            #expect(isSame(try bed.host.attributes(of: seen), try bed.truth.attributes(of: said)), "\(name)")
        }
        let attributes = try bed.host.attributes(of: file)
        #expect(attributes.permissions == 0o4751 && attributes.modificationTime == 1_600_000_000_123_456_789 && attributes.accessTime == -5)
        #expect(try bed.host.readLink(try bed.host.open("link", in: bed.root)) == text("folder/nowhere"))
        if storage == .folder {
            var status = stat()
            #expect(stat(bed.folder.appending(path: "file").path, &status) == 0 && status.st_mode == 0o104751 && status.st_mtim.tv_nsec == 123_456_789)
            #expect(status.st_ino == attributes.inode && status.st_size == 3 && UInt64(status.st_nlink) == attributes.links)
        }
        if getuid() == 0 {
            try bed.host.setOwner(file, user: 12, group: 13)
            #expect(try bed.host.attributes(of: file).user == 12 && bed.host.attributes(of: file).group == 13)
        }
        let (seen, said) = (try bed.host.fileSystemStatistics(file), try bed.truth.fileSystemStatistics(bed.truth.rootDirectory))
        #expect(seen.type == said.type && seen.blockSize == said.blockSize && seen.blocks == said.blocks && seen.nameLength <= 255 && seen.flags & 1 == 0)
        #expect(try bed.host.fileSystemStatistics(try bed.host.open("fixed", in: bed.root)).flags & 1 == 1)
    }

    @Test func extendedAttributesComeAndGo() throws {
        let bed = try ProxyBed()
        let file = try bed.host.make("file", in: bed.root)
        try bed.host.setExtendedAttribute(file, text("user.one"), [0, 1, 2], flags: 0)
        try bed.host.setExtendedAttribute(file, text("user.two"), [], flags: 1)
        #expect(try bed.host.extendedAttribute(file, text("user.one")) == [0, 1, 2])
        #expect(Set(try bed.host.extendedAttributeNames(file)) == [text("user.one"), text("user.two")])
        #expect(errno { try bed.host.setExtendedAttribute(file, self.text("user.two"), [], flags: 1) } == .EEXIST)
        #expect(errno { try bed.host.setExtendedAttribute(file, self.text("user.two"), [UInt8](repeating: 0, count: 65536), flags: 0) } == .E2BIG)
        try bed.host.removeExtendedAttribute(file, text("user.one"))
        #expect(errno { _ = try bed.host.extendedAttribute(file, self.text("user.one")) } == .ENODATA)
        #expect(errno { _ = try bed.host.extendedAttribute(file, []) } == .ERANGE)
    }

    // MARK: Names

    @Test(arguments: ProxyBed.Storage.allCases) func namesAreMadeMovedAndRemoved(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        let (host, root) = (bed.host, bed.root)
        try host.makeDirectory(in: root, text("a"), mode: 0o755)
        let folder = try host.open("a", in: root)
        let file = try host.make("a/file", in: root, [7])
        try host.makeLink(to: file, in: root, text("second"))
        #expect(try host.attributes(of: file).links == 2)
        try host.rename(from: root, text("second"), to: folder, text("third"), flags: 0)
        #expect(errno { try host.rename(from: folder, self.text("third"), to: folder, self.text("file"), flags: 1) } == .EEXIST)
        #expect(Set(try host.names(folder)) == [".", "..", "file", "third"])
        try host.makeDirectory(in: root, text("b"), mode: 0o755)
        let moved = try host.open("b", in: root)
        try host.rename(from: root, text("b"), to: folder, text("inner"), flags: 0)
        #expect(try host.components(of: moved, below: root) == [text("a"), text("inner")])
        #expect(try host.components(of: root, below: root) == [])
        #expect(errno { try host.unlink(in: root, self.text("a"), directory: true) } == .ENOTEMPTY)
        #expect(errno { try host.unlink(in: root, self.text("a"), directory: false) } == .EISDIR)
        #expect(errno { try host.unlink(in: folder, self.text("file"), directory: true) } == .ENOTDIR)
        for name in ["file", "third"] { try host.unlink(in: folder, text(name), directory: false) }
        // It lives on without a name.
        #expect(try host.read(file, 10) == [7] && host.attributes(of: file).links == 0)
        try host.unlink(in: folder, text("inner"), directory: true)
        try host.unlink(in: root, text("a"), directory: true)
        #expect(errno { _ = try host.open("a", in: root) } == .ENOENT)
        let nameless = try host.open(".", in: root, [.temporaryBit, .directory, .readWrite])
        _ = try host.write([9], to: nameless)
        try host.makeLink(to: nameless, in: root, text("named"))
        #expect(try host.read(try host.open("named", in: root, []), 5) == [9])
        #expect(bed.transport.violations == [])
    }

    @Test(arguments: ProxyBed.Storage.allCases) func longListingsAreComplete(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        try bed.host.makeDirectory(in: bed.root, text("many"), mode: 0o755)
        let folder = try bed.host.open("many", in: bed.root)
        let names = (0..<1500).map { "\($0)-" + String(repeating: "x", count: $0 % 200) }
        for name in names { _ = try bed.host.make(name, in: folder) }
        _ = bed.calls()
        #expect(try bed.host.names(folder).sorted() == (names + [".", ".."]).sorted())
        #expect(bed.calls().filter { $0 == .readDirectory }.count > 4)
    }

    // MARK: Handles

    @Test func theHostForgetsWhatTheGuestForgets() throws {
        let bed = try ProxyBed(mostHandles: 8)
        _ = try bed.host.make("file", in: bed.root)
        #expect(bed.service.openFiles == 1)
        var held: [HostFile] = []
        for _ in 0..<7 { held.append(try bed.host.open("file", in: bed.root)) }
        #expect(bed.service.openFiles == 8)
        // The monitor's bound is tighter than the guest's here, which an honest one's is not.
        #expect(errno { _ = try bed.host.open("file", in: bed.root) } == .EIO)
        held = []
        #expect(bed.service.openFiles == 1)
        #expect(errno { _ = try bed.host.open("nowhere", in: bed.root) } == .ENOENT)
        #expect(bed.service.openFiles == 1 && bed.transport.violations == [])
    }

    @Test func theGuestNumbersNoMoreFilesThanThereAre() throws {
        let bed = try ProxyBed()
        var held: [HostFile] = []
        for _ in 1..<ProxyFunction.mostHandles { held.append(try bed.host.open(".", in: bed.root)) }
        #expect(errno { _ = try bed.host.open(".", in: bed.root) } == .ENFILE)
        held.removeLast()
        _ = try bed.host.open(".", in: bed.root)
    }

    // MARK: The guest's library OS over it

    @Test(arguments: ProxyBed.Storage.allCases) func theGuestsLibraryOSMountsIt(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        let guest = Kernel(host: bed.host, physicalMemory: try ServiceMemory(limit: 1 << 20), configuration: KernelConfiguration())
        let tree = MountTree(kernel: guest, root: try HostFS(host: bed.host, root: bed.root, device: MountTree.device(guest), readOnly: false))
        try tree.mount(ProcFS(kernel: guest), at: text("/proc"))
        let folder = try tree.makeDirectory(text("/some/where"))
        #expect(try bed.truth.attributes(of: try bed.truth.open("some/where", in: bed.truth.rootDirectory)).kind == .directory)
        #expect(folder.path(from: tree.root) == text("/some/where"))
        #expect(try tree.locate(text("/proc/cpuinfo")).inode.kind == .regular)
        #expect(try tree.locate(text("/fixed/file")).inode.attributes().size == 5)
        #expect(bed.transport.violations == [])
        guest.release()
    }
}
