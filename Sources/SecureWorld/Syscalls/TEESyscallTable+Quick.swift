import Monitor

/// Calls that may be answered on a client's own thread, which cannot be taken off meanwhile: those that neither wait nor call another application, that are done
/// within microseconds, and whose arguments are six at the most (`PublishedCall`).
extension TEESyscallTable {
    /// The quick ones by their numbers, with the index of the argument that says how many bytes there are to be worked on.
    private static let quick: [UInt64: Int?] = [
        0: nil, 4: nil, 8: nil, 9: nil, 10: nil, 11: nil, 13: nil,  // return, names of properties, rights, cancellation, time
        15: nil, 16: nil, 17: nil, 18: 2, 19: 2, 21: 2, 22: 2, 23: 2,  // operations, digests, ciphers
        24: nil, 25: nil, 26: nil, 27: nil, 28: nil, 29: nil, 33: 1,  // objects, random bytes
        34: 2, 35: 2, 36: 2,  // authenticated encryption
    ]
    private static let quickness: [(isQuick: Bool, length: Int?)] = (0...UInt64(largestNumber)).map { number in
        quick[number].map { (true, $0) } ?? (false, nil)
    }
    private static let mostBytes: UInt64 = 64 << 10

    /// Whether this call is done in a moment.
    static func isQuick(_ call: PublishedCall) -> Bool {
        guard call.number <= UInt64(largestNumber) else { return false }
        let (isQuick, length) = quickness[Int(call.number)]
        guard isQuick else { return false }
        guard let length else { return true }
        return length < call.arguments.count && call.arguments[length] <= mostBytes
    }
}
