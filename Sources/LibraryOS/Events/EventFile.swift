/// An eventfd(2): a 64-bit counter.
package final class EventFile: OpenFile, @unchecked Sendable {
    private let counterLock = Lock(.inode)
    private var counter: UInt64
    private let isSemaphore: Bool
    private let ownInode: Inode

    init(_ initial: UInt64, semaphore: Bool, flags: OpenFlags, inode: Inode) {
        counter = initial
        isSemaphore = semaphore
        ownInode = inode
        super.init(flags: flags.union(.readWrite), location: nil)
    }

    package override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:[eventfd]".utf8) }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if buffers.remaining < 8 { throw .EINVAL }
        let value: UInt64 = counterLock.withLock {
            let taken = isSemaphore ? min(counter, 1) : counter
            counter -= taken
            return taken
        }
        if value == 0 { throw .EAGAIN }
        readiness.wake(for: .output)
        var writer = ByteWriter(capacity: 8)
        writer.u64(value)
        return try buffers.copyOut(writer.bytes)
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if buffers.remaining < 8 { throw .EINVAL }
        // A run that has to wait must find the bytes again.
        var reader = buffers
        let bytes = try reader.copyIn(limit: 8)
        if bytes.count < 8 { throw .EFAULT }
        let value = ByteReader(bytes).u64(0)
        if value == .max { throw .EINVAL }
        let fits = counterLock.withLock {
            if .max - 1 - counter < value { return false }
            counter += value
            return true
        }
        if !fits { throw .EAGAIN }
        buffers = reader
        readiness.wake(for: .input)
        return 8
    }

    override func writeInPlace(_ buffers: inout UserBuffers, task: Task) throws(Errno) -> Int { try write(&buffers, at: nil, task: task) }

    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        writer.text("eventfd-count: ")
        writer.hex(counterLock.withLock { counter }, width: 16, fill: 0x20)
        writer.text("\neventfd-id: ")
        writer.unsigned(ownInode.number)
        writer.text(isSemaphore ? "\neventfd-semaphore: 1\n" : "\neventfd-semaphore: 0\n")
    }

    override var supportsEpoll: Bool { true }
    package override func poll() -> PollEvents {
        counterLock.withLock {
            var events: PollEvents = []
            if counter > 0 { events.insert(.input) }
            if counter == .max { events.insert(.error) }
            if counter < .max - 1 { events.insert(.output) }
            return events
        }
    }
}

extension Syscalls {
    @Sendable static func eventfd(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try makeEventFile(task, call.uint(0), 0) }
    @Sendable static func eventfd2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try makeEventFile(task, call.uint(0), call.uint(1)) }

    private static func makeEventFile(_ task: Task, _ initial: UInt32, _ flags: UInt32) throws(Errno) -> Outcome {
        let open = OpenFlags(rawValue: flags & ~1)
        if !open.isSubset(of: [.closeOnExec, .nonBlocking]) { throw .EINVAL }
        let files = task.kernel.anonymousFiles
        let file = EventFile(
            UInt64(initial), semaphore: flags & 1 != 0, flags: open, inode: files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task))
        return .done(Int64(try task.install(file, closeOnExec: open.contains(.closeOnExec))))
    }
}
