/// What gdb asks for of files (GDB manual, "Host I/O Packets").
enum GDBFileCommand: Hashable {
    case open([UInt8])
    case close(Int)
    case read(Int, count: Int, offset: Int)
    case status(Int)
    case selectFileSystem
    /// Writing, links: not here.
    case other

    init(_ text: inout GDBText) {
        func number(_ text: inout GDBText) -> Int? { text.number().flatMap { Int(exactly: $0) } }
        self = .other
        if text.take("setfs:") { self = .selectFileSystem }
        if text.take("open:"), let path = GDBText.bytes(text.field(until: ",")) { self = .open(path) }
        if text.take("close:"), let file = number(&text) { self = .close(file) }
        if text.take("fstat:"), let file = number(&text) { self = .status(file) }
        if text.take("pread:"), let file = number(&text), text.take(","), let count = number(&text), text.take(","), let offset = number(&text) {
            self = .read(file, count: count, offset: offset)
        }
    }
}

/// The files that gdb may read through the stub: the images of the application, under the names that the stub gave them, and nothing else of the host.
struct GDBFiles {
    private var open: [Int: [UInt8]] = [:]
    private var next = 5
    private static let mostOpen = 64

    /// Numbers of the protocol (File-I/O, Errno Values).
    private enum Failure { static let noEntry = 2, badDescriptor = 9, tooManyOpen = 24, notImplemented = 88 }

    /// The answer to a command.
    mutating func answer(_ command: GDBFileCommand, _ images: [DebugImage]) -> [UInt8] {
        switch command {
        case .selectFileSystem: return Self.success(0)
        case .open(let path):
            guard let image = images.first(where: { Array($0.path.utf8) == path }) else { return Self.failure(Failure.noEntry) }
            guard open.count < Self.mostOpen else { return Self.failure(Failure.tooManyOpen) }
            next += 1
            open[next] = image.elf
            return Self.success(next)
        case .close(let file): return open.removeValue(forKey: file) == nil ? Self.failure(Failure.badDescriptor) : Self.success(0)
        case .read(let file, let count, let offset):
            guard let bytes = open[file] else { return Self.failure(Failure.badDescriptor) }
            let part = bytes.dropFirst(offset).prefix(min(count, GDBSession.packetSize / 2))
            return Self.success(part.count) + [UInt8(ascii: ";")] + part
        case .status(let file):
            guard let bytes = open[file] else { return Self.failure(Failure.badDescriptor) }
            let status = Self.status(size: bytes.count)
            return Self.success(status.count) + [UInt8(ascii: ";")] + status
        case .other: return Self.failure(Failure.notImplemented)
        }
    }

    private static func success(_ value: Int) -> [UInt8] { Array(("F" + String(value, radix: 16)).utf8) }
    private static func failure(_ error: Int) -> [UInt8] { Array(("F-1," + String(error, radix: 16)).utf8) }

    /// `struct stat` of the protocol: big-endian, 64 bytes; a regular file that can be read.
    private static func status(size: Int) -> [UInt8] {
        func big(_ value: UInt64, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - $0) * 8)) } }
        let size = UInt64(size)
        // dev, ino, mode, nlink, uid, gid, rdev; size, blksize, blocks; atime, mtime, ctime.
        let words: [(UInt64, Int)] = [
            (0, 4), (0, 4), (0o100444, 4), (1, 4), (0, 4), (0, 4), (0, 4), (size, 8), (4096, 8), ((size + 511) / 512, 8), (0, 4), (0, 4), (0, 4),
        ]
        return words.flatMap { big($0.0, $0.1) }
    }
}
