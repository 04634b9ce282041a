import CLinux
import Monitor
import Synchronization

/// A processor that waits inside an instance for its next command, so that a quick command needs no entry into the guest and no exit from it.
///
/// The thread that has carried out a command over KVM may leave its processor in the guest, where the gate looks for an answer to the call that has ended the
/// command (`GuestContext.park`). A client's thread that brings the next command answers that call, and serves the application's calls over the mailbox as long as
/// those are quick. Everything else it hands over to the processor's thread, which finds it when the gate has left.
///
/// `away`: no processor is there, an instance's usual state. `announced`: its thread is about to enter; nothing has happened yet. `standing`: one waits. `claimed`: a
/// client's thread, which has claimed the instance, serves; a processor that comes out of the guest waits for what it decides. `handedOver`: `entry` is the processor's. `dismissed`: the processor is to leave.
final class TAStandby: Sendable {
    private enum State {
        static let away: UInt32 = 0
        static let standing: UInt32 = 1
        static let claimed: UInt32 = 2
        static let handedOver: UInt32 = 3
        static let dismissed: UInt32 = 4
        static let announced: UInt32 = 5
    }
    /// For what another thread is about to do: looks first, and sleeps a little each time where that thread has no processor.
    private struct ShortWait {
        private var looks = 0

        mutating func once() {
            looks += 1
            if looks < 20_000 { skerry_pause() } else { ThreadSignal().wait(after: 0, nanoseconds: 50_000) }
        }
    }

    private let state = Atomic<UInt32>(State.away)
    private let hasLeft = Atomic<Bool>(false)
    private let isExpired = Atomic<Bool>(false)
    /// Whether standing by has paid.
    private let moment = BriefWait()

    /// Written by whoever may, read by whoever has taken over from them; `state` is what synchronises.
    private struct Shared {
        var entry: TAEntry?
        /// The call that the gate waits behind; nil: it has not been published yet.
        var pending: PublishedCall?
        var served = 0
        var lastEnd: UInt64 = 0
        var closeTogether = 0
    }
    nonisolated(unsafe) private var shared = Shared()

    /// How often the gate looks before it leaves: about a client's way from one command to the next.
    static let looks: UInt32 = 4000
    /// How long one goes on standing by without having been in the library OS, in nanoseconds: what an application does behind the TEE's back ends then.
    private static let longest: Int64 = 200_000_000
    /// Cycles between the ends of two commands that are close together, and how many of those there have to be.
    private static let close: UInt64 = 3_000_000
    private static let neededCloseTogether = 3

    /// A processor waits.
    var isStanding: Bool { state.load(ordering: .relaxed) == State.standing }

    // MARK: The processor's thread

    /// Whether a processor should stay, after a command that its thread has carried out. Only for whoever has claimed the instance.
    func isWorthwhile() -> Bool {
        let now = skerry_rdtsc()
        shared.closeTogether = now &- shared.lastEnd < Self.close ? shared.closeTogether &+ 1 : 0
        shared.lastEnd = now
        return shared.closeTogether >= Self.neededCloseTogether && moment.pays
    }

    /// A processor is about to wait; its thread calls `begin` when it has nothing else to do. Only for whoever has claimed the instance.
    func announce() {
        shared.pending = nil
        shared.served = 0
        hasLeft.store(false, ordering: .relaxed)
        isExpired.store(false, ordering: .relaxed)
        state.store(State.announced, ordering: .releasing)
    }

    /// The processor's thread is there; false: it is not wanted any more, or another one has come first.
    func begin() -> Bool { change(State.announced, State.standing) }

    /// Watches that standing by does not go on for ever.
    func watch(_ context: GuestContext) -> Watchdog.Watch {
        Watchdog.shared.watch(for: Self.longest) { [self] in
            isExpired.store(true, ordering: .sequentiallyConsistent)
            if change(State.standing, State.dismissed) { context.interrupt() }
        }
    }

    /// The processor may enter the guest.
    var isWanted: Bool { state.load(ordering: .acquiring) != State.dismissed }

    /// The processor has left the guest: waits until it is known what for. An entry that was handed over, or nil: nobody wants it any more.
    func settle() -> TAEntry? {
        hasLeft.store(true, ordering: .releasing)
        var wait = ShortWait()
        while true {
            let now = state.load(ordering: .acquiring)
            switch now {
            case State.claimed:
                wait.once()
            case State.handedOver:
                let entry = shared.entry
                shared.entry = nil
                moment.noteMiss()
                leave()
                return entry
            default:
                // `standing` may become `claimed` or `dismissed` meanwhile.
                guard change(now, State.dismissed) else { continue }
                if shared.served > 0 { moment.noteHit() } else { moment.noteMiss() }
                leave()
                return nil
            }
        }
    }

    private func leave() { state.store(State.away, ordering: .releasing) }

    // MARK: Threads that bring commands

    /// Takes the processor's call over; false when there is none. Only for whoever has claimed the instance.
    func claim() -> Bool { change(State.standing, State.claimed) }

    /// The call of the instance that waits for an answer, or the next one; nil: none came for a moment, or the processor has left the guest.
    func next(_ mailbox: GuestMailbox) -> PublishedCall? {
        if let pending = shared.pending {
            shared.pending = nil
            return hasLeft.load(ordering: .acquiring) ? nil : pending
        }
        var call: PublishedCall?
        _ = BriefWait.look {
            call = mailbox.next()
            return call != nil || hasLeft.load(ordering: .acquiring)
        }
        return call
    }

    /// A command is over, and the gate waits behind this call (nil: as before).
    func stay(behind call: PublishedCall?, _ context: GuestContext) {
        if let call {
            shared.pending = call
            shared.served &+= 1
            shared.lastEnd = skerry_rdtsc()
        }
        state.store(State.standing, ordering: .sequentiallyConsistent)
        // The time was over while the command ran.
        if isExpired.load(ordering: .sequentiallyConsistent), change(State.standing, State.dismissed) { context.interrupt() }
    }

    /// The processor's thread goes on with this; it is nobody else's any more.
    func handOver(_ entry: TAEntry) {
        shared.entry = entry
        state.store(State.handedOver, ordering: .releasing)
    }

    /// Sends the processor away and waits until it has left. Only for whoever has claimed the instance.
    func dismiss(_ context: GuestContext) {
        if state.load(ordering: .acquiring) == State.away { return }
        // Nobody is to be waited for: the thread may have this one's work to do first.
        if change(State.announced, State.away) { return context.mailbox.setLooks(0) }
        if change(State.standing, State.dismissed) { context.interrupt() }
        var wait = ShortWait()
        while state.load(ordering: .acquiring) != State.away { wait.once() }
    }

    private func change(_ from: UInt32, _ to: UInt32) -> Bool { state.compareExchange(expected: from, desired: to, ordering: .sequentiallyConsistent).exchanged }
}
