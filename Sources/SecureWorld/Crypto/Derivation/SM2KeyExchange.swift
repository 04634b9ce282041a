internal import CCrypto

/// SM2's key exchange protocol (GB/T 32918.3, 6.1), of which one side is the application's; result codes as of OP-TEE's core/lib/libtomcrypt/sm2-kep.c.
struct SM2KeyExchange {
    /// A public key: two coordinates of 32 bytes, one after the other.
    private typealias PublicValue = [UInt8]

    private let isInitiator: Bool
    private let own: (privateValue: SecretBytes, publicValue: PublicValue)
    private let ownEphemeral: (privateValue: SecretBytes, publicValue: PublicValue)
    private let peer: PublicValue
    private let peerEphemeral: PublicValue
    private let initiatorID: [UInt8]
    private let responderID: [UInt8]
    private let confirmationIn: [UInt8]?
    private let wantsConfirmation: Bool

    /// Reads the attributes; `badParameters` when one is missing, unexpected or too large, or a key is not one of this curve.
    init(_ parameters: [TEEAttribute], own: CryptoObject, ownEphemeral: CryptoObject?) throws(TEEResult) {
        guard let ownEphemeral else { throw .badParameters }
        var numbers: [TEEAttributeID: UInt32] = [:]
        var buffers: [TEEAttributeID: [UInt8]] = [:]
        for parameter in parameters {
            switch parameter {
            case .value(.sm2KEPUser, let a, _): numbers[.sm2KEPUser] = a
            // OP-TEE's first numbers for the ephemeral key, which belong to HKDF now, keep their meaning here.
            case .buffer(.eccEphemeralPublicValueX, let bytes), .buffer(.hkdfSalt, let bytes): buffers[.eccEphemeralPublicValueX] = bytes
            case .buffer(.eccEphemeralPublicValueY, let bytes), .buffer(.hkdfInfo, let bytes): buffers[.eccEphemeralPublicValueY] = bytes
            case .buffer(let id, let bytes) where Self.buffers.contains(id): buffers[id] = bytes
            default: throw .badParameters
            }
        }
        guard let user = numbers[.sm2KEPUser], let initiatorID = buffers[.sm2InitiatorID], let responderID = buffers[.sm2ResponderID] else {
            throw .badParameters
        }
        isInitiator = user == 0
        self.own = try Self.pair(own)
        self.ownEphemeral = try Self.pair(ownEphemeral)
        peer = try Self.publicValue(buffers[.eccPublicValueX], buffers[.eccPublicValueY])
        peerEphemeral = try Self.publicValue(buffers[.eccEphemeralPublicValueX], buffers[.eccEphemeralPublicValueY])
        self.initiatorID = initiatorID
        self.responderID = responderID
        confirmationIn = buffers[.sm2KEPConfirmationIn]
        wantsConfirmation = buffers[.sm2KEPConfirmationOut] != nil
        if let confirmationIn, confirmationIn.count < SM3.size { throw .badParameters }
        if let room = buffers[.sm2KEPConfirmationOut], room.count < SM3.size { throw .badParameters }
        // The number of bits of an identity has 16 bits.
        guard initiatorID.count < 0x2000, responderID.count < 0x2000 else { throw .badParameters }
    }

    private static let buffers: Set<TEEAttributeID> = [
        .eccPublicValueX, .eccPublicValueY, .sm2InitiatorID, .sm2ResponderID, .sm2KEPConfirmationIn, .sm2KEPConfirmationOut,
    ]

    private static func pair(_ object: CryptoObject) throws(TEEResult) -> (SecretBytes, PublicValue) {
        guard object.isInitialized, object.curve == .sm2 else { throw .badParameters }
        let point = try EllipticCurve.sm2.uncompressedPoint(x: object.requiredBytes(.eccPublicValueX), y: object.requiredBytes(.eccPublicValueY))
        return (try object.requiredBytes(.eccPrivateValue), Array(point.dropFirst()))
    }

    private static func publicValue(_ x: [UInt8]?, _ y: [UInt8]?) throws(TEEResult) -> PublicValue {
        guard let x, let y else { throw .badParameters }
        return Array(try EllipticCurve.sm2.uncompressedPoint(x: SecretBytes.number(x), y: SecretBytes.number(y)).dropFirst())
    }

    /// The shared secret and, when wanted, what proves to the peer that this side has it; `badState` when the peer's proof is wrong or there is no secret.
    func agree(length: Int) throws(TEEResult) -> (secret: SecretBytes, confirmation: [UInt8]?) {
        let group = try SM2Group()
        let arithmetic = try BigNumberArithmetic()
        for point in [own.publicValue, ownEphemeral.publicValue, peer] { _ = try group.point(point, arithmetic) }
        let product = try arithmetic.compute { [x = try Self.reduced(ownEphemeral.publicValue), r = try Self.secret(ownEphemeral.privateValue)] in
            BN_mod_mul($0, x.pointer, r.pointer, group.order, $1)
        }
        let d = try Self.secret(own.privateValue)
        let t = try arithmetic.compute { BN_mod_add($0, product.pointer, d.pointer, group.order, $1) }
        let shared = try group.sharedPoint(
            peer: group.point(peer, arithmetic), ephemeral: group.point(peerEphemeral, arithmetic), factor: Self.reduced(peerEphemeral), secret: t, arithmetic)
        let identities =
            try SM3.digest(group.identified(initiatorID, isInitiator ? own.publicValue : peer, arithmetic))
            + SM3.digest(group.identified(responderID, isInitiator ? peer : own.publicValue, arithmetic))
        let secret = try SM3.expand(shared.bytes + identities, length: length)
        if let confirmationIn {
            let expected = try confirmation(isInitiator ? 2 : 3, shared, identities)
            let isRight = expected.withUnsafeBytes { one in confirmationIn.prefix(SM3.size).withUnsafeBytes { CryptoLibrary.areEqual(one, $0) } }
            guard isRight else { throw .badState }
        }
        return (secret, wantsConfirmation ? try confirmation(isInitiator ? 3 : 2, shared, identities) : nil)
    }

    /// Steps A9, A10, B8 and B10.
    private func confirmation(_ flag: UInt8, _ shared: SecretBytes, _ identities: [UInt8]) throws(TEEResult) -> [UInt8] {
        let ephemerals = isInitiator ? ownEphemeral.publicValue + peerEphemeral : peerEphemeral + ownEphemeral.publicValue
        let inner = try SM3.digest(shared.bytes.prefix(32) + identities + ephemerals)
        return try SM3.digest([flag] + shared.bytes.suffix(32) + inner)
    }

    /// 2^127 + (x mod 2^127), of a public value's x coordinate.
    private static func reduced(_ value: PublicValue) throws(TEEResult) -> BigNumber {
        var half = Array(value[16..<32])
        half[0] |= 0x80
        return try BigNumber(SecretBytes(half))
    }

    private static func secret(_ bytes: SecretBytes) throws(TEEResult) -> BigNumber {
        let number = try BigNumber(bytes)
        number.makeConstantTime()
        return number
    }
}

/// The curve of GB/T 32918.5 with libcrypto's arithmetic of its points.
private final class SM2Group {
    let pointer: OpaquePointer
    let order: OpaquePointer

    init() throws(TEEResult) {
        guard let group = EC_GROUP_new_by_curve_name_ex(try CryptoLibrary.context(), nil, skerry_nid_sm2()) else {
            throw CryptoLibrary.failure(.notSupported)
        }
        guard let order = EC_GROUP_get0_order(group) else {
            EC_GROUP_free(group)
            throw CryptoLibrary.failure(.generic)
        }
        pointer = group
        self.order = order
    }

    /// The point of two coordinates; `badParameters` when it is not on the curve.
    func point(_ coordinates: [UInt8], _ arithmetic: BigNumberArithmetic) throws(TEEResult) -> Point {
        let point = try Point(self)
        let octets = [4] + coordinates
        guard EC_POINT_oct2point(pointer, point.pointer, octets, octets.count, arithmetic.pointer) == 1 else { throw CryptoLibrary.failure(.badParameters) }
        return point
    }

    /// The coordinates of [secret](peer + [factor] ephemeral), step A7; `badState` at infinity.
    func sharedPoint(
        peer: Point, ephemeral: Point, factor: BigNumber, secret: BigNumber, _ arithmetic: BigNumberArithmetic
    ) throws(TEEResult) -> SecretBytes {
        let sum = try Point(self)
        let result = try Point(self)
        guard EC_POINT_mul(pointer, sum.pointer, nil, ephemeral.pointer, factor.pointer, arithmetic.pointer) == 1,
            EC_POINT_add(pointer, sum.pointer, sum.pointer, peer.pointer, arithmetic.pointer) == 1,
            EC_POINT_mul(pointer, result.pointer, nil, sum.pointer, secret.pointer, arithmetic.pointer) == 1,
            EC_POINT_is_at_infinity(pointer, result.pointer) == 0
        else { throw CryptoLibrary.failure(.badState) }
        return try result.coordinates(arithmetic)
    }

    /// What an identity's digest is of: its length, itself, the curve and the public key (GB/T 32918.2, 5.5).
    func identified(_ identity: [UInt8], _ publicValue: [UInt8], _ arithmetic: BigNumberArithmetic) throws(TEEResult) -> [UInt8] {
        let a = try BigNumber()
        let b = try BigNumber()
        guard EC_GROUP_get_curve(pointer, nil, a.pointer, b.pointer, arithmetic.pointer) == 1, let generator = EC_GROUP_get0_generator(pointer) else {
            throw CryptoLibrary.failure(.generic)
        }
        let base = try Point(self)
        guard EC_POINT_copy(base.pointer, generator) == 1 else { throw CryptoLibrary.failure(.generic) }
        let bits = UInt16(clamping: identity.count * 8)
        return try [UInt8(bits >> 8), UInt8(bits & 0xff)] + identity + a.bytes(count: 32).bytes + b.bytes(count: 32).bytes
            + base.coordinates(arithmetic).bytes + publicValue
    }

    deinit { EC_GROUP_free(pointer) }

    final class Point {
        let pointer: OpaquePointer
        private let group: SM2Group

        init(_ group: SM2Group) throws(TEEResult) {
            guard let point = EC_POINT_new(group.pointer) else { throw CryptoLibrary.failure(.outOfMemory) }
            pointer = point
            self.group = group
        }

        /// x and y, 32 bytes each.
        func coordinates(_ arithmetic: BigNumberArithmetic) throws(TEEResult) -> SecretBytes {
            let x = try BigNumber()
            let y = try BigNumber()
            guard EC_POINT_get_affine_coordinates(group.pointer, pointer, x.pointer, y.pointer, arithmetic.pointer) == 1 else {
                throw CryptoLibrary.failure(.badState)
            }
            var bytes = try x.bytes(count: 32).bytes + y.bytes(count: 32).bytes
            defer { SecretBytes.wipe(&bytes) }
            return SecretBytes(bytes)
        }

        deinit { EC_POINT_clear_free(pointer) }
    }
}

/// The digest of GB/T 32905 and the derivation function of GB/T 32918.4, 5.4.3 with it.
private enum SM3 {
    static let size = 32

    static func digest(_ bytes: [UInt8]) throws(TEEResult) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: size)
        var length = 0
        guard EVP_Q_digest(try CryptoLibrary.context(), "SM3", nil, bytes, bytes.count, &digest, &length) == 1, length == size else {
            throw CryptoLibrary.failure(.generic)
        }
        return digest
    }

    static func expand(_ seed: [UInt8], length: Int) throws(TEEResult) -> SecretBytes {
        var output: [UInt8] = []
        defer { SecretBytes.wipe(&output) }
        output.reserveCapacity(length + size)
        var counter: UInt32 = 1
        while output.count < length {
            output += try digest(seed + withUnsafeBytes(of: counter.bigEndian) { Array($0) })
            counter += 1
        }
        return SecretBytes(output.prefix(length))
    }
}
