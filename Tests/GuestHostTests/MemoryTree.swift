import Confidential
import GuestHost
import LibraryOS

/// A tree of files in memory.
struct MemoryTree: RootImageSource {
    final class File {
        var attributes = FileAttributes()
        var entries: [(name: [UInt8], file: File)] = []
        var bytes: [UInt8] = []

        init(_ kind: FileKind, _ permissions: UInt32, number: UInt64) {
            (attributes.kind, attributes.permissions, attributes.inode) = (kind, permissions, number)
            (attributes.modificationTime, attributes.accessTime, attributes.changeTime) = (Int64(number) * 1_000_000_007, 5, 6)
            (attributes.user, attributes.group) = (UInt32(number), UInt32(number) + 1)
        }
    }

    let root: File

    func attributes(of file: File) -> FileAttributes {
        var result = file.attributes
        if result.kind == .regular { result.size = Int64(file.bytes.count) }
        return result
    }
    func entries(of folder: File) -> [(name: [UInt8], file: File)] { folder.entries }
    func target(of link: File) -> [UInt8] { link.bytes }
    func content(of file: File, _ body: (UnsafeRawBufferPointer) throws(RootImageError) -> Void) throws(RootImageError) {
        let copy = file.bytes
        for start in stride(from: 0, to: copy.count, by: 5000) {
            let result = copy[start..<min(copy.count, start + 5000)].withUnsafeBytes { piece -> Result<Void, RootImageError> in
                do throws(RootImageError) { return .success(try body(piece)) } catch { return .failure(error) }
            }
            try result.get()
        }
    }

    /// A tree with everything an image can hold: folders in folders, an empty one, files of many sizes, one with two names, links, a FIFO, a device, odd names.
    static func sample(shuffled generator: inout SeededGenerator) -> MemoryTree {
        var number: UInt64 = 1
        func make(_ kind: FileKind, _ permissions: UInt32, _ bytes: [UInt8] = []) -> File {
            let file = File(kind, permissions, number: number)
            number += 1
            file.bytes = bytes
            return file
        }
        func content(_ count: Int, _ seed: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 8 &+ seed) } }
        let root = make(.directory, 0o755)
        let folders = ["bin", "etc", "lib", "empty"].map { ($0, make(.directory, 0o750)) }
        root.entries = folders.map { (Array($0.0.utf8), $0.1) }
        let deep = make(.directory, 0o1777)
        folders[2].1.entries.append((Array("deep".utf8), deep))
        for (index, size) in [0, 1, 4095, 4096, 4097, 70_000, 300_000].enumerated() {
            folders[index % 3].1.entries.append((Array("file-\(size)".utf8), make(.regular, 0o644, content(size, index))))
        }
        let twice = make(.regular, 0o4755, content(10, 99))
        deep.entries.append((Array("first".utf8), twice))
        folders[0].1.entries.append((Array("second".utf8), twice))
        deep.entries.append((Array("link".utf8), make(.symbolicLink, 0o777, Array("../file-4097".utf8))))
        deep.entries.append(([0xFF, 0x0A, 0x20], make(.symbolicLink, 0o777, Array(repeating: 0x78, count: 4095))))
        deep.entries.append((Array(repeating: 0x6E, count: 255), make(.fifo, 0o600)))
        let device = make(.characterDevice, 0o666)
        device.attributes.deviceNumber = 0x103
        deep.entries.append((Array("null".utf8), device))
        for index in 0..<400 { folders[1].1.entries.append((Array("many-\(index)".utf8), make(.regular, 0o600))) }
        func shuffle(_ file: File) {
            file.entries.shuffle(using: &generator)
            for entry in file.entries where entry.file.attributes.kind == .directory { shuffle(entry.file) }
        }
        shuffle(root)
        return MemoryTree(root: root)
    }
}

/// The image of a tree, in memory.
func image(of source: some RootImageSource, _ writer: RootImageWriter = RootImageWriter()) throws -> (bytes: [UInt8], identity: RootImageIdentity) {
    var bytes: [UInt8] = []
    let identity = try writer.write(source) { bytes += $0 }
    return (bytes, identity)
}
