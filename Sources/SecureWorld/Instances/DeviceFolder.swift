/// The folder of a "device": its key, the development key that signs applications, their versions, and trusted storage. Made on first use.
public struct DeviceFolder: Sendable {
    private let path: String
    /// The secret that all others are derived from (`device_key`, 32 bytes, mode 0600).
    public let deviceKey: DeviceKey

    private static let keyName = "device_key"

    /// Opens or makes the folder with its parents, and the device's key in it.
    public init(_ path: String) throws(TAFileError) {
        self.path = path
        var part = ""
        for name in path.split(separator: "/").dropLast() {
            part += (part.isEmpty && !path.hasPrefix("/") ? "" : "/") + name
            _ = try? DurableFolder(part, creating: true)
        }
        let folder = try DurableFolder(path, creating: true)
        if let bytes = try folder.read(Self.keyName, limit: 4096) {
            deviceKey = try Self.key(bytes, path)
            return
        }
        var fresh = try ImageCrypto.random(32)
        defer { SecretBytes.wipe(&fresh) }
        // Of several processes that come first at the same time one makes the key and all use it.
        _ = try fresh.withUnsafeBytes({ bytes in Result { () throws(TAFileError) in try folder.create(Self.keyName, bytes) } }).get()
        guard let bytes = try folder.read(Self.keyName, limit: 4096) else {
            throw TAFileError(.storageNotAvailable, "\(path)/\(Self.keyName) comes and goes; another program deletes it")
        }
        deviceKey = try Self.key(bytes, path)
    }

    private static func key(_ bytes: [UInt8], _ path: String) throws(TAFileError) -> DeviceKey {
        var bytes = bytes
        defer { SecretBytes.wipe(&bytes) }
        guard let key = DeviceKey(SecretBytes(bytes)) else {
            throw TAFileError(.corruptObject, "\(path)/\(keyName) does not have 32 bytes: it is not a device key; move it away, and what was stored under the lost one with it")
        }
        return key
    }

    /// The key that signs applications here, made on first use.
    public func signingKey() throws(TAFileError) -> TASigningKey { try TAKeys.developmentKey(in: path).key }

    /// The newest versions seen.
    public func versions() throws(TAFileError) -> TAVersionStore {
        try TAVersionStore(folder: path, key: try TAKeys.subkey(of: deviceKey.secret, .versions))
    }

    /// Trusted storage, of all applications together no more than `capacity` bytes.
    public func storage(capacity: UInt64 = TrustedStorage.defaultCapacity) throws(TAFileError) -> TrustedStorage {
        do throws(TEEResult) { return try TrustedStorage(folder: path + "/storage", deviceKey: deviceKey.secret, capacity: capacity) } catch {
            throw TAFileError(error, "the folder \(path)/storage cannot be opened: \(error)")
        }
    }
}

extension TAFileReport {
    /// The application that a signed or plain file says it is; nothing of it has been checked.
    public static func uuid(of bytes: [UInt8]) -> TEEUUID? {
        guard TAContainer.isContainer(bytes), bytes.count <= TAFile.maximumSize else { return (try? TAImage(parsing: bytes, as: .application))?.head?.uuid }
        guard let application = (try? TAContainer(bytes))?.application else { return nil }
        if let identity = application.identity { return identity.uuid }
        return application.encryption == nil ? uuid(of: Array(application.payload)) : nil
    }
}
