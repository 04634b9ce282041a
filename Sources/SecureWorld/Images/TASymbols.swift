import CElf

/// The dynamic symbols of an image.
public struct TASymbols: Sendable {
    /// One symbol.
    struct Symbol: Sendable {
        let name: Range<Int>
        let binding: UInt8
        let kind: UInt8
        let visibility: UInt8
        let section: UInt16
        let value: UInt64

        // Of the reserved section numbers from 0xff00 on only SHN_ABS is a place.
        var isDefined: Bool { section != UInt16(SHN_UNDEF) && (section < 0xff00 || isAbsolute) }
        var isAbsolute: Bool { section == 0xfff1 }
        var isWeak: Bool { Int32(binding) == STB_WEAK }
        /// Whether other images find it by its name.
        var isExported: Bool {
            isDefined && (Int32(binding) == STB_GLOBAL || Int32(binding) == STB_WEAK || Int32(binding) == STB_GNU_UNIQUE)
                && (Int32(visibility) == STV_DEFAULT || Int32(visibility) == STV_PROTECTED)
        }
        /// Whether another image may have its definition used instead.
        var isPreemptible: Bool { !isDefined || isExported && Int32(visibility) == STV_DEFAULT }
    }

    static let maximumCount = 1 << 18
    /// Names may share their bytes, so the file's size alone does not bound what they add up to.
    static let maximumNameBytes = 16 << 20

    let table: [Symbol]
    /// The section header of the table: relocations name it.
    let section: Int
    private let exported: [[UInt8]: Int]
    private let strings: [UInt8]

    /// How many there are, the undefined ones included.
    public var count: Int { max(0, table.count - 1) }

    /// The names of the symbols that other images and `dlsym` find, in no particular order.
    public var names: [String] { exported.keys.map { String(decoding: $0, as: UTF8.self) } }

    init(_ tables: TAELF, _ elf: [UInt8]) throws(TAFileError) {
        guard let index = tables.sections.firstIndex(where: { $0.kind == UInt32(SHT_DYNSYM) }) else {
            (table, section, exported, strings) = ([], 0, [:], [])
            return
        }
        let malformed = TAFileError.badFormat("the dynamic symbols of the ELF file are malformed; link the TA again")
        let header = tables.sections[index]
        let reader = ImageReader(bytes: elf)
        guard header.entrySize == 24, header.size % 24 == 0, let range = reader.range(header.offset, header.size), header.link < tables.sections.count else { throw malformed }
        let link = tables.sections[header.link]
        guard range.count / 24 <= Self.maximumCount, link.kind == UInt32(SHT_STRTAB), let text = reader.range(link.offset, link.size) else { throw malformed }
        let strings = Array(elf[text])
        var table: [Symbol] = []
        var exported: [[UInt8]: Int] = [:]
        var nameBytes = 0
        table.reserveCapacity(range.count / 24)
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 24) {
            guard let name = reader.u32(offset), let section = reader.u16(offset + 6), let value = reader.u64(offset + 8), let start = Int(exactly: name),
                start < strings.count, let end = strings[start...].firstIndex(of: 0)
            else { throw malformed }
            nameBytes += end - start
            guard nameBytes <= Self.maximumNameBytes else { throw malformed }
            let symbol = Symbol(
                name: start..<end, binding: elf[offset + 4] >> 4, kind: elf[offset + 4] & 15, visibility: elf[offset + 5] & 3, section: section, value: value)
            if symbol.isExported, start < end {
                // Of two with one name the strong one counts (ta_elf_rel.c looks for global ones first).
                let key = Array(strings[start..<end])
                if let other = exported[key] { if table[other].isWeak, !symbol.isWeak { exported[key] = table.count } } else { exported[key] = table.count }
            }
            table.append(symbol)
        }
        (self.table, section, self.exported, self.strings) = (table, index, exported, strings)
    }

    /// The definition of that name which other images see.
    func definition(_ name: some Collection<UInt8>) -> Symbol? { exported[Array(name)].map { table[$0] } }

    func name(_ symbol: Symbol) -> ArraySlice<UInt8> { strings[symbol.name] }
}
