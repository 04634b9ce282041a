internal import Synchronization

/// A handle to an object of the trusted storage. The position in the data stream is the caller's business.
///
/// All calls: `badState` after `close`, after the object was deleted, or after it was found damaged. Damage found by a call is `corruptObject`, and removes the object.
public final class TrustedObject: @unchecked Sendable {
    /// TEE_DATA_MAX_POSITION: the largest size of a data stream.
    public static let maximumPosition = UInt64(UInt32.max)
    /// Most bytes that one `read` gives; more at once is `outOfMemory`, since the caller has no memory for it either.
    public static let maximumReadSize = 256 << 20

    /// What it was opened with.
    public let flags: StorageFlags
    private let storage: TrustedStorage
    private let shared: OpenObject
    private let isClosed = Atomic(false)

    init(_ storage: TrustedStorage, _ shared: OpenObject, _ flags: StorageFlags) {
        self.storage = storage
        self.shared = shared
        self.flags = flags
    }

    deinit { close() }

    /// Ends the handle (TEE_CloseObject); a second time it does nothing.
    public func close() { if !isClosed.exchange(true, ordering: .relaxed) { storage.release(shared) } }

    /// Whether anything can be done with it: neither closed nor gone.
    var isUsable: Bool { !isClosed.load(ordering: .relaxed) && (try? access([]) { _ in true }) == true }

    /// A new handle with the same flags to the object that now has this name in this one's storage. Errors: as `TrustedStorage.open`.
    func reopened(as id: [UInt8]) throws(TEEResult) -> TrustedObject {
        let flags = flags.intersection(.forOpening)
        return try storage.locked { store throws(TEEResult) in TrustedObject(storage, try store.open(id, in: shared.namespace, flags), flags) }
    }

    /// The object's name at present.
    public var id: [UInt8] { get throws(TEEResult) { try access([]) { _ in shared.entry.id } } }

    /// What the object is.
    public var header: StoredObjectHeader { get throws(TEEResult) { try access([]) { _ in shared.entry.header } } }

    /// Its attributes, as they were given.
    public var attributes: SecretBytes { get throws(TEEResult) { try access([]) { _ in shared.record.attributes } } }

    /// Bytes of its data stream.
    public var dataSize: UInt32 { get throws(TEEResult) { try access([]) { _ in shared.record.dataSize } } }

    /// Up to `count` bytes from `position` on, fewer at the end of the stream, none behind it (TEE_ReadObjectData).
    ///
    /// Errors: `accessConflict` without `read` among the flags, `overflow` when position and count together exceed 64 bits (as OP-TEE), `outOfMemory`, `corruptObject`,
    /// `storageNotAvailable`.
    public func read(at position: UInt64, count: UInt64) throws(TEEResult) -> [UInt8] {
        try access(.read, meetsDamage: true) { store throws(TEEResult) in
            if position.addingReportingOverflow(count).overflow { throw .overflow }
            guard let start = UInt32(exactly: position) else { return [] }
            let count = min(count, UInt64(shared.record.dataSize))
            guard count <= Self.maximumReadSize else { throw .outOfMemory }
            return try store.read(shared, at: start, count: Int(count))
        }
    }

    /// Puts bytes into the stream at `position`, behind a hole of zeros if that is behind its end (TEE_WriteObjectData). No bytes change nothing.
    ///
    /// Errors: `accessConflict` without `write` among the flags, `overflow` when the end exceeds `maximumPosition`, `storageNoSpace`, `corruptObject`, `storageNotAvailable`.
    public func write(_ bytes: [UInt8], at position: UInt64) throws(TEEResult) {
        try access(.write, meetsDamage: true) { store throws(TEEResult) in
            let (end, overflow) = position.addingReportingOverflow(UInt64(bytes.count))
            guard !overflow, let end = UInt32(exactly: end), let start = UInt32(exactly: position) else { throw .overflow }
            if bytes.isEmpty { return }
            try store.revise(shared, size: max(end, shared.record.dataSize), position: start, bytes: bytes)
        }
    }

    /// Makes the stream that long, with zeros at its end if it grows (TEE_TruncateObjectData).
    ///
    /// Errors: as `write`.
    public func truncate(to size: UInt64) throws(TEEResult) {
        try access(.write, meetsDamage: true) { store throws(TEEResult) in
            guard let size = UInt32(exactly: size) else { throw .overflow }
            try store.revise(shared, size: size, position: 0, bytes: [])
        }
    }

    /// Replaces what the object is apart from its stream, as TEE_RestrictObjectUsage1 on a persistent object does (core/tee/tee_svc_cryp.c); needs no flag, as there.
    ///
    /// Errors: `outOfMemory` for more than a MiB of attributes, `storageNoSpace`, `storageNotAvailable`.
    public func rewrite(header: StoredObjectHeader, attributes: SecretBytes) throws(TEEResult) {
        try access([], meetsDamage: true) { store throws(TEEResult) in try store.rewrite(shared, header, attributes) }
    }

    /// Gives the object another name (TEE_RenamePersistentObject).
    ///
    /// Errors: `badState` without `writeMeta` among the flags (as OP-TEE), `badParameters` for a long id, `accessConflict` when there is an object of that name,
    /// `storageNoSpace`, `storageNotAvailable`.
    public func rename(to id: [UInt8]) throws(TEEResult) {
        guard id.count <= StorageIndexEntry.maximumIDSize else { throw .badParameters }
        guard flags.contains(.writeMeta) else { throw .badState }
        try access([]) { store throws(TEEResult) in try store.rename(shared, id) }
    }

    /// Deletes the object and ends the handle (TEE_CloseAndDeletePersistentObject1).
    ///
    /// Errors: `accessConflict` without `writeMeta` among the flags (as OP-TEE; the handle stays), `storageNoSpace`, `storageNotAvailable`.
    public func delete() throws(TEEResult) {
        try access(.writeMeta) { store throws(TEEResult) in try store.delete(shared) }
        close()
    }

    private func access<Value: Sendable>(
        _ needed: StorageFlags, meetsDamage: Bool = false, _ body: (ObjectStore) throws(TEEResult) -> Value
    ) throws(TEEResult) -> Value {
        try storage.locked { store throws(TEEResult) in
            guard !isClosed.load(ordering: .relaxed), !shared.isGone else { throw .badState }
            guard needed.isSubset(of: flags) else { throw .accessConflict }
            do throws(TEEResult) {
                if meetsDamage { try store.meet(.corrupt) }
                return try body(store)
            } catch {
                if error == .corruptObject { store.discard(shared.entry, in: shared.namespace) }
                throw error
            }
        }
    }
}
