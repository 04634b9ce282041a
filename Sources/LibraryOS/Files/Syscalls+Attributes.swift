/// Changing what is known of a file: chmod(2), chown(2), utimensat(2), truncate(2).
extension Syscalls {
    private static let here = Task.workingDirectoryDescriptor

    // MARK: Mode

    @Sendable static func chmod(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeMode(task, try task.reference(here, call.address(0), []), call.uint(1))
    }
    @Sendable static func fchmod(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeMode(task, try FileReference(try task.file(call.int(0))), call.uint(1))
    }
    @Sendable static func fchmodat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeMode(task, try task.reference(call.int(0), call.address(1), []), call.uint(2))
    }
    @Sendable static func fchmodat2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(3, allowed: [.noFollow, .emptyPath])
        return try changeMode(task, try task.reference(call.int(0), call.address(1), flags), call.uint(2))
    }
    private static func changeMode(_ task: Task, _ file: FileReference, _ mode: UInt32) throws(Errno) -> Outcome {
        try file.checkWritableMount()
        if file.inode.kind == .symbolicLink { throw .EOPNOTSUPP }
        let credentials = task.credentials.forFiles
        let attributes = try file.inode.attributes()
        if !Permissions.isOwner(attributes, credentials) { throw .EPERM }
        var change = AttributeChange()
        let keepsGroupBit = credentials.user == 0 || credentials.isMember(of: attributes.group)
        change.permissions = mode & (keepsGroupBit ? 0o7777 : 0o5777)
        try file.inode.change(change)
        file.notify(.attributes)
        return .success
    }

    // MARK: Owner

    @Sendable static func chown(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeOwner(task, try task.reference(here, call.address(0), []), call.uint(1), call.uint(2))
    }
    @Sendable static func lchown(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeOwner(task, try task.reference(here, call.address(0), .noFollow), call.uint(1), call.uint(2))
    }
    @Sendable static func fchown(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try changeOwner(task, try FileReference(try task.file(call.int(0))), call.uint(1), call.uint(2))
    }
    @Sendable static func fchownat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(4, allowed: [.noFollow, .emptyPath])
        return try changeOwner(task, try task.reference(call.int(0), call.address(1), flags), call.uint(2), call.uint(3))
    }
    /// Only user 0 gives files away; owners may hand them to a group of theirs. An id of -1 stays as it is.
    private static func changeOwner(_ task: Task, _ file: FileReference, _ user: UInt32, _ group: UInt32) throws(Errno) -> Outcome {
        try file.checkWritableMount()
        let credentials = task.credentials.forFiles
        let attributes = try file.inode.attributes()
        var change = AttributeChange()
        if user != .max { change.user = user }
        if group != .max { change.group = group }
        if credentials.user != 0 {
            let isOwner = attributes.user == credentials.user
            if let wanted = change.user, !isOwner || wanted != attributes.user { throw .EPERM }
            if let wanted = change.group, !isOwner || (wanted != attributes.group && !credentials.isMember(of: wanted)) { throw .EPERM }
        }
        if attributes.kind != .directory, attributes.permissions & 0o6000 != 0 {
            // A program must not keep the privileges of an owner it no longer has.
            let groupBit: UInt32 = attributes.permissions & 0o010 != 0 ? 0o2000 : 0
            change.permissions = attributes.permissions & ~(0o4000 | groupBit)
        }
        try file.inode.change(change)
        if change.user != nil || change.group != nil { file.notify(.attributes) }
        return .success
    }

    // MARK: Times

    @Sendable static func utime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        var times = FileTimes.now
        if !call.address(1).isNull {
            let structure = ByteReader(try task.memory.readBytes(call.address(1), count: 16))
            times = FileTimes(access: .at(FileTime.make(seconds: structure.i64(0), nanoseconds: 0)), modification: .at(FileTime.make(seconds: structure.i64(8), nanoseconds: 0)))
        }
        return try setTimes(task, try task.reference(here, call.address(0), []), times)
    }
    @Sendable static func utimes(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let times = try FileTimes(microseconds: call.address(1), task)
        return try setTimes(task, try task.reference(here, call.address(0), []), times)
    }
    @Sendable static func futimesat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let times = try FileTimes(microseconds: call.address(2), task)
        return try setTimes(task, try timesTarget(task, call.int(0), call.address(1), []), times)
    }
    @Sendable static func utimensat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let times = try FileTimes(nanoseconds: call.address(2), task)
        if times.isOmitted { return .success }
        let flags = try call.atFlags(3, allowed: [.noFollow, .emptyPath])
        return try setTimes(task, try timesTarget(task, call.int(0), call.address(1), flags), times)
    }
    /// Without a path it is the descriptor's own file (futimens(3)).
    private static func timesTarget(_ task: Task, _ descriptor: Int32, _ path: GuestAddress, _ flags: AtFlags) throws(Errno) -> FileReference {
        if !path.isNull || descriptor == here { return try task.reference(descriptor, path, flags) }
        if !flags.isEmpty { throw .EINVAL }
        return try FileReference(try task.file(descriptor))
    }

    private static func setTimes(_ task: Task, _ file: FileReference, _ times: FileTimes) throws(Errno) -> Outcome {
        try file.checkWritableMount()
        let credentials = task.credentials.forFiles
        if !Permissions.isOwner(try file.inode.attributes(), credentials) {
            // Whoever may write may also say "now", as a write would.
            if !times.isNow { throw .EPERM }
            try file.check(.write, credentials, by: task)
        }
        let now = task.kernel.time.realtimeNow()
        var change = AttributeChange()
        change.accessTime = times.access.resolved(now: now)
        change.modificationTime = times.modification.resolved(now: now)
        try file.inode.change(change)
        file.notify(change.modificationTime == nil ? .access : change.accessTime == nil ? .modify : .attributes)
        return .success
    }

    // MARK: Size

    @Sendable static func truncate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let length = call.long(1)
        if length < 0 { throw .EINVAL }
        let location = try task.locate(here, call.address(0))
        if location.inode.kind == .directory { throw .EISDIR }
        if location.inode.kind != .regular { throw .EINVAL }
        try Permissions.check(location, .write, task.credentials.forFiles)
        try location.inode.locks.beginWriting()
        defer { location.inode.locks.endWriting() }
        try checkFileSize(task, length)
        try location.inode.truncate(to: length)
        location.notify(.modify)
        return .success
    }
    @Sendable static func ftruncate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let length = call.long(1)
        if length < 0 { throw .EINVAL }
        let file = try task.file(call.int(0))
        guard file.access.canWrite, file.inode?.kind == .regular else { throw .EINVAL }
        try checkFileSize(task, length)
        try file.truncate(to: length)
        file.notify(.modify)
        return .success
    }
    private static func checkFileSize(_ task: Task, _ length: Int64) throws(Errno) {
        guard UInt64(length) > task.limit(ResourceLimits.fileSize) else { return }
        task.send(SignalInfo(Signal.SIGXFSZ, code: SignalInfo.kernel))
        throw .EFBIG
    }
}

/// The two times a utimensat(2) call names.
private struct FileTimes {
    enum Time: Equatable {
        case now, omitted
        case at(Int64)

        func resolved(now: Int64) -> Int64? {
            switch self {
            case .now: now
            case .omitted: nil
            case .at(let time): time
            }
        }
    }
    var access: Time
    var modification: Time

    static let now = FileTimes(access: .now, modification: .now)
    var isNow: Bool { access == .now && modification == .now }
    var isOmitted: Bool { access == .omitted && modification == .omitted }

    init(access: Time, modification: Time) {
        self.access = access
        self.modification = modification
    }
    /// Two `struct timespec`, or null for now; UTIME_NOW and UTIME_OMIT in the nanoseconds.
    init(nanoseconds address: GuestAddress, _ task: Task) throws(Errno) {
        self = .now
        if address.isNull { return }
        let times = ByteReader(try task.memory.readBytes(address, count: 32))
        access = try Self.time(times, 0)
        modification = try Self.time(times, 16)
    }
    private static func time(_ times: ByteReader, _ offset: Int) throws(Errno) -> Time {
        let nanoseconds = times.i64(offset + 8)
        switch nanoseconds {
        case 0x3fff_ffff: return .now
        case 0x3fff_fffe: return .omitted
        case 0..<1_000_000_000: return .at(FileTime.make(seconds: times.i64(offset), nanoseconds: nanoseconds))
        default: throw .EINVAL
        }
    }
    /// Two `struct timeval`, or null for now.
    init(microseconds address: GuestAddress, _ task: Task) throws(Errno) {
        self = .now
        if address.isNull { return }
        let times = ByteReader(try task.memory.readBytes(address, count: 32))
        guard 0..<1_000_000 ~= times.i64(8), 0..<1_000_000 ~= times.i64(24) else { throw .EINVAL }
        access = .at(FileTime.make(seconds: times.i64(0), nanoseconds: times.i64(8) * 1000))
        modification = .at(FileTime.make(seconds: times.i64(16), nanoseconds: times.i64(24) * 1000))
    }
}
