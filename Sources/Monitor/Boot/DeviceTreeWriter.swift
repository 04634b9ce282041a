import CFDT

/// Writes a flattened device tree from front to back with libfdt's sequential-write functions. The first failure is kept and thrown in the end.
package struct DeviceTreeWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private var failure: Int32 = 0

    private init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
        // Looking for every name among those already written would take most of the time.
        write { fdt_create_with_flags($0, Int32(buffer.count), UInt32(FDT_CREATE_FLAG_NO_NAME_DEDUP)) }
        write { fdt_finish_reservemap($0) }
    }

    /// The bytes of the tree whose root `body` fills; at most `capacity`.
    package static func tree(capacity: Int, _ body: (inout DeviceTreeWriter) -> Void) throws(MonitorError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
        defer { buffer.deallocate() }
        var writer = DeviceTreeWriter(buffer)
        writer.node("", body)
        writer.write { fdt_finish($0) }
        if writer.failure < 0 { throw MonitorError("the boot information cannot be written: \(String(cString: fdt_strerror(writer.failure)))") }
        // The total size is the second big-endian word of the header.
        let size = UInt32(bigEndian: buffer.load(fromByteOffset: 4, as: UInt32.self))
        return Array(buffer[..<Int(size)])
    }

    private mutating func write(_ step: (UnsafeMutableRawPointer?) -> Int32) {
        if failure == 0 { failure = min(0, step(buffer.baseAddress)) }
    }

    /// A node and what `body` writes into it.
    package mutating func node(_ name: String, _ body: (inout DeviceTreeWriter) -> Void) {
        write { fdt_begin_node($0, name) }
        body(&self)
        write { fdt_end_node($0) }
    }

    /// A node that is told from its siblings by an address.
    package mutating func node(_ name: String, at address: UInt64, _ body: (inout DeviceTreeWriter) -> Void) {
        node("\(name)@\(String(address, radix: 16))", body)
    }

    /// A property of one 32-bit cell.
    package mutating func cell(_ name: String, _ value: UInt32) { withUnsafeBytes(of: value.bigEndian) { bytes(name, $0) } }

    /// A property of one 64-bit number.
    package mutating func number(_ name: String, _ value: UInt64) { withUnsafeBytes(of: value.bigEndian) { bytes(name, $0) } }

    /// A zero-terminated string; it ends before the first zero byte it contains.
    package mutating func text(_ name: String, _ value: String) {
        value.withCString { start in
            var length = 0
            while start[length] != 0 { length += 1 }
            bytes(name, UnsafeRawBufferPointer(start: start, count: length + 1))
        }
    }

    /// A property with these bytes.
    package mutating func property(_ name: String, _ value: [UInt8]) { value.withUnsafeBytes { bytes(name, $0) } }

    /// `reg` with two address and two size cells.
    mutating func range(_ range: BootInformation.Range) { withUnsafeBytes(of: (range.start.bigEndian, range.size.bigEndian)) { bytes("reg", $0) } }

    private mutating func bytes(_ name: String, _ value: UnsafeRawBufferPointer) {
        write { fdt_property($0, name, value.baseAddress, Int32(value.count)) }
    }
}
