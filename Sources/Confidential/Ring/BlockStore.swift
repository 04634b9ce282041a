internal import Glibc

/// A file of the host that a guest reads, or reads and writes, in blocks of 4 KiB. What is in it is the guest's to verify.
public final class BlockStore: @unchecked Sendable {
    /// Why blocks could not be moved.
    enum Failure: Error {
        case outside, input, full, readOnly
    }

    private let descriptor: Int32
    private let isWritable: Bool
    private let blocks: UInt64
    private static let block = 4096

    /// Opens the file at a path; a store that can be written to is made as large as it may become, without space on the disk.
    ///
    /// - Throws: `SNPError`.
    public init(path: String, writableBlocks: UInt64? = nil) throws(SNPError) {
        isWritable = writableBlocks != nil
        descriptor = open(path, (isWritable ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SNPError(.kernel(errno), "opening \(path)", "a block store is a file that this user may \(isWritable ? "read and write" : "read")") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SNPError(.requirement, "opening \(path)", "it is no regular file")
        }
        if let writableBlocks {
            guard writableBlocks <= 1 << 36, ftruncate(descriptor, off_t(writableBlocks * UInt64(Self.block))) == 0 else {
                close(descriptor)
                throw SNPError(.requirement, "opening \(path)", "it cannot be made \(writableBlocks) blocks large")
            }
        }
        blocks = writableBlocks ?? UInt64(max(0, status.st_size)) / UInt64(Self.block)
    }

    deinit { close(descriptor) }

    private func check(_ first: UInt64, _ count: Int) throws(Failure) { if first >= blocks || UInt64(count) > blocks - first { throw .outside } }

    /// Reads so many blocks (1 to 16).
    func read(_ first: UInt64, _ count: Int) throws(Failure) -> [UInt8] {
        try check(first, count)
        var (bytes, done) = ([UInt8](repeating: 0, count: count * Self.block), 0)
        while done < bytes.count {
            let moved = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(first) * off_t(Self.block) + off_t(done)) }
            if moved < 0 && errno == EINTR { continue }
            if moved <= 0 { throw .input }
            done += moved
        }
        return bytes
    }

    /// Writes whole blocks.
    func write(_ first: UInt64, _ bytes: [UInt8]) throws(Failure) {
        if !isWritable { throw .readOnly }
        try check(first, bytes.count / Self.block)
        var done = 0
        while done < bytes.count {
            let moved = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(first) * off_t(Self.block) + off_t(done)) }
            if moved < 0 && errno == EINTR { continue }
            if moved < 0 { throw errno == ENOSPC || errno == EDQUOT ? .full : .input }
            done += moved
        }
    }

    /// Returns when all that was written is durable (fdatasync(2)).
    func flush() throws(Failure) {
        if !isWritable { throw .readOnly }
        while fdatasync(descriptor) != 0 {
            if errno == EINTR { continue }
            throw errno == ENOSPC || errno == EDQUOT ? .full : .input
        }
    }
}
