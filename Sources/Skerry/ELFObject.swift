import CElf
import LibraryOS
import Monitor

/// The dynamic section of an x86-64 ELF file, read through libelf, which checks every offset against the file.
struct ELFObject {
    /// PT_INTERP.
    private(set) var interpreter: [UInt8]?
    /// DT_NEEDED.
    private(set) var needed: [[UInt8]] = []
    /// DT_RPATH and DT_RUNPATH, split at colons, not expanded.
    private(set) var rpath: [[UInt8]] = []
    private(set) var runpath: [[UInt8]] = []

    private static let maximumEntries = 65536

    /// nil when it is not an x86-64 ELF file.
    init?(host: LinuxHost, path: [UInt8]) {
        guard let handle = try? host.openGrant(path), (try? host.attributes(of: handle))?.kind == .regular,
            let file = try? host.reopen(handle, flags: 0)
        else { return nil }
        _ = elf_version(UInt32(EV_CURRENT))
        // The file's descriptor outlives the ELF handle.
        let parsed: ELFObject? = withExtendedLifetime(file) {
            guard let elf = elf_begin(file.descriptor, ELF_C_READ, nil) else { return nil }
            defer { elf_end(elf) }
            return ELFObject(elf)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private init?(_ elf: OpaquePointer) {
        var header = GElf_Ehdr()
        guard elf_kind(elf) == ELF_K_ELF, gelf_getclass(elf) == ELFCLASS64, gelf_getehdr(elf, &header) != nil, header.e_machine == EM_X86_64 else { return nil }
        let segments = Self.segments(elf)
        for segment in segments {
            if segment.p_type == UInt32(PT_INTERP) {
                let bytes = Self.bytes(elf, segment.p_offset, min(segment.p_filesz, 4096), ELF_T_BYTE)
                interpreter = bytes.map { Array($0.prefix { $0 != 0 }) }
            }
            if segment.p_type == UInt32(PT_DYNAMIC), let dynamic = Self.bytes(elf, segment.p_offset, segment.p_filesz, ELF_T_DYN) {
                read(dynamic, elf, segments)
            }
        }
    }

    private static func segments(_ elf: OpaquePointer) -> [GElf_Phdr] {
        var count = 0
        guard elf_getphdrnum(elf, &count) == 0 else { return [] }
        return (0..<min(count, 4096)).compactMap { index in
            var segment = GElf_Phdr()
            return gelf_getphdr(elf, Int32(index), &segment) == nil ? nil : segment
        }
    }

    private static func bytes(_ elf: OpaquePointer, _ offset: UInt64, _ size: UInt64, _ type: Elf_Type) -> [UInt8]? {
        guard size > 0, size <= 64 << 20, offset < UInt64(Int64.max), let data = elf_getdata_rawchunk(elf, Int64(offset), Int(size), type) else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: data.pointee.d_buf, count: data.pointee.d_buf == nil ? 0 : data.pointee.d_size))
    }

    private mutating func read(_ dynamic: [UInt8], _ elf: OpaquePointer, _ segments: [GElf_Phdr]) {
        let reader = ByteReader(dynamic)
        var entries: [(tag: Int64, value: UInt64)] = []
        for index in 0..<min(dynamic.count / 16, Self.maximumEntries) {
            let tag = reader.i64(index * 16)
            if tag == Int64(DT_NULL) { break }
            entries.append((tag, reader.u64(index * 16 + 8)))
        }
        guard let address = entries.first(where: { $0.tag == Int64(DT_STRTAB) })?.value, let size = entries.first(where: { $0.tag == Int64(DT_STRSZ) })?.value,
            let offset = Self.offset(of: address, segments), let strings = Self.bytes(elf, offset, size, ELF_T_BYTE)
        else { return }
        func string(_ value: UInt64) -> [UInt8]? {
            guard value < UInt64(strings.count) else { return nil }
            return Array(strings[Int(value)...].prefix(4096).prefix { $0 != 0 })
        }
        for entry in entries {
            guard let text = string(entry.value) else { continue }
            switch entry.tag {
            case Int64(DT_NEEDED): needed.append(text)
            case Int64(DT_RPATH): rpath += text.split(separator: 0x3a).map { Array($0) }
            case Int64(DT_RUNPATH): runpath += text.split(separator: 0x3a).map { Array($0) }
            default: break
            }
        }
    }

    /// Where in the file a virtual address lies.
    private static func offset(of address: UInt64, _ segments: [GElf_Phdr]) -> UInt64? {
        for segment in segments where segment.p_type == UInt32(PT_LOAD) && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz {
            let (offset, overflow) = segment.p_offset.addingReportingOverflow(address - segment.p_vaddr)
            return overflow ? nil : offset
        }
        return nil
    }

    /// Replaces $ORIGIN, $LIB and $PLATFORM, with braces and without (ld.so(8)).
    static func expanded(_ text: [UInt8], origin: [UInt8]) -> [UInt8] {
        let tokens: [(String, [UInt8])] = [
            ("${ORIGIN}", origin), ("$ORIGIN", origin), ("${LIB}", Array("lib/x86_64-linux-gnu".utf8)), ("$LIB", Array("lib/x86_64-linux-gnu".utf8)),
            ("${PLATFORM}", Array("x86_64".utf8)), ("$PLATFORM", Array("x86_64".utf8)),
        ]
        var result: [UInt8] = []
        var rest = text[...]
        scan: while let byte = rest.first {
            for (token, value) in tokens where rest.starts(with: token.utf8) {
                result += value
                rest = rest.dropFirst(token.utf8.count)
                continue scan
            }
            result.append(byte)
            rest = rest.dropFirst()
        }
        return result
    }
}
