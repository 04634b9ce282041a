import Platform

/// A stream of bytes to somebody outside. The host carries it: it reads, changes, delays, drops and repeats what it likes. Each byte is taken from it once, into
/// private memory.
protocol ByteStream {
    /// Sends all of these; false when the stream has ended.
    mutating func send(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool
    /// Fills just so many; false when the stream has ended before.
    mutating func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool
}

/// The guest's end of the key release (`key_release_abi.h`): a fresh key, a report that binds it to the relying party's nonce, and the secrets that only this key opens.
///
/// What comes out of it was sealed by who answered this very conversation. Who that was is known only when its identity is pinned; without, it may be the host, with
/// secrets of its own choice.
enum KeyRelease {
    /// What the guest shows beside its report, in private memory: the host must not change it between two looks.
    struct Offer {
        /// The bytes whose SHA-256 is HOST_DATA; none when the relying party knows them.
        var manifest = UnsafeRawBufferPointer(start: nil, count: 0)
        /// What the host says are the processor's certificates.
        var certificates = UnsafeRawBufferPointer(start: nil, count: 0)
        /// The 97 bytes of the key that the relying party has to be known by.
        var identity: UnsafeRawPointer?
    }

    /// One conversation. The secrets, `SKERRY_RELEASE_SECRETS_SIZE` bytes that `SecretList` reads, are written only when the outcome is `released`; the caller wipes
    /// them. Everything else that is secret is wiped here. One at a time: it works in one buffer.
    static func request<Stream: ByteStream>(_ offer: Offer, over stream: inout Stream, into secrets: UnsafeMutableRawPointer) -> skerry_release_outcome {
        let release = skerry_release_state()
        let outcome = converse(release, offer, &stream, secrets)
        skerry_wipe(release, MemoryLayout<skerry_release>.size)
        skerry_wipe_stack()
        return outcome
    }

    private static func converse<Stream: ByteStream>(
        _ release: UnsafeMutablePointer<skerry_release>, _ offer: Offer, _ stream: inout Stream, _ secrets: UnsafeMutableRawPointer
    ) -> skerry_release_outcome {
        if offer.manifest.count > Int(SKERRY_RELEASE_MANIFEST_LIMIT) || offer.certificates.count > Int(SKERRY_RELEASE_CERTIFICATES_LIMIT) { return skerry_release_malformed }
        guard stream.receive(&release.pointee.hello, Int(SKERRY_RELEASE_HELLO_SIZE)) else { return skerry_release_ended }
        guard let isKnown = checkHello(&release.pointee.hello) else { return skerry_release_malformed }
        if let pinned = offer.identity, skerry_equal(&release.pointee.hello.identity, pinned, Int(SKERRY_RELEASE_POINT_SIZE)) == 0 { return skerry_release_stranger }
        skerry_transcript_begin(&release.pointee.transcript)
        skerry_transcript_add(&release.pointee.transcript, &release.pointee.hello, Int(SKERRY_RELEASE_HELLO_SIZE))

        makeEvidence(release, offer)
        guard say(&release.pointee.evidence, Int(SKERRY_RELEASE_EVIDENCE_SIZE), release, &stream), say(offer.manifest, release, &stream), say(offer.certificates, release, &stream)
        else {
            return skerry_release_ended
        }
        let heard = hearAnswer(release, &stream)
        if heard != skerry_release_released { return heard }
        let opened = open(release, hasIdentity: isKnown)
        if opened != skerry_release_released { return opened }
        secrets.copyMemory(from: &release.pointee.secrets, byteCount: Int(SKERRY_RELEASE_SECRETS_SIZE))
        // Whether the receipt arrives makes no difference here.
        release.pointee.receipt.header = header(skerry_release_receipt, Int(SKERRY_RELEASE_PROOF_SIZE))
        copy(&release.pointee.derived, Int(SKERRY_RELEASE_KEY_SIZE + SKERRY_RELEASE_IV_SIZE), to: &release.pointee.receipt.proof, Int(SKERRY_RELEASE_PROOF_SIZE))
        _ = stream.send(&release.pointee.receipt, Int(SKERRY_RELEASE_RECEIPT_SIZE))
        return skerry_release_released
    }

    private static func header(_ kind: skerry_release_kind, _ size: Int) -> skerry_release_header {
        skerry_release_header(magic: UInt64(SKERRY_RELEASE_MAGIC), kind: kind.rawValue, size: UInt32(truncatingIfNeeded: size))
    }

    private static func isHeader(_ found: skerry_release_header, _ kind: skerry_release_kind, _ size: Int) -> Bool {
        found.magic == UInt64(SKERRY_RELEASE_MAGIC) && found.kind == kind.rawValue && found.size == UInt32(truncatingIfNeeded: size)
    }

    private static func copy(_ from: UnsafeRawPointer, _ offset: Int, to: UnsafeMutableRawPointer, _ count: Int) { to.copyMemory(from: from + offset, byteCount: count) }

    /// Whether the relying party has an identity; nil when this is no hello.
    private static func checkHello(_ hello: UnsafeMutablePointer<skerry_release_hello>) -> Bool? {
        let size = Int(SKERRY_RELEASE_HELLO_SIZE)
        guard isHeader(hello.pointee.header, skerry_release_hello, size - Int(SKERRY_RELEASE_HEADER_SIZE)), hello.pointee.version == UInt32(SKERRY_RELEASE_VERSION),
            hello.pointee.reserved == 0
        else { return nil }
        // The identity, if there is one, ends in padding; both are zeros else.
        let bytes = UnsafeRawPointer(hello)
        let (start, end) = (Int(SKERRY_RELEASE_HELLO_IDENTITY_AT), Int(SKERRY_RELEASE_HELLO_IDENTITY_AT + SKERRY_RELEASE_POINT_SIZE))
        let isKnown = bytes.load(fromByteOffset: start, as: UInt8.self) == 4
        var rest: UInt8 = 0
        for offset in (isKnown ? end : start)..<size { rest |= bytes.load(fromByteOffset: offset, as: UInt8.self) }
        return rest == 0 ? isKnown : nil
    }

    /// A new key pair from the processor's random numbers, and the report that binds it to the nonce.
    private static func makeEvidence(_ release: UnsafeMutablePointer<skerry_release>, _ offer: Offer) {
        withUnsafeMutablePointer(to: &release.pointee.seed.0) { words in
            for index in 0..<8 where skerry_random(words + index) == 0 { refuse(skerry_refusal_random) }
            if skerry_generate_key(words, 64, &release.pointee.private_key.0, &release.pointee.evidence.public_key.0) == 0 { refuse(skerry_refusal_cryptography) }
            skerry_wipe(words, 64)
        }
        skerry_bind_key(&release.pointee.hello.nonce.0, &release.pointee.evidence.public_key.0, &release.pointee.report_data.0)
        let following = offer.manifest.count + offer.certificates.count
        release.pointee.evidence.header = header(skerry_release_evidence, Int(SKERRY_RELEASE_EVIDENCE_SIZE - SKERRY_RELEASE_HEADER_SIZE) + following)
        release.pointee.evidence.manifest_size = UInt32(truncatingIfNeeded: offer.manifest.count)
        release.pointee.evidence.certificates_size = UInt32(truncatingIfNeeded: offer.certificates.count)
        copy(SecureProcessor.report(&release.pointee.report_data), 0, to: &release.pointee.evidence.report, Int(SKERRY_RELEASE_REPORT_SIZE))
    }

    private static func say<Stream: ByteStream>(_ bytes: UnsafeRawPointer, _ count: Int, _ release: UnsafeMutablePointer<skerry_release>, _ stream: inout Stream) -> Bool {
        skerry_transcript_add(&release.pointee.transcript, bytes, count)
        return stream.send(bytes, count)
    }

    private static func say<Stream: ByteStream>(_ bytes: UnsafeRawBufferPointer, _ release: UnsafeMutablePointer<skerry_release>, _ stream: inout Stream) -> Bool {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
        return say(start, bytes.count, release, &stream)
    }

    /// Takes the answer; `released` when it is one, whoever it is from.
    private static func hearAnswer<Stream: ByteStream>(_ release: UnsafeMutablePointer<skerry_release>, _ stream: inout Stream) -> skerry_release_outcome {
        let (headerSize, size) = (Int(SKERRY_RELEASE_HEADER_SIZE), Int(SKERRY_RELEASE_ANSWER_SIZE))
        let sealedSize = Int(SKERRY_RELEASE_SECRETS_SIZE + SKERRY_RELEASE_TAG_SIZE)
        guard stream.receive(&release.pointee.answer, headerSize) else { return skerry_release_ended }
        if isHeader(release.pointee.answer.header, skerry_release_refusal, 0) { return skerry_release_refused }
        guard isHeader(release.pointee.answer.header, skerry_release_answer, size - headerSize + sealedSize) else { return skerry_release_malformed }
        guard stream.receive(&release.pointee.answer.public_key, size - headerSize), stream.receive(&release.pointee.secrets, Int(SKERRY_RELEASE_SECRETS_SIZE)),
            stream.receive(&release.pointee.tag, Int(SKERRY_RELEASE_TAG_SIZE))
        else { return skerry_release_ended }
        skerry_transcript_add(&release.pointee.transcript, &release.pointee.answer, size)
        return skerry_release_released
    }

    /// Derives the keys and opens the secrets in place.
    private static func open(_ release: UnsafeMutablePointer<skerry_release>, hasIdentity: Bool) -> skerry_release_outcome {
        guard skerry_agree(&release.pointee.private_key.0, &release.pointee.answer.public_key.0, &release.pointee.agreed.0) != 0 else { return skerry_release_malformed }
        if hasIdentity && skerry_agree(&release.pointee.private_key.0, &release.pointee.hello.identity.0, &release.pointee.agreed.48) == 0 { return skerry_release_malformed }
        skerry_derive(release, hasIdentity ? 2 : 1)
        let isGenuine = skerry_open(
            &release.pointee.derived.0, &release.pointee.derived.32, &release.pointee.answer, Int(SKERRY_RELEASE_ANSWER_SIZE), &release.pointee.secrets,
            Int(SKERRY_RELEASE_SECRETS_SIZE), &release.pointee.tag.0)
        guard isGenuine != 0 else { return skerry_release_forged }
        return SecretList(&release.pointee.secrets) == nil ? skerry_release_malformed : skerry_release_released
    }
}
