/// Signed statements about applications (OP-TEE's core/pta/attestation.c, pta_attestation.h).
///
/// Each is a digest of 32 bytes followed by an RSASSA-PSS signature (SHA-256, salt of 32 bytes) of SHA-256(nonce || digest). It proves no more than the device
/// key does: whoever has that and the folder of the storage has the attestation key too.
final class AttestationPTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case publicKey = 0
        case headerDigest = 1
        case applicationMemory = 2
        case teeMemory = 3
    }

    private let key: AttestationKey
    private let digests: @Sendable (SecureWorld) -> (any ApplicationDigesting)?

    /// With a key of `bits` bits when there is none yet.
    init(
        _ configuration: SecureWorldConfiguration, bits: Int = AttestationKey.defaultBits,
        digests: @escaping @Sendable (SecureWorld) -> (any ApplicationDigesting)? = { $0.applicationDigests }
    ) {
        self.digests = digests
        let uuid = Self.identifier("39800861-182a-4720-9b67-2bcd622bc0b5")
        key = AttestationKey(KeptObject("key", of: uuid, in: configuration.storage), bits: bits)
        super.init(uuid, servesClients: true)
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let command = Command(rawValue: command) else { throw .badParameters }
        switch command {
        case .publicKey: try givePublicKey(&parameters)
        case .headerDigest:
            try parameters.expect(.memoryInput, .memoryInput, .memoryOutput)
            guard parameters.size(0) == 16 else { throw .badParameters }
            try checkBuffers(parameters, nonce: 1, output: 2)
            let uuid = try parameters.uuid(0)
            try attest(&parameters, nonce: 1, output: 2) { () throws(TEEResult) in
                guard let digests = self.digests(session.world) else { throw .notSupported }
                return try digests.headerDigest(of: uuid)
            }
        case .applicationMemory:
            try parameters.expect(.memoryInput, .memoryOutput)
            try checkBuffers(parameters, nonce: 0, output: 1)
            guard let caller = session.caller else { throw .accessDenied }
            try attest(&parameters, nonce: 0, output: 1) { () throws(TEEResult) in try Self.digest(ofMemory: caller) }
        case .teeMemory:
            try parameters.expect(.memoryInput, .memoryOutput)
            try checkBuffers(parameters, nonce: 0, output: 1)
            try attest(&parameters, nonce: 0, output: 1) { () throws(TEEResult) in try ProgramMeasurement.own.get() }
        }
    }

    /// Both sizes are told even when one of the buffers is too small.
    private func givePublicKey(_ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryOutput, .memoryOutput, .valueOutput)
        let key = try key.get()
        var isShort = false
        for (index, bytes) in [key.exponent, key.modulus].enumerated() {
            do throws(TEEResult) { try parameters.give(index, bytes) } catch {
                guard error == .shortBuffer else { throw error }
                isShort = true
            }
        }
        parameters.setValue(2, TASignatureAlgorithm.pss.rawValue, 0)
        if isShort { throw .shortBuffer }
    }

    private func checkBuffers(_ parameters: [TEEParameter], nonce: Int, output: Int) throws(TEEResult) {
        guard !parameters.isNull(nonce), parameters.size(nonce) > 0, !parameters.isNull(output) || parameters.size(output) == 0 else { throw .badParameters }
    }

    private func attest(
        _ parameters: inout [TEEParameter], nonce: Int, output: Int, _ measure: () throws(TEEResult) -> [UInt8]
    ) throws(TEEResult) {
        let key = try key.get()
        let needed = UInt64(ImageCrypto.digestSize + key.signatureSize)
        guard parameters.size(output) >= needed else {
            parameters.setSize(output, needed)
            throw .shortBuffer
        }
        let measured = try measure()
        let digest = try DigestOperation(.sha256)
        try parameters.forEachPiece(nonce) { (bytes) throws(TEEResult) in try digest.update(bytes) }
        try digest.update(measured)
        let signed = try digest.finish()
        let signature: [UInt8]
        do throws(TAFileError) { signature = try key.sign(digest: signed, .pss) } catch { throw error.result }
        try parameters.give(output, measured + signature)
    }

    /// SHA-256 of the regions that the application cannot write, as they are in its memory now: the smaller before the larger, those of one size by what is in
    /// them, so that the addresses, which differ every time, do not matter.
    private static func digest(ofMemory instance: TAInstance) throws(TEEResult) -> [UInt8] {
        // What a loader of the guest has put there nobody here knows.
        guard instance.guestLoader == nil else { throw .notSupported }
        var contents: [[UInt8]] = []
        var left = TAMemory.largestCopy
        for loaded in instance.linkMap.images {
            for region in loaded.image.regions where !region.protection.contains(.write) {
                guard region.memorySize <= left else { throw .outOfMemory }
                left &-= region.memorySize
                contents.append(try instance.memory.read(loaded.base &+ region.address, region.memorySize))
            }
        }
        contents.sort { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
        let digest = try DigestOperation(.sha256)
        for content in contents { try digest.update(content) }
        return try digest.finish()
    }
}
