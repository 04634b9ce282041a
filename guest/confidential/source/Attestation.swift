import Platform

/// Evidence that a key pair was made inside this image, for a relying party that asked with a challenge.
enum Attestation {
    /// What the host asked for, and what it has put beside the measurement (HOST_DATA, 32 bytes, as the guest's own report says).
    static func run() -> (hasWorkload: Bool, hostData: [UInt8]) {
        let evidence = skerry_evidence()
        var challenge = skerry_challenge()
        Shared.read(Layout.evidence, into: &challenge, MemoryLayout<skerry_challenge>.size)
        if challenge.magic != UInt64(SKERRY_IMAGE_MAGIC) { refuse(skerry_refusal_challenge) }
        record(&evidence.pointee.answers.0, 1, 0)
        record(&evidence.pointee.answers.1, 7, 0)
        record(&evidence.pointee.answers.2, 0xD, 0)
        record(&evidence.pointee.answers.3, 0xD, 1)
        record(&evidence.pointee.answers.4, 0x8000_001F, 0)
        // ECX does not matter to this leaf.
        record(&evidence.pointee.answers.5, 0x8000_0008, 77)
        evidence.pointee.accepted_pages = PageStates.accepted >> 12
        evidence.pointee.xcr0 = skerry_xcr0()

        // First about itself: what the host has put beside the measurement. Then what the relying party asked for.
        var data: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        let hostData = withUnsafePointer(to: &data) { Array(UnsafeRawBufferPointer(start: SecureProcessor.report($0) + 0xC0, count: 32)) }
        if challenge.has_stream != 0 { askForSecrets(&challenge, evidence) }
        makeKey(evidence)
        withUnsafeMutablePointer(to: &data) { data in
            bind(challenge.nonce, evidence, data)
            (UnsafeMutableRawPointer(evidence) + 272).copyMemory(from: SecureProcessor.report(data), byteCount: 1184)
        }
        // A workload may have secrets to ask for.
        if challenge.has_workload != 1 { SecureProcessor.forgetKey() }
        Shared.write(Layout.evidence, from: evidence, MemoryLayout<skerry_evidence>.size)
        return (challenge.has_workload == 1, hostData)
    }

    private static func record(_ answer: inout skerry_cpuid_answer, _ function: UInt32, _ index: UInt32) {
        answer.function = function
        answer.index = index
        withUnsafeMutablePointer(to: &answer.eax) { skerry_cpuid(function, index, $0) }
    }

    /// A new key pair from the processor's random numbers. The private half stays on this stack, and has no use yet.
    private static func makeKey(_ evidence: UnsafeMutablePointer<skerry_evidence>) {
        var seed: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        var secret: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &seed) { bytes in
            let random = bytes.bindMemory(to: UInt64.self)
            guard let words = random.baseAddress else { refuse(skerry_refusal_random) }
            for index in random.indices where skerry_random(words + index) == 0 { refuse(skerry_refusal_random) }
            withUnsafeMutablePointer(to: &secret) { secret in
                if skerry_generate_key(words, 64, secret, &evidence.pointee.public_key.0) == 0 { refuse(skerry_refusal_cryptography) }
                skerry_wipe(secret, 48)
            }
            skerry_wipe(words, 64)
        }
    }

    private static func bind<Nonce>(_ nonce: Nonce, _ evidence: UnsafeMutablePointer<skerry_evidence>, _ data: UnsafeMutableRawPointer) {
        withUnsafePointer(to: nonce) { skerry_bind_key($0, &evidence.pointee.public_key.0, data) }
    }

    /// The relying party's secrets, for as long as it takes to show that they are here.
    private static func askForSecrets(_ challenge: UnsafeMutablePointer<skerry_challenge>, _ evidence: UnsafeMutablePointer<skerry_evidence>) {
        var stream = PageStream()
        var offer = KeyRelease.Offer(manifest: stream.manifest(), certificates: stream.certificates())
        if challenge.pointee.identity.0 != 0 { offer.identity = UnsafeRawPointer(challenge) + 48 }
        let (proof, secrets) = (skerry_secrets(), skerry_secrets() + 32)
        let outcome = KeyRelease.request(offer, over: &stream, into: secrets)
        evidence.pointee.release_outcome = UInt64(outcome.rawValue)
        if outcome == skerry_release_released {
            proof.copyMemory(from: UnsafeRawPointer(challenge) + 8, byteCount: 32)
            skerry_sha512(proof, 32 + Int(SKERRY_RELEASE_SECRETS_SIZE), &evidence.pointee.secrets_proof.0)
        }
        skerry_wipe(secrets, Int(SKERRY_RELEASE_SECRETS_SIZE))
    }
}
