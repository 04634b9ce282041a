/// Cryptographic operations (TEE Internal Core API 6; OP-TEE's tee_svc_cryp.c).
extension TEESyscallTable {
    static let operationEntries: [Entry] =
        [
            entry(
                15, "cryp_state_alloc", 5, "Makes an operation: an algorithm, a mode, and the objects that have its keys.",
                limits: "65,536 of an instance, then TEE_ERROR_OUT_OF_MEMORY", allocateState),
            entry(16, "cryp_state_copy", 2, "Takes over what is under way in another operation of the same algorithm and mode.", copyState),
            entry(17, "cryp_state_free", 1, "Frees an operation and the objects that have its keys.", freeState),
            entry(18, "hash_init", 3, "Begins a digest or MAC.", hashInit),
            entry(
                19, "hash_update", 3, "Adds to a digest or MAC.",
                limits: "64 MiB a call, then TEE_ERROR_OUT_OF_MEMORY", hashUpdate),
            entry(
                20, "hash_final", 5, "Ends a digest or MAC and gives it back; of an extendable digest as many bytes as there is room for.",
                limits: "as hash_update", hashFinal),
            entry(21, "cipher_init", 3, "Begins a cipher with an initialization vector.", cipherInit),
            entry(
                22, "cipher_update", 5, "Encrypts or decrypts.",
                limits: "as hash_update"
            ) { call throws(TEEResult) in try runCipher(&call, isLast: false) },
            entry(
                23, "cipher_final", 5, "Encrypts or decrypts the end.",
                limits: "as hash_update"
            ) { call throws(TEEResult) in try runCipher(&call, isLast: true) },
            entry(33, "cryp_random_number_generate", 2, "Fills memory with random bytes.", generateRandom),
        ] + authenticatedEntries + asymmetricEntries

    @Sendable private static func allocateState(_ call: inout TEECall) throws(TEEResult) {
        func object(_ index: Int) throws(TEEResult) -> TAObject? {
            call.word(index) == 0 ? nil : try call.object(index)
        }
        let (key, second) = (try object(2), try object(3))
        guard let mode = TEEOperationMode(rawValue: call.number(1)) else { throw .badParameters }
        let operation = try TAOperation(TEEAlgorithm(rawValue: call.number(0)), mode, key: key, secondKey: second)
        let handle = try call.instance.handles.add(operation)
        do throws(TEEResult) { try call.give(handle: handle, at: 4) } catch {
            call.instance.handles.removeOperation(handle)
            throw error
        }
        operation.keyHandles = [2, 3].map { call.number($0) }.filter { $0 != 0 }
    }

    @Sendable private static func copyState(_ call: inout TEECall) throws(TEEResult) {
        let target = try call.operation(0)
        try target.copy(from: try call.operation(1))
    }

    /// Its keys go with it: they were made for it by the runtime library, which does not close them (OP-TEE's cryp_state_free).
    @Sendable private static func freeState(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.operation(0)
        call.instance.handles.removeOperation(call.number(0))
        for handle in operation.keyHandles { call.instance.handles.removeObject(handle) }
    }

    // MARK: Digests and MACs

    @Sendable private static func hashInit(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.operation(0)
        switch operation.algorithm.operationClass {
        case .digest: operation.progress = .digest(try DigestOperation(operation.algorithm))
        case .mac: operation.progress = .mac(try MACOperation(operation.algorithm, key: try operation.secret()))
        default: throw .badParameters
        }
    }

    @Sendable private static func hashUpdate(_ call: inout TEECall) throws(TEEResult) {
        if call.word(2) == 0 { return }
        if call.word(1) == 0 { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        switch try call.operation(0).progress {
        case .digest(let digest): try data.withBytes { (bytes) throws(TEEResult) in try digest.update(bytes) }
        case .mac(let mac): try data.withBytes { (bytes) throws(TEEResult) in try mac.update(bytes) }
        case .none: throw .badState
        case .cipher, .authenticated: throw .badParameters
        }
    }

    /// (state, chunk, chunk_size, hash, hash_len)
    @Sendable private static func hashFinal(_ call: inout TEECall) throws(TEEResult) {
        if call.word(1) == 0, call.word(2) != 0 { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        let room = try call.requireRoom(3, length: 4)
        let operation = try call.operation(0)
        switch operation.progress {
        case .digest(let digest):
            if operation.algorithm.isExtendable {
                // As many bytes as are asked for, and more at the next call.
                guard room <= TAMemory.largestCopy else { throw .outOfMemory }
                try data.withBytes { (bytes) throws(TEEResult) in if !bytes.isEmpty { try digest.update(bytes) } }
                return try call.give(try digest.extract(count: Int(room)), at: 3, length: 4)
            }
            try checkRoom(call, room, digest.size ?? 0)
            try call.give(try data.withBytes { (bytes) throws(TEEResult) in try digest.finish(bytes) }, at: 3, length: 4)
        case .mac(let mac):
            try checkRoom(call, room, operation.algorithm.digestSize ?? 0)
            try call.give(try data.withBytes { (bytes) throws(TEEResult) in try mac.finish(bytes) }, at: 3, length: 4)
        case .none: throw .badState
        case .cipher, .authenticated: throw .badParameters
        }
    }

    /// A result that does not fit must not end the operation: the caller comes again with more room.
    private static func checkRoom(_ call: TEECall, _ room: UInt64, _ needed: Int) throws(TEEResult) {
        guard room < UInt64(needed) else { return }
        try call.memory.writeUInt64(UInt64(needed), to: call.word(4))
        throw .shortBuffer
    }

    // MARK: Ciphers

    @Sendable private static func cipherInit(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.operation(0)
        guard operation.algorithm.operationClass == .cipher else { throw .badState }
        guard call.word(2) <= 4096 else { throw .badParameters }
        let iv = try call.bytes(1, count: 2)
        let key = try operation.secret()
        var second: SecretBytes?
        if let object = operation.secondKey {
            second = object.key.secret
            if second == nil { throw .badParameters }
        }
        operation.progress = .cipher(
            try iv.withBytes { (iv) throws(TEEResult) in
                try CipherOperation(operation.algorithm, operation.mode, key: key, secondKey: second, iv: iv)
            })
    }

    /// (state, src, src_len, dest, dest_len)
    private static func runCipher(_ call: inout TEECall, isLast: Bool) throws(TEEResult) {
        let operation = try call.operation(0)
        guard case .cipher(let cipher) = operation.progress else { throw .badState }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        let room = call.word(4) == 0 ? 0 : try call.requireRoom(3, length: 4)
        let most = isLast ? cipher.finishSize(data.count) : cipher.updateSize(data.count)
        if !cipher.algorithm.isPadded || !isLast || operation.mode == .encrypt, room < UInt64(most) {
            if call.word(4) != 0 { try call.memory.writeUInt64(UInt64(most), to: call.word(4)) }
            throw .shortBuffer
        }
        var output = try data.withBytes { (bytes) throws(TEEResult) in isLast ? try cipher.finish(bytes) : try cipher.update(bytes) }
        defer { SecretBytes.wipe(&output) }
        if call.word(4) != 0 { try call.give(output, at: 3, length: 4) }
    }

    // MARK: Random numbers

    @Sendable private static func generateRandom(_ call: inout TEECall) throws(TEEResult) {
        try call.require(0, count: call.word(1), write: true, anyOwner: true)
        var done: UInt64 = 0
        while done < call.word(1) {
            let count = Int(min(64 << 10, call.word(1) &- done))
            var chunk = try CryptoLibrary.random(count: count).bytes
            defer { SecretBytes.wipe(&chunk) }
            try call.memory.write(chunk, to: call.word(0) &+ done)
            done &+= UInt64(count)
        }
    }
}
