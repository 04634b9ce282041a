/// An inode of /proc or /sys: made when it is looked up, with an owner and a mode that never change.
package class GeneratedInode: Inode, @unchecked Sendable {
    private let permissions: UInt32
    private let owner: FileCredentials

    init(fileSystem: FileSystem, number: UInt64, kind: FileKind, permissions: UInt32, owner: FileCredentials) {
        self.permissions = permissions
        self.owner = owner
        super.init(fileSystem: fileSystem, number: number, kind: kind)
    }

    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try super.attributes()
        result.permissions = permissions
        result.user = owner.user
        result.group = owner.group
        result.blockSize = 1024
        return result
    }
}

/// A file whose content is made when it is read (/proc, /sys).
package final class GeneratedFile: GeneratedInode, @unchecked Sendable {
    typealias Content = @Sendable (_ reader: Task) throws(Errno) -> [UInt8]
    typealias Store = @Sendable (_ writer: Task, _ bytes: [UInt8]) throws(Errno) -> Void

    let content: Content
    let store: Store?
    /// What poll(2) says, for files that epoll(7) can watch: those outside /proc/PID, and lists of mounts.
    let polled: PollEvents?
    /// Who may open it at all, beyond the mode bits; nil: whoever they let in.
    private let guardian: (@Sendable (_ opener: Task) throws(Errno) -> Void)?

    init(
        fileSystem: FileSystem, number: UInt64, permissions: UInt32, owner: FileCredentials = FileCredentials(user: 0, group: 0),
        polled: PollEvents? = nil, guardian: (@Sendable (_ opener: Task) throws(Errno) -> Void)? = nil, store: Store? = nil,
        content: @escaping Content
    ) {
        self.polled = polled
        self.guardian = guardian
        self.content = content
        self.store = store
        super.init(fileSystem: fileSystem, number: number, kind: .regular, permissions: permissions, owner: owner)
    }

    // Shells open with O_TRUNC to write; there is nothing to cut.
    override func truncate(to length: Int64) throws(Errno) {}
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if flags.canWrite && store == nil { throw .EACCES }
        if let guardian { try guardian(task) }
        return OpenGeneratedFile(self, flags: flags, location: location)
    }
}

/// An open generated file: its content as it was at the last read from the start, so that reads in pieces fit together and a program that seeks
/// back sees new values.
package final class OpenGeneratedFile: OpenFile, @unchecked Sendable {
    private let file: GeneratedFile
    private let contentLock = Lock(.leaf)
    private var content: [UInt8]?

    init(_ file: GeneratedFile, flags: OpenFlags, location: PathLocation) {
        self.file = file
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    override var supportsEpoll: Bool { file.polled != nil }
    package override func poll() -> PollEvents { file.polled ?? .always }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        let offset = offset ?? 0
        if offset < 0 { throw .EINVAL }
        var bytes = offset == 0 ? nil : contentLock.withLock { content }
        if bytes == nil {
            let made = try file.content(task)
            contentLock.withLock { content = made }
            bytes = made
        }
        guard let bytes, offset < Int64(bytes.count) else { return 0 }
        return try bytes.withUnsafeBytesThrowing { all throws(Errno) in
            try buffers.copyOut(UnsafeRawBufferPointer(rebasing: all[Int(offset)...]))
        }
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        guard let store = file.store else { throw .EINVAL }
        // One write, one value: longer ones are cut as the kernel does with a page.
        let bytes = try buffers.copyIn(limit: 4096)
        try store(task, bytes)
        return bytes.count
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` for a body with a typed error.
    package func withUnsafeBytesThrowing<Result>(_ body: (UnsafeRawBufferPointer) throws(Errno) -> Result) throws(Errno) -> Result {
        var outcome: Swift.Result<Result, Errno> = .failure(.EIO)
        withUnsafeBytes { buffer in
            do throws(Errno) { outcome = .success(try body(buffer)) } catch { outcome = .failure(error) }
        }
        return try outcome.get()
    }
}
