import CLinux
import GuestABI
import Synchronization

/// The system calls one thread publishes in its mailbox, and who owns them: a monitor-private word, never one in guest memory.
///
/// `outside`: the runner has the thread, nobody else may touch its task. `inGuest`: the vCPU runs, and the service thread may claim a published call.
/// `claimed`: the service thread runs that call; the runner waits for it, which is short, since only calls that cannot block are run there.
final class InPlaceRequest: @unchecked Sendable {
    private enum State {
        static let outside: UInt32 = 0
        static let inGuest: UInt32 = 1
        static let claimed: UInt32 = 2
    }
    private let state = Atomic<UInt32>(State.outside)
    private let mailboxAddress = Atomic<UInt>(0)

    // Written while claimed, read while outside:
    private var answeredRequest: UInt32 = 0
    private(set) var latestAnswer: Int64 = 0
    private var hasAnswered = false
    /// The request last looked at by the service thread.
    private let seenRequest = Atomic<UInt32>(0)

    // The runner's own:
    /// The gate spins on the mailbox.
    private(set) var isOffered = false
    private var suitableInARow = 0
    private var missesInARow = 0
    private var lastCall: UInt64 = 0

    /// How often the gate looks before it leaves.
    private static let spins: UInt32 = 400
    /// Calls that could be answered in place, one behind the other within `closeTogether` cycles, before the service thread is asked.
    private static let neededInARow = 24
    private static let closeTogether: UInt64 = 400_000
    private static let allowedMisses = 8

    private var mailbox: UnsafeMutablePointer<skerry_mailbox>? { UnsafeMutablePointer(bitPattern: mailboxAddress.load(ordering: .acquiring)) }

    // MARK: The runner's side

    /// The thread's mailbox from now on; only while outside.
    func use(_ mailbox: UnsafeMutablePointer<skerry_mailbox>) {
        mailboxAddress.store(UInt(bitPattern: mailbox), ordering: .releasing)
        hasAnswered = false
        seenRequest.store(skerry_atomic_load32(&mailbox.pointee.request), ordering: .relaxed)
        if isOffered { withdraw() }
    }

    /// The vCPU is about to run.
    func enterGuest() { if isOffered { state.store(State.inGuest, ordering: .releasing) } }

    /// The vCPU has left: takes the thread back, waiting for a claimed call to be finished.
    func leaveGuest() {
        guard isOffered else { return }
        while !state.compareExchange(expected: State.inGuest, desired: State.outside, ordering: .acquiringAndReleasing).exchanged {
            if state.load(ordering: .acquiring) == State.outside { return }
            skerry_pause()
        }
    }

    /// The answer, when the service thread has answered this request. Otherwise the caller runs the call, and the service thread never will: what is
    /// published now counts as seen. Only while outside.
    func answer(to request: UInt32) -> Int64? {
        if hasAnswered, answeredRequest == request { return latestAnswer }
        withdrawPublished()
        return nil
    }

    /// The service thread will not look at what is published in the mailbox now. Only while outside.
    func withdrawPublished() { if let mailbox { seenRequest.store(skerry_atomic_load32(&mailbox.pointee.request), ordering: .relaxed) } }

    /// A call came by the exit path. Returns true when the service thread should be asked to watch this thread.
    func noteExitCall(suitable: Bool, spun: Bool) -> Bool {
        let now = skerry_rdtsc()
        let gap = now &- lastCall
        lastCall = now
        if spun {
            missesInARow += 1
            if missesInARow > Self.allowedMisses { withdraw() }
            return false
        }
        suitableInARow = suitable && gap < Self.closeTogether ? suitableInARow + 1 : 0
        return !isOffered && suitableInARow >= Self.neededInARow
    }

    /// Makes the gate publish calls from now on.
    func offer() {
        guard let mailbox else { return }
        suitableInARow = 0
        missesInARow = 0
        seenRequest.store(skerry_atomic_load32(&mailbox.pointee.request), ordering: .relaxed)
        isOffered = true
        skerry_atomic_store32(&mailbox.pointee.spin, Self.spins)
    }

    /// Makes the gate leave at once again.
    func withdraw() {
        isOffered = false
        suitableInARow = 0
        if let mailbox { skerry_atomic_store32(&mailbox.pointee.spin, 0) }
    }

    // MARK: The service thread's side

    /// Serves a published call with `body`, if there is one; nil from `body` sends it to the exit path, and so does an answer with `leaves`, which the
    /// runner finds there. Returns false when there was none.
    func serve(_ body: (skerry_mailbox) -> (value: Int64, leaves: Bool)?) -> Bool {
        guard state.load(ordering: .acquiring) == State.inGuest, let mailbox else { return false }
        guard skerry_atomic_load32(&mailbox.pointee.request) != seenRequest.load(ordering: .relaxed) else { return false }
        guard state.compareExchange(expected: State.inGuest, desired: State.claimed, ordering: .acquiringAndReleasing).exchanged else { return false }
        defer { state.store(State.inGuest, ordering: .releasing) }
        // Looked at again under the claim: between the look above and the claim the runner may have taken the thread, run this very call and returned.
        let request = skerry_atomic_load32(&mailbox.pointee.request)
        guard request != seenRequest.load(ordering: .relaxed) else { return false }
        var copy = mailbox.pointee
        copy.request = request
        seenRequest.store(request, ordering: .relaxed)
        let answer = body(copy)
        if let answer {
            answeredRequest = copy.request
            latestAnswer = answer.value
            hasAnswered = true
            missesInARow = 0
            mailbox.pointee.result = UInt64(bitPattern: answer.value)
        }
        mailbox.pointee.verdict = answer?.leaves == false ? 0 : 1
        skerry_atomic_store32(&mailbox.pointee.response, copy.request)
        return true
    }

    /// The service thread stops watching: the gate leaves at once from the next call on. The runner notices at its next exit.
    func stopSpinning() { if let mailbox { skerry_atomic_store32(&mailbox.pointee.spin, 0) } }

    /// Whether the gate still spins; false after `stopSpinning`.
    var isSpinning: Bool { mailbox.map { skerry_atomic_load32(&$0.pointee.spin) != 0 } ?? false }
}
