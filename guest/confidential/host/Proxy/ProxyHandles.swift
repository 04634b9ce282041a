internal import LibraryOS

/// The handles of a guest, which chooses them.
final class ProxyHandles: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var given: [UInt64] = []
    private var next = ProxyFunction.root &+ 1

    /// One that is free; nil when none is.
    func take() -> UInt64? {
        lock.withLock {
            if let handle = given.popLast() { return handle }
            if next >= ProxyFunction.mostHandles { return nil }
            defer { next &+= 1 }
            return next
        }
    }

    func give(back handle: UInt64) { lock.withLock { given.append(handle) } }
}
