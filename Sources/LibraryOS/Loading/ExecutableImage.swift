/// What an ELF file says of how it is to be loaded: the ELF header and the program headers of a 64-bit x86-64 executable (elf(5)).
///
/// Read here and not with libelf, since loading happens inside the confidential guest too, where no C library is; the tests compare it with libelf.
struct ExecutableImage {
    /// A PT_LOAD segment.
    struct Segment {
        var offset: UInt64
        var address: UInt64
        var fileSize: UInt64
        var memorySize: UInt64
        var protection: PageProtection
    }
    /// ET_DYN: may be loaded anywhere.
    let isPositionIndependent: Bool
    let entry: UInt64
    let segments: [Segment]
    /// PT_INTERP.
    let interpreter: [UInt8]?
    /// Where the program headers lie in memory, relative to the load address, when a segment contains them.
    let programHeaderAddress: UInt64
    let programHeaderCount: UInt16
    /// PT_GNU_STACK asks for an executable stack.
    let executableStack: Bool
    /// The largest segment alignment, at least a page.
    let alignment: UInt64

    static let headerSize = 64

    /// Reads the headers through `read` (offset, count), which gives fewer bytes at the end of the file. `ENOEXEC` when the file cannot be run on x86-64.
    init(_ read: (UInt64, Int) throws(Errno) -> [UInt8]) throws(Errno) {
        let header = ByteReader(try read(0, Self.headerSize))
        guard header.bytes.count == Self.headerSize, header.u32(0) == 0x464c_457f else { throw .ENOEXEC }
        // ELFCLASS64, little endian, EM_X86_64.
        guard header.u8(4) == 2, header.u8(5) == 1, header.u16(18) == 62 else { throw .ENOEXEC }
        let type = header.u16(16)
        guard type == 2 || type == 3 else { throw .ENOEXEC }
        let count = header.u16(56)
        guard header.u16(54) == 56, count > 0, count <= 1170 else { throw .ENOEXEC }
        let tableOffset = header.u64(32)
        let size = Int(count) &* 56
        let table = ByteReader(try read(tableOffset, size))
        guard table.bytes.count == size else { throw .ENOEXEC }
        try self.init(table, tableOffset, read, header)
    }

    private init(_ table: ByteReader, _ tableOffset: UInt64, _ read: (UInt64, Int) throws(Errno) -> [UInt8], _ header: ByteReader) throws(Errno) {
        isPositionIndependent = header.u16(16) == 3
        entry = header.u64(24)
        programHeaderCount = header.u16(56)
        var segments: [Segment] = []
        var interpreter: [UInt8]?
        var executableStack = false
        var alignment: UInt64 = 4096
        var headers: UInt64 = 0
        for index in 0..<Int(programHeaderCount) {
            let at = index &* 56
            let (offset, address) = (table.u64(at &+ 8), table.u64(at &+ 16))
            let (fileSize, memorySize) = (table.u64(at &+ 32), table.u64(at &+ 40))
            let flags = table.u32(at &+ 4)
            switch table.u32(at) {
            case 1:
                if memorySize == 0 { continue }
                let segment = Segment(
                    offset: offset, address: address, fileSize: fileSize, memorySize: memorySize,
                    protection: PageProtection(rawValue: UInt8(flags >> 2 & 1 | flags & 2 | (flags & 1) << 2)))
                try Self.check(segment, after: segments.last)
                segments.append(segment)
                if offset <= tableOffset, tableOffset &- offset < fileSize { headers = tableOffset &- offset &+ address }
                let wish = table.u64(at &+ 48)
                if wish > alignment, wish & (wish &- 1) == 0, wish <= 1 << 30 { alignment = wish }
            case 3:
                guard interpreter == nil, (2...4096).contains(fileSize) else { throw .ENOEXEC }
                let path = try read(offset, Int(fileSize))
                guard path.count == Int(fileSize), path.last == 0 else { throw .ENOEXEC }
                interpreter = Array(path.prefix { $0 != 0 })
            case 0x6474_e551: executableStack = flags & 1 != 0
            default: break
            }
        }
        guard !segments.isEmpty else { throw .ENOEXEC }
        self.segments = segments
        self.interpreter = interpreter
        self.executableStack = executableStack
        self.alignment = alignment
        programHeaderAddress = headers
    }

    /// Segments lie in the lower half, ascending, with file offsets that agree with their addresses within a page.
    private static func check(_ segment: Segment, after previous: Segment?) throws(Errno) {
        let limit = GuestAddress.userEnd.value
        guard segment.fileSize <= segment.memorySize, segment.memorySize <= limit, segment.address <= limit &- segment.memorySize else { throw .ENOEXEC }
        guard segment.offset & 4095 == segment.address & 4095, segment.offset < 1 << 50, segment.fileSize < 1 << 47 else { throw .ENOEXEC }
        if let previous, segment.address < previous.address { throw .ENOEXEC }
    }

    /// The page-aligned span all segments cover.
    var span: (start: UInt64, end: UInt64) {
        let start = (segments.first?.address ?? 0) & ~4095
        let end = segments.reduce(0) { max($0, $1.address &+ $1.memorySize) }
        return (start, (end &+ 4095) & ~4095)
    }
}
