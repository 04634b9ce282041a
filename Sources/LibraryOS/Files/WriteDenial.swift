import Synchronization

/// While it exists nobody may open the file for writing or truncate it (the kernel's `deny_write_access`): somebody runs it.
final class WriteDenial: Sendable {
    private let inode: Inode

    /// `ETXTBSY` when somebody has the file open for writing.
    init(_ inode: Inode) throws(Errno) {
        try inode.locks.denyWriting()
        self.inode = inode
    }

    deinit { inode.locks.allowWriting() }
}

extension FileLocks {
    /// A description is opened for writing; `ETXTBSY` while a program runs from the file.
    func beginWriting() throws(Errno) { try countUp(by: 1) }
    /// It is closed.
    func endWriting() { writers.wrappingSubtract(1, ordering: .relaxed) }

    fileprivate func denyWriting() throws(Errno) { try countUp(by: -1) }
    fileprivate func allowWriting() { writers.wrappingAdd(1, ordering: .relaxed) }

    /// Moves the count away from zero; `ETXTBSY` when the other side holds it.
    private func countUp(by step: Int) throws(Errno) {
        var count = writers.load(ordering: .relaxed)
        while true {
            if step > 0 ? count < 0 : count > 0 { throw .ETXTBSY }
            let (exchanged, original) = writers.compareExchange(expected: count, desired: count &+ step, ordering: .acquiringAndReleasing)
            if exchanged { return }
            count = original
        }
    }
}
