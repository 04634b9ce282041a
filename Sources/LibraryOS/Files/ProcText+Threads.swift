/// What /proc/PID shows of single threads.
extension ProcText {
    /// /proc/PID/task/TID/children.
    static func children(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        subject.kernel.processes.children(of: subject).reduce(into: []) { $0 += TextWriter.decimal(UInt64(max(0, $1))) + [0x20] }
    }

    /// /proc/PID/schedstat: time on a processor, time waiting for one (the host's business), and how often it was given one.
    static func schedulerStatistics(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 48)
        writer.signed(max(0, subject.processorTime))
        writer.text(" 0 ")
        writer.signed(Int64(subject.waits.value) &+ 1)
        writer.newline()
        return writer.bytes
    }

    /// /proc/PID/syscall, whose arguments are not kept: a thread is shown as one that runs its program. For those who may attach a debugger.
    static func currentCall(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        if !reader.mayInspect(subject, asFileSystemUser: true) { throw .EPERM }
        return Array("running\n".utf8)
    }
}
