/// Cryptographic objects (TEE Internal Core API 5; OP-TEE's tee_svc_cryp.c).
extension TEESyscallTable {
    static let objectEntries: [Entry] = [
        entry(24, "cryp_obj_get_info", 2, "Says what an object is: type, sizes, usage, flags, position in its data.", objectInfo),
        entry(
            25, "cryp_obj_restrict_usage", 2, "Takes rights to use away from an object.",
            limits: "other handles that are open to the same stored object keep theirs", restrictUsage),
        entry(26, "cryp_obj_get_attr", 4, "Reads an attribute of an object.", objectAttribute),
        entry(
            27, "cryp_obj_alloc", 3, "Makes a transient object without attributes.",
            limits: "65,536 objects of an instance, then TEE_ERROR_OUT_OF_MEMORY", allocateObject),
        entry(28, "cryp_obj_close", 1, "Closes an object.", closeObject),
        entry(29, "cryp_obj_reset", 1, "Takes the attributes of a transient object away.", resetObject),
        entry(
            30, "cryp_obj_populate", 3, "Gives a transient object its attributes.",
            limits: "64 attributes of 64 KiB each, then TEE_ERROR_BAD_PARAMETERS", populateObject),
        entry(31, "cryp_obj_copy", 2, "Gives a transient object the attributes of another one.", copyObject),
        entry(
            54, "cryp_obj_generate_key", 4, "Makes a random key or key pair.",
            limits: "a size beyond the object's answers TEE_ERROR_NOT_SUPPORTED, which OP-TEE leaves to its library", generateKey),
    ]

    /// `struct utee_object_info`: seven words.
    static func information(_ object: TAObject, dataSize: UInt32) -> [UInt8] {
        let info = object.key.info
        let words = [
            info.type.rawValue, info.keySize, info.maximumKeySize, info.usage.rawValue, dataSize, object.position, info.flags.rawValue | object.dataFlags,
        ]
        return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }

    @Sendable private static func objectInfo(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        try call.memory.write(information(object, dataSize: try object.stored?.dataSize ?? 0), to: call.word(1))
    }

    @Sendable private static func restrictUsage(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        let before = object.key.usage
        object.key.restrictUsage(TEEUsage(rawValue: call.number(1)))
        guard let stored = object.stored, object.key.usage != before else { return }
        // Of a stored key the restriction outlives the handle.
        try stored.rewrite(header: object.key.storedHeader, attributes: try object.key.serialized())
    }

    /// (obj, attr_id, buffer, size): a value attribute is two words. As OP-TEE does, a handle of nothing is not found, and the size that is needed is told of
    /// attributes that are bytes.
    @Sendable private static func objectAttribute(_ call: inout TEECall) throws(TEEResult) {
        guard let object = try? call.object(0) else { throw .itemNotFound }
        let attribute = try object.key.attribute(TEEAttributeID(rawValue: call.number(1)))
        let room = try call.memory.readUInt64(call.word(3))
        switch attribute {
        case .buffer(let id, let bytes):
            try call.memory.writeUInt64(UInt64(bytes.count), to: call.word(3))
            // The number zero has no bytes, and fits nowhere too.
            if bytes.isEmpty, object.key.isNumber(id) { return }
            guard UInt64(bytes.count) <= room, call.word(2) != 0 else { throw .shortBuffer }
            try call.memory.write(bytes, to: call.word(2))
        case .value(_, let a, let b):
            guard room >= 8, call.word(2) != 0 else { throw .shortBuffer }
            try call.memory.write([a, b].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }, to: call.word(2))
        }
    }

    @Sendable private static func allocateObject(_ call: inout TEECall) throws(TEEResult) {
        let key = try CryptoObject(type: TEEObjectType(rawValue: call.number(0)), maximumKeySize: call.number(1))
        let handle = try call.instance.handles.add(TAObject(key))
        do throws(TEEResult) { try call.give(handle: handle, at: 2) } catch {
            call.instance.handles.removeObject(handle)
            throw error
        }
    }

    @Sendable private static func closeObject(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        if object.isBusy { throw .itemNotFound }
        call.instance.handles.removeObject(call.number(0))
    }

    @Sendable private static func resetObject(_ call: inout TEECall) throws(TEEResult) {
        try call.object(0).key.reset()
    }

    @Sendable private static func populateObject(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        try object.key.populate(try attributes(call, at: 1, count: 2))
    }

    @Sendable private static func copyObject(_ call: inout TEECall) throws(TEEResult) {
        let target = try call.object(0)
        try target.key.copy(from: try call.object(1).key)
    }

    @Sendable private static func generateKey(_ call: inout TEECall) throws(TEEResult) {
        let object = try call.object(0)
        try object.key.generate(size: call.number(1), parameters: try attributes(call, at: 2, count: 3))
    }

    // MARK: Attributes

    /// More than any object or operation takes.
    private static let mostAttributes: UInt64 = 64
    private static let longestAttribute: UInt64 = 64 << 10

    /// Reads `struct utee_attribute {u64 a, b; u32 id}` (24 bytes each) with what they point to. `badParameters` for too many, `accessDenied` for bad pointers.
    static func attributes(_ call: TEECall, at address: Int, count: Int) throws(TEEResult) -> [TEEAttribute] {
        let wanted = call.word(count)
        guard wanted <= mostAttributes else { throw .badParameters }
        let bytes = try call.memory.read(call.word(address), wanted &* 24)
        var result: [TEEAttribute] = []
        for start in stride(from: 0, to: bytes.count, by: 24) {
            func word(_ at: Int) -> UInt64 { bytes[(start + at)..<(start + at + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            let id = TEEAttributeID(rawValue: UInt32(truncatingIfNeeded: word(16)))
            if id.isValue {
                result.append(.value(id, UInt32(truncatingIfNeeded: word(0)), UInt32(truncatingIfNeeded: word(8))))
            } else {
                guard word(8) <= longestAttribute else { throw .badParameters }
                result.append(.buffer(id, try call.memory.read(word(0), word(8))))
            }
        }
        return result
    }
}
