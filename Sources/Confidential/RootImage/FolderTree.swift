internal import Glibc
public import LibraryOS

/// A folder of the host as the tree of a root image. Symbolic links are taken as they are, never followed.
public struct FolderTree: RootImageSource {
    /// A file, by its path below the folder; empty for the folder itself.
    public struct File: Sendable {
        let path: [UInt8]
    }

    private let folder: [UInt8]
    private static let piece = 1 << 20

    /// The folder at this path.
    public init(_ folder: [UInt8]) { self.folder = folder }

    /// The folder.
    public var root: File { File(path: []) }

    private func withPath<Value>(_ file: File, _ body: (UnsafePointer<CChar>) -> Value) -> Value {
        ((folder + file.path).map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with an element has an address.
            buffer.baseAddress.map(body) ?? body("")
        }
    }

    private func failure(_ file: File, _ step: String, _ number: Int32) -> RootImageError {
        RootImageError(file.path.isEmpty ? [0x2f] : file.path, "\(step): \(String(cString: strerror(number))) (errno \(number)); the whole tree has to be readable")
    }

    /// lstat(2).
    public func attributes(of file: File) throws(RootImageError) -> FileAttributes {
        var status = stat()
        guard withPath(file, { lstat($0, &status) }) == 0 else { throw failure(file, "cannot look at it", errno) }
        var result = FileAttributes()
        (result.device, result.inode, result.deviceNumber) = (UInt64(status.st_dev), UInt64(status.st_ino), UInt64(status.st_rdev))
        result.kind = FileKind(rawValue: status.st_mode & 0o170000) ?? .anonymous
        result.permissions = status.st_mode & 0o7777
        (result.user, result.group, result.size) = (status.st_uid, status.st_gid, Int64(status.st_size))
        let nanoseconds: (timespec) -> Int64 = { Int64($0.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64($0.tv_nsec) }
        (result.accessTime, result.modificationTime) = (nanoseconds(status.st_atim), nanoseconds(status.st_mtim))
        result.changeTime = nanoseconds(status.st_ctim)
        return result
    }

    /// readdir(3).
    public func entries(of folder: File) throws(RootImageError) -> [(name: [UInt8], file: File)] {
        guard let stream = withPath(folder, { opendir($0) }) else { throw failure(folder, "cannot list it", errno) }
        defer { closedir(stream) }
        var result: [(name: [UInt8], file: File)] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw failure(folder, "cannot list it", errno) }
                return result
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2e], name != [0x2e, 0x2e] { result.append((name, File(path: folder.path + [0x2f] + name))) }
        }
    }

    /// readlink(2).
    public func target(of link: File) throws(RootImageError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = withPath(link) { readlink($0, &buffer, buffer.count) }
        guard count >= 0 else { throw failure(link, "cannot read where it leads", errno) }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    /// read(2), a mebibyte at a time.
    public func content(of file: File, _ body: (UnsafeRawBufferPointer) throws(RootImageError) -> Void) throws(RootImageError) {
        let descriptor = withPath(file) { Glibc.open($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure(file, "cannot open it", errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(file, "cannot read it", errno) }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
