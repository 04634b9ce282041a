/// A transient object, or the attributes of a persistent one: what OP-TEE's core keeps behind a handle (struct tee_obj and core/tee/tee_svc_cryp.c).
///
/// Belongs to one instance of a trusted application, whose calls come one after another. Every method throws the result code that OP-TEE's system call
/// of the same purpose returns; what its user-space library checks before the call is checked there.
public final class CryptoObject {
    /// What kind of key or secret.
    public let type: TEEObjectType
    /// Bits it was allocated for.
    public let maximumKeySize: UInt32
    /// Bits of the key; 0 before there is one.
    public internal(set) var keySize: UInt32 = 0
    /// What it may be used for.
    public internal(set) var usage = TEEUsage.all
    /// Whether it has its attributes, and whether it is in the storage.
    public internal(set) var flags: TEEHandleFlags = []

    let rules: ObjectTypeRules?
    var attributes: [TEEAttributeID: StoredAttribute] = [:]

    /// An object without attributes (TEE_AllocateTransientObject, TEE Internal Core API 1.3.1, 5.4.1); `notSupported` for a type or size that does not exist.
    public init(type: TEEObjectType, maximumKeySize: UInt32) throws(TEEResult) {
        rules = ObjectTypeRules.of(type)
        if let rules {
            try rules.checkKeySize(maximumKeySize)
        } else if type != .data || maximumKeySize != 0 {
            throw .notSupported
        }
        self.type = type
        self.maximumKeySize = maximumKeySize
    }

    /// The same object again, with everything it has.
    init(copying other: CryptoObject) {
        rules = other.rules
        type = other.type
        maximumKeySize = other.maximumKeySize
        keySize = other.keySize
        usage = other.usage
        flags = other.flags
        attributes = other.attributes
    }

    /// TEE_GetObjectInfo1 without the data stream.
    public var info: TEEObjectInfo { TEEObjectInfo(type: type, keySize: keySize, maximumKeySize: maximumKeySize, usage: usage, flags: flags) }

    /// Whether it has its attributes.
    public var isInitialized: Bool { flags.contains(.initialized) }

    /// Takes rights away, for good (TEE_RestrictObjectUsage1, 5.3.4).
    public func restrictUsage(_ wanted: TEEUsage) { usage.formIntersection(wanted) }

    /// Marks it as an object of the storage, which neither `reset` nor `populate` changes; the storage calls this.
    public func markPersistent() { flags.insert(.persistent) }

    /// Marks it as initialized although it has no attributes: only for TEE_TYPE_DATA, `badParameters` for others.
    public func markInitializedData() throws(TEEResult) {
        guard type == .data else { throw .badParameters }
        flags.insert(.initialized)
    }

    /// An attribute's value (TEE_GetObjectBufferAttribute and TEE_GetObjectValueAttribute, 5.3.5 and 5.3.6): a number without leading zeros, which is empty when
    /// it is zero. `badParameters` when there are none yet or it is protected and the object not extractable; `itemNotFound` when the object does not have it.
    public func attribute(_ id: TEEAttributeID) throws(TEEResult) -> TEEAttribute {
        guard isInitialized, id.isPublic || usage.contains(.extractable) else { throw .badParameters }
        guard let rules else { throw .badState }
        guard rules.rule(id) != nil, let stored = attributes[id] else { throw .itemNotFound }
        return switch stored {
        case .bytes(let bytes): .buffer(id, bytes.bytes)
        case .value(let value): .value(id, value, 0)
        }
    }

    /// Whether an attribute is a number, which has no leading zeros.
    func isNumber(_ id: TEEAttributeID) -> Bool { rules?.rule(id)?.form == .number }

    /// Forgets the attributes and gives all rights back (TEE_ResetTransientObject, 5.4.3); `badParameters` for a persistent object.
    public func reset() throws(TEEResult) {
        guard !flags.contains(.persistent) else { throw .badParameters }
        attributes = [:]
        keySize = 0
        usage = .all
        flags.remove(.initialized)
    }

    /// The secret of a symmetric key or of other keying material; nil while there is none, and for key pairs.
    public var secret: SecretBytes? {
        guard isInitialized, let rules, rules.isSecret, let id = rules.attributes.first?.id else { return nil }
        return bytes(id)
    }

    /// Fills an object of a secret type with what a derivation yielded; `badParameters` when it is no such object, has attributes already, or is too small.
    public func setSecret(_ bytes: SecretBytes) throws(TEEResult) {
        guard !flags.contains(.persistent), !isInitialized, let rules, rules.isSecret, let id = rules.attributes.first?.id, bytes.count <= rules.secretCapacity
        else { throw .badParameters }
        attributes = [id: .bytes(bytes)]
        keySize = min(maximumKeySize, UInt32(clamping: bytes.count &* 8))
        flags.insert(.initialized)
    }

    /// The bytes of an attribute that has some.
    func bytes(_ id: TEEAttributeID) -> SecretBytes? { if case .bytes(let bytes)? = attributes[id] { bytes } else { nil } }

    /// The number of an attribute that is a value.
    func value(_ id: TEEAttributeID) -> UInt32? { if case .value(let value)? = attributes[id] { value } else { nil } }

    /// The curve that its attributes name.
    var curve: EllipticCurve? { value(.eccCurve).flatMap { EllipticCurve(rawValue: $0) } }
}

/// An attribute as an object keeps it.
enum StoredAttribute {
    /// A secret, octets, or a number in as few big-endian bytes as it needs.
    case bytes(SecretBytes)
    /// `a` of a value.
    case value(UInt32)

    /// How many bytes it is.
    var byteCount: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .value: 4
        }
    }
}

extension SecretBytes {
    /// The number without leading zeros that big-endian bytes mean.
    static func number(_ bytes: some Collection<UInt8>) -> SecretBytes { SecretBytes(bytes.drop { $0 == 0 }) }

    /// How many bits the number has that these bytes are, big-endian and without leading zeros.
    var bitCount: Int { withUnsafeBytes { bytes in bytes.first.map { bytes.count * 8 - $0.leadingZeroBitCount } ?? 0 } }

    /// The number in exactly `count` bytes; nil when it has more.
    func padded(to count: Int) -> SecretBytes? {
        guard count >= self.count else { return nil }
        let start = count - self.count
        return withUnsafeBytes { source in
            SecretBytes(count: count) { target in
                for (index, byte) in source.enumerated() { target[start + index] = byte }
            }
        }
    }
}
