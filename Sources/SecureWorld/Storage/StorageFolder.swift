internal import Glibc

/// The folder of a trusted storage, and the only file-system calls of it. Names in it are ours: nothing is followed out of the folder.
///
/// No space (`ENOSPC`, `EDQUOT`, `EFBIG`) is `storageNoSpace`; any other failure of the file system is `storageNotAvailable`.
final class StorageFolder: Sendable {
    private let descriptor: Int32
    /// Whether files reach the disk before a change counts as made.
    let isDurable: Bool

    /// Opens the folder, which is made with mode 0700 if it is not there.
    init(_ path: String, isDurable: Bool) throws(TEEResult) {
        self.isDurable = isDurable
        _ = mkdir(path, 0o700)
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .storageNotAvailable }
    }

    deinit { _ = close(descriptor) }

    private static func failure(_ error: Int32) -> TEEResult { [ENOSPC, EDQUOT, EFBIG].contains(error) ? .storageNoSpace : .storageNotAvailable }

    // MARK: Locking

    /// Waits at most `patience` milliseconds until no other process works in the folder; `storageNotAvailable` after that.
    func lock(patience: Int) throws(TEEResult) {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, waited < patience else { throw .storageNotAvailable }
            let pause = min(1 + waited / 8, 20)
            usleep(UInt32(pause) * 1000)
            waited += pause
        }
    }

    func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// When a name was last made or removed in the folder, in nanoseconds: another value than before means that somebody else was here.
    var stamp: Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return -1 }
        return Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }

    // MARK: Files

    /// All of a file; nil when there is none. What is no plain file, or has more than `limit` bytes, is not ours: `corruptObject`.
    func read(_ name: String, limit: Int) throws(TEEResult) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if file < 0 {
            switch errno {
            case ENOENT: return nil
            case ELOOP, ENXIO, EISDIR: throw .corruptObject
            default: throw .storageNotAvailable
            }
        }
        defer { _ = close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .storageNotAvailable }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size), size >= 0, size <= limit else { throw .corruptObject }
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress.map { $0 + done }, size - done) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw .storageNotAvailable }
            if count == 0 { throw .corruptObject }
            done += count
        }
        return bytes
    }

    /// Writes a new file and leaves it open, for `settle`. What has the name already is a left-over and goes.
    func stage(_ name: String, _ bytes: [UInt8]) throws(TEEResult) -> Int32 {
        var file = create(name)
        if file < 0 && errno == EEXIST {
            _ = unlinkat(descriptor, name, 0)
            file = create(name)
        }
        if file < 0 { throw Self.failure(errno) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 {
                let error = count == 0 ? ENOSPC : errno
                _ = close(file)
                throw Self.failure(error)
            }
            done += count
        }
        return file
    }

    private func create(_ name: String) -> Int32 { openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }

    /// Has staged files on the disk, closes them, and empties the list in any case.
    func settle(_ files: inout [Int32]) throws(TEEResult) {
        var error: Int32 = 0
        for file in files {
            if isDurable && fsync(file) != 0 { error = errno }
            // Some file systems tell that there was no space only here.
            if close(file) != 0 && errno != EINTR { error = errno }
        }
        files = []
        if error != 0 { throw Self.failure(error) }
    }

    /// Closes a staged file of a change that is not made.
    static func abandon(_ file: Int32) { _ = close(file) }

    func rename(_ name: String, to newName: String) throws(TEEResult) {
        if renameat(descriptor, name, descriptor, newName) != 0 { throw Self.failure(errno) }
    }

    func remove(_ name: String) { _ = unlinkat(descriptor, name, 0) }

    /// Has the names on the disk.
    func synchronize() throws(TEEResult) { if isDurable && fsync(descriptor) != 0 { throw Self.failure(errno) } }

    /// Every name in the folder.
    func names() throws(TEEResult) -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .storageNotAvailable }
        guard let stream = fdopendir(copy) else {
            _ = close(copy)
            throw .storageNotAvailable
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
