/// An open regular file of a `TmpFS`, a memfd included.
package final class TmpOpenFile: OpenFile, @unchecked Sendable {
    let file: TmpFile

    init(_ file: TmpFile, flags: OpenFlags, location: PathLocation) {
        self.file = file
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        let flags = lock.withLock { statusFlags }
        if !flags.canRead { throw .EBADF }
        guard let offset, offset >= 0 else { throw .EINVAL }
        if inPlace, !file.object.isInMemory(offset, buffers.remaining) { throw .EAGAIN }
        let count = try file.object.read(&buffers, at: offset)
        if !flags.contains(.noAccessTime) { file.touchAccess() }
        return count
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        let flags = lock.withLock { statusFlags }
        if !flags.canWrite { throw .EBADF }
        let appending = flags.contains(.append)
        if !appending, offset == nil { throw .EINVAL }
        let count = try file.write(&buffers, at: appending ? nil : offset, credentials: task.credentials.forFiles).count
        if flags.contains(.dataSync), count > 0 { try file.tmpfs.sync() }
        return count
    }

    override func endOfFile() throws(Errno) -> Int64 { file.object.size }

    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? {
        guard whence == 3 || whence == 4 else { return nil }
        if offset < 0 || offset >= file.object.size { throw .ENXIO }
        try file.object.prepare()
        guard let found = file.object.seek(from: offset, data: whence == 3) else { throw .ENXIO }
        return found
    }

    override func truncate(to length: Int64) throws(Errno) {
        if !lock.withLock({ statusFlags.canWrite }) { throw .EINVAL }
        try file.truncate(to: length)
    }

    override func allocate(mode: Int32, offset: Int64, length: Int64, task: Task) throws(Errno) {
        if !lock.withLock({ statusFlags.canWrite }) { throw .EBADF }
        try file.allocate(mode: mode, offset: offset, length: length) { task.hasPendingWork }
    }

    override func sync(dataOnly: Bool) throws(Errno) { try file.tmpfs.sync() }
    override func mappingSource() -> MappingSource? { .object(file.object) }

    override func seals() throws(Errno) -> FileSeals { file.seals }
    override func addSeals(_ seals: FileSeals) throws(Errno) {
        if !lock.withLock({ statusFlags.canWrite }) { throw .EPERM }
        try file.add(seals)
    }
}
