/// Which trusted storage a call means (TEE Internal Core API 1.3.1, 5.2; OP-TEE's tee_api_defines_extensions.h).
public enum StorageKind: UInt32, Sendable, CaseIterable {
    /// TEE_STORAGE_PRIVATE_REE, and also TEE_STORAGE_PRIVATE (1).
    case normal = 0x8000_0000
    /// TEE_STORAGE_PRIVATE_RPMB: there only with a replay-protected memory.
    case replayProtected = 0x8000_0100

    /// The storage that a TEE_STORAGE_* number names; nil for one that does not exist, which is `itemNotFound` to applications.
    public init?(identifier: UInt32) {
        guard let kind = identifier == 1 ? .normal : Self(rawValue: identifier) else { return nil }
        self = kind
    }
}

/// How an object is opened: TEE_DATA_FLAG_* (TEE Internal Core API 1.3.1, table 5-3).
public struct StorageFlags: OptionSet, Hashable, Sendable {
    /// The 32 bits of the argument.
    public let rawValue: UInt32
    /// Wraps the bits, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// TEE_DATA_FLAG_ACCESS_READ.
    public static let read = StorageFlags(rawValue: 0x1)
    /// TEE_DATA_FLAG_ACCESS_WRITE.
    public static let write = StorageFlags(rawValue: 0x2)
    /// TEE_DATA_FLAG_ACCESS_WRITE_META: may rename and delete; always alone on its object.
    public static let writeMeta = StorageFlags(rawValue: 0x4)
    /// TEE_DATA_FLAG_SHARE_READ.
    public static let shareRead = StorageFlags(rawValue: 0x10)
    /// TEE_DATA_FLAG_SHARE_WRITE.
    public static let shareWrite = StorageFlags(rawValue: 0x20)
    /// TEE_DATA_FLAG_OVERWRITE: creating replaces an object of that name.
    public static let overwrite = StorageFlags(rawValue: 0x400)

    static let forOpening: StorageFlags = [.read, .write, .writeMeta, .shareRead, .shareWrite]
    static let forCreating = forOpening.union(.overwrite)

    /// Whether an object that is open with these flags may be opened again with others (TEE Internal Core API 1.3.1, 5.7.3; OP-TEE's core/tee/tee_pobj.c).
    func admits(_ other: StorageFlags) -> Bool {
        let both = union(other)
        if both.contains(.writeMeta) { return false }
        if contains(.shareRead) != other.contains(.shareRead) || contains(.shareWrite) != other.contains(.shareWrite) { return false }
        if both.contains(.read) && !contains(.shareRead) { return false }
        return !both.contains(.write) || contains(.shareWrite)
    }
}

/// What `TEE_ObjectInfo` says of an object apart from its data stream. The storage keeps these words and understands none of them.
public struct StoredObjectHeader: Hashable, Sendable {
    /// TEE_TYPE_*.
    public var objectType: UInt32
    /// Size of the key in bits.
    public var objectSize: UInt32
    /// Largest size of a key of the object, in bits.
    public var maxObjectSize: UInt32
    /// TEE_USAGE_*.
    public var objectUsage: UInt32

    /// Without arguments a pure data object (TEE_TYPE_DATA) with every usage.
    public init(objectType: UInt32 = 0xa000_00bf, objectSize: UInt32 = 0, maxObjectSize: UInt32 = 0, objectUsage: UInt32 = 0xffff_ffff) {
        self.objectType = objectType
        self.objectSize = objectSize
        self.maxObjectSize = maxObjectSize
        self.objectUsage = objectUsage
    }
}

/// An object as enumeration shows it.
public struct StoredObjectInfo: Hashable, Sendable {
    /// Its name, 0...64 bytes.
    public let id: [UInt8]
    /// What it is.
    public let header: StoredObjectHeader
    /// Bytes of its data stream.
    public let dataSize: UInt32
    /// The flags of whoever has it open, none when nobody has (OP-TEE reports them among the handle flags).
    public let openFlags: StorageFlags
}

/// Something in the folder of a trusted storage that is not as the storage left it.
public struct StorageDamage: Hashable, Sendable, CustomStringConvertible {
    /// Name of the file.
    public let file: String
    /// What is wrong with it, as a clause.
    public let reason: String

    /// `FILE: REASON`.
    public var description: String { "\(file): \(reason)" }
}

/// What is in a trusted storage, for people who look after it.
public struct StorageReport: Sendable {
    /// An object of an application.
    public struct Object: Hashable, Sendable {
        /// Where it is.
        public let kind: StorageKind
        /// Whose it is.
        public let application: TEEUUID
        /// Its name.
        public let id: [UInt8]
        /// What it is.
        public let header: StoredObjectHeader
        /// Bytes of its data stream, holes included.
        public let dataSize: UInt32
        /// Bytes that its files take.
        public let storedSize: UInt64
        /// False when a file of it is missing or changed: reading it will answer `corruptObject`.
        public let isIntact: Bool
    }

    /// Every object of which the index is readable, by application and in the order of their creation.
    public let objects: [Object]
    /// Everything that is not as it should be; empty for a storage that nobody touched.
    public let damages: [StorageDamage]
    /// How many changes have been made since the storage came into being.
    public let counter: UInt64
}

/// When a change counts as made.
public enum StorageDurability: Sendable {
    /// When it is on the disk: it survives even the power going.
    case disk
    /// When the kernel has it: it survives the end of any process. Some ten times faster, for tests of applications.
    case kernel
}

/// A failure that a test of an application asks for.
public enum StorageFault: Sendable {
    /// No space: a change answers `storageNoSpace` and does nothing.
    case full
    /// Damage: an access to an object answers `corruptObject`, and the object is gone (a step of an enumeration only says so).
    case corrupt
}
