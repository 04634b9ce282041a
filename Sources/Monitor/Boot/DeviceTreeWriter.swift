import CFDT

/// Writes a flattened device tree from front to back with libfdt's sequential-write functions. The first failure is kept and thrown by `finish`.
struct DeviceTreeWriter {
    private var buffer: [UInt8]
    private var failure: Int32 = 0

    /// A tree of at most `capacity` bytes.
    init(capacity: Int) {
        buffer = [UInt8](repeating: 0, count: capacity)
        write { fdt_create($0, Int32(capacity)) }
        write { fdt_finish_reservemap($0) }
    }

    private mutating func write(_ step: (UnsafeMutableRawPointer?) -> Int32) {
        if failure < 0 { return }
        failure = min(0, buffer.withUnsafeMutableBytes { step($0.baseAddress) })
    }

    /// A node and what `body` writes into it.
    mutating func node(_ name: String, _ body: (inout DeviceTreeWriter) -> Void) {
        write { fdt_begin_node($0, name) }
        body(&self)
        write { fdt_end_node($0) }
    }

    /// A node that is told from its siblings by an address.
    mutating func node(_ name: String, at address: UInt64, _ body: (inout DeviceTreeWriter) -> Void) {
        node("\(name)@\(String(address, radix: 16))", body)
    }

    /// A property of 32-bit cells.
    mutating func cells(_ name: String, _ values: UInt32...) { bytes(name, values.flatMap { Self.bigEndian(UInt64($0)).suffix(4) }) }

    /// A property of one 64-bit number.
    mutating func number(_ name: String, _ value: UInt64) { bytes(name, Self.bigEndian(value)) }

    /// A zero-terminated string; it ends before the first zero byte it contains.
    mutating func text(_ name: String, _ value: String) { bytes(name, value.utf8.prefix { $0 != 0 } + [0]) }

    /// `reg` with two address and two size cells.
    mutating func range(_ range: BootInformation.Range) { bytes("reg", Self.bigEndian(range.start) + Self.bigEndian(range.size)) }

    private mutating func bytes(_ name: String, _ value: [UInt8]) { write { fdt_property($0, name, value, Int32(value.count)) } }

    private static func bigEndian(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - UInt64($0) * 8)) } }

    /// The finished tree.
    mutating func finish() throws(MonitorError) -> [UInt8] {
        write { fdt_finish($0) }
        if failure < 0 { throw MonitorError("the boot information cannot be written: \(String(cString: fdt_strerror(failure)))") }
        // The total size is the second big-endian word of the header.
        let size = buffer[4..<8].reduce(0) { $0 << 8 | Int($1) }
        return Array(buffer[..<size])
    }
}
