/// What a trusted application says about itself (OP-TEE lib/libutee/include/user_ta_header.h: `TA_FLAG_*`).
public struct TAFlags: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The bits as in the file.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// One instance serves all sessions (`gpd.ta.singleInstance`).
    public static let singleInstance = TAFlags(rawValue: 1 << 2)
    /// The instance has several sessions at a time (`gpd.ta.multiSession`).
    public static let multiSession = TAFlags(rawValue: 1 << 3)
    /// The instance outlives its last session (`gpd.ta.instanceKeepAlive`).
    public static let keepAlive = TAFlags(rawValue: 1 << 4)
    /// It may use memory of secure data paths.
    public static let secureDataPath = TAFlags(rawValue: 1 << 5)
    /// It may use the cache call.
    public static let cacheMaintenance = TAFlags(rawValue: 1 << 7)
    /// Sessions run at the same time: for pseudo-TAs.
    public static let concurrent = TAFlags(rawValue: 1 << 8)
    /// It is announced as a device before the supplicant runs.
    public static let deviceEnumeration = TAFlags(rawValue: 1 << 9)
    /// It is announced as a device once the supplicant runs.
    public static let deviceEnumerationWithSupplicant = TAFlags(rawValue: 1 << 10)
    /// Handles of objects that turn out corrupt stay open (`gpd.ta.doesNotCloseHandleOnCorruptObject`).
    public static let keepsCorruptHandles = TAFlags(rawValue: 1 << 11)
    /// It is announced as a device once the private storage is there.
    public static let deviceEnumerationWithStorage = TAFlags(rawValue: 1 << 12)
    /// An instance that panicked is not replaced (`gpd.ta.instanceKeepCrashed`).
    public static let keepCrashed = TAFlags(rawValue: 1 << 13)

    /// Bits that a file may have. Bits 0, 1 and 6 meant something once and mean nothing now.
    static let known = TAFlags(rawValue: 1 << 14 - 1)

    private static let names: [(TAFlags, String)] = [
        (.singleInstance, "SINGLE_INSTANCE"), (.multiSession, "MULTI_SESSION"), (.keepAlive, "INSTANCE_KEEP_ALIVE"), (.secureDataPath, "SECURE_DATA_PATH"),
        (.cacheMaintenance, "CACHE_MAINTENANCE"), (.concurrent, "CONCURRENT"), (.deviceEnumeration, "DEVICE_ENUM"),
        (.deviceEnumerationWithSupplicant, "DEVICE_ENUM_SUPP"), (.keepsCorruptHandles, "DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT"),
        (.deviceEnumerationWithStorage, "DEVICE_ENUM_TEE_STORAGE_PRIVATE"), (.keepCrashed, "INSTANCE_KEEP_CRASHED"),
    ]

    /// The bits in hexadecimal, and their names without `TA_FLAG_`.
    public var description: String {
        let names = Self.names.filter { contains($0.0) }.map(\.1)
        return "0x" + String(rawValue, radix: 16) + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    }
}

/// `struct ta_head`, the first 32 bytes of a trusted application's memory (OP-TEE lib/libutee/include/user_ta_header.h).
public struct TAHead: Hashable, Sendable {
    /// Bytes of the structure.
    public static let size = 32
    /// Bytes of stack that an application may ask for.
    public static let maximumStackSize: UInt32 = 64 << 20

    /// The application's name.
    public let uuid: TEEUUID
    /// Bytes of stack, including what the runtime library needs; a multiple of 8 at least.
    public let stackSize: UInt32
    /// What it asks for.
    public let flags: TAFlags

    /// - Throws: BAD_FORMAT for unknown flags, an entry point in the head (OP-TEE before 3.0) or no stack; OUT_OF_MEMORY for too much stack.
    init(_ bytes: [UInt8]) throws(TAFileError) {
        let reader = ImageReader(bytes: bytes)
        guard let uuid = TEEUUID(structure: bytes.prefix(16)), let stack = reader.u32(16), let flags = reader.u32(20), let entry = reader.u64(24) else {
            throw .badFormat("the ELF file has fewer than \(Self.size) bytes at address 0, where a TA has its ta_head; link it with the TA linker script")
        }
        guard entry == .max else {
            throw .badFormat("the ta_head has an entry point of its own (0x\(String(entry, radix: 16))), or it is none; build the TA with a current TA development kit")
        }
        self.flags = TAFlags(rawValue: flags)
        let unknown = self.flags.subtracting(.known)
        guard unknown.isEmpty else { throw .badFormat("the ta_head has the unknown flags 0x\(String(unknown.rawValue, radix: 16)); remove them from TA_FLAGS") }
        guard stack > 0 else { throw .badFormat("the ta_head asks for no stack; set TA_STACK_SIZE") }
        guard stack <= Self.maximumStackSize else {
            throw TAFileError(.outOfMemory, "the ta_head asks for \(stack) bytes of stack and \(Self.maximumStackSize) are the limit; lower TA_STACK_SIZE")
        }
        self.uuid = uuid
        stackSize = stack
    }
}
