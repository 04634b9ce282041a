internal import Firmware
import Monitor

/// What an instance is told at its start: a flattened device tree, made by libfdt from the template `firmware/tee.dts`, which says what is in it.
///
/// It lies in the instance's memory, where the application can only read it. A runtime library finds it in the variable `__skerry_boot_information` (`symbol`), a loader of the guest
/// in its second argument. Other applications need not know of it.
struct InstanceBootInformation {
    /// A range of the instance's memory.
    struct Range {
        /// What it is: the name of its node.
        let kind: String
        /// The addresses with their protections, one for each part.
        let parts: [(start: UInt64, size: UInt64, protection: TAProtection)]
        /// What has been loaded there.
        var uuid: TEEUUID?
    }

    let uuid: TEEUUID
    var flags: TAFlags = []
    var entry: UInt64 = 0
    var stackEnd: UInt64 = 0
    var threadPointer: UInt64 = 0
    /// Where the parameters of entries begin.
    var parameters: UInt64 = 0
    var ranges: [Range] = []
    /// The properties of the implementation, in the order of their numbers.
    var properties: [TEEProperty] = []

    /// The symbol of the variable `struct {uint64_t address; uint64_t size;}` that a runtime library exports to be told.
    static let symbol = "__skerry_boot_information"
    /// Bytes that a tree may have.
    static let capacity = 128 << 10

    /// The template in its flattened form.
    private static let template = Result<[UInt8], SecureWorldError> { () throws(SecureWorldError) in
        let source: DeviceTreeSource
        do throws(DeviceTreeSource.Mistake) { source = try DeviceTreeSource(Firmware.trustedApplicationTree) } catch {
            throw SecureWorldError("firmware/tee.dts, \(error)")
        }
        do throws(MonitorError) { return try source.flattened(capacity: capacity) } catch { throw SecureWorldError(error.description) }
    }

    /// The tree as bytes. `outOfMemory` for more than `capacity`.
    func encoded() throws(TAFileError) -> [UInt8] {
        do throws(SecureWorldError) { return try encoded(from: Self.template.get()) } catch { throw TAFileError(.outOfMemory, error.description) }
    }

    private func encoded(from template: [UInt8]) throws(SecureWorldError) -> [UInt8] {
        do throws(MonitorError) {
            return try DeviceTreeEditor.tree(from: template, capacity: Self.capacity) { editor in
                editor.set("/application", "uuid", Self.text(uuid.description))
                editor.set("/application", "skerry,flags", flags.rawValue.bigEndianBytes)
                editor.set("/application", "skerry,entry", entry.bigEndianBytes)
                editor.set("/application", "skerry,stack-end", stackEnd.bigEndianBytes)
                editor.set("/application", "skerry,thread-pointer", threadPointer.bigEndianBytes)
                editor.set("/memory-map/parameters", "skerry,start", parameters.bigEndianBytes)
                // libfdt puts the newest child first.
                for range in ranges.reversed() { Self.add(range, to: &editor) }
                for (index, property) in properties.enumerated().reversed() { Self.add(property, index, to: &editor) }
            }
        } catch { throw SecureWorldError(error.description) }
    }

    private static func add(_ range: Range, to editor: inout DeviceTreeEditor) {
        guard let start = range.parts.first?.start else { return }
        let name = "\(range.kind)@\(String(start, radix: 16))"
        editor.add(name, to: "/memory-map")
        let path = "/memory-map/\(name)"
        editor.set(path, "reg", range.parts.flatMap { $0.start.bigEndianBytes + $0.size.bigEndianBytes })
        editor.set(path, "skerry,protection", range.parts.flatMap { text($0.protection.description) })
        if let uuid = range.uuid { editor.set(path, "uuid", text(uuid.description)) }
    }

    private static func add(_ property: TEEProperty, _ index: Int, to editor: inout DeviceTreeEditor) {
        let name = "property@\(String(index, radix: 16))"
        editor.add(name, to: "/implementation")
        let path = "/implementation/\(name)"
        editor.set(path, "reg", UInt32(truncatingIfNeeded: index).bigEndianBytes)
        editor.set(path, "skerry,name", text(property.name))
        editor.set(path, "skerry,type", property.type.bigEndianBytes)
        editor.set(path, "skerry,value", property.bytes)
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
}
