/// What an attribute is to a type of object (OP-TEE: struct tee_cryp_obj_type_attrs of core/tee/tee_svc_cryp.c).
struct AttributeRule: Sendable {
    /// How the attribute is kept.
    enum Form: Hashable, Sendable {
        /// A byte string of any length that the type has room for.
        case secret
        /// A number: leading zero bytes mean nothing and do not come back.
        case number
        /// A number of 32 bits.
        case value
        /// A byte string of one length.
        case octets(Int)
    }

    /// When the attribute may or must be given.
    struct Uses: OptionSet, Sendable {
        let rawValue: UInt8
        /// Needed to populate.
        static let required = Uses(rawValue: 1)
        /// Populates together with all others of that kind, or not at all.
        static let optionalGroup = Uses(rawValue: 2)
        /// Its length is the size of the key.
        static let sizeIndicator = Uses(rawValue: 4)
        /// May be given for a generation.
        static let generationOptional = Uses(rawValue: 8)
        /// Must be given for a generation.
        static let generationRequired = Uses(rawValue: 16)
        /// Has no more bits than the object was allocated for.
        static let bounded = Uses(rawValue: 32)
    }

    let id: TEEAttributeID
    let form: Form
    let uses: Uses

    init(_ id: TEEAttributeID, _ form: Form, _ uses: Uses) {
        self.id = id
        self.form = form
        self.uses = uses
    }
}

/// What OP-TEE's core demands of a type of object (struct tee_cryp_obj_type_props; sizes: TEE Internal Core API 1.3.1, table 5-9).
struct ObjectTypeRules: Sendable {
    let type: TEEObjectType
    /// Smallest and largest size of the key in bits, and what divides it.
    let sizes: ClosedRange<UInt32>
    let quantum: UInt32
    /// Bytes that a secret may have.
    let secretCapacity: Int
    let attributes: [AttributeRule]

    init(_ type: TEEObjectType, _ sizes: ClosedRange<UInt32>, quantum: UInt32 = 1, _ attributes: [AttributeRule], secretCapacity: Int? = nil) {
        self.type = type
        self.sizes = sizes
        self.quantum = quantum
        self.attributes = attributes
        self.secretCapacity = secretCapacity ?? Int(sizes.upperBound / 8)
    }

    /// The rules of a type; nil for one that is not known or, as TEE_TYPE_DATA, has no attributes.
    static func of(_ type: TEEObjectType) -> ObjectTypeRules? { all[type] }

    func rule(_ id: TEEAttributeID) -> AttributeRule? { attributes.first { $0.id == id } }

    /// Whether the one attribute is a secret of variable length, so that a derivation may fill the object.
    var isSecret: Bool { attributes.count == 1 && attributes.first?.form == .secret }

    /// Whether keys of the type have one size only, whatever the object was allocated for.
    var hasFixedSize: Bool {
        attributes.contains { rule in if case .octets = rule.form { true } else { false } }
    }

    /// The curve that keys of the type are on when no attribute names one.
    var impliedCurve: EllipticCurve? { rule(.eccCurve).map { $0.uses.contains(.optionalGroup) } == true ? .sm2 : nil }

    /// A size in the terms of version 1.0 of the specification, which does not count the parity bits of DES keys (OP-TEE: CFG_COMPAT_GP10_DES).
    func isWithoutParity(_ size: UInt32) -> Bool { (type == .des && size == 56) || (type == .des3 && (size == 112 || size == 168)) }

    /// `notSupported` unless keys of that many bits exist.
    func checkKeySize(_ size: UInt32) throws(TEEResult) {
        let bits = isWithoutParity(size) ? size + size / 7 : size
        guard sizes.contains(bits), bits % quantum == 0 else { throw .notSupported }
    }

    /// What a list of attributes is for.
    enum Purpose { case population, generation }

    /// `itemNotFound` when an attribute is unknown to the type or the purpose, is there twice, or a necessary one is not there (tee_svc_cryp_check_attr).
    func check(_ ids: [TEEAttributeID], for purpose: Purpose) throws(TEEResult) {
        let needed: AttributeRule.Uses = purpose == .population ? .required : .generationRequired
        let optional: AttributeRule.Uses = purpose == .population ? .optionalGroup : .generationOptional
        var found: Set<TEEAttributeID> = []
        for id in ids {
            guard let rule = rule(id), !rule.uses.isDisjoint(with: [needed, optional]), found.insert(id).inserted else { throw .itemNotFound }
        }
        let group = attributes.filter { $0.uses.contains(optional) && !$0.uses.contains(needed) }
        for rule in attributes where rule.uses.contains(needed) && !found.contains(rule.id) { throw .itemNotFound }
        let members = group.count { found.contains($0.id) }
        if purpose == .population, members != 0, members != group.count { throw .itemNotFound }
    }
}
