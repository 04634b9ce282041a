/// What a futex word is identified by (futex(2)): (address space, address) when private, (object, offset) when the mapping is shared.
package struct FutexKey: Hashable, Sendable {
    package let owner: ObjectIdentifier
    package let offset: UInt64
    package init(owner: ObjectIdentifier, offset: UInt64) {
        self.owner = owner
        self.offset = offset
    }
}

/// The futex wait queues of a sandbox.
package final class FutexTable: @unchecked Sendable {
    package init() {}
}
