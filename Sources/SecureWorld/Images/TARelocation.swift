import CElf

/// Eight bytes of an image that depend on where it, or another image, is loaded (System V ABI, AMD64 supplement, 4.4).
struct TARelocation: Sendable {
    enum Kind: UInt32 {
        /// R_X86_64_RELATIVE: base + addend.
        case relative
        /// R_X86_64_64: symbol + addend.
        case address
        /// R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT: symbol.
        case slot
        /// R_X86_64_DTPMOD64: the number of the symbol's module.
        case module
        /// R_X86_64_DTPOFF64: the symbol's offset in its module's block + addend.
        case moduleOffset
        /// R_X86_64_TPOFF64: the symbol's offset from the thread pointer + addend.
        case threadOffset
    }

    let kind: Kind
    /// The region and the offset in it of the eight bytes.
    let region: Int
    let offset: Int
    /// The number of the symbol, 0 for none.
    let symbol: Int
    let addend: Int64

    /// All of the image, in the order of the sections.
    static func all(_ tables: TAELF, _ elf: [UInt8], _ layout: TALayout, _ symbols: TASymbols) throws(TAFileError) -> [TARelocation] {
        var collector = Collector(elf: elf, layout: layout, symbols: symbols)
        for section in tables.sections where section.flags & UInt64(SHF_ALLOC) != 0 && section.size > 0 {
            switch section.kind {
            case UInt32(SHT_RELA): try collector.table(section, entrySize: 24)
            case UInt32(SHT_REL): try collector.table(section, entrySize: 16)
            case UInt32(SHT_RELR): try collector.packed(section)
            default: break
            }
        }
        return collector.relocations
    }

    private struct Collector {
        let elf: [UInt8]
        let layout: TALayout
        let symbols: TASymbols
        var relocations: [TARelocation] = []
        // Most follow each other in one region.
        private var recent = 0
        // Sections that share their bytes would cost more than the file's size, entries that do nothing included.
        private var budget: Int

        init(elf: [UInt8], layout: TALayout, symbols: TASymbols) {
            self.elf = elf
            self.layout = layout
            self.symbols = symbols
            budget = elf.count
        }

        private mutating func entries(_ section: TAELF.Section, of size: UInt64) throws(TAFileError) -> Range<Int> {
            guard section.entrySize == size, section.size % size == 0, let range = ImageReader.range(section.offset, section.size, of: elf.count) else {
                throw malformed("section lies outside of it or has entries of an unknown size")
            }
            budget -= range.count
            guard budget >= 0 else { throw malformed("section overlaps another one") }
            return range
        }

        private func malformed(_ what: String) -> TAFileError { .badFormat("a relocation of the ELF file \(what); link the TA again") }

        mutating func table(_ section: TAELF.Section, entrySize: UInt64) throws(TAFileError) {
            let reader = ImageReader(bytes: elf)
            let range = try entries(section, of: entrySize)
            for place in stride(from: range.lowerBound, to: range.upperBound, by: Int(entrySize)) {
                guard let address = reader.u64(place), let info = reader.u64(place + 8) else { throw malformed("is incomplete") }
                let type = UInt32(truncatingIfNeeded: info)
                if Int32(bitPattern: type) == R_X86_64_NONE { continue }
                let kind = try kind(type)
                let symbol = Int(info >> 32)
                guard symbol == 0 || section.link == symbols.section && symbol < symbols.table.count else { throw malformed("names a symbol that does not exist") }
                guard symbol != 0 || kind != .slot && kind != .address else { throw malformed("names no symbol and is of a type that needs one") }
                let (region, offset) = try target(address)
                let addend = entrySize == 24 ? reader.u64(place + 16) : stored(address)
                guard let addend else { throw malformed("is incomplete") }
                try append(TARelocation(kind: kind, region: region, offset: offset, symbol: symbol, addend: Int64(bitPattern: addend)))
            }
        }

        /// SHT_RELR (generic ABI, 2022): even entries are addresses, odd ones bitmaps of the 63 words that follow.
        mutating func packed(_ section: TAELF.Section) throws(TAFileError) {
            let reader = ImageReader(bytes: elf)
            let range = try entries(section, of: 8)
            var next: UInt64 = 0
            for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                guard let word = reader.u64(place) else { throw malformed("is incomplete") }
                if word & 1 == 0 {
                    try relative(word)
                    next = word &+ 8
                } else {
                    for bit in 0..<63 where word >> (UInt64(bit) + 1) & 1 != 0 { try relative(next &+ UInt64(bit) * 8) }
                    next = next &+ 63 * 8
                }
            }
        }

        private mutating func relative(_ address: UInt64) throws(TAFileError) {
            let (region, offset) = try target(address)
            guard let addend = stored(address) else { throw malformed("is incomplete") }
            try append(TARelocation(kind: .relative, region: region, offset: offset, symbol: 0, addend: Int64(bitPattern: addend)))
        }

        private mutating func append(_ relocation: TARelocation) throws(TAFileError) {
            guard relocations.count < TAImage.maximumRelocations else {
                throw TAFileError(.outOfMemory, "the ELF file has more than \(TAImage.maximumRelocations) relocations; make the TA smaller")
            }
            relocations.append(relocation)
        }

        private func stored(_ address: UInt64) -> UInt64? { layout.fileRange(address, 8).flatMap { ImageReader(bytes: elf).u64($0.lowerBound) } }

        private mutating func target(_ address: UInt64) throws(TAFileError) -> (Int, Int) {
            var region = recent
            let isThere =
                layout.regions.indices.contains(region) && address >= layout.regions[region].address && layout.regions[region].fileSize >= 8
                && address - layout.regions[region].address <= layout.regions[region].fileSize - 8
            if !isThere {
                guard let found = layout.region(address, 8) else { throw malformed("writes to 0x\(String(address, radix: 16)), where the file has no data") }
                region = found
                recent = found
            }
            return (region, Int(address - layout.regions[region].address))
        }

        private func kind(_ type: UInt32) throws(TAFileError) -> Kind {
            switch Int32(bitPattern: type) {
            case R_X86_64_RELATIVE: return .relative
            case R_X86_64_64: return .address
            case R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT: return .slot
            case R_X86_64_DTPMOD64: return .module
            case R_X86_64_DTPOFF64: return .moduleOffset
            case R_X86_64_TPOFF64: return .threadOffset
            case R_X86_64_IRELATIVE: throw .notSupported("the TA has functions that are chosen when it is loaded (ifunc), which TAs cannot have; build it without them")
            case R_X86_64_TLSDESC: throw .notSupported("the TA uses TLS descriptors, which TAs cannot use; build it with -mtls-dialect=gnu")
            case R_X86_64_COPY: throw .notSupported("the TA copies variables of a shared library (R_X86_64_COPY); build it with -fPIC")
            default: throw .badFormat("the ELF file has a relocation of type \(type), which no TA has; link it with -pie or -shared")
            }
        }
    }
}
