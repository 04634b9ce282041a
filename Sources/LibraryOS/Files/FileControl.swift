/// fcntl(2).
extension Syscalls {
    private enum Command {
        static let duplicate: Int32 = 0, getDescriptorFlags: Int32 = 1, setDescriptorFlags: Int32 = 2, getFlags: Int32 = 3, setFlags: Int32 = 4
        static let getLock: Int32 = 5, setLock: Int32 = 6, setLockWaiting: Int32 = 7
        static let setOwner: Int32 = 8, getOwner: Int32 = 9, setSignal: Int32 = 10, getSignal: Int32 = 11
        static let setExtendedOwner: Int32 = 15, getExtendedOwner: Int32 = 16, notify: Int32 = 1026
        static let getDescriptionLock: Int32 = 36, setDescriptionLock: Int32 = 37, setDescriptionLockWaiting: Int32 = 38
        static let duplicateCloseOnExec: Int32 = 1030, setPipeSize: Int32 = 1031, getPipeSize: Int32 = 1032
        static let addSeals: Int32 = 1033, getSeals: Int32 = 1034
    }

    @Sendable static func fcntl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let descriptor = call.int(0)
        let file = try task.descriptors.file(descriptor)
        // The commands that O_PATH descriptors allow come first.
        switch call.int(1) {
        case Command.duplicate, Command.duplicateCloseOnExec:
            if call.a2 >= task.descriptorLimit { throw .EINVAL }
            return try duplicate(task, descriptor, closeOnExec: call.int(1) == Command.duplicateCloseOnExec, minimum: Int(call.a2))
        case Command.getDescriptorFlags: return .done(try task.descriptors.closeOnExec(descriptor) ? 1 : 0)
        case Command.setDescriptorFlags:
            try task.descriptors.setCloseOnExec(descriptor, call.a2 & 1 != 0)
            return .success
        case Command.getFlags: return .done(Int64(file.currentFlags.rawValue))
        default: break
        }
        if file.access.contains(.path) { throw .EBADF }
        switch call.int(1) {
        case Command.setFlags: return setFlags(task, call, file)
        case Command.getLock, Command.getDescriptionLock: return try getRecordLock(task, call, file)
        case Command.setLock, Command.setDescriptionLock, Command.setLockWaiting, Command.setDescriptionLockWaiting:
            return try setRecordLock(task, &call, file)
        case Command.setOwner: return try setOwner(task, file, call.int(2))
        case Command.getOwner: return .done(Int64(owner(of: file, task)))
        case Command.setExtendedOwner: return try setExtendedOwner(task, call, file)
        case Command.getExtendedOwner: return try getExtendedOwner(task, call, file)
        case Command.setSignal: return try setSignal(call, file)
        case Command.getSignal: return .done(Int64(file.lock.withLock { file.signals.number }))
        case Command.notify:
            try file.notifyOfDirectory(DirectoryEvents(rawValue: call.uint(2)), descriptor: descriptor, by: task)
            return .success
        case Command.getPipeSize, Command.setPipeSize:
            guard let pipe = (file as? PipeFile)?.pipe else { throw .EBADF }
            return .count(call.int(1) == Command.getPipeSize ? pipe.size : try pipe.resize(to: call.uint(2)))
        case Command.getSeals: return .done(Int64(try file.seals().rawValue))
        case Command.addSeals:
            if !file.access.canWrite { throw .EPERM }
            if call.uint(2) & ~FileSeals.all.rawValue != 0 { throw .EINVAL }
            try file.addSeals(FileSeals(rawValue: call.uint(2)))
            return .success
        default: throw .EINVAL
        }
    }

    private static func setFlags(_ task: Task, _ call: SyscallCall, _ file: OpenFile) -> Outcome {
        let flags = OpenFlags(rawValue: call.uint(2))
        if file.currentFlags.contains(.async) != flags.contains(.async) { file.setAsync(flags.contains(.async), descriptor: call.int(0), by: task) }
        let changeable: OpenFlags = [.append, .nonBlocking, .direct, .noAccessTime]
        file.lock.withLock { file.statusFlags = file.statusFlags.subtracting(changeable).union(flags.intersection(changeable)) }
        return .success
    }

    // MARK: Record locks

    /// `struct flock`: l_type, l_whence, l_start, l_len, l_pid in 32 bytes.
    private static let lockSize = 32

    private static func locks(of file: OpenFile) throws(Errno) -> FileLocks {
        guard let locks = file.inode?.locks else { throw .EINVAL }
        return locks
    }

    /// The range and owner that a `struct flock` asks for; `type` 0 read, 1 write, 2 unlock.
    private static func wanted(_ task: Task, _ call: SyscallCall, _ file: OpenFile) throws(Errno) -> (lock: RecordLock, type: Int16) {
        let reader = ByteReader(try task.memory.readBytes(call.address(2), count: lockSize))
        let type = Int16(bitPattern: reader.u16(0))
        var base: Int64 = 0
        switch Int16(bitPattern: reader.u16(2)) {
        case 0: break
        case 1: base = file.lock.withLock { file.position }
        case 2: base = try file.endOfFile()
        default: throw .EINVAL
        }
        var (first, overflow) = base.addingReportingOverflow(reader.i64(8))
        if overflow { throw .EOVERFLOW }
        if first < 0 { throw .EINVAL }
        var last = Int64.max
        let length = reader.i64(16)
        if length > 0 {
            (last, overflow) = first.addingReportingOverflow(length - 1)
            if overflow { throw .EOVERFLOW }
        } else if length < 0 {
            last = first - 1
            (first, overflow) = first.addingReportingOverflow(length)
            if overflow || first < 0 { throw .EINVAL }
        }
        if type < 0 || type > 2 { throw .EINVAL }
        let ofDescription = call.int(1) >= Command.getDescriptionLock
        if ofDescription, reader.i32(24) != 0 { throw .EINVAL }
        let owner: RecordLockOwner = ofDescription ? .description(ObjectIdentifier(file)) : .process(ObjectIdentifier(task.descriptors))
        let process = ofDescription ? -1 : task.group.id
        return (RecordLock(owner: owner, process: process, isWrite: type == 1, first: first, last: last), type)
    }

    private static func getRecordLock(_ task: Task, _ call: SyscallCall, _ file: OpenFile) throws(Errno) -> Outcome {
        let (lock, type) = try wanted(task, call, file)
        if type == 2 { throw .EINVAL }
        var writer = ByteWriter(capacity: lockSize)
        if let blocker = try locks(of: file).conflict(with: lock) {
            writer.u16(blocker.isWrite ? 1 : 0)
            writer.u16(0)
            writer.u32(0)
            writer.i64(blocker.first)
            writer.i64(blocker.last == .max ? 0 : blocker.last - blocker.first + 1)
            writer.i32(blocker.process)
            writer.pad(to: lockSize)
            try task.memory.writeBytes(writer.bytes, to: call.address(2))
        } else {
            // Only l_type changes: F_UNLCK.
            writer.u16(2)
            try task.memory.writeBytes(writer.bytes, to: call.address(2))
        }
        return .success
    }

    private static func setRecordLock(_ task: Task, _ call: inout SyscallCall, _ file: OpenFile) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let waits = call.int(1) == Command.setLockWaiting || call.int(1) == Command.setDescriptionLockWaiting
            let progress = call.progress as? RecordLockWait
            let lock: RecordLock, type: Int16
            if let progress { (lock, type) = progress.wanted } else { (lock, type) = try wanted(task, call, file) }
            let file = progress?.files.first ?? file
            let locks = try locks(of: file)
            if type == 2 {
                try locks.release(lock.owner, first: lock.first, last: lock.last)
                return .success
            }
            if lock.isWrite ? !file.access.canWrite : !file.access.canRead { throw .EBADF }
            guard let blocker = try locks.acquire(lock) else { return .success }
            if !waits { throw .EAGAIN }
            let wait = progress ?? RecordLockWait((lock, type), task.kernel.recordLockWaits)
            if progress == nil {
                if !wait.hold(file) { throw .EBADF }
                call.progress = wait
            }
            if case .process = lock.owner, !task.kernel.recordLockWaits.begin(ObjectIdentifier(wait), lock.owner, for: blocker.owner) { throw .EDEADLK }
            return try call.wait(on: [locks.queue])
        }
    }

    // MARK: flock

    @Sendable static func flock(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let progress = call.progress as? HeldFiles
            let file: OpenFile
            if let held = progress?.files.first { file = held } else { file = try task.file(call.int(0)) }
            let (operation, waits) = (call.int(1) & ~4, call.int(1) & 4 == 0)
            if operation != 1, operation != 2, operation != 8 { throw .EINVAL }
            let locks = try locks(of: file)
            if operation == 8 {
                locks.unlock(ObjectIdentifier(file))
                return .success
            }
            if locks.tryLock(ObjectIdentifier(file), exclusively: operation == 2, process: task.group.id) { return .success }
            if !waits { throw .EAGAIN }
            if progress == nil {
                let held = HeldFiles()
                if !held.hold(file) { throw .EBADF }
                call.progress = held
            }
            return try call.wait(on: [locks.queue])
        }
    }
}

/// A record lock that is waited for.
private final class RecordLockWait: HeldFiles {
    let wanted: (lock: RecordLock, type: Int16)
    private let waits: RecordLockWaits

    init(_ wanted: (lock: RecordLock, type: Int16), _ waits: RecordLockWaits) {
        self.wanted = wanted
        self.waits = waits
    }
    override func cancel() {
        waits.end(ObjectIdentifier(self))
        super.cancel()
    }
}
