import CLinux

/// Something threads wait for: a count that `signal` raises. No signal between reading the count and waiting is lost.
final class ThreadSignal: @unchecked Sendable {
    private let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    init() { word.initialize(to: 0) }
    deinit { word.deallocate() }

    /// How often there was a signal (modulo 2^32).
    var count: UInt32 { skerry_atomic_load32(word) }

    /// Sleeps unless there was a signal after `count`, at most `nanoseconds` (negative: for ever); may return early.
    func wait(after count: UInt32, nanoseconds: Int64 = -1) { skerry_futex_wait(word, count, nanoseconds) }

    /// Wakes everybody.
    func signal() {
        skerry_atomic_add32(word, 1)
        skerry_futex_wake_all(word)
    }
}
