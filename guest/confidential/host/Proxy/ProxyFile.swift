internal import LibraryOS

/// A file of the host that the library OS of a guest holds open by a handle. The host forgets it with the last reference.
final class ProxyFile: HostFile, @unchecked Sendable {
    let handle: UInt64
    private let close: (UInt64) -> Void
    private let lock = Lock(.leaf)
    private var known: FileKind?

    init(_ handle: UInt64, closedBy close: @escaping (UInt64) -> Void) {
        (self.handle, self.close) = (handle, close)
        super.init(descriptor: -1)
    }

    /// Whether it is of this kind, which the first answer settles: a file never changes its kind.
    func isStill(_ kind: FileKind) -> Bool {
        lock.withLock {
            defer { known = known ?? kind }
            return known == nil || known == kind
        }
    }

    deinit { close(handle) }
}
