import Synchronization

/// A count of explicit references, for objects whose end has an effect a program can see (the last close of a pipe's end).
package final class ReferenceCount: Sendable {
    private let count: Atomic<Int>
    package init(_ initial: Int = 0) { count = Atomic(initial) }
    package func increment() { count.wrappingAdd(1, ordering: .relaxed) }
    /// Takes one more reference unless the last one is already gone.
    package func incrementIfReferenced() -> Bool {
        var seen = count.load(ordering: .relaxed)
        while seen > 0 {
            let (exchanged, original) = count.weakCompareExchange(expected: seen, desired: seen &+ 1, ordering: .relaxed)
            if exchanged { return true }
            seen = original
        }
        return false
    }
    /// Returns true for the reference that was the last.
    package func decrement() -> Bool { count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
    package var value: Int { count.load(ordering: .relaxed) }
}

/// A source of unique numbers (inode numbers, mount ids, pipe ids).
package final class Counter: Sendable {
    private let next: Atomic<UInt64>
    package init(startingAt first: UInt64 = 1) { next = Atomic(first) }
    package func take() -> UInt64 { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}
