/// An enumeration of an application's objects: those that were there at its start, in the order of their creation, without those that are gone since.
public final class StorageEnumeration: @unchecked Sendable {
    private let storage: TrustedStorage
    private let namespace: StorageNamespaceName
    private let ids: [[UInt8]]
    private var position = 0

    init(_ storage: TrustedStorage, _ namespace: StorageNamespaceName, _ ids: [[UInt8]]) {
        self.storage = storage
        self.namespace = namespace
        self.ids = ids
    }

    /// How many objects there were at its start.
    var count: Int { ids.count }

    /// Another one that goes on where this one is.
    func copy() -> StorageEnumeration {
        let result = StorageEnumeration(storage, namespace, ids)
        result.position = position
        return result
    }

    /// The next object (TEE_GetNextPersistentObject).
    ///
    /// Errors: `itemNotFound` at the end, `corruptObject` when the next one is damaged (it stays, and the enumeration goes on behind it), `storageNotAvailable`.
    public func next() throws(TEEResult) -> StoredObjectInfo {
        try storage.locked { store throws(TEEResult) in
            while position < ids.count {
                let id = ids[position]
                position += 1
                guard let entry = try store.find(id, in: namespace) else { continue }
                let object = store.openObjects[ObjectStore.ObjectName(namespace: namespace, id: id)]
                try store.meet(.corrupt)
                if object == nil { _ = try store.load(entry, in: namespace) }
                return StoredObjectInfo(id: id, header: entry.header, dataSize: entry.dataSize, openFlags: object?.flags ?? [])
            }
            throw .itemNotFound
        }
    }
}
