import CElf

/// What the dynamic section says beside relocations and symbols.
struct TADynamic {
    static let maximumEntries: UInt64 = 1024
    static let maximumNeeded = 64

    private(set) var needed: [TEEUUID] = []
    private(set) var name: String?

    init(_ tables: TAELF, _ elf: [UInt8], _ layout: TALayout) throws(TAFileError) {
        let malformed = TAFileError.badFormat("the dynamic section of the ELF file is malformed; link the TA again")
        guard let segment = tables.segments.first(where: { $0.kind == UInt32(PT_DYNAMIC) }), segment.fileSize > 0 else { return }
        guard segment.fileSize / 16 <= Self.maximumEntries, let range = layout.fileRange(segment.address, segment.fileSize) else { throw malformed }
        let reader = ImageReader(bytes: elf)
        var entries: [(tag: UInt64, value: UInt64)] = []
        for index in 0..<range.count / 16 {
            guard let tag = reader.u64(range.lowerBound + index * 16), let value = reader.u64(range.lowerBound + index * 16 + 8) else { throw malformed }
            if tag == UInt64(DT_NULL) { break }
            entries.append((tag, value))
        }
        let names = entries.filter { $0.tag == UInt64(DT_NEEDED) || $0.tag == UInt64(DT_SONAME) }
        if names.isEmpty { return }
        guard let address = entries.first(where: { $0.tag == UInt64(DT_STRTAB) })?.value, let size = entries.first(where: { $0.tag == UInt64(DT_STRSZ) })?.value,
            let strings = layout.fileRange(address, size)
        else { throw malformed }
        for entry in names {
            guard entry.value < UInt64(strings.count) else { throw malformed }
            let text = elf[(strings.lowerBound + Int(entry.value))..<strings.upperBound].prefix { $0 != 0 }
            guard text.count <= 4096 else { throw malformed }
            if entry.tag == UInt64(DT_SONAME) {
                name = String(decoding: text, as: UTF8.self)
                continue
            }
            guard let uuid = TEEUUID(String(decoding: text, as: UTF8.self)) else {
                throw .badFormat("the TA needs \"\(TAFileReport.printable(text))\", which is not the UUID of a shared library of TAs; link it without that library, or statically")
            }
            if !needed.contains(uuid) { needed.append(uuid) }
            guard needed.count <= Self.maximumNeeded else { throw .badFormat("the TA needs more than \(Self.maximumNeeded) shared libraries; link some statically") }
        }
    }
}
