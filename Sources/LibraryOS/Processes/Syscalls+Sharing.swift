import Synchronization

/// unshare(2) and kcmp(2): what tasks have in common.
extension Syscalls {
    private static let cloneFS: UInt64 = 0x200, cloneFiles: UInt64 = 0x400, cloneSysVSemaphores: UInt64 = 0x40000
    /// CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private static let namespaces: UInt64 = 0x80 | 0x20000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000
    /// CLONE_VM, CLONE_SIGHAND, CLONE_THREAD: accepted while there is a single thread, which shares them with nobody.
    private static let singleThreaded: UInt64 = 0x100 | 0x800 | 0x10000

    @Sendable static func unshare(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = call.raw(0)
        if flags & ~(cloneFS | cloneFiles | cloneSysVSemaphores | namespaces | singleThreaded) != 0 { throw .EINVAL }
        if flags & namespaces != 0 { throw .EPERM }
        if flags & singleThreaded != 0 && task.group.liveTaskCount > 1 { throw .EINVAL }
        if flags & cloneFS != 0 { task.sharedFileSystem = task.fileSystem.copy() }
        if flags & cloneFiles != 0 && task.descriptors.users.value > 1 {
            let old = task.descriptors
            task.sharedDescriptors = old.copy()
            // The others may have gone meanwhile: the last user closes what is left.
            if old.users.decrement() { old.closeAll(onlyCloseOnExec: false, by: task) }
        }
        if flags & cloneSysVSemaphores != 0 { task.leaveSemaphoreUndo() }
        return .success
    }

    @Sendable static func kcmp(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // Nobody may look into init.
        if [call.int(0), call.int(1)].contains(initID) { throw .EPERM }
        // Zero does not mean the caller here.
        guard let left = task.kernel.task(call.int(0)), let right = task.kernel.task(call.int(1)) else { throw .ESRCH }
        if !task.mayInspect(left) || !task.mayInspect(right) { throw .EPERM }
        func order<Object: AnyObject>(_ first: Object, _ second: Object) -> (UInt, UInt) {
            (UInt(bitPattern: ObjectIdentifier(first)), UInt(bitPattern: ObjectIdentifier(second)))
        }
        let pair: (UInt, UInt)
        switch call.int(2) {
        case 0:  // KCMP_FILE
            if call.raw(3) > UInt64(Int32.max) || call.raw(4) > UInt64(Int32.max) { throw .EBADF }
            let first = try left.sharedDescriptors.file(call.int(3))
            let second = try right.sharedDescriptors.file(call.int(4))
            pair = order(first, second)
        case 1: pair = order(left.sharedMemory, right.sharedMemory)
        case 2: pair = order(left.sharedDescriptors, right.sharedDescriptors)
        case 3: pair = order(left.sharedFileSystem, right.sharedFileSystem)
        case 4: pair = order(left.group.signals, right.group.signals)
        case 5:  // KCMP_IO: who never asked for a priority has no I/O context, like everyone else
            let asked = [left, right].contains { task in task.group.lock.withLock { task.scheduling.ioPriority != 0 } }
            pair = asked ? order(left, right) : (0, 0)
        case 6:  // KCMP_SYSVSEM: as for I/O, most have none
            pair = (left.semaphoreUndoIdentity.load(ordering: .relaxed), right.semaphoreUndoIdentity.load(ordering: .relaxed))
        default: throw .EINVAL
        }
        return .done(pair.0 == pair.1 ? 0 : pair.0 < pair.1 ? 1 : 2)
    }
}
