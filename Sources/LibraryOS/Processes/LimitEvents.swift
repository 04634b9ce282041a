import Synchronization

/// How often programs ran into the limits of their sandbox: what pids.events shows, and what the person who set a limit is told in the end.
package final class LimitEvents: Sendable {
    /// A limit that answers with an error.
    package enum Limit: Sendable {
        /// `EAGAIN` of clone(2): as many tasks as there may be.
        case tasks
        /// `EMFILE`: as many descriptors as the sandbox allows a process.
        case descriptors
    }
    private let tasks = Atomic<UInt64>(0)
    private let descriptors = Atomic<UInt64>(0)

    package init() {}

    /// It was reached once more.
    func note(_ limit: Limit) {
        switch limit {
        case .tasks: tasks.wrappingAdd(1, ordering: .relaxed)
        case .descriptors: descriptors.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// How often it was reached.
    package func count(_ limit: Limit) -> UInt64 {
        switch limit {
        case .tasks: tasks.load(ordering: .relaxed)
        case .descriptors: descriptors.load(ordering: .relaxed)
        }
    }
}

extension Kernel {
    /// /proc/sys/fs/nr_open: as high as RLIMIT_NOFILE may be.
    package var mostOpenFiles: UInt64 { configuration.maximumDescriptors ?? 1 << 20 }
}

extension Task {
    /// A call has failed with `EMFILE`: counts when it was the sandbox's limit, and not one the program has set itself.
    func noteFullTable() {
        guard let most = kernel.configuration.maximumDescriptors else { return }
        let limit = descriptorLimit
        guard limit >= most else { return }
        do throws(Errno) { try sharedDescriptors.checkRoom(limit: limit) } catch { kernel.limitEvents.note(.descriptors) }
    }
}
