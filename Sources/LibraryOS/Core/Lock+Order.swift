#if DEBUG && !hasFeature(Embedded)
    extension Lock {
        /// What happens to a lock, for the record of what a thread holds.
        package enum OrderEvent: Int32, Sendable {
            /// It is about to be taken, waiting for it if need be.
            case taking = 0
            /// It has been taken without waiting: no order is needed for that.
            case tried = 1
            /// It has been released.
            case released = 2
        }

        /// Keeps the record of one thread: returns the highest rank the calling thread held before the event, negative when it held none. Nothing here knows
        /// of threads, so whoever has them (the monitor, a test) sets this before the first thread of its own starts.
        package typealias OrderRecord = @convention(c) (_ rank: UInt8, _ event: Int32) -> Int32
        nonisolated(unsafe) package static var orderRecord: OrderRecord?
    }
#endif

extension Lock {
    #if DEBUG && !hasFeature(Embedded)
        /// Debug builds stop at the first lock that is taken out of order, whether or not two threads would have met there.
        func note(_ event: OrderEvent) {
            guard let record = Lock.orderRecord else { return }
            let held = record(rank.rawValue, event.rawValue)
            if event == .taking, held >= Int32(rank.rawValue) {
                let name = Rank(rawValue: UInt8(truncatingIfNeeded: held)).map { "\($0)" } ?? "?"
                fatalError("a lock of rank \(rank) is taken while one of rank \(name) is held")
            }
        }
    #endif
}
