import CElf

extension TALoadedImage {
    /// The address of a symbol that this image defines.
    func address(of symbol: TASymbols.Symbol) throws(TAFileError) -> UInt64 {
        switch Int32(symbol.kind) {
        case STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_SECTION: break
        case STT_TLS: return symbol.value
        default:
            throw .notSupported(
                "the symbol \"\(TAFileReport.printable(image.symbols.name(symbol)))\" of \(uuid) is of type \(symbol.kind), which TAs cannot have (ifunc is 10); build it without")
        }
        if symbol.isAbsolute { return symbol.value }
        guard symbol.value <= image.memorySize else {
            throw .badFormat("the symbol \"\(TAFileReport.printable(image.symbols.name(symbol)))\" lies outside of \(uuid); link it again")
        }
        return base + symbol.value
    }
}

/// Computes the contents of one image's memory.
struct TARelocator {
    private let loaded: TALoadedImage
    private let scope: [TALoadedImage]
    // One look-up a symbol, however many relocations name it.
    private var found: [Int: Definition] = [:]

    private struct Definition {
        let value: UInt64
        let owner: TALoadedImage?
    }

    init(_ loaded: TALoadedImage, scope: [TALoadedImage]) {
        self.loaded = loaded
        self.scope = scope
    }

    mutating func segments() throws(TAFileError) -> [TASegment] {
        var contents = loaded.image.regions.map { region in
            var bytes = [UInt8](repeating: 0, count: Int(region.fileSize))
            for piece in region.pieces {
                let start = Int(piece.address - region.address)
                bytes.replaceSubrange(start..<start + piece.file.count, with: loaded.image.file[piece.file])
            }
            return bytes
        }
        for relocation in loaded.image.relocations {
            let value = try value(relocation)
            contents[relocation.region].withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: relocation.offset, as: UInt64.self) }
        }
        return zip(loaded.image.regions, contents).map { region, bytes in
            TASegment(address: loaded.base + region.address, bytes: bytes, memorySize: region.memorySize, protection: region.protection)
        }
    }

    // Sums are modulo 2^64, as the ABI defines them.
    private mutating func value(_ relocation: TARelocation) throws(TAFileError) -> UInt64 {
        let addend = UInt64(bitPattern: relocation.addend)
        switch relocation.kind {
        case .relative: return loaded.base &+ addend
        case .address: return try definition(relocation.symbol).value &+ addend
        case .slot: return try definition(relocation.symbol).value
        case .module: return try threadLocal(relocation.symbol).owner?.threadLocalModule ?? 0
        case .moduleOffset: return try threadLocal(relocation.symbol).value &+ addend
        case .threadOffset:
            let definition = try threadLocal(relocation.symbol)
            return definition.value &+ addend &- (definition.owner?.threadLocalOffset ?? 0)
        }
    }

    private mutating func definition(_ index: Int) throws(TAFileError) -> Definition {
        if let known = found[index] { return known }
        let definition = try lookUp(loaded.image.symbols.table[index])
        found[index] = definition
        return definition
    }

    private func lookUp(_ symbol: TASymbols.Symbol) throws(TAFileError) -> Definition {
        let symbols = loaded.image.symbols
        if symbol.isPreemptible {
            let name = symbols.name(symbol)
            for other in scope {
                if let definition = other.image.symbols.definition(name) { return Definition(value: try other.address(of: definition), owner: other) }
            }
        }
        if symbol.isDefined { return Definition(value: try loaded.address(of: symbol), owner: loaded) }
        if symbol.isWeak { return Definition(value: 0, owner: nil) }
        throw TAFileError(
            .itemNotFound, "\(loaded.uuid) needs the symbol \"\(TAFileReport.printable(symbols.name(symbol)))\", which no image has; link the library that has it")
    }

    /// Relocations without a symbol mean the image's own block.
    private mutating func threadLocal(_ index: Int) throws(TAFileError) -> Definition {
        let definition = index == 0 ? Definition(value: 0, owner: loaded) : try definition(index)
        guard definition.owner == nil || definition.owner?.threadLocalModule != 0 else {
            throw .badFormat("\(loaded.uuid) has a relocation for thread-local storage that no image has; link the TA again")
        }
        return definition
    }
}
