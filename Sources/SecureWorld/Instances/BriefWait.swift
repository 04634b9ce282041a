import CLinux
import Synchronization

/// Looks for something for a moment before the caller sleeps, where that has paid of late and another processor is free to bring it about.
///
/// To wake a sleeping thread costs what a whole command of an application costs (scripts/bench, "warm command"): a moment is somewhat longer than that.
final class BriefWait: Sendable {
    /// In cycles of the time stamp counter, some hundred microseconds.
    private static let moment: UInt64 = 600_000
    /// Looks in a row that found nothing, after which there is a pause.
    private static let mostMisses = 4
    /// Looks that are left out in a pause.
    private static let pause = 64
    private static let hasOtherProcessors = skerry_usable_processors() > 1

    /// Misses in a row; beyond `mostMisses` it counts the pause down.
    private let misses = Atomic<Int>(0)

    /// Returns as soon as `isThere`, or when the moment is over; at once when looking has not paid.
    func wait(_ isThere: () -> Bool) {
        guard Self.hasOtherProcessors else { return }
        let before = misses.load(ordering: .relaxed)
        if before >= Self.mostMisses {
            misses.store(before >= Self.mostMisses + Self.pause ? 0 : before + 1, ordering: .relaxed)
            return
        }
        let start = skerry_rdtsc()
        while skerry_rdtsc() &- start < Self.moment {
            if isThere() {
                misses.store(0, ordering: .relaxed)
                return
            }
            skerry_pause()
        }
        misses.store(before + 1, ordering: .relaxed)
    }
}
