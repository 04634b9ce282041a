/// get_property and get_property_name_to_index: what TEE_GetPropertyAs... and the enumerators are made of (OP-TEE's tee_svc.c).
extension TEESyscallTable {
    static let propertyEntries: [Entry] = [
        entry(3, "get_property", 7, "Reads a property of a set by its index: type, value, name.", getProperty),
        entry(4, "get_property_name_to_index", 4, "Finds the index of a property of a set by its name.", getPropertyNameToIndex),
    ]

    /// (set, index, name, name_len, buf, blen, prop_type): whatever pointer is not null is served. The lengths are u32.
    @Sendable private static func getProperty(_ call: inout TEECall) throws(TEEResult) {
        guard let set = TEEPropertySet(rawValue: call.number(0)) else { throw .itemNotFound }
        let properties = set.properties(call.session)
        guard call.word(1) < UInt64(properties.count) else { throw .itemNotFound }
        let property = properties[Int(call.word(1))]
        if call.word(6) != 0 { try call.memory.writeUInt32(property.type, to: call.word(6)) }
        try give(property.bytes, at: call.word(4), length: call.word(5), call.memory)
        try give(Array(property.name.utf8) + [0], at: call.word(2), length: call.word(3), call.memory)
    }

    private static func give(_ bytes: [UInt8], at address: UInt64, length: UInt64, _ memory: TAMemory) throws(TEEResult) {
        if address == 0 || length == 0 { return }
        let room = try memory.readUInt32(length)
        let fits = bytes.count <= Int(room)
        if fits { try memory.write(bytes, to: address) }
        try memory.writeUInt32(UInt32(clamping: bytes.count), to: length)
        if !fits { throw .shortBuffer }
    }

    /// The longest name that is looked for.
    private static let longestName: UInt64 = 4096

    @Sendable private static func getPropertyNameToIndex(_ call: inout TEECall) throws(TEEResult) {
        guard let set = TEEPropertySet(rawValue: call.number(0)) else { throw .itemNotFound }
        guard call.word(1) != 0, call.word(2) != 0 else { throw .badParameters }
        // A name as long as this is none of ours; all of it has to be there nevertheless.
        guard call.word(2) <= longestName else { throw call.memory.allows(write: false, call.word(1), call.word(2)) ? .itemNotFound : .accessDenied }
        var name = try call.bytes(1, count: 2)
        name[name.count - 1] = 0
        let wanted = name.prefix { $0 != 0 }
        guard let index = set.properties(call.session).firstIndex(where: { wanted.elementsEqual($0.name.utf8) }) else { throw .itemNotFound }
        try call.memory.writeUInt32(UInt32(index), to: call.word(3))
    }
}
