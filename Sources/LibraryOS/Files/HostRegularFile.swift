/// An open regular file of a granted folder. Bytes move between the page cache and the program's memory without a copy in between.
final class HostRegularFile: OpenFile, @unchecked Sendable {
    private let node: HostInode
    private let handle: HostFile
    private var host: Host { node.host }
    /// What one host call moves: a task that has to end is not kept longer than this takes.
    private static let chunk = 1 << 20
    /// What is read in place: longer transfers would keep the service thread from others.
    private static let inPlaceLimit = 64 << 10

    init(_ node: HostInode, _ handle: HostFile, flags: OpenFlags, location: PathLocation) {
        self.node = node
        self.handle = handle
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if !lock.withLock({ statusFlags.canRead }) { throw .EBADF }
        guard let offset, offset >= 0 else { throw .EINVAL }
        let (host, handle) = (host, handle)
        if inPlace {
            let wanted = buffers.remaining
            if wanted > Self.inPlaceLimit { throw .EAGAIN }
            return try buffers.withHostSegments(limit: wanted, writing: true) { segments throws(Errno) in
                let count = try host.readCached(handle, into: segments, at: offset)
                // Fewer bytes than asked for are right only at the end of the file.
                if count < wanted, try host.attributes(of: handle).size > offset + Int64(count) { throw .EAGAIN }
                return count
            }
        }
        return try transfer(&buffers, at: offset, writing: true, task) { segments, position throws(Errno) in
            try host.read(handle, into: segments, at: position)
        }
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if !lock.withLock({ statusFlags.canWrite }) { throw .EBADF }
        let start: Int64
        if let offset { start = offset } else { start = try endOfFile() }
        if start < 0 { throw .EINVAL }
        let (host, handle) = (host, handle)
        return try transfer(&buffers, at: start, writing: false, task) { segments, position throws(Errno) in
            try host.write(handle, from: segments, at: position)
        }
    }

    /// Moves chunk by chunk until the buffers or the file end; an error after the first chunk ends the transfer with what was moved.
    private func transfer(
        _ buffers: inout UserBuffers, at offset: Int64, writing: Bool, _ task: Task,
        _ move: ([UnsafeMutableRawBufferPointer], Int64) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        var done = 0
        while buffers.remaining > 0 {
            let (position, overflow) = offset.addingReportingOverflow(Int64(done))
            if overflow { break }
            var offered = 0
            let count: Int
            do throws(Errno) {
                count = try buffers.withHostSegments(limit: Self.chunk, writing: writing) { segments throws(Errno) in
                    offered = segments.reduce(0) { $0 + $1.count }
                    return try move(segments, position)
                }
            } catch {
                if done > 0 { break }
                throw error
            }
            done += count
            if count < offered || count == 0 || task.group.isExiting { break }
        }
        return done
    }

    override func endOfFile() throws(Errno) -> Int64 { try host.attributes(of: handle).size }

    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? {
        guard whence == 3 || whence == 4 else { return nil }
        if offset < 0 { throw .ENXIO }
        return try host.seek(handle, offset: offset, whence: whence)
    }

    override func truncate(to length: Int64) throws(Errno) {
        if length < 0 || !lock.withLock({ statusFlags.canWrite }) { throw .EINVAL }
        try host.truncate(handle, to: length)
    }

    override func allocate(mode: Int32, offset: Int64, length: Int64, task: Task) throws(Errno) {
        if !lock.withLock({ statusFlags.canWrite }) { throw .EBADF }
        try host.allocate(handle, mode: mode, offset: offset, length: length)
    }

    override func sync(dataOnly: Bool) throws(Errno) { try host.sync(handle, dataOnly: dataOnly) }

    /// A shared mapping may be written only through a descriptor that both reads and writes (mmap(2)).
    override func mappingSource() -> MappingSource? {
        let flags = lock.withLock { statusFlags }
        return .hostFile(handle, writable: flags.canRead && flags.canWrite)
    }
}
