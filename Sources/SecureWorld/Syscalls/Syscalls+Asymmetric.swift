/// Signatures, asymmetric ciphers and key derivation (TEE Internal Core API 6.7 and 6.8; OP-TEE's syscall_asymm_* and syscall_cryp_derive_key).
extension TEESyscallTable {
    static let asymmetricEntries: [Entry] = [
        entry(32, "cryp_derive_key", 4, "Derives a secret from a key and fills an object with it.", deriveKey),
        entry(39, "asymm_operate", 7, "Signs, encrypts or decrypts with an asymmetric key.", operate),
        entry(40, "asymm_verify", 7, "Verifies a signature.", verify),
    ]

    private static func asymmetric(_ call: TEECall) throws(TEEResult) -> AsymmetricOperation {
        let operation = try call.operation(0)
        guard let key = operation.key?.key else { throw .badParameters }
        return AsymmetricOperation(operation.algorithm, operation.mode, key: key)
    }

    /// (state, params, num_params, src, src_len, dest, dest_len)
    @Sendable private static func operate(_ call: inout TEECall) throws(TEEResult) {
        let operation = try asymmetric(call)
        let parameters = try attributes(call, at: 1, count: 2)
        var input = try call.bytes(3, count: 4)
        defer { SecretBytes.wipe(&input) }
        let room = try call.requireRoom(5, length: 6)
        switch try operation.operate(parameters, input, capacity: Int(clamping: room)) {
        case .output(var bytes):
            defer { SecretBytes.wipe(&bytes) }
            try call.give(bytes, at: 5, length: 6)
        case .shortBuffer(let needed):
            try call.memory.writeUInt64(UInt64(needed), to: call.word(6))
            throw .shortBuffer
        }
    }

    /// (state, params, num_params, data, data_len, sig, sig_len)
    @Sendable private static func verify(_ call: inout TEECall) throws(TEEResult) {
        let operation = try asymmetric(call)
        guard operation.mode == .verify else { throw .badParameters }
        let parameters = try attributes(call, at: 1, count: 2)
        try operation.verify(parameters, digest: try call.bytes(3, count: 4), signature: try call.bytes(5, count: 6))
    }

    /// (state, params, num_params, derived_key)
    @Sendable private static func deriveKey(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.operation(0)
        guard let key = operation.key?.key else { throw .badParameters }
        guard operation.algorithm.operationClass == .keyDerivation else { throw .notSupported }
        let target = try call.object(3)
        let parameters = try attributes(call, at: 1, count: 2)
        var derivation = KeyDerivation(operation.algorithm, key: key, secondKey: operation.secondKey?.key)
        let instance = call.instance
        derivation.isWanted = { !instance.isDead }
        let outcome = try derivation.derive(parameters, into: target.key)
        if let confirmation = outcome.confirmation { try giveConfirmation(&call, confirmation) }
    }

    /// The bytes go to the buffer that the attribute SM2_KEP_CONFIRMATION_OUT names, which is an output.
    private static func giveConfirmation(_ call: inout TEECall, _ bytes: [UInt8]) throws(TEEResult) {
        for index in 0..<call.word(2) {
            let place = call.word(1) &+ index &* 24
            guard try call.memory.readUInt32(place &+ 16) == TEEAttributeID.sm2KEPConfirmationOut.rawValue else { continue }
            guard try call.memory.readUInt64(place &+ 8) >= UInt64(bytes.count) else { throw .shortBuffer }
            try call.memory.write(bytes, to: try call.memory.readUInt64(place))
        }
    }
}
