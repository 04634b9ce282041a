/// One end of a pipe or FIFO, or both (a FIFO opened O_RDWR).
package final class PipeFile: OpenFile, @unchecked Sendable {
    let pipe: Pipe
    private let ownInode: Inode?
    /// For a FIFO opened for reading while nobody wrote: POLLHUP only after a writer came and went.
    private let writesSeen: UInt64?

    /// Opens an end; `inode` is that of an anonymous pipe, a FIFO has a location.
    init(_ pipe: Pipe, flags: OpenFlags, inode: Inode?, location: PathLocation?, writesSeen: UInt64?) {
        self.pipe = pipe
        ownInode = inode
        self.writesSeen = writesSeen
        let queue = flags.canRead ? (flags.canWrite ? pipe.bothQueue : pipe.readQueue) : pipe.writeQueue
        super.init(flags: flags, location: location)
        readiness = queue
    }

    package override var inode: Inode? { ownInode ?? location?.inode }
    override var isByteStream: Bool { true }
    override var signalledEvents: PollEvents? { access.canRead ? access.canWrite ? [.input, .output] : .input : .output }

    override func displayName(_ task: Task) -> [UInt8] {
        guard let ownInode else { return location.map { $0.path(from: task.fileSystem.root) } ?? [] }
        return Array("pipe:[\(ownInode.number)]".utf8)
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        try pipe.read(&buffers, inPlace: inPlace)
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        try pipe.write(&buffers, packets: currentFlags.contains(.direct), inPlace: false)
    }

    override func writeInPlace(_ buffers: inout UserBuffers, task: Task) throws(Errno) -> Int {
        try pipe.write(&buffers, packets: currentFlags.contains(.direct), inPlace: true)
    }

    package override func poll() -> PollEvents { pipe.poll(reading: access.canRead, writing: access.canWrite, writesSeen: writesSeen) }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        guard request == Ioctl.bytesAvailable else { throw .ENOTTY }
        try task.memory.writeU32(UInt32(clamping: pipe.available), to: GuestAddress(argument))
        return 0
    }

    package override func release() { pipe.close(reading: access.canRead, writing: access.canWrite) }
}

extension Syscalls {
    @Sendable static func pipe(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try makePipe(task, call.address(0), []) }

    @Sendable static func pipe2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makePipe(task, call.address(0), OpenFlags(rawValue: call.uint(1)))
    }

    private static func makePipe(_ task: Task, _ result: GuestAddress, _ flags: OpenFlags) throws(Errno) -> Outcome {
        if !flags.isSubset(of: [.closeOnExec, .nonBlocking, .direct]) { throw .EINVAL }
        let pipe = Pipe(account: task.kernel.buffers)
        let inode = task.kernel.anonymousFiles.inode(in: task.kernel.anonymousFiles.pipes, kind: .fifo, permissions: 0o600, task: task, fifo: FIFO(pipe))
        let kept = flags.intersection([.nonBlocking, .direct])
        pipe.open(reading: true, writing: true)
        let files: [OpenFile] = [
            PipeFile(pipe, flags: kept.subtracting(.direct), inode: inode, location: nil, writesSeen: nil),
            PipeFile(pipe, flags: kept.union(.writeOnly), inode: inode, location: nil, writesSeen: nil),
        ]
        try task.install(files, closeOnExec: flags.contains(.closeOnExec), numbersAt: result)
        return .success
    }
}

extension Task {
    /// Installs new files and stores their numbers in an `int` array of the program; all or nothing.
    func install(_ files: [OpenFile], closeOnExec: Bool, numbersAt address: GuestAddress) throws(Errno) {
        let limit = descriptorLimit
        for file in files { file.retain() }
        defer { for file in files { file.drop() } }
        var numbers: [Int32] = []
        do throws(Errno) {
            var array = ByteWriter(capacity: 8)
            for file in files {
                let number = try descriptors.install(file, closeOnExec: closeOnExec, limit: limit)
                numbers.append(number)
                array.i32(number)
            }
            try memory.writeBytes(array.bytes, to: address)
        } catch {
            for number in numbers { try? descriptors.close(number, by: self) }
            throw error
        }
    }

    /// Installs one new file; it is released when there is no room for it.
    func install(_ file: OpenFile, closeOnExec: Bool) throws(Errno) -> Int32 {
        file.retain()
        defer { file.drop() }
        return try descriptors.install(file, closeOnExec: closeOnExec, limit: descriptorLimit)
    }
}
