internal import CCrypto

/// What the normal world knows for certain about a client's process.
public struct ClientCredentials: Hashable, Sendable {
    /// Effective user.
    public let user: UInt32
    /// Effective group.
    public let group: UInt32
    /// Supplementary groups.
    public let groups: [UInt32]

    /// Credentials that a kernel (Linux, or the library OS) vouches for.
    public init(user: UInt32, group: UInt32, groups: [UInt32] = []) {
        self.user = user
        self.group = group
        self.groups = groups
    }
}

/// Client identities as the Linux TEE subsystem makes them (`drivers/tee/tee_core.c`, `tee_session_calc_client_uuid`).
public enum ClientIdentity {
    /// TEEC_LOGIN_PUBLIC (TEE Client API 1.0, 4.4.5): nobody in particular.
    public static let loginPublic: UInt32 = 0
    /// TEEC_LOGIN_USER: the effective user.
    public static let loginUser: UInt32 = 1
    /// TEEC_LOGIN_GROUP: a group of which the client is a member.
    public static let loginGroup: UInt32 = 2

    /// Linux's name space for client UUIDs.
    private static let nameSpace = TEEUUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6") ?? .null

    /// Who opens a session with that login method.
    ///
    /// `group` is the group that the client claims (the first four octets of the connection data, little-endian), used by TEEC_LOGIN_GROUP only.
    /// Throws `accessDenied` when the client is not a member of it or uses a method reserved for kernels (Linux: EPERM), `notSupported` for the methods that
    /// identify an application, and `badParameters` for unknown ones (Linux: EINVAL for both).
    public static func make(login: UInt32, group: UInt32 = 0, client: ClientCredentials) throws(TEEResult) -> TEEClientIdentity {
        switch login {
        case loginPublic: return TEEClientIdentity(login: login, uuid: .null)
        case loginUser: return TEEClientIdentity(login: login, uuid: try uuid5(nameSpace, "uid=" + String(client.user, radix: 16)))
        case loginGroup:
            guard group == client.group || client.groups.contains(group) else { throw .accessDenied }
            return TEEClientIdentity(login: login, uuid: try uuid5(nameSpace, "gid=" + String(group, radix: 16)))
        case 4, 5, 6: throw .notSupported
        case 0x8000_0000...0xbfff_ffff: throw .accessDenied
        default: throw .badParameters
        }
    }

    /// The UUID that SHA-1 makes of a name in a name space (RFC 4122, 4.3, version 5); `generic` when libcrypto has no SHA-1.
    public static func uuid5(_ nameSpace: TEEUUID, _ name: some StringProtocol) throws(TEEResult) -> TEEUUID {
        let input = nameSpace.octets + Array(name.utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        guard EVP_Digest(input, input.count, &digest, nil, EVP_sha1(), nil) == 1 else { throw .generic }
        digest[6] = digest[6] & 0x0f | 0x50
        digest[8] = digest[8] & 0x3f | 0x80
        guard let uuid = TEEUUID(bigEndian: digest.prefix(16)) else { throw .generic }
        return uuid
    }
}
