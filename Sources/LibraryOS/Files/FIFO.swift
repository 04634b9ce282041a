/// A FIFO by name (fifo(7)): an inode's pipe, alive while any end is open.
package final class FIFO: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var pipe: Pipe?
    /// The pipe has no name (pipe(2)): opening one of its ends by /proc/self/fd never waits.
    let isAnonymous: Bool

    package init() { isAnonymous = false }

    /// For the inode of a pipe that exists.
    init(_ pipe: Pipe) {
        self.pipe = pipe
        isAnonymous = true
    }

    /// Opens an end before anyone may have to wait, so that a reader and a writer see each other.
    fileprivate func attach(_ account: BufferAccount, reading: Bool, writing: Bool) -> (Pipe, Pipe.Ends) {
        let pipe = lock.withLock {
            // A pipe that lost both ends is empty, and as good as new.
            let pipe = self.pipe ?? Pipe(account: account)
            self.pipe = pipe
            return pipe
        }
        return (pipe, pipe.open(reading: reading, writing: writing))
    }
}

/// An open of a FIFO that waits for the other end.
final class FIFOOpening: CallProgress {
    let pipe: Pipe
    let flags: OpenFlags
    /// Where it was found; openat does not look the name up again.
    let location: PathLocation
    /// The other end's count of opens when this one began.
    let seen: UInt64
    private var isOpen = true

    fileprivate init(_ pipe: Pipe, _ flags: OpenFlags, _ location: PathLocation, seen: UInt64) {
        self.pipe = pipe
        self.flags = flags
        self.location = location
        self.seen = seen
    }
    /// The end now belongs to an open file.
    func handOver() { isOpen = false }
    override func cancel() {
        if isOpen { pipe.close(reading: flags.canRead, writing: flags.canWrite) }
        isOpen = false
    }
}

/// What opening a FIFO came to.
enum FIFOOpenResult {
    case opened(OpenFile)
    case outcome(Outcome)
}

extension Syscalls {
    /// Opens a FIFO as open(2) does: O_RDONLY waits for a writer and O_WRONLY for a reader unless O_NONBLOCK (`ENXIO` for a lonely writer), O_RDWR never waits.
    ///
    /// For openat: `call.progress` belongs to this function from the first `.outcome` on; the name is not looked up again.
    static func openFIFO(_ location: PathLocation, _ flags: OpenFlags, _ task: Task, _ call: inout SyscallCall) throws(Errno) -> FIFOOpenResult {
        if let opening = call.progress as? FIFOOpening {
            return try continueOpening(opening, location, task, &call)
        }
        guard let fifo = location.inode.fifo else { throw .ENXIO }
        let (pipe, ends) = fifo.attach(task.kernel.buffers, reading: flags.canRead, writing: flags.canWrite)
        if fifo.isAnonymous { return .opened(PipeFile(pipe, flags: flags, inode: location.inode, location: nil, writesSeen: nil)) }
        let isLonely = flags.canRead ? (!flags.canWrite && ends.writers == 0) : ends.readers == 0
        if !isLonely || flags.contains(.nonBlocking) {
            if isLonely, flags.canWrite {
                pipe.close(reading: false, writing: true)
                throw .ENXIO
            }
            let file = PipeFile(pipe, flags: flags, inode: nil, location: location, writesSeen: isLonely ? ends.writeOpens : nil)
            return .opened(file)
        }
        let opening = FIFOOpening(pipe, flags, location, seen: flags.canRead ? ends.writeOpens : ends.readOpens)
        call.progress = opening
        return try continueOpening(opening, location, task, &call)
    }

    private static func continueOpening(
        _ opening: FIFOOpening, _ location: PathLocation, _ task: Task, _ call: inout SyscallCall
    ) throws(Errno) -> FIFOOpenResult {
        let ends = opening.pipe.ends
        if (opening.flags.canRead ? ends.writeOpens : ends.readOpens) != opening.seen {
            opening.handOver()
            call.progress = nil
            return .opened(PipeFile(opening.pipe, flags: opening.flags, inode: nil, location: location, writesSeen: nil))
        }
        do throws(Errno) {
            return .outcome(try call.wait(on: [opening.flags.canRead ? opening.pipe.readQueue : opening.pipe.writeQueue]))
        } catch {
            opening.cancel()
            call.progress = nil
            throw error
        }
    }
}
