import CLinux

/// A value one thread gives and another waits for; then the next.
final class Handover<Value: Sendable>: @unchecked Sendable {
    private let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    /// Written before the word, read after it, and not kept: it may hold whoever holds this.
    private var value: Value?

    init() { word.initialize(to: 0) }
    deinit { word.deallocate() }

    /// Gives a value; only when the one before has been taken.
    func give(_ value: Value) {
        self.value = value
        _ = skerry_atomic_exchange32(word, 1)
        skerry_futex_wake(word)
    }

    /// The value, as soon as it is there.
    func take() -> Value {
        while true {
            if skerry_atomic_load32(word) != 0, let value {
                self.value = nil
                _ = skerry_atomic_exchange32(word, 0)
                return value
            }
            skerry_futex_wait(word, 0, -1)
        }
    }
}
