/// Where an image that was compiled with `-fprofile-instr-generate` keeps its counters, by address from the image's base on (LLVM's InstrProfData.inc names the sections).
struct ProfiledSections {
    /// Records of functions, counters, bitmaps of conditions (MC/DC), and the compressed names of functions.
    let data, counters, bitmaps, names: Range<UInt64>

    /// Nil for an image that has none, or no section headers that could be read.
    init?(_ elf: [UInt8]) {
        let reader = ImageReader(bytes: elf)
        // e_shoff, e_shnum and e_shstrndx, then sh_name, sh_addr, sh_offset and sh_size (System V ABI, chapter 4).
        guard let table = reader.u64(40).flatMap({ Int(exactly: $0) }), let count = reader.u16(60), let nameIndex = reader.u16(62) else { return nil }
        func place(_ index: Int) -> Int { table &+ index &* 64 }
        guard let namesOffset = reader.u64(place(Int(nameIndex)) &+ 24) else { return nil }
        var found: [String: Range<UInt64>] = [:]
        for index in 0..<Int(count) {
            guard let name = reader.u32(place(index)), let address = reader.u64(place(index) &+ 16), let size = reader.u64(place(index) &+ 32),
                let start = Int(exactly: namesOffset &+ UInt64(name)), let text = reader.slice(start, Self.prefix.count + 5)
            else { continue }
            let (end, overflow) = address.addingReportingOverflow(size)
            guard text.starts(with: Self.prefix), !overflow, address != 0 else { continue }
            found[String(decoding: text.dropFirst(Self.prefix.count).prefix { $0 != 0 }, as: UTF8.self)] = address..<end
        }
        guard let data = found["data"], let counters = found["cnts"], let names = found["names"] else { return nil }
        (self.data, self.counters, self.names) = (data, counters, names)
        bitmaps = found["bits"] ?? 0..<0
    }

    private static let prefix = Array("__llvm_prf_".utf8)
}
