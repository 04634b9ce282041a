/// Builds a C structure of the x86-64 Linux ABI byte by byte (little endian), to be copied to the program in one go.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    package mutating func u8(_ value: UInt8) { bytes.append(value) }
    package mutating func u16(_ value: UInt16) { append(UInt64(value), 2) }
    package mutating func u32(_ value: UInt32) { append(UInt64(value), 4) }
    package mutating func u64(_ value: UInt64) { append(value, 8) }
    package mutating func i32(_ value: Int32) { append(UInt64(UInt32(bitPattern: value)), 4) }
    package mutating func i64(_ value: Int64) { append(UInt64(bitPattern: value), 8) }
    package mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }
    package mutating func zeros(_ count: Int) { for _ in 0..<max(0, count) { bytes.append(0) } }
    /// Adds zeros until the structure is `size` bytes long.
    package mutating func pad(to size: Int) { zeros(size - bytes.count) }
    /// A string in a fixed field of `size` bytes, cut so that at least one zero follows.
    package mutating func fixedString(_ value: [UInt8], size: Int) {
        let kept = value.prefix(max(0, size - 1))
        bytes.append(contentsOf: kept)
        zeros(size - kept.count)
    }

    private mutating func append(_ value: UInt64, _ count: Int) {
        var rest = value
        for _ in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

/// Reads a C structure that was copied from the program once. Reads past the end give zero, so that a short structure is a short
/// structure and never a trap; callers check sizes where Linux does.
package struct ByteReader {
    package let bytes: [UInt8]
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func u8(_ offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }
    package func u16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: load(offset, 2)) }
    package func u32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: load(offset, 4)) }
    package func u64(_ offset: Int) -> UInt64 { load(offset, 8) }
    package func i32(_ offset: Int) -> Int32 { Int32(bitPattern: u32(offset)) }
    package func i64(_ offset: Int) -> Int64 { Int64(bitPattern: u64(offset)) }

    private func load(_ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(u8(offset &+ index)) << UInt64(8 * index) }
        return value
    }
}
