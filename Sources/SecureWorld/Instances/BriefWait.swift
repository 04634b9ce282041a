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

    /// Whether looking has paid of late; when not, this counts the pause down.
    var pays: Bool {
        guard Self.hasOtherProcessors else { return false }
        let before = misses.load(ordering: .relaxed)
        if before < Self.mostMisses { return true }
        misses.store(before >= Self.mostMisses + Self.pause ? 0 : before + 1, ordering: .relaxed)
        return false
    }

    /// A look has found something.
    func noteHit() { misses.store(0, ordering: .relaxed) }
    /// A look has found nothing.
    func noteMiss() { misses.store(min(Self.mostMisses, misses.load(ordering: .relaxed) + 1), ordering: .relaxed) }

    /// Returns as soon as `isThere`, or when the moment is over; at once when looking has not paid.
    func wait(_ isThere: () -> Bool) {
        guard pays else { return }
        if Self.look(isThere) { noteHit() } else { noteMiss() }
    }

    /// Looks for a moment, whether it pays or not.
    static func look(_ isThere: () -> Bool) -> Bool {
        let start = skerry_rdtsc()
        while skerry_rdtsc() &- start < moment {
            if isThere() { return true }
            skerry_pause()
        }
        return false
    }
}
