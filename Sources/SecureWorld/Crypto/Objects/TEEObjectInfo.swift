/// What an object may be used for, `TEE_USAGE_*` (TEE Internal Core API 1.3.1, table 5-4).
public struct TEEUsage: OptionSet, Hashable, Sendable {
    /// The 32 bits, of which the specification names seven.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// TEE_USAGE_EXTRACTABLE: protected attributes may be read.
    public static let extractable = TEEUsage(rawValue: 1)
    /// TEE_USAGE_ENCRYPT.
    public static let encrypt = TEEUsage(rawValue: 2)
    /// TEE_USAGE_DECRYPT.
    public static let decrypt = TEEUsage(rawValue: 4)
    /// TEE_USAGE_MAC.
    public static let mac = TEEUsage(rawValue: 8)
    /// TEE_USAGE_SIGN.
    public static let sign = TEEUsage(rawValue: 16)
    /// TEE_USAGE_VERIFY.
    public static let verify = TEEUsage(rawValue: 32)
    /// TEE_USAGE_DERIVE.
    public static let derive = TEEUsage(rawValue: 64)
    /// TEE_USAGE_DEFAULT: everything, which is what a new object has.
    public static let all = TEEUsage(rawValue: .max)
}

/// State of an object handle, `TEE_HANDLE_FLAG_*` (TEE Internal Core API 1.3.1, table 5-5).
public struct TEEHandleFlags: OptionSet, Hashable, Sendable {
    /// The 32 bits.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// TEE_HANDLE_FLAG_PERSISTENT: the object is in the trusted storage.
    public static let persistent = TEEHandleFlags(rawValue: 0x1_0000)
    /// TEE_HANDLE_FLAG_INITIALIZED: the object has its attributes.
    public static let initialized = TEEHandleFlags(rawValue: 0x2_0000)
}

/// What `TEE_GetObjectInfo1` tells about attributes (TEE Internal Core API 1.3.1, 5.3.3); the data stream's part of it is the storage's business.
public struct TEEObjectInfo: Hashable, Sendable {
    /// objectType.
    public let type: TEEObjectType
    /// objectSize: bits of the key, 0 before there is one.
    public let keySize: UInt32
    /// maxObjectSize: bits that the object was allocated for.
    public let maximumKeySize: UInt32
    /// objectUsage.
    public let usage: TEEUsage
    /// handleFlags.
    public let flags: TEEHandleFlags
}
