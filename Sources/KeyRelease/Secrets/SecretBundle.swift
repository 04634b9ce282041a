internal import CCrypto
internal import ConfidentialABI

/// The secrets that a relying party releases: names and values, at most 4,096 bytes in all with what says where each begins.
public final class SecretBundle: Sendable {
    /// The bytes that are sealed: always as many, so that the host does not learn how long a secret is.
    static let size = Int(SKERRY_RELEASE_SECRETS_SIZE)
    /// The most bytes of a name.
    public static let longestName = Int(SKERRY_RELEASE_NAME_LIMIT)

    /// As the guest reads them (`key_release_abi.h`), `size` bytes.
    let contents: SecretBytes
    /// The names, in their order.
    public let names: [String]

    /// Secrets by name.
    ///
    /// - Throws: `secrets` for a name that is not made of 1 to 64 letters, digits, `.`, `_` and `-`, for a name that comes twice, without any secret, and for more
    ///   bytes than there is room for.
    public init(_ secrets: [(name: String, value: [UInt8])]) throws(KeyReleaseError) {
        guard !secrets.isEmpty else { throw KeyReleaseError(.secrets, "no secret is given; there is nothing to release") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size + secrets.reduce(0) { $0 + $1.value.count })
        defer { OPENSSL_cleanse(&bytes, bytes.count) }
        bytes.append(halves: secrets.count)
        var seen: Set<String> = []
        for (name, value) in secrets {
            guard (1...Self.longestName).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameCharacter) else {
                throw KeyReleaseError(.secrets, "the name of a secret has 1 to \(Self.longestName) letters, digits, points, underscores and hyphens; \"\(name)\" has not")
            }
            guard seen.insert(name).inserted else { throw KeyReleaseError(.secrets, "there are two secrets named \(name)") }
            guard value.count < Self.size else { throw Self.tooLong(bytes.count + 4 + name.utf8.count + value.count) }
            bytes.append(halves: name.utf8.count)
            bytes.append(halves: value.count)
            bytes += name.utf8
            bytes += value
        }
        guard bytes.count <= Self.size else { throw Self.tooLong(bytes.count) }
        names = secrets.map(\.name)
        contents = SecretBytes(bytes + [UInt8](repeating: 0, count: Self.size - bytes.count))
    }

    private static func tooLong(_ count: Int) -> KeyReleaseError {
        KeyReleaseError(.secrets, "the secrets take \(count) bytes with their names; there is room for \(size): release a key, and keep what it opens elsewhere")
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension [UInt8] {
    /// 16 bits, little-endian.
    fileprivate mutating func append(halves value: Int) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }
}
