/// An attribute as it passes between a trusted application and the TEE (`TEE_Attribute`, TEE Internal Core API 1.3.1, 5.3.1).
public enum TEEAttribute: Hashable, Sendable {
    /// A buffer; numbers in it are big-endian.
    case buffer(TEEAttributeID, [UInt8])
    /// Two numbers, `a` and `b`; the second one has no meaning in any attribute defined so far.
    case value(TEEAttributeID, UInt32, UInt32)

    /// Which attribute.
    public var id: TEEAttributeID {
        switch self {
        case .buffer(let id, _), .value(let id, _, _): id
        }
    }

    /// The buffer; nil when it is a value.
    public var bytes: [UInt8]? { if case .buffer(_, let bytes) = self { bytes } else { nil } }

    /// `a` of a value; nil when it is a buffer.
    public var number: UInt32? { if case .value(_, let a, _) = self { a } else { nil } }

    /// Whether the form is the one that the identifier's bit 29 says.
    var isWellFormed: Bool { id.isValue == (number != nil) }
}
