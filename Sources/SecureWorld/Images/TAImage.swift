/// What a range of a TA's memory may be used for.
public struct TAProtection: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// As the flags of an ELF program header: 1 execute, 2 write, 4 read.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Instructions are fetched from it.
    public static let execute = TAProtection(rawValue: 1)
    /// It is written. Never together with `execute`.
    public static let write = TAProtection(rawValue: 2)
    /// It is read.
    public static let read = TAProtection(rawValue: 4)
    /// As `r-x`.
    public var description: String { "\(contains(.read) ? "r" : "-")\(contains(.write) ? "w" : "-")\(contains(.execute) ? "x" : "-")" }
}

/// The load plan of a trusted application or of a shared library of such: what OP-TEE's `ldelf` finds out about an ELF file (ldelf/ta_elf.c, ldelf/ta_elf_rel.c).
///
/// Addresses in it are relative to the base, which whoever loads it chooses; `TALinkMap` puts images together. Everything the file says has been checked: what
/// lies where in the file and in memory, and that no relocation writes elsewhere.
public struct TAImage: Sendable {
    /// What an ELF file is loaded as.
    public enum Role: Hashable, Sendable {
        /// A trusted application: `ta_head` at address 0, and an entry point.
        case application
        /// A shared library of trusted applications.
        case library
        /// A loader of the guest (OP-TEE's `ldelf`): an entry point, and no `ta_head`.
        case loader
    }

    /// Whole pages of memory with one protection.
    public struct Region: Hashable, Sendable {
        /// A part of the file and the address it goes to.
        struct Piece: Hashable, Sendable {
            let address: UInt64
            let file: Range<Int>
        }
        /// The first byte, a multiple of the page size.
        public let address: UInt64
        /// Bytes, a multiple of the page size; beyond what the file has they are zero.
        public let memorySize: UInt64
        /// What the pages are used for.
        public let protection: TAProtection
        /// In ascending order.
        let pieces: [Piece]

        /// Bytes from `address` on that the file determines, the gaps between its pieces included.
        public var fileSize: UInt64 { pieces.last.map { $0.address - address + UInt64($0.file.count) } ?? 0 }
    }

    /// The image of thread-local storage (PT_TLS).
    public struct ThreadLocal: Hashable, Sendable {
        /// Where the initial values are.
        public let address: UInt64
        /// Bytes of initial values.
        public let fileSize: UInt64
        /// Bytes of a thread's block, zero beyond the initial values.
        public let memorySize: UInt64
        /// A power of two that the block's address is a multiple of.
        public let alignment: UInt64
    }

    /// Bytes of a page, and the granule of protections.
    public static let pageSize: UInt64 = 4096
    /// Bytes of memory that one image may take.
    public static let maximumMemorySize: UInt64 = 256 << 20
    /// Dynamic relocations that one image may have.
    public static let maximumRelocations = 1 << 20

    /// What it is loaded as.
    public let role: Role
    /// What the application says about itself; nil for a library and a loader.
    public let head: TAHead?
    /// Where the application is entered; nil for a library.
    public let entry: UInt64?
    /// The memory, in ascending order and without overlaps.
    public let regions: [Region]
    /// Bytes from address 0 to the end of the last region: what is to be reserved.
    public let memorySize: UInt64
    /// A power of two, not below the page size, that the base is to be a multiple of.
    public let alignment: UInt64
    /// The shared libraries it needs (DT_NEEDED), in order and without repetitions.
    public let needed: [TEEUUID]
    /// DT_SONAME.
    public let name: String?
    /// PT_TLS.
    public let threadLocal: ThreadLocal?
    /// Whether it asks for a stack that code runs on (PT_GNU_STACK), which it does not get.
    public let wantsExecutableStack: Bool
    /// The dynamic symbols.
    public let symbols: TASymbols
    /// What is written when the base is known, from all relocation *sections*: DT_RELA covers only some of them (the TA linker script spreads them).
    let relocations: [TARelocation]
    /// The program headers as they are in the file, for `dl_iterate_phdr`.
    let programHeaders: [UInt8]
    let file: [UInt8]

    /// The load plan of an ELF file.
    ///
    /// - Parameters:
    ///   - elf: The whole file.
    ///   - role: What it is to be loaded as; nil: whichever it is.
    ///   - uuid: The application that was asked for.
    /// - Throws: BAD_FORMAT for a malformed file; NOT_SUPPORTED for what the TA ABI does not have; SECURITY for an application with another UUID; OUT_OF_MEMORY
    ///   for one that is too large.
    public init(parsing elf: [UInt8], as role: Role? = nil, expecting uuid: TEEUUID? = nil) throws(TAFileError) {
        guard elf.count <= TAFile.maximumSize else { throw TAFileError(.outOfMemory, "the ELF file has \(elf.count) bytes and \(TAFile.maximumSize) are the limit; strip it") }
        let tables = try TAELF(elf)
        let layout = try TALayout(tables, size: elf.count)
        // A loader is what it is used as: nothing in its file tells.
        let found: Role = role == .loader ? .loader : layout.startsWithHeader ? .library : .application
        guard role == nil || role == found else {
            throw .badFormat(
                found == .library
                    ? "the ELF file is a shared library or a program of another system, not a TA; link it with the TA linker script"
                    : "the ELF file is a TA and not a shared library; link it with -shared")
        }
        self.role = found
        file = elf
        programHeaders = tables.programHeaders
        regions = layout.regions
        memorySize = layout.memorySize
        alignment = layout.alignment
        wantsExecutableStack = layout.wantsExecutableStack
        threadLocal = try layout.threadLocal(tables)
        head = found == .application ? try TAHead(layout.bytes(elf, 0, UInt64(TAHead.size)) ?? []) : nil
        entry = found == .library ? nil : tables.entry
        symbols = try TASymbols(tables, elf)
        let dynamic = try TADynamic(tables, elf, layout)
        needed = dynamic.needed
        name = dynamic.name
        relocations = try TARelocation.all(tables, elf, layout, symbols)
        if let entry, !layout.contains(entry, 1, .execute) {
            throw .badFormat("the entry point 0x\(String(entry, radix: 16)) is not in the code; link a TA with -e__ta_entry")
        }
        if let uuid, let head, head.uuid != uuid {
            throw .security("the TA is asked for as \(uuid) and its ta_head says \(head.uuid); name or sign the file with the UUID it was built with")
        }
    }
}
