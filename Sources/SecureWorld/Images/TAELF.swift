import CElf

/// The tables of an x86-64 ELF file, read through libelf from memory; offsets and sizes in them are only what the file says.
struct TAELF {
    struct Segment {
        let kind: UInt32
        let flags: UInt32
        let offset: UInt64
        let address: UInt64
        let fileSize: UInt64
        let memorySize: UInt64
        let alignment: UInt64
    }

    struct Section {
        let kind: UInt32
        let flags: UInt64
        let offset: UInt64
        let size: UInt64
        let link: Int
        let entrySize: UInt64
    }

    /// Program headers a file may have: what OP-TEE's loader can read of them, in the first page of the file.
    static let maximumSegments = 64
    static let segmentSize: UInt64 = 56
    static let sectionSize: UInt64 = 64

    let entry: UInt64
    let segments: [Segment]
    let sections: [Section]
    /// The program headers as they are in the file, for `dl_iterate_phdr`.
    let programHeaders: [UInt8]

    init(_ bytes: [UInt8]) throws(TAFileError) {
        let place = try Self.check(bytes)
        let reader = ImageReader(bytes: bytes)
        guard let headers = reader.range(place.segments, UInt64(place.segmentCount) * Self.segmentSize) else {
            throw .badFormat("the program headers lie outside of the ELF file; link the TA again")
        }
        programHeaders = Array(bytes[headers])
        guard reader.range(place.sections, UInt64(place.sectionCount) * Self.sectionSize) != nil else {
            throw .badFormat("the section headers lie outside of the ELF file; link the TA again, and strip it with strip, not by cutting it")
        }
        entry = place.entry
        guard let tables = bytes.withUnsafeBytes({ Self.tables($0, place.segmentCount, place.sectionCount) }) else {
            throw .badFormat("libelf cannot read the ELF file: \(elf_errmsg(-1).map { String(cString: $0) } ?? "unknown error"); link the TA again")
        }
        (segments, sections) = tables
    }

    private struct Place {
        let entry: UInt64
        let segments: UInt64
        let segmentCount: Int
        let sections: UInt64
        let sectionCount: Int
    }

    /// The kinds of files that libelf would convert or count differently never get to it.
    private static func check(_ bytes: [UInt8]) throws(TAFileError) -> Place {
        let reader = ImageReader(bytes: bytes)
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]), let type = reader.u16(16), let machine = reader.u16(18), let version = reader.u32(20),
            let entry = reader.u64(24), let segments = reader.u64(32), let sections = reader.u64(40), let segmentSize = reader.u16(54), let segmentCount = reader.u16(56),
            let sectionSize = reader.u16(58), let sectionCount = reader.u16(60)
        else { throw .badFormat("it is no ELF file of 64 bits; link it with the TA development kit") }
        guard Int32(machine) == EM_X86_64, bytes[4] == UInt8(ELFCLASS64), bytes[5] == UInt8(ELFDATA2LSB) else {
            throw .badFormat("the TA is for another processor (ELF machine \(machine)); build it for x86-64")
        }
        guard bytes[6] == UInt8(EV_CURRENT), version == UInt32(EV_CURRENT), bytes[7] == UInt8(ELFOSABI_NONE) || bytes[7] == UInt8(ELFOSABI_GNU) else {
            throw .badFormat("the ELF file is of version \(version) and system \(bytes[7]); build it for x86-64 with GNU or LLVM tools")
        }
        guard Int32(type) == ET_DYN else { throw .badFormat("the ELF file is of type \(type) and a TA is a shared object (type 3); link it with -pie, or -shared for a library") }
        guard UInt64(segmentSize) == Self.segmentSize, (1...maximumSegments).contains(Int(segmentCount)) else {
            throw .badFormat("the ELF file has \(segmentCount) program headers of \(segmentSize) bytes; a TA has 1 to \(maximumSegments) of \(Self.segmentSize)")
        }
        guard sections != 0, sectionCount > 0, UInt64(sectionSize) == Self.sectionSize else {
            throw .badFormat("the ELF file has no section headers, which a TA is relocated by; strip it with strip, not with sstrip")
        }
        return Place(entry: entry, segments: segments, segmentCount: Int(segmentCount), sections: sections, sectionCount: Int(sectionCount))
    }

    private static func tables(_ bytes: UnsafeRawBufferPointer, _ segmentCount: Int, _ sectionCount: Int) -> ([Segment], [Section])? {
        _ = elf_version(UInt32(EV_CURRENT))
        // libelf does not write to an image that is opened for reading.
        let image = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
        guard let elf = elf_memory(image, bytes.count) else { return nil }
        defer { elf_end(elf) }
        var segments: [Segment] = []
        for index in 0..<segmentCount {
            var header = GElf_Phdr()
            guard gelf_getphdr(elf, Int32(index), &header) != nil else { return nil }
            segments.append(
                Segment(
                    kind: header.p_type, flags: header.p_flags, offset: header.p_offset, address: header.p_vaddr, fileSize: header.p_filesz, memorySize: header.p_memsz,
                    alignment: header.p_align))
        }
        var sections: [Section] = []
        for index in 0..<sectionCount {
            var header = GElf_Shdr()
            guard let section = elf_getscn(elf, index), gelf_getshdr(section, &header) != nil else { return nil }
            sections.append(
                Section(
                    kind: header.sh_type, flags: header.sh_flags, offset: header.sh_offset, size: header.sh_size, link: Int(header.sh_link), entrySize: header.sh_entsize))
        }
        return (segments, sections)
    }
}
