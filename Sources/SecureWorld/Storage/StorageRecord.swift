/// Puts the fields of a record of the trusted storage one behind the other, integers with the low byte first.
struct StorageRecordWriter {
    /// What has been written; whoever wrote secrets wipes it.
    var bytes: [UInt8] = []

    /// An array that grows leaves copies of itself behind, which nobody could wipe: `capacity` spares records with secrets that.
    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func add(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    mutating func add(bytes more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

    mutating func add(secret: SecretBytes) { secret.withUnsafeBytes { bytes.append(contentsOf: $0) } }
}

/// Takes the fields of a record apart. A record that ends early or has something left over was never written by us: `corruptObject`.
struct StorageRecordReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Bytes that have not been read; what a count in the record is compared with before anything is allocated for it.
    var remaining: Int { bytes.count - position }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(TEEResult) -> Value {
        let size = Value.bitWidth / 8
        guard remaining >= size else { throw .corruptObject }
        var value: Value = 0
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes[position..<position + size]) }
        position += size
        return Value(littleEndian: value)
    }

    mutating func take(_ count: Int) throws(TEEResult) -> ArraySlice<UInt8> {
        guard count >= 0, remaining >= count else { throw .corruptObject }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A count of things of at least `size` bytes each, all of which the record must still hold.
    mutating func count(ofSize size: Int) throws(TEEResult) -> Int {
        let count = Int(try integer(UInt32.self))
        let (needed, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, needed <= remaining else { throw .corruptObject }
        return count
    }

    func end() throws(TEEResult) { if remaining != 0 { throw .corruptObject } }
}
