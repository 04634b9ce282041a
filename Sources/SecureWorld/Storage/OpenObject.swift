/// An object that is open, as all its handles see it; touched under the lock of its storage only.
final class OpenObject: @unchecked Sendable {
    let namespace: StorageNamespaceName
    /// Of the handle that was opened first: what OP-TEE compares later ones with.
    let flags: StorageFlags
    var handles = 1
    var entry: StorageIndexEntry
    var record: StorageObjectRecord
    var key: SecretBytes
    /// Deleted, damaged or wiped: no handle can do anything with it.
    var isGone = false
    /// The block that was read last, because applications read in small pieces.
    var recent: (index: UInt32, content: SecretBytes)?

    init(_ namespace: StorageNamespaceName, _ flags: StorageFlags, _ entry: StorageIndexEntry, _ record: StorageObjectRecord, _ key: SecretBytes) {
        self.namespace = namespace
        self.flags = flags
        self.entry = entry
        self.record = record
        self.key = key
    }

    var name: ObjectStore.ObjectName { ObjectStore.ObjectName(namespace: namespace, id: entry.id) }
}
