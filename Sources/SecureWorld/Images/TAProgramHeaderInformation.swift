/// What `dl_iterate_phdr` in a TA finds: the runtime library runs constructors and sets thread-local storage up by it (OP-TEE ldelf/ta_elf.c:
/// `ta_elf_set_elf_phdr_info`; lib/libutee/include/user_ta_header.h: `struct __elf_phdr_info`).
///
/// Without it, constructors of C++, Rust and Swift never run. It is written once all images are in memory, and again, elsewhere, after `dlopen`.
public struct TAProgramHeaderInformation: Hashable, Sendable {
    /// Where `bytes` go: memory that the TA reads and writes.
    public let address: UInt64
    /// One `struct dl_phdr_info` of 64 bytes for each image, then their program headers and names.
    public let bytes: [UInt8]
    /// Where the application has its `__elf_phdr_info`.
    public let variable: UInt64
    /// The 16 bytes of that variable.
    public let value: [UInt8]

    /// The symbol that the runtime library exports.
    public static let symbol = "__elf_phdr_info"
    private static let entrySize = 64

    /// Bytes that are needed for the images of `map`.
    public static func size(_ map: TALinkMap) -> Int {
        map.images.reduce(0) { $0 + entrySize + padded($1.image.programHeaders.count) + padded(($1.image.name?.utf8.count ?? 0) + 1) }
    }

    /// For the images of `map`, at an address that is a multiple of 8; nil when no image has the variable and so nobody looks.
    ///
    /// - Throws: BAD_PARAMETERS for an address that will not do; as `TALinkMap.address(of:in:)`, except ITEM_NOT_FOUND.
    public init?(_ map: TALinkMap, at address: UInt64) throws(TAFileError) {
        do throws(TAFileError) { variable = try map.address(of: Self.symbol.utf8) } catch {
            if error.result == .itemNotFound { return nil }
            throw error
        }
        let size = UInt64(Self.size(map))
        guard address % 8 == 0, address < TALinkMap.addressLimit, size <= TALinkMap.addressLimit - address else {
            throw TAFileError(.badParameters, "program header information cannot be at 0x\(String(address, radix: 16))")
        }
        var table: [UInt8] = []
        var rest: [UInt8] = []
        let start = address + UInt64(map.images.count * Self.entrySize)
        for loaded in map.images {
            let headers = start + UInt64(rest.count)
            rest += Self.padded(loaded.image.programHeaders)
            let name = start + UInt64(rest.count)
            rest += Self.padded((loaded.image.name.map { Array($0.utf8) } ?? []) + [0])
            for value in [
                // dlpi_addr, dlpi_name, dlpi_phdr, dlpi_phnum; nothing is ever unloaded: dlpi_adds 1, dlpi_subs 0; dlpi_tls_modid; dlpi_tls_data is filled by who asks.
                loaded.base, name, headers, UInt64(loaded.image.programHeaders.count) / TAELF.segmentSize, 1, 0, loaded.threadLocalModule, 0,
            ] { table.append(littleEndian: value) }
        }
        self.address = address
        bytes = table + rest
        // reserved, count, reserved2, zero, dlpi
        var value: [UInt8] = []
        value.append(littleEndian: UInt32(0))
        value.append(littleEndian: UInt16(map.images.count))
        value.append(littleEndian: UInt16(0))
        value.append(littleEndian: address)
        self.value = value
    }

    private static func padded(_ count: Int) -> Int { (count + 7) & ~7 }
    private static func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: padded(bytes.count) - bytes.count) }
}
