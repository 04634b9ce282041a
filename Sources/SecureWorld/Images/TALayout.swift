import CElf

/// Where an ELF file goes in memory, checked.
struct TALayout {
    static let pageMask = TAImage.pageSize - 1
    /// The page size of huge pages; nothing in a TA needs more.
    static let maximumAlignment: UInt64 = 2 << 20

    private(set) var regions: [TAImage.Region] = []
    private(set) var alignment = TAImage.pageSize
    private(set) var wantsExecutableStack = false
    /// Whether the ELF header itself is loaded, as it is in shared libraries and never in TAs.
    private(set) var startsWithHeader = false

    var memorySize: UInt64 { regions.last.map { $0.address + $0.memorySize } ?? 0 }

    init(_ tables: TAELF, size: Int) throws(TAFileError) {
        var parts: [Part] = []
        for segment in tables.segments {
            switch segment.kind {
            case UInt32(PT_LOAD): if segment.memorySize > 0 { parts.append(try Part(segment, size)) }
            case UInt32(PT_INTERP): throw .badFormat("the ELF file is a program for Linux, which asks for an interpreter; link it with the TA linker script")
            case UInt32(PT_GNU_STACK): wantsExecutableStack = segment.flags & UInt32(PF_X) != 0
            default: break
            }
        }
        guard let first = parts.first else { throw .badFormat("the ELF file has nothing to load (no PT_LOAD); link it with the TA linker script") }
        guard first.address < TAImage.pageSize else {
            throw .badFormat("the ELF file is linked for the address 0x\(String(first.address, radix: 16)); link it for address 0")
        }
        startsWithHeader = first.offset == 0
        alignment = parts.map(\.alignment).max() ?? TAImage.pageSize
        // ldelf merges too; what it merges has to be whole pages of one protection in the end.
        var used: UInt64 = 0
        for part in parts {
            used += part.fileSize
            try append(part)
        }
        guard used <= UInt64(size) else { throw .badFormat("the segments of the ELF file overlap in the file; link the TA again") }
        for region in regions { try Self.check(region) }
    }

    /// A PT_LOAD whose numbers are within the file and within the memory a TA may have.
    private struct Part {
        let address: UInt64
        let offset: UInt64
        let fileSize: UInt64
        let memorySize: UInt64
        let alignment: UInt64
        let protection: TAProtection
        let file: Range<Int>

        init(_ segment: TAELF.Segment, _ size: Int) throws(TAFileError) {
            let place = "the segment at address 0x\(String(segment.address, radix: 16))"
            guard let file = ImageReader.range(segment.offset, segment.fileSize, of: size) else { throw .badFormat("\(place) lies outside of the ELF file; copy or link it again") }
            guard segment.fileSize <= segment.memorySize else { throw .badFormat("\(place) has more bytes in the file than in memory; link the TA again") }
            guard segment.address <= TAImage.maximumMemorySize, segment.memorySize <= TAImage.maximumMemorySize - segment.address else {
                throw TAFileError(
                    .outOfMemory, "\(place) has \(segment.memorySize) bytes, and a TA ends at \(TAImage.maximumMemorySize); lower TA_DATA_SIZE, or link it for address 0")
            }
            let alignment = max(segment.alignment, 1)
            guard alignment & (alignment - 1) == 0, alignment >= TAImage.pageSize, alignment <= maximumAlignment,
                segment.address & pageMask == segment.offset & pageMask
            else { throw .badFormat("\(place) is not aligned to pages of \(TAImage.pageSize) bytes; link it with -z max-page-size=4096") }
            guard segment.flags & UInt32(PF_R) != 0 else { throw .notSupported("\(place) is not readable; link the TA without --execute-only") }
            address = segment.address
            offset = segment.offset
            fileSize = segment.fileSize
            memorySize = segment.memorySize
            protection = TAProtection(rawValue: segment.flags & 7)
            self.alignment = alignment
            self.file = file
        }
    }

    private mutating func append(_ part: Part) throws(TAFileError) {
        let start = part.address & ~Self.pageMask
        let end = (part.address + part.memorySize + Self.pageMask) & ~Self.pageMask
        let piece = TAImage.Region.Piece(address: part.address, file: part.file)
        guard let last = regions.last, start < last.address + last.memorySize else {
            regions.append(TAImage.Region(address: start, memorySize: end - start, protection: part.protection, pieces: [piece]))
            exactEnd = part.address + part.memorySize
            return
        }
        // A part that begins in the page in which the last one ends, as linkers without -z separate-code make them.
        guard part.address >= exactEnd else { throw .badFormat("the segments of the ELF file overlap in memory or are not in ascending order; link the TA again") }
        guard last.address + last.fileSize == exactEnd else {
            throw .badFormat("a segment of the ELF file begins in a page that ends with zeroes of another one; link it with -z max-page-size=4096")
        }
        regions[regions.count - 1] = TAImage.Region(
            address: last.address, memorySize: max(end, last.address + last.memorySize) - last.address, protection: last.protection.union(part.protection),
            pieces: last.pieces + [piece])
        exactEnd = part.address + part.memorySize
    }

    // Where the last part ends, not rounded to pages.
    private var exactEnd: UInt64 = 0

    private static func check(_ region: TAImage.Region) throws(TAFileError) {
        let place = "the memory at address 0x\(String(region.address, radix: 16))"
        guard !region.protection.isSuperset(of: [.write, .execute]) else {
            throw .badFormat("\(place) is both written and executed; keep code and data in pages of their own (-z separate-code, and no -N)")
        }
        guard region.protection.contains(.write) || region.memorySize - region.fileSize < TAImage.pageSize else {
            throw .badFormat("\(place) is read-only and larger in memory than in the file; link the TA again")
        }
    }

    /// The region with all of the range, as far as the file determines it.
    func region(_ address: UInt64, _ size: UInt64) -> Int? {
        regions.firstIndex { region in
            address >= region.address && size <= region.fileSize && address - region.address <= region.fileSize - size
        }
    }

    func contains(_ address: UInt64, _ size: UInt64, _ protection: TAProtection) -> Bool {
        region(address, size).map { regions[$0].protection.isSuperset(of: protection) } ?? false
    }

    /// The part of the file that is loaded to an address, or nil when the file does not have all of it in one piece.
    func fileRange(_ address: UInt64, _ size: UInt64) -> Range<Int>? {
        guard let region = region(address, size) else { return nil }
        for piece in regions[region].pieces where address >= piece.address {
            let count = UInt64(piece.file.count)
            let offset = address - piece.address
            if offset <= count, size <= count - offset { return piece.file.lowerBound + Int(offset)..<piece.file.lowerBound + Int(offset + size) }
        }
        return nil
    }

    func bytes(_ elf: [UInt8], _ address: UInt64, _ size: UInt64) -> [UInt8]? { fileRange(address, size).map { Array(elf[$0]) } }

    func threadLocal(_ tables: TAELF) throws(TAFileError) -> TAImage.ThreadLocal? {
        let segments = tables.segments.filter { $0.kind == UInt32(PT_TLS) }
        guard let segment = segments.first else { return nil }
        let alignment = max(segment.alignment, 1)
        guard segments.count == 1, segment.fileSize <= segment.memorySize, segment.memorySize <= TAImage.maximumMemorySize, alignment & (alignment - 1) == 0,
            alignment <= Self.maximumAlignment, segment.address <= memorySize, segment.fileSize == 0 || region(segment.address, segment.fileSize) != nil
        else { throw .badFormat("the thread-local storage (PT_TLS) of the ELF file is malformed; link the TA again") }
        return TAImage.ThreadLocal(address: segment.address, fileSize: segment.fileSize, memorySize: segment.memorySize, alignment: alignment)
    }
}

extension ImageReader {
    /// `range`, for a file of which only the size is at hand.
    static func range(_ offset: UInt64, _ count: UInt64, of size: Int) -> Range<Int>? {
        guard let size = UInt64(exactly: size), offset <= size, count <= size - offset else { return nil }
        return Int(offset)..<Int(offset + count)
    }
}
