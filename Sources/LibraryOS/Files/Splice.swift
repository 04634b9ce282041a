/// splice(2), tee(2) and vmsplice(2).
extension Syscalls {
    /// SPLICE_F_MOVE, NONBLOCK, MORE and GIFT.
    private static let spliceFlags: UInt32 = 15, spliceNonBlocking: UInt32 = 2
    private static let spliceChunk = 65536

    @Sendable static func splice(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let held: HeldFiles
            if let existing = call.progress as? HeldFiles {
                held = existing
            } else {
                if call.uint(5) & ~spliceFlags != 0 { throw .EINVAL }
                if call.a4 == 0 { return .done(0) }
                let (input, output) = (try task.file(call.int(0)), try task.file(call.int(2)))
                if !input.access.canRead || !output.access.canWrite { throw .EBADF }
                if !(input is PipeFile) && !(output is PipeFile) { throw .EINVAL }
                for (file, offset) in [(input, call.address(1)), (output, call.address(3))] where !offset.isNull {
                    if file is PipeFile { throw .ESPIPE }
                    if !file.isSeekable { throw .EINVAL }
                }
                if let one = input as? PipeFile, let other = output as? PipeFile, one.pipe === other.pipe { throw .EINVAL }
                if output.isSeekable, output.currentFlags.contains(.append) { throw .EINVAL }
                held = HeldFiles()
                if !held.hold(input) || !held.hold(output) { throw .EBADF }
                call.progress = held
            }
            let (input, output) = (held.files[0], held.files[1])
            let limit = call.length(4).clamped(to: spliceChunk)
            let nonBlocking = call.uint(5) & spliceNonBlocking != 0
            // Room first: what has left its source must find a place.
            var room = limit
            if let target = (output as? PipeFile)?.pipe {
                room = min(room, try brokenPipeSignals(task) { () throws(Errno) in try target.room() })
                if room == 0 { return try waitFor(&call, output, nonBlocking || output.currentFlags.contains(.nonBlocking)) }
            }
            guard let bytes = try takeForSplice(task, call, input, room) else {
                return try waitFor(&call, input, nonBlocking || input.currentFlags.contains(.nonBlocking))
            }
            if bytes.isEmpty { return .done(0) }
            if let target = (output as? PipeFile)?.pipe {
                target.put(bytes)
                return .count(bytes.count)
            }
            do throws(Errno) {
                let written = try putSpliced(task, call, output, bytes)
                if written < bytes.count { (input as? PipeFile)?.pipe.put(Array(bytes[written...]), atFront: true) }
                return .count(written)
            } catch {
                (input as? PipeFile)?.pipe.put(bytes, atFront: true)
                if error == .EAGAIN { return try waitFor(&call, output, nonBlocking || output.currentFlags.contains(.nonBlocking)) }
                if error == .EPIPE, output.signalsBrokenPipe(moved: 0) { task.send(SignalInfo(13, code: SignalInfo.kernel)) }
                throw error
            }
        }
    }

    private static func brokenPipeSignals<Value>(_ task: Task, _ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        do throws(Errno) {
            return try body()
        } catch {
            if error == .EPIPE { task.send(SignalInfo(13, code: SignalInfo.kernel)) }
            throw error
        }
    }

    private static func waitFor(_ call: inout SyscallCall, _ file: OpenFile, _ nonBlocking: Bool) throws(Errno) -> Outcome {
        if nonBlocking { throw .EAGAIN }
        file.prepareToWait()
        return try call.wait(on: [file.readiness])
    }

    /// Takes up to `limit` bytes out of a pipe or reads them from a file; nil when there is nothing yet.
    private static func takeForSplice(_ task: Task, _ call: SyscallCall, _ input: OpenFile, _ limit: Int) throws(Errno) -> [UInt8]? {
        if let source = (input as? PipeFile)?.pipe { return source.take(limit: limit) }
        let pointer = call.address(1)
        let usesPosition = pointer.isNull && input.isSeekable && !input.keepsOwnPosition
        var offset: Int64?
        if !pointer.isNull { offset = Int64(bitPattern: try task.memory.readU64(pointer)) } else if usesPosition { offset = input.lock.withLock { input.position } }
        if let offset, offset < 0 { throw .EINVAL }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 16)
        defer { memory.deallocate() }
        var buffers = UserBuffers(kernel: memory)
        let count: Int
        do throws(Errno) {
            count = try input.read(&buffers, at: offset, task: task, inPlace: false)
        } catch {
            if error == .EAGAIN { return nil }
            throw error
        }
        if let offset {
            let end = offset &+ Int64(count)
            if pointer.isNull { input.lock.withLock { input.position = end } } else { try task.memory.writeU64(UInt64(bitPattern: end), to: pointer) }
        }
        if count > 0 { input.notify(.access) }
        return Array(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    private static func putSpliced(_ task: Task, _ call: SyscallCall, _ output: OpenFile, _ bytes: [UInt8]) throws(Errno) -> Int {
        let pointer = call.address(3)
        var offset: Int64?
        if !pointer.isNull {
            offset = Int64(bitPattern: try task.memory.readU64(pointer))
        } else if output.isSeekable, !output.keepsOwnPosition {
            offset = output.lock.withLock { output.position }
        }
        if let offset, offset < 0 { throw .EINVAL }
        var copy = bytes
        var written = 0
        var failure: Errno?
        copy.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            do throws(Errno) {
                if let offset { try Transfers.limitSize(task, output, offset, &buffers) }
                written = try output.write(&buffers, at: offset, task: task)
            } catch { failure = error }
        }
        if let failure { throw failure }
        if written > 0 { output.notify(.modify) }
        if let offset {
            let end = offset &+ Int64(written)
            if pointer.isNull { output.lock.withLock { output.position = end } } else { try task.memory.writeU64(UInt64(bitPattern: end), to: pointer) }
        }
        return written
    }

    @Sendable static func tee(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(3) & ~spliceFlags != 0 { throw .EINVAL }
        if call.a2 == 0 { return .done(0) }
        let (input, output) = (try task.file(call.int(0)), try task.file(call.int(1)))
        if !input.access.canRead || !output.access.canWrite { throw .EBADF }
        guard let source = (input as? PipeFile)?.pipe, let target = (output as? PipeFile)?.pipe, source !== target else { throw .EINVAL }
        let nonBlocking = call.uint(3) & spliceNonBlocking != 0
        guard let first = source.peek(limit: 1) else { return try waitFor(&call, input, nonBlocking) }
        if first.isEmpty { return .done(0) }
        let room = try brokenPipeSignals(task) { () throws(Errno) in try target.room() }
        if room == 0 { return try waitFor(&call, output, nonBlocking) }
        let bytes = source.peek(limit: min(room, call.length(2).clamped(to: spliceChunk))) ?? []
        target.put(bytes)
        return .count(bytes.count)
    }

    /// Copies: the pages are never given away, which is what the flag allows.
    @Sendable static func vmsplice(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(3) & ~spliceFlags != 0 { throw .EINVAL }
        let file = try task.file(call.int(0))
        if !(file is PipeFile) { throw .EBADF }
        let (address, count) = (call.address(1), call.count(2))
        let flags: TransferFlags = call.uint(3) & spliceNonBlocking != 0 ? .noWait : []
        if file.access.canWrite { return try Transfers.write(task, &call, .position, flags) { () throws(Errno) in try task.buffers(address, count) } }
        return try Transfers.read(task, &call, .position, flags) { () throws(Errno) in try task.buffers(address, count) }
    }
}
