/// Authenticated encryption (TEE Internal Core API 6.6; OP-TEE's syscall_authenc_*).
extension TEESyscallTable {
    static let authenticatedEntries: [Entry] = [
        entry(
            34, "authenc_init", 6, "Begins authenticated encryption or decryption with a nonce.",
            limits: "4,096 bytes of nonce, then TEE_ERROR_BAD_PARAMETERS", authenticatedInit),
        entry(35, "authenc_update_aad", 3, "Adds data that is authenticated and not encrypted.", updateAdditional),
        entry(
            36, "authenc_update_payload", 5, "Encrypts or decrypts; what is decrypted is not authenticated before the end.",
            limits: "as hash_update", updatePayload),
        entry(
            37, "authenc_enc_final", 7, "Encrypts the end and gives the tag back.",
            limits: "the size that is needed is told even when only the tag has no room", encryptFinal),
        entry(
            38, "authenc_dec_final", 7, "Decrypts the end and checks the tag.",
            limits: "what the last call would give out stays back when the tag is wrong", decryptFinal),
    ]

    /// (state, nonce, nonce_len, tag_len, aad_len, payload_len), lengths in bytes.
    @Sendable private static func authenticatedInit(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.operation(0)
        guard operation.algorithm.operationClass == .authenticatedEncryption else { throw .badParameters }
        guard call.word(2) <= 4096 else { throw .badParameters }
        let nonce = try call.bytes(1, count: 2)
        let key = try operation.secret()
        let (tag, additional, payload) = (call.word(3), call.word(4), call.word(5))
        operation.progress = .authenticated(
            try nonce.withBytes { (nonce) throws(TEEResult) in
                try AuthenticatedOperation(
                    operation.algorithm, operation.mode, key: key, nonce: nonce, tagLength: tag, aadLength: additional, payloadLength: payload)
            })
    }

    private static func authenticated(_ call: TEECall) throws(TEEResult) -> AuthenticatedOperation {
        guard case .authenticated(let operation) = try call.operation(0).progress else { throw .badState }
        return operation
    }

    @Sendable private static func updateAdditional(_ call: inout TEECall) throws(TEEResult) {
        let operation = try authenticated(call)
        try call.bytes(1, count: 2).withBytes { (bytes) throws(TEEResult) in try operation.updateAAD(bytes) }
    }

    /// Without room for what comes out nothing has happened.
    private static func checkRoom(_ call: TEECall, _ needed: UInt64, at index: Int, length: Int) throws(TEEResult) {
        guard try call.requireRoom(index, length: length) < needed else { return }
        try call.memory.writeUInt64(needed, to: call.word(length))
        throw .shortBuffer
    }

    /// As many bytes come out as went in. There may be no place for them when there are none.
    private static func checkOutput(_ call: TEECall) throws(TEEResult) {
        if call.word(4) != 0 { try checkRoom(call, call.word(2), at: 3, length: 4) } else if call.word(2) != 0 { throw .shortBuffer }
    }

    /// (state, src, src_len, dest, dest_len)
    @Sendable private static func updatePayload(_ call: inout TEECall) throws(TEEResult) {
        let operation = try authenticated(call)
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        try checkRoom(call, call.word(2), at: 3, length: 4)
        try call.give(try data.withBytes { (bytes) throws(TEEResult) in try operation.updatePayload(bytes) }, at: 3, length: 4)
    }

    /// (state, src, src_len, dest, dest_len, tag, tag_len)
    @Sendable private static func encryptFinal(_ call: inout TEECall) throws(TEEResult) {
        let operation = try authenticated(call)
        guard operation.mode == .encrypt else { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        try checkOutput(call)
        try checkRoom(call, UInt64(operation.tagSize), at: 5, length: 6)
        let result = try data.withBytes { (bytes) throws(TEEResult) in try operation.encryptFinal(bytes) }
        if call.word(4) != 0 { try call.give(result.data, at: 3, length: 4) }
        try call.give(result.tag, at: 5, length: 6)
    }

    /// (state, src, src_len, dest, dest_len, tag, tag_len): the last is a number, not a place.
    @Sendable private static func decryptFinal(_ call: inout TEECall) throws(TEEResult) {
        let operation = try authenticated(call)
        guard operation.mode == .decrypt else { throw .badParameters }
        let data = try call.bytes(1, count: 2)
        guard call.word(6) <= 4096 else { throw .badParameters }
        try call.require(5, count: call.word(6), write: false, anyOwner: true)
        let tag = try call.bytes(5, count: 6)
        try checkOutput(call)
        var output = try data.withBytes { (bytes) throws(TEEResult) in
            try tag.withBytes { (tag) throws(TEEResult) in try operation.decryptFinal(bytes, tag: tag) }
        }
        defer { SecretBytes.wipe(&output) }
        if call.word(4) != 0 { try call.give(output, at: 3, length: 4) }
    }
}
