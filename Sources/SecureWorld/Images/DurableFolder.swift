internal import Glibc

/// A folder whose small files are either the old ones or the new ones after a crash at any moment.
final class DurableFolder: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String, creating: Bool) throws(TAFileError) {
        self.path = path
        if creating {
            // The folders above it first, as far as they are not there.
            for end in path.indices where path[end] == "/" && end != path.startIndex { mkdir(String(path[..<end]), 0o700) }
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.failure("make the folder \(path)", .storageNotAvailable) }
        }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw Self.failure("open the folder \(path)", .storageNotAvailable) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether there is something that can be read.
    static func hasFile(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The bytes of a file, or nil when there is none.
    func read(_ name: String, limit: Int) throws(TAFileError) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0 {
            if errno == ENOENT { return nil }
            throw Self.failure("open \(path)/\(name)", .storageNotAvailable)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        // A key's file is read without leaving copies of its beginning behind.
        bytes.reserveCapacity(min(limit, 16 << 10))
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        // What is read may be a key.
        defer { SecretBytes.wipe(&chunk) }
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("read \(path)/\(name)", .storageNotAvailable)
            }
            guard bytes.count + count <= limit else {
                SecretBytes.wipe(&bytes)
                throw TAFileError(.corruptObject, "\(path)/\(name) is larger than \(limit) bytes and so not what belongs there; move it away")
            }
            bytes += chunk.prefix(count)
        }
    }

    /// `read`, for a file with a secret in it.
    func readSecret(_ name: String, limit: Int) throws(TAFileError) -> SecretBytes? {
        guard var bytes = try read(name, limit: limit) else { return nil }
        defer { SecretBytes.wipe(&bytes) }
        return SecretBytes(bytes)
    }

    /// Puts a new file there, whole or not at all; false when one of that name is there already.
    func create(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(TAFileError) -> Bool {
        let temporary = try writeTemporary(name, bytes)
        defer { unlinkat(descriptor, temporary, 0) }
        if linkat(descriptor, temporary, descriptor, name, 0) != 0 {
            if errno == EEXIST { return false }
            throw Self.failure("make \(path)/\(name)", .storageNotAvailable)
        }
        try synchronize()
        return true
    }

    /// Puts a file there in place of one that may be there.
    func replace(_ name: String, _ bytes: [UInt8]) throws(TAFileError) {
        // Array.withUnsafeBytes does not pass typed errors on.
        let temporary = try bytes.withUnsafeBytes { bytes in Result { () throws(TAFileError) in try writeTemporary(name, bytes) } }.get()
        if renameat(descriptor, temporary, descriptor, name) != 0 {
            let failure = Self.failure("replace \(path)/\(name)", .storageNotAvailable)
            unlinkat(descriptor, temporary, 0)
            throw failure
        }
        try synchronize()
    }

    /// Keeps other processes, and other users of the same name in this one, out while `body` runs.
    func withLock<Result>(_ name: String, _ body: () throws(TAFileError) -> Result) throws(TAFileError) -> Result {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if file < 0 { throw Self.failure("open \(path)/\(name)", .storageNotAvailable) }
        // The lock goes with the descriptor.
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 {
            if errno != EINTR { throw Self.failure("lock \(path)/\(name)", .storageNotAvailable) }
        }
        return try body()
    }

    private func writeTemporary(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(TAFileError) -> String {
        let suffix = try ImageCrypto.random(8).map { String($0, radix: 16) }.joined()
        let temporary = ".\(name).\(suffix)"
        let file = openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file < 0 { throw Self.failure("make a file in \(path)", .storageNotAvailable) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw abandoned(temporary, "write \(path)/\(name)") }
            written += count
        }
        if fsync(file) != 0 { throw abandoned(temporary, "write \(path)/\(name)") }
        return temporary
    }

    private func abandoned(_ temporary: String, _ what: String) -> TAFileError {
        let failure = Self.failure(what, errno == ENOSPC || errno == EDQUOT ? .storageNoSpace : .storageNotAvailable)
        unlinkat(descriptor, temporary, 0)
        return failure
    }

    private func synchronize() throws(TAFileError) {
        if fsync(descriptor) != 0 { throw Self.failure("write the folder \(path)", .storageNotAvailable) }
    }

    private static func failure(_ what: String, _ result: TEEResult) -> TAFileError {
        TAFileError(result, "cannot \(what): \(String(cString: strerror(errno)))")
    }
}
