/// Cryptographic operations (TEE Internal Core API 6; OP-TEE's tee_svc_cryp.c).
extension TEESyscallTable {
    static let operationEntries: [Entry] =
        [
            entry(15, "cryp_state_alloc", 5, allocateState),
            entry(16, "cryp_state_copy", 2, copyState),
            entry(17, "cryp_state_free", 1, freeState),
            entry(18, "hash_init", 3, hashInit),
            entry(19, "hash_update", 3, hashUpdate),
            entry(20, "hash_final", 5, hashFinal),
            entry(21, "cipher_init", 3, cipherInit),
            entry(22, "cipher_update", 5) { call throws(TEEResult) in try runCipher(&call, isLast: false) },
            entry(23, "cipher_final", 5) { call throws(TEEResult) in try runCipher(&call, isLast: true) },
            entry(33, "cryp_random_number_generate", 2, generateRandom),
        ] + authenticatedEntries + asymmetricEntries

    @Sendable private static func allocateState(_ call: inout TEECall) throws(TEEResult) {
        func object(_ index: Int) throws(TEEResult) -> TAObject? {
            call.number(index) == 0 ? nil : try call.instance.handles.object(call.number(index))
        }
        let (key, second) = (try object(2), try object(3))
        guard let mode = TEEOperationMode(rawValue: call.number(1)) else { throw .badParameters }
        let operation = try TAOperation(TEEAlgorithm(rawValue: call.number(0)), mode, key: key, secondKey: second)
        // What libcrypto does not have is refused now and not at the first use.
        if operation.algorithm.operationClass == .digest { operation.progress = .digest(try DigestOperation(operation.algorithm)) }
        let handle = try call.instance.handles.add(operation)
        do throws(TEEResult) { try call.memory.writeUInt32(handle, to: call.word(4)) } catch {
            call.instance.handles.removeOperation(handle)
            throw error
        }
    }

    @Sendable private static func copyState(_ call: inout TEECall) throws(TEEResult) {
        let target = try call.instance.handles.operation(call.number(0))
        try target.copy(from: try call.instance.handles.operation(call.number(1)))
    }

    @Sendable private static func freeState(_ call: inout TEECall) throws(TEEResult) {
        _ = try call.instance.handles.operation(call.number(0))
        call.instance.handles.removeOperation(call.number(0))
    }

    // MARK: Digests and MACs

    @Sendable private static func hashInit(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.instance.handles.operation(call.number(0))
        switch operation.algorithm.operationClass {
        case .digest: operation.progress = .digest(try DigestOperation(operation.algorithm))
        case .mac: operation.progress = .mac(try MACOperation(operation.algorithm, key: try operation.secret()))
        default: throw .badParameters
        }
    }

    @Sendable private static func hashUpdate(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.instance.handles.operation(call.number(0))
        if call.word(1) == 0, call.word(2) != 0 { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        switch operation.progress {
        case .digest(let digest): try data.withBytes { (bytes) throws(TEEResult) in try digest.update(bytes) }
        case .mac(let mac): try data.withBytes { (bytes) throws(TEEResult) in try mac.update(bytes) }
        default: throw .badState
        }
    }

    /// (state, chunk, chunk_size, hash, hash_len)
    @Sendable private static func hashFinal(_ call: inout TEECall) throws(TEEResult) {
        let operation = try call.instance.handles.operation(call.number(0))
        if call.word(1) == 0, call.word(2) != 0 { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        let room = try call.memory.readUInt64(call.word(4))
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
        default: throw .badState
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
        let operation = try call.instance.handles.operation(call.number(0))
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
        let operation = try call.instance.handles.operation(call.number(0))
        if call.word(1) == 0, call.word(2) != 0 { throw .badParameters }
        var data = try call.bytes(1, count: 2)
        defer { SecretBytes.wipe(&data) }
        guard case .cipher(let cipher) = operation.progress else { throw .badState }
        let room = call.word(4) == 0 ? 0 : try call.memory.readUInt64(call.word(4))
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
        guard call.memory.allows(write: true, call.word(0), call.word(1)) else { throw .accessDenied }
        var done: UInt64 = 0
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        defer { SecretBytes.wipe(&chunk) }
        while done < call.word(1) {
            let count = Int(min(UInt64(chunk.count), call.word(1) &- done))
            try chunk.withSecretBytes { (bytes) throws(TEEResult) in
                try CryptoLibrary.random(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
            }
            try call.memory.write(Array(chunk[..<count]), to: call.word(0) &+ done)
            done &+= UInt64(count)
        }
    }
}
