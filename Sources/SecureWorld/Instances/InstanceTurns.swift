import Synchronization

/// Who is inside which instance, and who waits to come in.
///
/// Applications call each other, so that a thread may be inside one instance and wait for another. It waits as long as whoever is there will come out by itself;
/// a thread that would wait for itself, directly or over others, is told so instead (OP-TEE: `tee_ta_try_set_busy`, which answers TEE_ERROR_BUSY where waiting
/// "would only cause a dead-lock").
final class InstanceTurns: Sendable {
    /// Instances and threads by their identity.
    private struct State {
        var inside: [ObjectIdentifier: ObjectIdentifier] = [:]
        var waiting: [ObjectIdentifier: ObjectIdentifier] = [:]

        /// Whether the thread inside `instance`, or one that it waits for in the end, is `thread`.
        func leads(from instance: ObjectIdentifier, to thread: ObjectIdentifier) -> Bool {
            var place: ObjectIdentifier? = instance
            // No cycle was ever let in, so this ends.
            while let at = place, let other = inside[at] {
                if other == thread { return true }
                place = waiting[other]
            }
            return false
        }
    }
    private let state = Mutex(State())

    /// What a thread that wants to come in has to do.
    enum Turn { case entered, wait, never }

    /// Comes in when nobody is there.
    func ask(_ instance: TAInstance, _ thread: TAThread) -> Turn {
        let (place, caller) = (ObjectIdentifier(instance), ObjectIdentifier(thread))
        return state.withLock { state in
            state.waiting[caller] = nil
            if state.inside[place] == nil {
                state.inside[place] = caller
                return .entered
            }
            if state.leads(from: place, to: caller) { return .never }
            state.waiting[caller] = place
            return .wait
        }
    }

    /// Comes in when nobody is there or waits, and does not wait otherwise.
    func askOnce(_ instance: TAInstance, _ thread: TAThread) -> Bool {
        state.withLock { state in
            let place = ObjectIdentifier(instance)
            guard state.inside[place] == nil, !state.waiting.values.contains(place) else { return false }
            state.inside[ObjectIdentifier(instance)] = ObjectIdentifier(thread)
            return true
        }
    }

    /// Nobody is inside any more.
    func leave(_ instance: TAInstance) { state.withLock { $0.inside[ObjectIdentifier(instance)] = nil } }
}
