import LibraryOS
import Synchronization

/// A host thread that has done its first piece of work and stays for one more: starting another would cost its creator and the scheduler more than both.
final class SpareThread: @unchecked Sendable {
    /// Not kept once begun: it may hold whoever holds this.
    private var first: (@Sendable () -> Void)?
    private let next = Handover<(@Sendable () -> Void)?>()
    private let isTaken = Atomic<Bool>(false)

    /// Starts the thread with its first piece of work, on another processor than the caller's.
    func start(_ work: @escaping @Sendable () -> Void) throws(Errno) {
        first = work
        do throws(Errno) {
            try HostThread.startElsewhere { [self] in run() }
        } catch {
            first = nil
            isTaken.store(true, ordering: .releasing)
            throw error
        }
    }

    private func run() {
        takeFirst()?()
        next.take()?()
    }

    private func takeFirst() -> (@Sendable () -> Void)? {
        defer { first = nil }
        return first
    }

    /// Hands over the second piece of work; false when the thread has one already, or was never started.
    func give(_ work: @escaping @Sendable () -> Void) -> Bool { hand(work) }

    /// Lets the thread end.
    func release() { _ = hand(nil) }

    private func hand(_ work: (@Sendable () -> Void)?) -> Bool {
        if isTaken.exchange(true, ordering: .acquiringAndReleasing) { return false }
        next.give(work)
        return true
    }
}
