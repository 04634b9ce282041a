internal import Synchronization

/// A replay-protected memory in a file: for tests, for machines without such hardware, and for a file on storage that whoever attacks the trusted storage cannot write.
///
/// The file has the counter, the data and a code over both, and is replaced as a whole. It protects against a host that puts back the storage's folder alone. A host that
/// puts back an old copy of this file as well, at the same time, is not noticed; one that changes or removes it is.
public final class ReplayProtectedFile: ReplayProtectedMemory {
    private static let magic = Array("SKRYRPM1".utf8)

    private let folder: StorageFolder
    private let name: String
    private let key: SecretBytes
    private let lock = Mutex(())

    /// The memory in `folder`, which is made if it is not there, under `name`; `deviceKey` is that of the storage. Nothing is written before the first write.
    ///
    /// `storageNotAvailable` when the folder cannot be opened.
    public init(folder: String, name: String = "replay-protected", deviceKey: SecretBytes) throws(TEEResult) {
        self.folder = try StorageFolder(folder, isDurable: true)
        self.name = name
        key = try StorageKeys.anchorKey(deviceKey)
    }

    /// As the protocol says; `corruptObject` for a file that is not as it was written.
    public func read(nonce: [UInt8]) throws(TEEResult) -> ReplayProtectedContent {
        try lock.withLock { _ throws(TEEResult) in
            let (data, counter) = try load()
            return ReplayProtectedContent(
                data: data, writeCounter: counter, code: try ReplayProtectedMessage.answer(data, writeCounter: counter, nonce: nonce, key: key))
        }
    }

    /// As the protocol says.
    public func write(_ content: ReplayProtectedContent) throws(TEEResult) {
        try lock.withLock { _ throws(TEEResult) in
            guard content.data.count <= ReplayProtectedMessage.maximumSize,
                content.code == (try ReplayProtectedMessage.request(content.data, writeCounter: content.writeCounter, key: key))
            else { throw .security }
            let (_, counter) = try load()
            guard content.writeCounter == counter, counter < .max else { throw .badState }
            try store(content.data, counter + 1)
        }
    }

    private func load() throws(TEEResult) -> (data: [UInt8], counter: UInt64) {
        guard let bytes = try folder.read(name, limit: 4096) else { return ([], 0) }
        var reader = StorageRecordReader(bytes)
        guard Array(try reader.take(Self.magic.count)) == Self.magic else { throw .corruptObject }
        let counter: UInt64 = try reader.integer()
        let data = Array(try reader.take(try reader.count(ofSize: 1)))
        let code = Array(try reader.take(32))
        try reader.end()
        guard code == (try ReplayProtectedMessage.code("S", Self.magic, counter, data, key)) else { throw .corruptObject }
        return (data, counter)
    }

    private func store(_ data: [UInt8], _ counter: UInt64) throws(TEEResult) {
        var writer = StorageRecordWriter()
        writer.add(bytes: Self.magic)
        writer.add(counter)
        writer.add(UInt32(truncatingIfNeeded: data.count))
        writer.add(bytes: data)
        writer.add(bytes: try ReplayProtectedMessage.code("S", Self.magic, counter, data, key))
        var files = [try folder.stage(name + ".new", writer.bytes)]
        try folder.settle(&files)
        try folder.rename(name + ".new", to: name)
        try folder.synchronize()
    }
}
