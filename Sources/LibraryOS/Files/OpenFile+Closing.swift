extension OpenFile {
    /// A descriptor of `table` that referred to this file is gone: the process's record locks on the inode go with it, whichever descriptor they were
    /// made through (fcntl(2)), then the reference.
    func closed(in table: DescriptorTable, by task: Task) {
        if !access.contains(.path) { inode?.locks.releaseRecordLocks(of: .process(ObjectIdentifier(table))) }
        endNotifications(of: table)
        descriptorClosed(by: task)
        drop()
    }

    /// What ends with the open file description: its flock(2) and OFD locks, and its places in epoll instances.
    func lastReferenceIsGone() {
        if let locks = inode?.locks {
            locks.releaseRecordLocks(of: .description(ObjectIdentifier(self)))
            locks.unlock(ObjectIdentifier(self))
        }
        let watching = lock.withLock {
            let result = watchers
            watchers = []
            return result
        }
        for item in watching { item.remove() }
        endSignals()
        guard let location, !access.contains(.path) else { return }
        if isCountedWriter { location.inode.locks.endWriting() }
        location.notify(access.canWrite ? .closeWrite : .closeNoWrite)
        location.inode.fileSystem.marks.descriptionIsGone(location.inode)
    }
}

/// What a call keeps while it waits: references to the open files it works on, so that a close by another thread takes effect after the call.
class HeldFiles: CallProgress {
    private(set) var files: [OpenFile] = []

    /// Holds one more file; false when it was released in the meantime.
    func hold(_ file: OpenFile) -> Bool {
        guard file.retainIfReferenced() else { return false }
        files.append(file)
        return true
    }

    func releaseFiles() {
        let held = files
        files = []
        for file in held { file.drop() }
    }

    override func cancel() { releaseFiles() }
}

extension SyscallCall {
    /// Runs a handler that keeps things in `progress`; when it is over, one way or the other, what it kept is given back.
    mutating func holding(_ body: (inout SyscallCall) throws(Errno) -> Outcome) throws(Errno) -> Outcome {
        do throws(Errno) {
            let outcome = try body(&self)
            if case .wait = outcome { return outcome }
            endProgress()
            return outcome
        } catch {
            endProgress()
            throw error
        }
    }

    private mutating func endProgress() {
        progress?.cancel()
        progress = nil
    }
}
