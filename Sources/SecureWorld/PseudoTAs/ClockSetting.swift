import Synchronization

/// How a clock differs from the host's. All times are nanoseconds since 1970.
final class ClockSetting: Sendable {
    private struct State {
        /// The host's time when the clock showed `shown`.
        var reference: Int64 = 0
        var shown: Int64 = 0
        /// Ticks left out of each thousand million (as the `offset` of Linux's real-time clocks).
        var correction: Int32 = 0
    }

    private let state = Mutex<State?>(nil)
    private let object: KeptObject?

    /// Without an object the setting lasts as long as this.
    init(_ object: KeptObject?) { self.object = object }

    /// What the clock shows when the host's shows `host`. Errors: `overflow`, and those of `KeptObject.read`.
    func now(_ host: Int64) throws(TEEResult) -> Int64 { try state.withLock { (state) throws(TEEResult) in try Self.time(try load(&state), host) } }

    /// Sets it. Errors: those of `KeptObject`.
    func set(_ time: Int64, _ host: Int64) throws(TEEResult) {
        try state.withLock { (state) throws(TEEResult) in
            // The damage of a setting does not keep anybody from making another.
            let correction = (try? load(&state))?.correction ?? 0
            try store(State(reference: host, shown: time, correction: correction), &state)
        }
    }

    /// Parts per thousand million by which the clock is slower than the host's.
    func correction() throws(TEEResult) -> Int32 { try state.withLock { (state) throws(TEEResult) in try load(&state).correction } }

    /// Sets the correction, from now on. Errors: as `now` and `set`.
    func setCorrection(_ correction: Int32, _ host: Int64) throws(TEEResult) {
        try state.withLock { (state) throws(TEEResult) in
            let shown = try Self.time(try load(&state), host)
            try store(State(reference: host, shown: shown, correction: correction), &state)
        }
    }

    private static func time(_ state: State, _ host: Int64) throws(TEEResult) -> Int64 {
        let elapsed = Int128(host) - Int128(state.reference)
        let time = Int128(state.shown) + elapsed - elapsed * Int128(state.correction) / 1_000_000_000
        guard let result = Int64(exactly: time) else { throw .overflow }
        return result
    }

    private func load(_ state: inout State?) throws(TEEResult) -> State {
        if let state { return state }
        var loaded = State()
        if let content = try object?.read() {
            var reader = StorageRecordReader(content.bytes)
            loaded.reference = try reader.integer()
            loaded.shown = try reader.integer()
            loaded.correction = try reader.integer()
            try reader.end()
        }
        state = loaded
        return loaded
    }

    private func store(_ new: State, _ state: inout State?) throws(TEEResult) {
        var writer = StorageRecordWriter()
        writer.add(new.reference)
        writer.add(new.shown)
        writer.add(new.correction)
        try object?.replace(SecretBytes(writer.bytes))
        state = new
    }
}
