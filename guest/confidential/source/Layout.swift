import Platform

/// The guest-physical addresses of `confidential_abi.h`.
enum Layout {
    static var base: UInt64 { UInt64(SKERRY_GUEST_BASE) }
    static var ghcb: UInt64 { UInt64(SKERRY_GUEST_GHCB) }
    static var ring: UInt64 { UInt64(SKERRY_GUEST_RING) }
    static var request: UInt64 { UInt64(SKERRY_GUEST_REQUEST) }
    static var response: UInt64 { UInt64(SKERRY_GUEST_RESPONSE) }
    static var secrets: UInt64 { UInt64(SKERRY_GUEST_SECRETS) }
    static var cpuid: UInt64 { UInt64(SKERRY_GUEST_CPUID) }
    static var ram: UInt64 { UInt64(SKERRY_GUEST_RAM) }
    static var ramLimit: UInt64 { UInt64(SKERRY_GUEST_RAM_LIMIT) }
    /// The entry for the page at `base`, the others behind it.
    static var entries: UInt64 { UInt64(SKERRY_GUEST_TABLES) + 3 * 4096 }
}

/// Private memory at an address of `Layout`, which is mapped from the start.
func pointer(_ address: UInt64) -> UnsafeMutableRawPointer {
    guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(address)) else { refuse(skerry_refusal_unreachable) }
    return pointer
}

/// The measured platform table.
enum Platform {
    private static func word(_ offset: Int32) -> UInt64 { pointer(UInt64(SKERRY_GUEST_PLATFORM)).load(fromByteOffset: Int(offset), as: UInt64.self) }
    static var encryption: UInt64 { word(SKERRY_PLATFORM_ENCRYPTION) }
    static var entryBits: UInt64 { word(SKERRY_PLATFORM_ENTRY_BITS) }
    static var ramSize: UInt64 { word(SKERRY_PLATFORM_RAM_SIZE) }
    /// Word 0 to 7 of the pages that the launch accepted.
    static func launched(_ index: Int) -> UInt64 { word(SKERRY_PLATFORM_LAUNCHED + Int32(truncatingIfNeeded: index) * 8) }
}

/// Memory that the host reads and writes too. Each value is read once.
enum Shared {
    static func load(_ address: UInt64) -> UInt64 {
        var value: UInt64 = 0
        skerry_read_shared(&value, address, 8)
        return value
    }

    static func store(_ value: UInt64, at address: UInt64) {
        var copy = value
        skerry_write_shared(address, &copy, 8)
    }
}
