/// sendfile(2) and copy_file_range(2): from file to file through the monitor's memory.
extension Syscalls {
    private static let chunk = 65536

    @Sendable static func sendfile(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let copy: FileCopy
            if let existing = call.progress as? FileCopy {
                copy = existing
            } else {
                let (output, input) = (try task.file(call.int(0)), try task.file(call.int(1)))
                if !output.access.canWrite || !input.access.canRead { throw .EBADF }
                if !input.isSeekable { throw .EINVAL }
                if output.currentFlags.contains(.append) { throw .EINVAL }
                let start = call.address(2).isNull ? try currentPosition(input) : Int64(bitPattern: try task.memory.readU64(call.address(2)))
                if start < 0 { throw .EINVAL }
                copy = FileCopy(from: start, to: output.isSeekable && !output.keepsOwnPosition ? try currentPosition(output) : nil)
                if !copy.hold(input) || !copy.hold(output) { throw .EBADF }
                call.progress = copy
            }
            let (input, output) = (copy.files[0], copy.files[1])
            let wanted = call.length(3).clamped(to: GuestLength.maximumTransfer)
            let failure = move(task, copy, limit: wanted)
            if let failure, copy.done == 0 || failure == .EAGAIN {
                let mayWait = failure == .EAGAIN && !output.currentFlags.contains(.nonBlocking) && call.wake != .interrupted
                if mayWait {
                    output.prepareToWait()
                    return try call.wait(on: [output.readiness])
                }
                if copy.done == 0 {
                    if failure == .EAGAIN, call.wake == .interrupted { throw .ERESTARTSYS }
                    throw failure
                }
            }
            let end = copy.input &+ Int64(copy.done)
            if call.address(2).isNull { try setPosition(input, end) } else { try task.memory.writeU64(UInt64(bitPattern: end), to: call.address(2)) }
            if let output = copy.output { copy.files[1].lock.withLock { copy.files[1].position = output &+ Int64(copy.done) } }
            report(copy)
            return .count(copy.done)
        }
    }

    private static func report(_ copy: FileCopy) {
        if copy.done == 0 { return }
        copy.files[0].notify(.access)
        copy.files[1].notify(.modify)
    }

    /// The file offset, wherever it is kept.
    private static func currentPosition(_ file: OpenFile) throws(Errno) -> Int64 {
        if file.keepsOwnPosition, let position = try file.seek(0, whence: 1) { return position }
        return file.lock.withLock { file.position }
    }

    private static func setPosition(_ file: OpenFile, _ position: Int64) throws(Errno) {
        if file.keepsOwnPosition { _ = try file.seek(position, whence: 0) }
        file.lock.withLock { file.position = position }
    }

    /// Moves bytes until the limit, the end of the input, a signal, or an error, which is returned.
    private static func move(_ task: Task, _ copy: FileCopy, limit: Int) -> Errno? {
        let (input, output) = (copy.files[0], copy.files[1])
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: min(chunk, max(1, limit)), alignment: 16)
        defer { memory.deallocate() }
        do throws(Errno) {
            while copy.done < limit {
                if copy.done > 0, task.hasPendingWork { return nil }
                var target = UserBuffers(kernel: UnsafeMutableRawBufferPointer(rebasing: memory[..<min(memory.count, limit - copy.done)]))
                let read = try input.read(&target, at: copy.input &+ Int64(copy.done), task: task, inPlace: false)
                if read == 0 { return nil }
                var source = UserBuffers(kernel: UnsafeMutableRawBufferPointer(rebasing: memory[..<read]))
                let place = copy.output.map { $0 &+ Int64(copy.done) }
                if let place { try Transfers.limitSize(task, output, place, &source) }
                let written = try output.write(&source, at: place, task: task)
                if written == 0 { return nil }
                copy.done += written
                if written < read, place != nil { return nil }
            }
            return nil
        } catch {
            if error == .EPIPE, output.signalsBrokenPipe(moved: copy.done) { task.send(SignalInfo(13, code: SignalInfo.kernel)) }
            return error
        }
    }

    @Sendable static func copyFileRange(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (input, output) = (try task.file(call.int(0)), try task.file(call.int(2)))
        if call.uint(5) != 0 { throw .EINVAL }
        if input.inode?.kind == .directory || output.inode?.kind == .directory { throw .EISDIR }
        guard input.inode?.kind == .regular, output.inode?.kind == .regular, input.isSeekable, output.isSeekable else { throw .EINVAL }
        if !input.access.canRead || !output.access.canWrite || output.currentFlags.contains(.append) { throw .EBADF }
        let from = call.address(1).isNull ? try currentPosition(input) : Int64(bitPattern: try task.memory.readU64(call.address(1)))
        let to = call.address(3).isNull ? try currentPosition(output) : Int64(bitPattern: try task.memory.readU64(call.address(3)))
        let length = call.length(4).clamped(to: GuestLength.maximumTransfer)
        if from < 0 || to < 0 { throw .EINVAL }
        if from > Int64.max - Int64(length) || to > Int64.max - Int64(length) { throw .EOVERFLOW }
        if let one = input.inode, let other = output.inode, one === other || (one.fileSystem === other.fileSystem && one.number == other.number) {
            if from < to &+ Int64(length), to < from &+ Int64(length) { throw .EINVAL }
        }
        let copy = FileCopy(from: from, to: to)
        defer { copy.releaseFiles() }
        if !copy.hold(input) || !copy.hold(output) { throw .EBADF }
        if let failure = move(task, copy, limit: length), copy.done == 0 { throw failure }
        let (inputEnd, outputEnd) = (from &+ Int64(copy.done), to &+ Int64(copy.done))
        if call.address(1).isNull { try setPosition(input, inputEnd) } else { try task.memory.writeU64(UInt64(bitPattern: inputEnd), to: call.address(1)) }
        if call.address(3).isNull { try setPosition(output, outputEnd) } else { try task.memory.writeU64(UInt64(bitPattern: outputEnd), to: call.address(3)) }
        report(copy)
        return .count(copy.done)
    }
}

/// A copy under way: where it started in both files, and how far it is.
private final class FileCopy: HeldFiles {
    let input: Int64
    /// nil: a stream.
    let output: Int64?
    var done = 0

    init(from input: Int64, to output: Int64?) {
        self.input = input
        self.output = output
    }
}
