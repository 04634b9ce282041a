/// Where a read or write happens: at the file offset, which moves on, or at a given place.
enum TransferPlace {
    case position
    case offset(Int64)
}

/// The RWF_ flags of preadv2(2) and pwritev2(2).
struct TransferFlags: OptionSet {
    let rawValue: UInt32
    static let highPriority = TransferFlags(rawValue: 1)
    static let dataSync = TransferFlags(rawValue: 2)
    static let sync = TransferFlags(rawValue: 4)
    static let noWait = TransferFlags(rawValue: 8)
    static let append = TransferFlags(rawValue: 16)
    static let served: TransferFlags = [.highPriority, .dataSync, .sync, .noWait, .append]
}

/// A read or write that waits: the file is kept, and so are the buffers with what has been moved.
final class StreamTransfer: HeldFiles {
    var buffers: UserBuffers
    let started: MonotonicInstant
    let deadline: MonotonicInstant?

    init(_ buffers: UserBuffers, started: MonotonicInstant, timeout: Int64?) {
        self.buffers = buffers
        self.started = started
        deadline = timeout.map { started.advanced(byNanoseconds: $0) }
    }
}

/// Reads and writes of every kind of file. `OpenFile` moves what it can without blocking; waiting, offsets, O_APPEND, limits and SIGPIPE are here.
enum Transfers {
    static func read(
        _ task: Task, _ call: inout SyscallCall, _ place: TransferPlace, _ flags: TransferFlags = [], _ makeBuffers: () throws(Errno) -> UserBuffers
    ) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            if let transfer = call.progress as? StreamTransfer, let file = transfer.files.first {
                var buffers = transfer.buffers
                if file.isHungUp { throw .EIO }
                return report(.access, file, try readStream(task, &call, file, &buffers, flags))
            }
            let file = try task.file(call.int(0))
            guard file.access.canRead else { throw .EBADF }
            try check(file, place)
            // Watchers are told by name, which may have to be looked up.
            if call.inPlace, file.mayBeWatched { return .leave }
            var buffers = try makeBuffers()
            if !call.inPlace { try file.checkForeground(reading: true, task) }
            if file.isSeekable, !(file.keepsOwnPosition && place.isPosition) {
                return report(.access, file, try readSeekable(task, &call, file, &buffers, place, flags))
            }
            return report(.access, file, try readStream(task, &call, file, &buffers, flags))
        }
    }

    static func write(
        _ task: Task, _ call: inout SyscallCall, _ place: TransferPlace, _ flags: TransferFlags = [], _ makeBuffers: () throws(Errno) -> UserBuffers
    ) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            if let transfer = call.progress as? StreamTransfer, let file = transfer.files.first {
                var buffers = transfer.buffers
                return report(.modify, file, try writeStream(task, &call, file, &buffers, flags))
            }
            let file = try task.file(call.int(0))
            guard file.access.canWrite else { throw .EBADF }
            try check(file, place)
            var buffers = try makeBuffers()
            if call.inPlace { return file.mayBeWatched ? .leave : try writeInPlace(task, file, &buffers) }
            try file.checkForeground(reading: false, task)
            if file.isSeekable, !(file.keepsOwnPosition && place.isPosition) {
                return report(.modify, file, try writeSeekable(task, &call, file, &buffers, place, flags))
            }
            return report(.modify, file, try writeStream(task, &call, file, &buffers, flags))
        }
    }

    /// Tells watchers of bytes that were moved.
    private static func report(_ event: InotifyEvents, _ file: OpenFile, _ outcome: Outcome) -> Outcome {
        if case .done(let count) = outcome, count > 0 { file.notify(event) }
        return outcome
    }

    private static func check(_ file: OpenFile, _ place: TransferPlace) throws(Errno) {
        guard case .offset(let offset) = place else { return }
        if offset < 0 { throw .EINVAL }
        if !file.isSeekable { throw .ESPIPE }
    }

    // MARK: Streams

    private static func readStream(
        _ task: Task, _ call: inout SyscallCall, _ file: OpenFile, _ buffers: inout UserBuffers, _ flags: TransferFlags
    ) throws(Errno) -> Outcome {
        do throws(Errno) {
            return .count(try file.read(&buffers, at: nil, task: task, inPlace: call.inPlace))
        } catch {
            guard error == .EAGAIN else { throw error }
        }
        if call.inPlace { return .leave }
        if flags.contains(.noWait) || file.currentFlags.contains(.nonBlocking) { throw .EAGAIN }
        if let transfer = call.progress as? StreamTransfer, let count = try readRemainder(task, call, file, &buffers, transfer) { return .count(count) }
        return try block(task, &call, file, buffers, timeout: file.readTimeout)
    }

    /// What a read that has waited gets although it is less than it waits for; nil: it goes on waiting.
    private static func readRemainder(
        _ task: Task, _ call: SyscallCall, _ file: OpenFile, _ buffers: inout UserBuffers, _ transfer: StreamTransfer
    ) throws(Errno) -> Int? {
        let deadline = file.readDeadline(started: transfer.started)
        let isOver = deadline.map { $0 <= task.kernel.time.monotonicNow() } ?? false
        if !isOver && call.wake != .interrupted { return nil }
        do throws(Errno) { return try file.readRemainder(&buffers, task: task) } catch {
            guard error == .EAGAIN else { throw error }
            return isOver ? 0 : nil
        }
    }

    private static func writeStream(
        _ task: Task, _ call: inout SyscallCall, _ file: OpenFile, _ buffers: inout UserBuffers, _ flags: TransferFlags
    ) throws(Errno) -> Outcome {
        try limitInheritedSize(task, file, &buffers)
        while true {
            do throws(Errno) {
                let count = try file.write(&buffers, at: nil, task: task)
                if buffers.remaining == 0 || count == 0 || !file.isByteStream { return .count(buffers.moved) }
            } catch {
                if error == .EPIPE, file.signalsBrokenPipe(moved: buffers.moved) { task.send(SignalInfo(13, code: SignalInfo.kernel)) }
                if error == .EFBIG, buffers.moved == 0 { task.send(SignalInfo(25, code: SignalInfo.kernel)) }
                guard error == .EAGAIN else {
                    if buffers.moved > 0 { return .count(buffers.moved) }
                    throw error
                }
                if flags.contains(.noWait) || file.currentFlags.contains(.nonBlocking) || call.wake == .interrupted {
                    if buffers.moved > 0 { return .count(buffers.moved) }
                    if call.wake != .interrupted { throw .EAGAIN }
                }
                return try block(task, &call, file, buffers, timeout: file.writeTimeout)
            }
        }
    }

    /// Waits until the file may be ready. A time-out (SO_RCVTIMEO) ends with what was moved, or `EAGAIN`.
    private static func block(
        _ task: Task, _ call: inout SyscallCall, _ file: OpenFile, _ buffers: UserBuffers, timeout: Int64?
    ) throws(Errno) -> Outcome {
        let transfer: StreamTransfer
        if let existing = call.progress as? StreamTransfer {
            transfer = existing
            transfer.buffers = buffers
        } else {
            transfer = StreamTransfer(buffers, started: task.kernel.time.monotonicNow(), timeout: timeout)
            if !transfer.hold(file) { throw .EBADF }
            call.progress = transfer
        }
        if let deadline = transfer.deadline, deadline <= task.kernel.time.monotonicNow() {
            if buffers.moved > 0 { return .count(buffers.moved) }
            throw .EAGAIN
        }
        file.prepareToWait()
        return try call.wait(
            on: file.waitQueues(for: task), until: transfer.deadline ?? file.readDeadline(started: transfer.started), restart: transfer.deadline == nil ? .ERESTARTSYS : .EINTR)
    }

    private static func writeInPlace(_ task: Task, _ file: OpenFile, _ buffers: inout UserBuffers) throws(Errno) -> Outcome {
        if file.isSeekable { return .leave }
        do throws(Errno) {
            return .count(try file.writeInPlace(&buffers, task: task))
        } catch {
            // EAGAIN may be a busy lock, EPIPE wants a signal: both are the exit path's.
            if buffers.moved > 0 { return .count(buffers.moved) }
            return .leave
        }
    }

    // MARK: Files with an offset

    private static func readSeekable(
        _ task: Task, _ call: inout SyscallCall, _ file: OpenFile, _ buffers: inout UserBuffers, _ place: TransferPlace, _ flags: TransferFlags
    ) throws(Errno) -> Outcome {
        guard let start = place.start(in: file) else { return try call.wait(on: [file.positionQueue], restart: .ERESTARTNOINTR) }
        do throws(Errno) {
            if start > Int64.max - Int64(buffers.remaining) { throw .EINVAL }
            let inPlace = call.inPlace || flags.contains(.noWait)
            var count = try file.read(&buffers, at: start, task: task, inPlace: inPlace)
            if count > 0, !inPlace { count &+= readOn(task, file, &buffers, from: start &+ Int64(count)) }
            if place.isPosition { file.releasePosition(start &+ Int64(count)) }
            return .count(count)
        } catch {
            if place.isPosition { file.releasePosition(nil) }
            if error == .EAGAIN, call.inPlace { return .leave }
            throw error
        }
    }

    /// Reads on where a page of the buffer, itself a mapping of a stored file, could not be had before a commit; says how many bytes.
    private static func readOn(_ task: Task, _ file: OpenFile, _ buffers: inout UserBuffers, from start: Int64) -> Int {
        var count = 0
        while buffers.remaining > 0, let page = task.memory.takePostponed(), page.bringAfterCommit() {
            do throws(Errno) { count &+= try file.read(&buffers, at: start &+ Int64(count), task: task, inPlace: false) } catch { break }
        }
        return count
    }

    private static func writeSeekable(
        _ task: Task, _ call: inout SyscallCall, _ file: OpenFile, _ buffers: inout UserBuffers, _ place: TransferPlace, _ flags: TransferFlags
    ) throws(Errno) -> Outcome {
        if flags.contains(.noWait) { throw .EOPNOTSUPP }
        guard let start = place.start(in: file) else { return try call.wait(on: [file.positionQueue], restart: .ERESTARTNOINTR) }
        let status = file.currentFlags
        let locks = status.contains(.append) || flags.contains(.append) ? file.inode?.locks : nil
        if let locks, !locks.claimAppend() {
            if place.isPosition { file.releasePosition(nil) }
            return try call.wait(on: [locks.queue], restart: .ERESTARTNOINTR)
        }
        defer { locks?.releaseAppend() }
        do throws(Errno) {
            let offset = locks == nil ? start : try file.endOfFile()
            try limitSize(task, file, offset, &buffers)
            let count = try file.write(&buffers, at: offset, task: task)
            if place.isPosition { file.releasePosition(offset &+ Int64(count)) }
            if count > 0, status.contains(.dataSync) || !flags.isDisjoint(with: [.dataSync, .sync]) {
                try file.sync(dataOnly: !status.contains(.sync) && !flags.contains(.sync))
            }
            return .count(count)
        } catch {
            if place.isPosition { file.releasePosition(nil) }
            throw error
        }
    }

    /// The same for an inherited file, whose position the host keeps: what another process of the host writes meanwhile may go beyond the limit.
    private static func limitInheritedSize(_ task: Task, _ file: OpenFile, _ buffers: inout UserBuffers) throws(Errno) {
        guard file.keepsOwnPosition, file.isSeekable, task.limit(ResourceLimits.fileSize) != .max else { return }
        let position = file.currentFlags.contains(.append) ? try file.endOfFile() : try file.seek(0, whence: 1)
        if let position { try limitSize(task, file, position, &buffers) }
    }

    /// RLIMIT_FSIZE: SIGXFSZ and `EFBIG` at the limit, a short write before it.
    static func limitSize(_ task: Task, _ file: OpenFile, _ offset: Int64, _ buffers: inout UserBuffers) throws(Errno) {
        if buffers.remaining == 0 { return }
        let limit = task.limit(ResourceLimits.fileSize)
        if limit < UInt64(Int64.max), file.inode?.kind == .regular {
            let limit = Int64(limit)
            if offset >= limit {
                task.send(SignalInfo(25, code: SignalInfo.kernel))
                throw .EFBIG
            }
            buffers.limit(to: Int(clamping: limit - offset))
        }
        if offset > Int64.max - Int64(buffers.remaining) { throw .EINVAL }
    }
}

extension TransferPlace {
    var isPosition: Bool {
        if case .position = self { return true }
        return false
    }
    /// Where the transfer starts; nil while another call uses the file offset.
    func start(in file: OpenFile) -> Int64? {
        switch self {
        case .position: file.claimPosition()
        case .offset(let offset): offset
        }
    }
}
