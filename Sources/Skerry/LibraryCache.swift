import LibraryOS

/// /etc/ld.so.cache in the format of glibc 2.2 and later, alone or behind the older one. Damaged caches are empty or short, never an error.
struct LibraryCache {
    private let reader: ByteReader
    private let count: Int

    private static let magic = Array("glibc-ld.so.cache1.1".utf8)
    private static let oldMagic = Array("ld.so-1.7.0".utf8)
    /// FLAG_ELF_LIBC6 with FLAG_X8664_LIB64.
    private static let flags: Int32 = 0x0303

    init(_ bytes: [UInt8]) {
        guard let start = Self.start(bytes) else {
            (reader, count) = (ByteReader([]), 0)
            return
        }
        reader = ByteReader(start == 0 ? bytes : Array(bytes[start...]))
        count = max(0, min(Int(reader.u32(20)), (reader.bytes.count - 48) / 24))
    }

    /// The paths of a library, in the cache's order; more than one when there are variants for processors.
    ///
    /// The entries are compared where they lie: a program needs few libraries, and a table of all names would cost every start more than that.
    func candidates(_ name: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for index in 0..<count {
            let entry = 48 + index * 24
            guard reader.i32(entry) == Self.flags, isName(name, at: Int(reader.u32(entry + 4))) else { continue }
            guard let path = Self.string(reader.bytes, Int(reader.u32(entry + 8))), path.first == UInt8(ascii: "/") else { continue }
            found.append(path)
        }
        return found
    }

    private func isName(_ name: [UInt8], at offset: Int) -> Bool {
        guard offset > 0, !name.isEmpty, name.count < reader.bytes.count - offset, reader.bytes[offset + name.count] == 0 else { return false }
        return reader.bytes[offset..<(offset + name.count)].elementsEqual(name)
    }

    private static func start(_ bytes: [UInt8]) -> Int? {
        var start = 0
        if bytes.starts(with: oldMagic) {
            // struct cache_file: the magic, padding to 12, the number of entries of 12 bytes each; the new part is aligned to 8.
            let count = Int(ByteReader(bytes).u32(12))
            start = (16 + count * 12 + 7) & ~7
        }
        return start + 48 <= bytes.count && bytes[start...].starts(with: magic) ? start : nil
    }

    private static func string(_ bytes: [UInt8], _ offset: Int) -> [UInt8]? {
        guard offset > 0, offset < bytes.count, let end = bytes[offset...].prefix(4096).firstIndex(of: 0) else { return nil }
        return Array(bytes[offset..<end])
    }
}
