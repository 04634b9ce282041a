import Monitor

/// Calls that may be answered on a client's own thread, which cannot be taken off meanwhile: those that neither wait nor call another application nor touch trusted
/// storage, that are done within microseconds, and whose arguments are six at the most (`PublishedCall`).
extension TEESyscallTable {
    /// What makes a call quick.
    private enum Quickness {
        case always
        /// Of that argument's number of bytes there are not many.
        case bytes(Int)
        /// The object that the first argument is the handle of is not a stored one.
        case transient
        /// The operation that the first argument is the handle of has no key that is a stored object.
        case transientKeys
        /// The first argument is not this.
        case other(than: UInt64)
    }

    private static let quick: [UInt64: Quickness] = [
        // return, names of properties, rights, cancellation; the persistent time lies in the storage.
        0: .always, 4: .always, 8: .always, 9: .always, 10: .always, 11: .always, 13: .other(than: 1),
        // Operations, digests, ciphers.
        15: .always, 16: .always, 17: .transientKeys, 18: .bytes(2), 19: .bytes(2), 21: .bytes(2), 22: .bytes(2), 23: .bytes(2),
        // Objects, random bytes, authenticated encryption.
        24: .transient, 25: .transient, 26: .transient, 27: .always, 28: .transient, 29: .transient, 33: .bytes(1), 34: .bytes(2), 35: .bytes(2), 36: .bytes(2),
    ]
    private static let quickness: [Quickness?] = (0...UInt64(largestNumber)).map { quick[$0] }
    private static let mostBytes: UInt64 = 16 << 10

    /// Whether this call is done in a moment, of an instance with these handles.
    static func isQuick(_ call: PublishedCall, _ handles: TAHandles) -> Bool {
        guard call.number <= UInt64(largestNumber), let quickness = quickness[Int(call.number)], let first = call.arguments.first else { return false }
        // As `TEECall.object` and others take a handle.
        let handle = UInt32(truncatingIfNeeded: first)
        switch quickness {
        case .always: return true
        case .bytes(let index): return index < call.arguments.count && call.arguments[index] <= mostBytes
        case .transient: return handles.objects[handle]?.stored == nil
        case .transientKeys: return handles.operations[handle]?.keyHandles.allSatisfy { handles.objects[$0]?.stored == nil } ?? true
        case .other(let value): return UInt32(truncatingIfNeeded: first) != UInt32(truncatingIfNeeded: value)
        }
    }
}
