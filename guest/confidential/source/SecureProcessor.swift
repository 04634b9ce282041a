import Platform

/// Requests to the secure processor (AMD 56860, SNP_GUEST_REQUEST): messages sealed with a key that the host never sees, which the host carries.
enum SecureProcessor {
    private static var headerSize: Int { 0x60 }
    nonisolated(unsafe) private static var sequence: UInt64 = 1
    /// How often a busy host is asked the same again.
    private static var patience: Int { 4096 }

    /// Copies VMPCK0 out of the secrets page and overwrites the page: what the guest goes on with leaves nothing to be found there.
    static func takeKey() {
        let secrets = pointer(Layout.secrets)
        let key = skerry_message_key()
        key.copyMemory(from: secrets + 0x20, byteCount: 32)
        var sum: UInt8 = 0
        for index in 0..<32 { sum |= key.load(fromByteOffset: index, as: UInt8.self) }
        if sum == 0 { refuse(skerry_refusal_secrets) }
        skerry_wipe(secrets, 4096)
    }

    /// The key is not needed any more.
    static func forgetKey() { skerry_wipe(skerry_message_key(), 32) }

    /// MSG_REPORT_REQ for VMPL 0: an attestation report about 64 bytes of data, valid until the next request.
    static func report(_ data: UnsafeRawPointer) -> UnsafeRawPointer {
        let message = skerry_message()
        skerry_wipe(message, 4096)
        (message + headerSize).copyMemory(from: data, byteCount: 64)
        let answer = ask(message, type: 5, size: 96, answerSize: 32 + 1184)
        if answer.load(as: UInt32.self) != 0 || answer.load(fromByteOffset: 4, as: UInt32.self) != 1184 { refuse(skerry_refusal_report) }
        check(answer + 32, data)
        return UnsafeRawPointer(answer + 32)
    }

    /// MSG_KEY_REQ for VMPL 0: 32 bytes that this chip derives for guests with this measurement and policy, and for no other; false when the firmware refuses.
    ///
    /// Versions are not mixed in: a guest that begins with newer firmware finds the same key.
    static func deriveKey(into key: UnsafeMutableRawPointer) -> Bool {
        let message = skerry_message()
        skerry_wipe(message, 4096)
        // The root is the chip's own key (VCEK), whatever key a provider has loaded.
        (message + headerSize).storeBytes(of: 1 << 1, as: UInt32.self)
        // GUEST_FIELD_SELECT: the policy and the measurement.
        (message + headerSize).storeBytes(of: 1 << 0 | 1 << 3, toByteOffset: 8, as: UInt64.self)
        let answer = ask(message, type: 3, size: 32, answerSize: 64)
        defer { skerry_wipe(answer, 64) }
        if answer.load(as: UInt32.self) != 0 { return false }
        key.copyMemory(from: answer + 32, byteCount: 32)
        return true
    }

    /// A report that is about something else, or about a guest whose memory its host may read, helps nobody.
    private static func check(_ report: UnsafeMutableRawPointer, _ data: UnsafeRawPointer) {
        let (policy, level) = (report.load(fromByteOffset: 8, as: UInt64.self), report.load(fromByteOffset: 0x30, as: UInt32.self))
        if policy >> 19 & 1 != 0 || level != 0 || skerry_equal(report + 0x50, data, 64) == 0 { refuse(skerry_refusal_report) }
    }

    /// Seals a message whose payload is in place, has the host carry it, and opens the response; the payload of that.
    private static func ask(_ message: UnsafeMutableRawPointer, type: UInt8, size: UInt16, answerSize: UInt16) -> UnsafeMutableRawPointer {
        message.storeBytes(of: sequence, toByteOffset: 0x20, as: UInt64.self)
        // Algorithm 1, header version 1, the header's size, type, message version 1, the payload's size; VMPCK0.
        message.storeBytes(of: 0x0101 | 0x60 << 16 | UInt64(type) << 32 | 1 << 40 | UInt64(size) << 48, toByteOffset: 0x30, as: UInt64.self)
        withNonce(sequence) { skerry_seal(skerry_message_key(), $0, message + 0x30, 0x30, message + headerSize, Int(size), message) }
        carry(message)
        let response = skerry_answer()
        Shared.read(Layout.response, into: response, 4096)
        open(response, type: type + 1, answerSize)
        sequence += 2
        return response + headerSize
    }

    /// The response to this request: its header word for word, and a tag that only the secure processor could make, for the number behind the request's.
    private static func open(_ response: UnsafeMutableRawPointer, type: UInt8, _ size: UInt16) {
        let header = response.load(fromByteOffset: 0x30, as: UInt64.self)
        if header != 0x0101 | 0x60 << 16 | UInt64(type) << 32 | 1 << 40 | UInt64(size) << 48 { refuse(skerry_refusal_response) }
        if response.load(fromByteOffset: 0x38, as: UInt64.self) != 0 { refuse(skerry_refusal_response) }
        let number = response.load(fromByteOffset: 0x20, as: UInt64.self)
        if number != sequence + 1 { refuse(skerry_refusal_response) }
        withNonce(number) { nonce in
            if skerry_open(skerry_message_key(), nonce, response + 0x30, 0x30, response + headerSize, Int(size), response) == 0 { refuse(skerry_refusal_response) }
        }
    }

    /// The exit. While the host is busy the same ciphertext is sent again: under a sequence number nothing else is ever sealed.
    private static func carry(_ message: UnsafeMutableRawPointer) {
        for _ in 0..<patience {
            Shared.write(Layout.request, from: message, 4096)
            let outcome = HostProtocol.exit(0x8000_0011, Layout.request, Layout.response)
            if outcome == 0 { return }
            if outcome != 2 << 32 { refuse(skerry_refusal_request) }
        }
        refuse(skerry_refusal_request)
    }

    /// The number, little-endian, and four zeros.
    private static func withNonce(_ number: UInt64, _ body: (UnsafeRawPointer) -> Void) {
        var nonce: (UInt64, UInt32) = (number, 0)
        withUnsafePointer(to: &nonce) { body(UnsafeRawPointer($0)) }
    }
}
