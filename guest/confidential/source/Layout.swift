import Platform

/// The guest-physical addresses of `confidential_abi.h`.
enum Layout {
    static var base: UInt64 { UInt64(SKERRY_GUEST_BASE) }
    static var ghcb: UInt64 { UInt64(SKERRY_GUEST_GHCB) }
    static var evidence: UInt64 { UInt64(SKERRY_GUEST_EVIDENCE) }
    static var ring: UInt64 { UInt64(SKERRY_GUEST_RING) }
    static var ringPages: UInt64 { UInt64(SKERRY_GUEST_RING_PAGES) }
    static var request: UInt64 { UInt64(SKERRY_GUEST_REQUEST) }
    static var response: UInt64 { UInt64(SKERRY_GUEST_RESPONSE) }
    static var secrets: UInt64 { UInt64(SKERRY_GUEST_SECRETS) }
    static var cpuid: UInt64 { UInt64(SKERRY_GUEST_CPUID) }
    static var ram: UInt64 { UInt64(SKERRY_GUEST_RAM) }
    static var step: UInt64 { UInt64(SKERRY_GUEST_RAM_STEP) }
    static var ramLimit: UInt64 { UInt64(SKERRY_GUEST_RAM_LIMIT) }
    /// The entry for the page at `base`, the others behind it.
    static var entries: UInt64 { UInt64(SKERRY_GUEST_LEAVES) }
    /// The entry for the first 2 MiB of all.
    static var directories: UInt64 { UInt64(SKERRY_GUEST_DIRECTORIES) }
    /// Where the guest sees a guest-physical address.
    static func virtual(_ address: UInt64) -> UInt64 { address &+ UInt64(SKERRY_GUEST_DIRECT) }
}

/// Private memory at a guest-physical address that is mapped.
func pointer(_ address: UInt64) -> UnsafeMutableRawPointer {
    guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(Layout.virtual(address))) else { refuse(skerry_refusal_unreachable) }
    return pointer
}

/// The measured platform table.
enum Platform {
    private static func word(_ offset: Int32) -> UInt64 { pointer(UInt64(SKERRY_GUEST_PLATFORM)).load(fromByteOffset: Int(offset), as: UInt64.self) }
    static var encryption: UInt64 { word(SKERRY_PLATFORM_ENCRYPTION) }
    static var entryBits: UInt64 { word(SKERRY_PLATFORM_ENTRY_BITS) }
    static var ramSize: UInt64 { word(SKERRY_PLATFORM_RAM_SIZE) }
    /// A word of the bits of the pages that the launch accepted.
    static func launched(_ index: Int) -> UInt64 { word(SKERRY_PLATFORM_LAUNCHED + Int32(truncatingIfNeeded: index) * 8) }
}

/// Memory that the host reads and writes too, by its guest-physical address. Each value is read once.
enum Shared {
    static func load(_ address: UInt64) -> UInt64 {
        var value: UInt64 = 0
        skerry_read_shared(&value, Layout.virtual(address), 8)
        return value
    }

    static func store(_ value: UInt64, at address: UInt64) {
        var copy = value
        skerry_write_shared(Layout.virtual(address), &copy, 8)
    }

    static func read(_ address: UInt64, into buffer: UnsafeMutableRawPointer, _ count: Int) { skerry_read_shared(buffer, Layout.virtual(address), count) }
    static func write(_ address: UInt64, from buffer: UnsafeRawPointer, _ count: Int) { skerry_write_shared(Layout.virtual(address), buffer, count) }
}
