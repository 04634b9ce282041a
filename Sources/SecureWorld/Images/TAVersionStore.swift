/// The newest version of each trusted application and sub-key that was ever loaded, so that older ones are refused (OP-TEE core/kernel/ree_fs_ta.c:
/// `check_update_version`, with its databases `ta_ver.db` and `subkey_ver.db`).
///
/// One file in a folder, replaced atomically, authenticated by a key of the device. What it cannot notice is that the whole folder is replaced by an older copy
/// of itself or deleted: that takes storage which cannot be replayed.
public final class TAVersionStore: Sendable {
    /// What has a version. The two kinds do not share their UUIDs.
    public enum Kind: String, Sendable {
        /// A trusted application or shared library.
        case application = "ta"
        /// A sub-key that signs such.
        case subkey
    }

    /// A version that a file carries.
    public struct Claim: Hashable, Sendable {
        /// What it is the version of.
        public let kind: Kind
        /// Whose version it is.
        public let uuid: TEEUUID
        /// The version.
        public let version: UInt32
        /// A claim of that version.
        public init(_ kind: Kind, _ uuid: TEEUUID, _ version: UInt32) {
            self.kind = kind
            self.uuid = uuid
            self.version = version
        }
    }

    /// The name of the file in its folder.
    public static let fileName = "ta_versions"
    /// UUIDs that are remembered; a UUID at version 0 takes no place.
    public static let maximumEntries = 16384

    private static let title = "skerry TA versions 1"
    private static let lineSize = 80
    private let folder: DurableFolder
    private let key: SecretBytes

    /// The versions in `folder`, which is made when it is not there; `key` authenticates them (`TAKeys.subkey(of:_:data:)` with `versions`).
    public init(folder: String, key: SecretBytes) throws(TAFileError) {
        self.folder = try DurableFolder(folder, creating: true)
        self.key = key
    }

    /// The newest version seen, 0 when none was.
    public func version(_ kind: Kind, _ uuid: TEEUUID) throws(TAFileError) -> UInt32 { try load()[Entry(kind, uuid)] ?? 0 }

    /// Refuses a claim that is older than what was seen: ACCESS_CONFLICT.
    public func check(_ claim: Claim) throws(TAFileError) { try Self.check(claim, load()) }

    /// Checks the claims, and remembers those that are newer, all of them or none.
    public func admit(_ claims: [Claim]) throws(TAFileError) {
        if try Self.apply(claims, to: load()) == nil { return }
        try folder.withLock(Self.fileName + ".lock") { () throws(TAFileError) in
            if let versions = try Self.apply(claims, to: load()) { try store(versions) }
        }
    }

    private struct Entry: Hashable {
        let kind: Kind
        let uuid: TEEUUID
        init(_ kind: Kind, _ uuid: TEEUUID) {
            self.kind = kind
            self.uuid = uuid
        }
    }

    private static func check(_ claim: Claim, _ versions: [Entry: UInt32]) throws(TAFileError) {
        let seen = versions[Entry(claim.kind, claim.uuid)] ?? 0
        guard claim.version >= seen else {
            let what = claim.kind == .application ? "TA" : "sub-key"
            throw TAFileError(
                .accessConflict,
                "\(what) \(claim.uuid) has version \(claim.version), and version \(seen) was loaded here before; sign it with version \(seen) or later, or delete the file \(fileName)"
            )
        }
    }

    /// The new versions, or nil when nothing changes.
    private static func apply(_ claims: [Claim], to versions: [Entry: UInt32]) throws(TAFileError) -> [Entry: UInt32]? {
        var result = versions
        for claim in claims {
            try check(claim, result)
            if claim.version > 0 { result[Entry(claim.kind, claim.uuid)] = claim.version }
        }
        guard result.count <= maximumEntries else {
            throw TAFileError(.storageNoSpace, "\(maximumEntries) versions are remembered already; delete the file \(fileName) to start again")
        }
        return result == versions ? nil : result
    }

    private func load() throws(TAFileError) -> [Entry: UInt32] {
        guard let bytes = try folder.read(Self.fileName, limit: (Self.maximumEntries + 2) * Self.lineSize) else { return [:] }
        let damaged = TAFileError(
            .corruptObject, "\(folder.path)/\(Self.fileName) is damaged or belongs to another device; delete it to accept the present versions of all TAs again")
        guard let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")), bytes.last == UInt8(ascii: "\n") else { throw damaged }
        let body = Array(bytes[...end])
        guard try Array(bytes[(end + 1)...]) == authentication(body) else { throw damaged }
        var lines = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() == "", !lines.isEmpty, lines.removeFirst() == Self.title else { throw damaged }
        var versions: [Entry: UInt32] = [:]
        for line in lines {
            let fields = line.split(separator: " ")
            guard fields.count == 3, let kind = Kind(rawValue: String(fields[0])), let uuid = TEEUUID(fields[1]), let version = UInt32(fields[2]),
                versions.updateValue(version, forKey: Entry(kind, uuid)) == nil
            else { throw damaged }
        }
        return versions
    }

    private func store(_ versions: [Entry: UInt32]) throws(TAFileError) {
        let lines = versions.map { "\($0.key.kind.rawValue) \($0.key.uuid) \($0.value)" }.sorted()
        let body = Array(([Self.title] + lines).map { $0 + "\n" }.joined().utf8)
        try folder.replace(Self.fileName, body + authentication(body))
    }

    private func authentication(_ body: [UInt8]) throws(TAFileError) -> [UInt8] {
        let code = try ImageCrypto.hmac(key, body).bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return Array("hmac-sha256 \(code)\n".utf8)
    }
}
