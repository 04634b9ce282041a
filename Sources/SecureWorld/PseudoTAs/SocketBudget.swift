import Synchronization

/// How many sockets applications have together, so that they do not use up the monitor's descriptors.
final class SocketBudget: Sendable {
    private let used = Mutex(0)
    private let most: Int

    init(most: Int) { self.most = most }

    /// A place among them, given back with the last reference to it.
    final class Place: Sendable {
        private let budget: SocketBudget
        fileprivate init(_ budget: SocketBudget) { self.budget = budget }
        deinit { budget.used.withLock { $0 -= 1 } }
    }

    /// One more. `socketOutOfResources` when there are too many.
    func take() throws(TEEResult) -> Place {
        let isThere = used.withLock { used in
            if used >= most { return false }
            used += 1
            return true
        }
        guard isThere else { throw .socketOutOfResources }
        return Place(self)
    }
}
