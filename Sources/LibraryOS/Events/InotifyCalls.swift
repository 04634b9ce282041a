/// inotify(7). Watches hear of what programs of this sandbox do; what other programs of the host change in granted folders is not reported.
extension Syscalls {
    @Sendable static func inotifyInit(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try makeInotify(task, 0) }
    @Sendable static func inotifyInit1(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try makeInotify(task, call.uint(0)) }

    private static func makeInotify(_ task: Task, _ flags: UInt32) throws(Errno) -> Outcome {
        let open = OpenFlags(rawValue: flags)
        if !open.isSubset(of: [.closeOnExec, .nonBlocking]) { throw .EINVAL }
        if !task.kernel.inotify.takeInstance() { throw .EMFILE }
        let files = task.kernel.anonymousFiles
        let file = InotifyFile(
            flags: open, inode: files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task), kernel: task.kernel)
        return .done(Int64(try task.install(file, closeOnExec: open.contains(.closeOnExec))))
    }

    @Sendable static func inotifyAddWatch(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let mask = InotifyEvents(rawValue: call.uint(2))
        if mask.isEmpty || !mask.isSubset(of: .known) { throw .EINVAL }
        let anyFile = try task.file(call.int(0))
        if mask.contains([.maskAdd, .maskCreate]) { throw .EINVAL }
        guard let file = anyFile as? InotifyFile else { throw .EINVAL }
        var flags: ResolveFlags = mask.contains(.dontFollow) ? [] : .followFinal
        if mask.contains(.onlyDirectory) { flags.insert(.mustBeDirectory) }
        let location = try task.locate(Task.workingDirectoryDescriptor, call.address(1), flags)
        try Permissions.check(try location.inode.attributes(), .read, task.credentials.forFiles)
        return .done(Int64(try file.watch(location.inode, mask)))
    }

    @Sendable static func inotifyRemoveWatch(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let file = try task.file(call.int(0)) as? InotifyFile else { throw .EINVAL }
        try file.unwatch(call.int(1))
        return .success
    }
}
