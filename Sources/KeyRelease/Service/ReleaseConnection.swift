/// A byte stream to a guest, which the guest's host carries: it may change, delay, drop and repeat everything. One conversation uses it, on one thread.
public protocol ReleaseConnection {
    /// Sends all of these bytes.
    ///
    /// - Throws: `ReleaseInterruption` when the stream has ended, or time is up.
    func send(_ bytes: [UInt8]) throws(ReleaseInterruption)
    /// Just that many bytes.
    ///
    /// - Throws: the same; also when the stream ends before.
    func receive(_ count: Int) throws(ReleaseInterruption) -> [UInt8]
}

/// Why a conversation did not go on.
public enum ReleaseInterruption: Error, Sendable, Hashable, CustomStringConvertible {
    /// The other side, or who carries the stream, has ended it.
    case ended
    /// Nothing, or too little, came in time.
    case timeout
    /// The operating system's reason.
    case failed(String)

    /// A few words.
    public var description: String {
        switch self {
        case .ended: "the stream ended"
        case .timeout: "time was up"
        case .failed(let reason): reason
        }
    }
}
