/// /proc/PID/mem: the memory of a process as a file, offset by address.
final class ProcMemoryInode: GeneratedInode, @unchecked Sendable {
    private let subject: Task

    init(fileSystem: FileSystem, number: UInt64, task: Task, owner: FileCredentials) {
        subject = task
        super.init(fileSystem: fileSystem, number: number, kind: .regular, permissions: 0o600, owner: owner)
    }
    override func truncate(to length: Int64) throws(Errno) {}
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if !task.mayInspect(subject, asFileSystemUser: true) { throw .EACCES }
        if subject.hasDeparted { throw .ESRCH }
        return ProcMemoryFile(subject, flags: flags, location: location)
    }
}

/// The memory the process had when the file was opened: a program that replaces it later is out of reach.
private final class ProcMemoryFile: OpenFile, @unchecked Sendable {
    private let subject: Task
    private let memory: AddressSpace

    init(_ subject: Task, flags: OpenFlags, location: PathLocation) {
        self.subject = subject
        memory = subject.sharedMemory
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }

    private func isGone() -> Bool { subject.sharedMemory !== memory || subject.group.isExiting }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if inPlace { throw .EAGAIN }
        if isGone() { return 0 }
        var source = UserBuffers(memory, GuestAddress(UInt64(bitPattern: offset ?? 0)), length: buffers.remaining)
        return try move(&source, &buffers, source: true)
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if isGone() { return 0 }
        var destination = UserBuffers(memory, GuestAddress(UInt64(bitPattern: offset ?? 0)), length: buffers.remaining)
        return try move(&buffers, &destination, source: false)
    }

    /// Bytes that are not there are `EIO`; a bad buffer of the caller's is `EFAULT`.
    private func move(_ source: inout UserBuffers, _ destination: inout UserBuffers, source isRemoteSource: Bool) throws(Errno) -> Int {
        var done = 0
        while source.remaining > 0, destination.remaining > 0 {
            let bytes: [UInt8]
            do throws(Errno) { bytes = try source.copyIn(limit: min(65536, destination.remaining)) } catch {
                if done > 0 { return done }
                throw isRemoteSource ? .EIO : error
            }
            if bytes.isEmpty { break }
            do throws(Errno) {
                let moved = try destination.copyOut(bytes)
                done &+= moved
                if moved < bytes.count { break }
            } catch {
                if done > 0 { return done }
                throw isRemoteSource ? error : .EIO
            }
        }
        return done
    }
}
