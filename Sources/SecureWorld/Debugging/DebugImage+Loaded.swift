internal import Glibc

extension DebugImage {
    /// An image that was loaded. Its symbols are in its file, or in UUID.elf beside the signed one, which is stripped as a rule, if that is the same image.
    init(_ loaded: TALoadedImage, _ loader: TALoader) {
        base = loaded.base
        entry = loaded.entry
        // PT_DYNAMIC and PT_LOAD.
        dynamic = loaded.image.addresses(ofType: 2).first.map { loaded.base &+ $0 } ?? 0
        segments = loaded.image.addresses(ofType: 1).map { loaded.base &+ $0 }
        let path = loader.path(of: loaded.uuid) ?? "\(loaded.uuid).elf"
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        for candidate in [path, "\(folder)\(loaded.uuid).elf"] {
            guard let bytes = Self.file(candidate), let image = try? TAImage(parsing: bytes, expecting: loaded.uuid), image.isSame(as: loaded.image) else { continue }
            (self.path, elf) = (Self.absolute(candidate), bytes)
            return
        }
        self.path = Self.absolute("\(folder)\(loaded.uuid).elf")
        elf = loaded.image.file
    }

    private static func file(_ path: String) -> [UInt8]? {
        guard let slash = path.lastIndex(of: "/") else { return try? DurableFolder(".", creating: false).read(path, limit: TAFile.maximumSize) }
        return try? DurableFolder(String(path[...slash]), creating: false).read(String(path[path.index(after: slash)...]), limit: TAFile.maximumSize)
    }

    /// gdb may run elsewhere.
    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}

extension TAImage {
    /// Whether it is loaded with the same bytes in the same places: symbols of the one are those of the other.
    func isSame(as other: TAImage) -> Bool {
        func pieces(_ image: TAImage) -> [(address: UInt64, bytes: ArraySlice<UInt8>)] { image.regions.flatMap { $0.pieces.map { ($0.address, image.file[$0.file]) } } }
        let (own, others) = (pieces(self), pieces(other))
        return memorySize == other.memorySize && entry == other.entry && own.count == others.count
            && zip(own, others).allSatisfy { $0.address == $1.address && $0.bytes.elementsEqual($1.bytes) }
    }

    /// The addresses of the program headers of one type.
    func addresses(ofType type: UInt64) -> [UInt64] {
        // Elf64_Phdr has 56 bytes: p_type at 0, p_vaddr at 16.
        stride(from: 0, to: programHeaders.count - 55, by: 56).compactMap { start in
            func word(_ at: Int, _ count: Int) -> UInt64 { programHeaders[(start + at)..<(start + at + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            return word(0, 4) == type ? word(16, 8) : nil
        }
    }
}
