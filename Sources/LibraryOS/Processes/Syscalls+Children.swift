/// wait4(2) and waitid(2). A process has no children yet, so the checks of the arguments are all there is before `ECHILD`.
extension Syscalls {
    private static let noHang: UInt32 = 1, stopped: UInt32 = 2, exited: UInt32 = 4, continued: UInt32 = 8, noWait: UInt32 = 0x100_0000
    /// __WNOTHREAD, __WALL, __WCLONE.
    private static let threadFlags: UInt32 = 0xe000_0000

    @Sendable static func wait4(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.uint(2) & ~(noHang | stopped | continued | threadFlags) != 0 { throw .EINVAL }
        if call.int(0) == .min { throw .ESRCH }
        throw .ECHILD
    }

    @Sendable static func waitid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let options = call.uint(3)
        if options & ~(noHang | noWait | exited | stopped | continued | threadFlags) != 0 { throw .EINVAL }
        if options & (exited | stopped | continued) == 0 { throw .EINVAL }
        switch call.int(0) {
        case 0: break  // P_ALL
        case 1: if call.int(1) <= 0 { throw .EINVAL }  // P_PID
        case 2: if call.int(1) < 0 { throw .EINVAL }  // P_PGID
        // P_PIDFD: no descriptor is a pidfd.
        case 3: throw .EBADF
        default: throw .EINVAL
        }
        throw .ECHILD
    }
}
