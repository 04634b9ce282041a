import CFDT

/// Fills values into a copy of a flattened device tree with libfdt's read-write functions. The first failure is kept and thrown in the end.
package struct DeviceTreeEditor {
    private let buffer: UnsafeMutableRawBufferPointer
    private var failure: Int32 = 0

    /// A copy of `template` that `body` has changed; at most `capacity` bytes while it is being changed.
    package static func tree(from template: [UInt8], capacity: Int, _ body: (inout DeviceTreeEditor) -> Void) throws(MonitorError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        var editor = DeviceTreeEditor(buffer: buffer)
        editor.keep(template.withUnsafeBytes { fdt_open_into($0.baseAddress, buffer.baseAddress, Int32(clamping: capacity)) })
        body(&editor)
        editor.keep(fdt_pack(buffer.baseAddress))
        if editor.failure < 0 { throw MonitorError("the boot information cannot be filled in: \(String(cString: fdt_strerror(editor.failure)))") }
        // The total size is the second big-endian word of the header.
        let size = UInt32(bigEndian: buffer.load(fromByteOffset: 4, as: UInt32.self))
        return Array(buffer.prefix(Int(size)))
    }

    private mutating func keep(_ result: Int32) { if failure == 0 { failure = min(0, result) } }

    private mutating func node(_ path: String) -> Int32? {
        guard failure == 0 else { return nil }
        let offset = fdt_path_offset(buffer.baseAddress, path)
        keep(offset)
        return offset < 0 ? nil : offset
    }

    /// Adds a child without properties to the node at `path`.
    package mutating func add(_ name: String, to path: String) {
        guard let parent = node(path) else { return }
        keep(fdt_add_subnode(buffer.baseAddress, parent, name))
    }

    /// Sets a property of the node at `path`, which may have it already.
    package mutating func set(_ path: String, _ name: String, _ value: [UInt8]) {
        guard let node = node(path) else { return }
        keep(value.withUnsafeBytes { fdt_setprop(buffer.baseAddress, node, name, $0.baseAddress, Int32(clamping: $0.count)) })
    }
}
