/// What a pseudo application keeps: an object of the trusted storage under the application's own UUID, as OP-TEE's attestation keeps its key.
struct KeptObject: Sendable {
    private let storage: TrustedStorage
    private let owner: TEEUUID
    private let id: [UInt8]

    /// TEE_STORAGE_PRIVATE.
    private static let privateStorage: UInt32 = 1
    private static let largest: UInt64 = 64 << 10

    /// The object of that name of the application `owner`; nil without a storage.
    init?(_ id: String, of owner: TEEUUID, in storage: TrustedStorage?) {
        guard let storage else { return nil }
        self.storage = storage
        self.owner = owner
        self.id = Array(id.utf8)
    }

    /// What is in it; nil when there is none. `corruptObject` when it was damaged, and then it is gone; `storageNotAvailable`.
    func read() throws(TEEResult) -> SecretBytes? {
        do throws(TEEResult) {
            let object = try storage.open(Self.privateStorage, owner, id: id, flags: [.read, .shareRead, .shareWrite])
            defer { object.close() }
            var bytes = try object.read(at: 0, count: Self.largest)
            defer { SecretBytes.wipe(&bytes) }
            return SecretBytes(bytes)
        } catch {
            if error == .itemNotFound { return nil }
            throw error
        }
    }

    /// Makes it what it is to be. `storageNoSpace`, `storageNotAvailable`, `corruptObject` when the storage is damaged.
    func replace(_ content: SecretBytes) throws(TEEResult) { try put(content, [.write, .shareRead, .shareWrite, .overwrite]) }

    /// Makes it unless there is one; false when there is. Errors: as `replace`.
    func create(_ content: SecretBytes) throws(TEEResult) -> Bool {
        do throws(TEEResult) {
            try put(content, [.write, .shareRead, .shareWrite])
            return true
        } catch {
            if error == .accessConflict { return false }
            throw error
        }
    }

    private func put(_ content: SecretBytes, _ flags: StorageFlags) throws(TEEResult) {
        var bytes = content.bytes
        defer { SecretBytes.wipe(&bytes) }
        try storage.create(Self.privateStorage, owner, id: id, flags: flags, data: bytes).close()
    }
}
