/// A small memory that cannot be turned back, as the replay-protected memory block of an eMMC (JEDEC JESD84-B51, 6.6.22): it takes a write only with the right message
/// authentication code and the present value of a counter that every write advances, and answers reads with a code over the reader's nonce.
///
/// Authentication codes are HMAC-SHA256 under a key that the device got once and never gives out; over what, `ReplayProtectedMessage` says.
///
/// A storage writes its counter and its root tag there with every change. So even a host that puts back the whole folder, counter file included, is found out, as long as it
/// cannot put back the memory: that is the whole protection, and it is as good as the place of the memory. `ReplayProtectedFile` in a folder that the same host can copy protects against
/// mistakes, not against that host; an implementation in front of real hardware or of another machine does.
public protocol ReplayProtectedMemory: Sendable {
    /// The content, the write counter, and the code of `ReplayProtectedMessage.answer` for the nonce; `storageNotAvailable` when the device cannot be asked.
    func read(nonce: [UInt8]) throws(TEEResult) -> ReplayProtectedContent
    /// Replaces the content and adds one to the counter. `security` for a wrong code, `badState` when the counter is not the present one (a replay), and the content stays.
    func write(_ content: ReplayProtectedContent) throws(TEEResult)
}

/// A content of a replay-protected memory on its way.
public struct ReplayProtectedContent: Sendable {
    /// At most 256 bytes; none in a memory that was never written.
    public var data: [UInt8]
    /// Writes so far (reading) or before this one (writing).
    public var writeCounter: UInt64
    /// The authentication code.
    public var code: [UInt8]

    /// What a device answers or is given.
    public init(data: [UInt8], writeCounter: UInt64, code: [UInt8]) {
        self.data = data
        self.writeCounter = writeCounter
        self.code = code
    }
}

/// What the authentication codes of a replay-protected memory are made of.
public enum ReplayProtectedMessage {
    /// Most bytes of content.
    public static let maximumSize = 256

    /// The code of an answer: over 'R', the nonce, the counter (64 bits, low byte first) and the data. `generic` when libcrypto fails.
    public static func answer(_ data: [UInt8], writeCounter: UInt64, nonce: [UInt8], key: SecretBytes) throws(TEEResult) -> [UInt8] {
        try code("R", nonce, writeCounter, data, key)
    }

    /// The code of a write: over 'W', the counter and the data. `generic` when libcrypto fails.
    public static func request(_ data: [UInt8], writeCounter: UInt64, key: SecretBytes) throws(TEEResult) -> [UInt8] { try code("W", [], writeCounter, data, key) }

    static func code(_ purpose: Unicode.Scalar, _ nonce: [UInt8], _ counter: UInt64, _ data: [UInt8], _ key: SecretBytes) throws(TEEResult) -> [UInt8] {
        var writer = StorageRecordWriter()
        writer.add(UInt8(truncatingIfNeeded: purpose.value))
        writer.add(bytes: nonce)
        writer.add(counter)
        writer.add(bytes: data)
        return try StorageCipher.authenticationCode(writer.bytes, key: key).bytes
    }
}

/// A storage's side of a replay-protected memory.
struct ReplayProtectedAnchor {
    /// What the memory knows of a storage.
    struct State: Hashable {
        let identifier: [UInt8]
        let counter: UInt64
        let tag: StorageTag
    }

    private let memory: any ReplayProtectedMemory
    private let key: SecretBytes

    init(_ memory: any ReplayProtectedMemory, key: SecretBytes) {
        self.memory = memory
        self.key = key
    }

    /// What is in the memory; nil for one that was never written. `corruptObject` when the answer is not the memory's.
    var state: State? {
        get throws(TEEResult) {
            let content = try content
            if content.writeCounter == 0 && content.data.isEmpty { return nil }
            var reader = StorageRecordReader(content.data)
            let state = State(identifier: Array(try reader.take(StorageRoot.identifierSize)), counter: try reader.integer(), tag: try reader.tag())
            try reader.end()
            return state
        }
    }

    func set(_ state: State) throws(TEEResult) {
        var writer = StorageRecordWriter()
        writer.add(bytes: state.identifier)
        writer.add(state.counter)
        writer.add(state.tag)
        let counter = try content.writeCounter
        try memory.write(
            ReplayProtectedContent(
                data: writer.bytes, writeCounter: counter, code: try ReplayProtectedMessage.request(writer.bytes, writeCounter: counter, key: key)))
    }

    private var content: ReplayProtectedContent {
        get throws(TEEResult) {
            let nonce = try StorageCipher.random(16)
            let content = try memory.read(nonce: nonce)
            guard content.code == (try ReplayProtectedMessage.answer(content.data, writeCounter: content.writeCounter, nonce: nonce, key: key)) else { throw .corruptObject }
            return content
        }
    }
}
