/// Little-endian fields of a file of somebody else's making: nothing outside the file is ever read, whatever the offsets say.
struct ImageReader {
    let bytes: [UInt8]

    /// The part of the file at `offset`, or nil when not all of it is there.
    func range(_ offset: UInt64, _ count: UInt64) -> Range<Int>? {
        let size = UInt64(bytes.count)
        guard offset <= size, count <= size - offset else { return nil }
        return Int(offset)..<Int(offset + count)
    }

    func slice(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard let offset = UInt64(exactly: offset), let count = UInt64(exactly: count), let range = range(offset, count) else { return nil }
        return bytes[range]
    }

    func u16(_ offset: Int) -> UInt16? { integer(offset) }
    func u32(_ offset: Int) -> UInt32? { integer(offset) }
    func u64(_ offset: Int) -> UInt64? { integer(offset) }

    private func integer<Value: FixedWidthInteger>(_ offset: Int) -> Value? {
        guard offset >= 0, bytes.count >= MemoryLayout<Value>.size, offset <= bytes.count - MemoryLayout<Value>.size else { return nil }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}

extension Array where Element == UInt8 {
    /// Appends the bytes of a number in little-endian order, as every structure of a TA file has them.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
