/// The form in which attributes are in the trusted storage. All numbers are little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 4 | "SKO" and the version, 1 |
/// | 4, 4, 4, 4 | type, key size, maximum key size, usage |
/// | 2 | number of attributes |
/// | 4, 4, n | of each: identifier, n, and n bytes; a value is 4 bytes |
///
/// The attributes are in the order of the type's rules, so that one object has one form.
extension CryptoObject {
    private static let magic: [UInt8] = [0x53, 0x4b, 0x4f, 1]

    /// Type, sizes, rights and attributes as bytes; `badParameters` when there are no attributes yet.
    public func serialized() throws(TEEResult) -> SecretBytes {
        guard isInitialized else { throw .badParameters }
        let present = (rules?.attributes ?? []).compactMap { rule in attributes[rule.id].map { (rule.id, $0) } }
        let count = present.reduce(22) { $0 + 8 + $1.1.byteCount }
        return SecretBytes(count: count) { buffer in
            var writer = Writer(buffer: buffer)
            writer.put(Self.magic)
            for field in [type.rawValue, keySize, maximumKeySize, usage.rawValue] { writer.put(field) }
            writer.put(UInt16(clamping: present.count))
            for (id, attribute) in present {
                writer.put(id.rawValue)
                switch attribute {
                case .value(let value):
                    writer.put(UInt32(4))
                    writer.put(value)
                case .bytes(let bytes):
                    writer.put(UInt32(clamping: bytes.count))
                    bytes.withUnsafeBytes { writer.put($0) }
                }
            }
        }
    }

    /// An initialized object from such bytes; `corruptObject` for any that `serialized` cannot have written. The flag of persistence is not set.
    public convenience init(serialized: SecretBytes) throws(TEEResult) {
        let parsed = try serialized.withUnsafeBytes { (bytes) throws(TEEResult) in try Self.parse(bytes) }
        do throws(TEEResult) { try self.init(type: parsed.type, maximumKeySize: parsed.maximumKeySize) } catch { throw .corruptObject }
        keySize = parsed.keySize
        usage = parsed.usage
        flags = .initialized
        attributes = parsed.attributes
    }

    private struct Parsed {
        let type: TEEObjectType
        let keySize: UInt32
        let maximumKeySize: UInt32
        let usage: TEEUsage
        var attributes: [TEEAttributeID: StoredAttribute] = [:]
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(TEEResult) -> Parsed {
        var reader = Reader(bytes: bytes)
        guard try reader.bytes(4).elementsEqual(magic) else { throw .corruptObject }
        var parsed = Parsed(
            type: TEEObjectType(rawValue: try reader.number()), keySize: try reader.number(), maximumKeySize: try reader.number(),
            usage: TEEUsage(rawValue: try reader.number()))
        let count = Int(try reader.shortNumber())
        let rules = ObjectTypeRules.of(parsed.type)
        guard parsed.keySize <= parsed.maximumKeySize, count <= rules?.attributes.count ?? 0 else { throw .corruptObject }
        var remaining = (rules?.attributes ?? [])[...]
        for _ in 0..<count {
            let id = TEEAttributeID(rawValue: try reader.number())
            let length = try reader.number()
            let content = try reader.bytes(Int(length))
            guard let rules, let index = remaining.firstIndex(where: { $0.id == id }) else { throw .corruptObject }
            parsed.attributes[id] = try attribute(content, remaining[index], rules)
            remaining = remaining[(index + 1)...]
        }
        guard reader.isAtEnd, try isComplete(parsed, rules) else { throw .corruptObject }
        return parsed
    }

    private static func attribute(_ content: UnsafeRawBufferPointer, _ rule: AttributeRule, _ rules: ObjectTypeRules) throws(TEEResult) -> StoredAttribute {
        switch rule.form {
        case .value:
            guard content.count == 4 else { throw .corruptObject }
            return .value(UInt32(littleEndian: content.loadUnaligned(as: UInt32.self)))
        case .secret:
            guard content.count <= rules.secretCapacity else { throw .corruptObject }
        case .octets(let count):
            guard content.count == count else { throw .corruptObject }
        case .number:
            guard content.count <= largestNumber, content.first != 0 else { throw .corruptObject }
        }
        return .bytes(SecretBytes(content))
    }

    /// Whether nothing is missing of what population demands.
    private static func isComplete(_ parsed: Parsed, _ rules: ObjectTypeRules?) throws(TEEResult) -> Bool {
        guard let rules else { return parsed.attributes.isEmpty }
        let hasRequired = rules.attributes.allSatisfy { !$0.uses.contains(.required) || parsed.attributes[$0.id] != nil }
        if case .value(let curve)? = parsed.attributes[.eccCurve] { return hasRequired && EllipticCurve(rawValue: curve) != nil }
        return hasRequired && rules.rule(.eccCurve) == nil
    }
}

private struct Writer {
    let buffer: UnsafeMutableRawBufferPointer
    var offset = 0

    mutating func put(_ bytes: some Collection<UInt8>) {
        for byte in bytes {
            buffer[offset] = byte
            offset += 1
        }
    }

    mutating func put(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in 0..<number.bitWidth / 8 { put(CollectionOfOne(UInt8(truncatingIfNeeded: number >> (shift * 8)))) }
    }
}

private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    var isAtEnd: Bool { offset == bytes.count }

    mutating func bytes(_ count: Int) throws(TEEResult) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - offset else { throw .corruptObject }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    mutating func number() throws(TEEResult) -> UInt32 { UInt32(littleEndian: try bytes(4).loadUnaligned(as: UInt32.self)) }

    mutating func shortNumber() throws(TEEResult) -> UInt16 { UInt16(littleEndian: try bytes(2).loadUnaligned(as: UInt16.self)) }
}
