/// What opening a FIFO came to.
enum FIFOOpenResult {
    case opened(OpenFile)
    case outcome(Outcome)
}

extension Syscalls {
    /// Opens a FIFO as open(2) does, which may have to wait for the other end.
    static func openFIFO(_ location: PathLocation, _ flags: OpenFlags, _ task: Task, _ call: inout SyscallCall) throws(Errno) -> FIFOOpenResult { throw .ENXIO }
}
