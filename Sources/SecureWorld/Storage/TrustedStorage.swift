internal import Synchronization

/// The private storages of all trusted applications, in a folder of the host (TEE Internal Core API 1.3.1, chapter 5; OP-TEE's core/tee/tee_svc_storage.c).
///
/// Every object has attributes, which the storage does not understand, and a data stream. All of it is sealed; a change is made as a whole or not at all, whenever the
/// process is killed; and whatever a host changes in the folder is found out when it is used, with what is said below about going back as a whole.
///
/// ## Several processes
/// The folder is shared by the call: a call waits until no other process is in it (`flock` on the folder itself). From the moment that a process has an object open until
/// it has none, the folder is its alone, because the rules about handles hold between processes too; another one waits for `patience` and then gets `storageNotAvailable`.
///
/// ## The folder
/// - `counter`: the state of the storage (`StorageRoot`): the counter of changes, for each application the pages of its index, and which files the last change made
///   superfluous. `counter.new` is the next one being written.
/// - `0-N`: a page of an application's index: ids, sizes, `TEE_ObjectInfo`, and the wrapped key of each object.
/// - `S-N`: files of the object with the serial number S: its own file (attributes, and the data or the table of its blocks), and the blocks of 16 KiB that it has when
///   its data does not fit into one. A hole has no block.
///
/// N never names two files of committed states. Each file is `StorageFile` (format version 1): header, nonce, AES-256-GCM ciphertext and tag, where the header and the owner
/// (storage, application, serial number) are authenticated too. The reference to a file holds its number and its tag, from the counter file over page and object down to
/// the block: a tree of tags in which no file can be changed, exchanged, cut, put back or left out. There is no byte in the folder that is not part of it, and no name.
///
/// A change writes new files under new numbers, has them on the disk, and then renames the new counter file over the old one: that is the moment it is made. Then the
/// superfluous files go; those that a killed process could not remove go when the folder is next used. A write of a few bytes into a large object writes a block, the object's file, a page
/// and the counter file.
///
/// ## Keys
/// As OP-TEE derives them: SSK = HMAC-SHA256(device key, chip id || "ONLY_FOR_tee_fs_ssk\0"), TSK = HMAC-SHA256(SSK, UUID), and per object a random key wrapped under the
/// TSK. The counter file and the index are sealed under keys derived from SSK and TSK.
///
/// ## What a host can still do
/// It sees how many objects there are, how large and when they change. It can delete everything: an application finds its objects gone, as with an empty folder. Above
/// all, **a host that keeps a copy of the whole folder, counter file included, can put that back** and nothing here can tell; without the counter file it cannot. A
/// `ReplayProtectedMemory` closes that, and the empty folder too, as far as the host cannot turn back the memory itself. Without the device key nothing can be read or made; with it,
/// everything.
///
/// ## Damage
/// A damaged object answers `corruptObject` and is removed, as in OP-TEE. A damaged page or counter file cannot be removed without losing sound objects: every use of what
/// it covers answers `corruptObject` until somebody wipes it. (Enumeration too: TEE_ERROR_CORRUPT_OBJECT_2 is for second keys, and libutee panics on it there.)
public final class TrustedStorage: Sendable {
    /// The capacity of a device's storage unless another is given: 1 GiB.
    public static let defaultCapacity: UInt64 = 1 << 30

    private let store: Mutex<ObjectStore>
    private let hasMemory: Bool

    /// Opens the storage in a folder, which is made (mode 0700) if it is not there; nothing in it is looked at yet.
    ///
    /// - `deviceKey`: the device's unique key, 16 bytes or more; `chipIdentifier`: OP-TEE's die id.
    /// - `capacity`: most bytes that the files of all objects may have, and 4 KiB more for each object, so that no application fills the disk of the host; nil: no limit.
    /// - `patience`: milliseconds that a call waits for other processes.
    /// - `replayProtection`: a memory that the storage is bound to from its next change on, which also makes TEE_STORAGE_PRIVATE_RPMB available. A storage that is bound
    ///   cannot be used without: `storageNotAvailable`.
    ///
    /// Errors: `badParameters` for a short key, `storageNotAvailable` when the folder cannot be opened.
    public init(
        folder: String, deviceKey: SecretBytes, chipIdentifier: [UInt8]? = nil, durability: StorageDurability = .disk, capacity: UInt64? = nil, patience: Int = 5000,
        replayProtection: (any ReplayProtectedMemory)? = nil
    ) throws(TEEResult) {
        guard deviceKey.count >= 16 else { throw .badParameters }
        let keys = try StorageKeys(deviceKey: deviceKey, chipIdentifier: chipIdentifier ?? StorageKeys.defaultChipIdentifier)
        let options = ObjectStore.Options(capacity: capacity, patience: patience, memory: replayProtection)
        store = Mutex(ObjectStore(folder: try StorageFolder(folder, isDurable: durability == .disk), keys: keys, options: options))
        hasMemory = replayProtection != nil
    }

    /// `gpd.tee.trustedStorage.antiRollback.protectionLevel` (TEE Internal Core API 1.3.1, 4.7): 1000 with a replay-protected memory, else 100.
    public var antiRollbackProtectionLevel: UInt32 { hasMemory ? 1000 : 100 }

    /// Opens an object (TEE_OpenPersistentObject); `storage` is a TEE_STORAGE_* number.
    ///
    /// Errors: `badParameters` for unknown flags and long ids, `itemNotFound` for unknown storages and objects, `accessConflict` when open handles do not admit these flags,
    /// `corruptObject`, `storageNotAvailable`.
    public func open(_ storage: UInt32, _ application: TEEUUID, id: [UInt8], flags: StorageFlags) throws(TEEResult) -> TrustedObject {
        let namespace = try namespace(storage, application, id, flags, of: .forOpening)
        return try locked { store throws(TEEResult) in TrustedObject(self, try store.open(id, in: namespace, flags), flags) }
    }

    /// Creates an object with its first data (TEE_CreatePersistentObject), and replaces one of that name when the flags have `overwrite`; whoever has that open sees the new
    /// one from then on.
    ///
    /// Errors: as `open`, and `accessConflict` when there is one and it is not to be replaced, `storageNoSpace`, `overflow` for 4 GiB of data, `outOfMemory` for more than a
    /// MiB of attributes.
    public func create(
        _ storage: UInt32, _ application: TEEUUID, id: [UInt8], flags: StorageFlags, header: StoredObjectHeader = StoredObjectHeader(),
        attributes: SecretBytes = SecretBytes([]), data: [UInt8] = []
    ) throws(TEEResult) -> TrustedObject {
        let namespace = try namespace(storage, application, id, flags, of: .forCreating)
        return try locked { store throws(TEEResult) in TrustedObject(self, try store.create(id, in: namespace, flags, header, attributes, data), flags) }
    }

    /// Starts an enumeration of an application's objects (TEE_StartPersistentObjectEnumerator).
    ///
    /// Errors: `itemNotFound` for unknown storages and when there are no objects (as OP-TEE), `corruptObject`, `storageNotAvailable`.
    public func enumerate(_ storage: UInt32, _ application: TEEUUID) throws(TEEResult) -> StorageEnumeration {
        let namespace = try namespace(storage, application, [], [], of: [])
        let ids = try locked { store throws(TEEResult) in try store.entries(in: namespace).map(\.id) }
        if ids.isEmpty { throw .itemNotFound }
        return StorageEnumeration(self, namespace, ids)
    }

    /// Has the n-th operation from now on fail, once: `full` counts changes (create, write, truncate, rewrite, rename, delete), `corrupt` accesses to objects (open, read,
    /// write, truncate, rewrite, the steps of enumerations). An n below 1 is 1.
    public func inject(_ fault: StorageFault, atOperation n: Int) { store.withLock { $0.faults.append((fault, max(1, n))) } }

    /// How many failures of a kind were asked for and have not come yet.
    public func pendingFaults(_ fault: StorageFault) -> Int { store.withLock { $0.faults.count { $0.fault == fault } } }

    private func namespace(
        _ storage: UInt32, _ application: TEEUUID, _ id: [UInt8], _ flags: StorageFlags, of known: StorageFlags
    ) throws(TEEResult) -> StorageNamespaceName {
        guard flags.isSubset(of: known) else { throw .badParameters }
        guard let kind = StorageKind(identifier: storage), kind == .normal || hasMemory else { throw .itemNotFound }
        guard id.count <= StorageIndexEntry.maximumIDSize else { throw .badParameters }
        return StorageNamespaceName(kind: kind, application: application)
    }

    /// One call: alone among threads and processes, and with the present state.
    func locked<Value: Sendable>(_ body: (ObjectStore) throws(TEEResult) -> Value) throws(TEEResult) -> Value {
        try store.withLock { store throws(TEEResult) in
            try store.begin()
            defer { store.end() }
            return try body(store)
        }
    }

    /// As `locked`, but the state may be damaged.
    func lockedBlindly<Value: Sendable>(_ body: (ObjectStore) throws(TEEResult) -> Value) throws(TEEResult) -> Value {
        try store.withLock { store throws(TEEResult) in
            try store.beginBlindly()
            defer { store.end() }
            return try body(store)
        }
    }

    /// For the end of a handle, at which the folder is locked already.
    func release(_ object: OpenObject) {
        store.withLock { store in
            store.close(object)
            store.end()
        }
    }
}
