extension Firmware {
    /// Status codes inside responses (AMD 56860, "MSG_REPORT_RSP" and others).
    private enum Status {
        static let success: UInt32 = 0
        static let invalidParameters: UInt32 = 0x16
        static let invalidKey: UInt32 = 0x27
    }

    /// SNP_GUEST_REQUEST: the page of the response.
    ///
    /// - Throws: INVALID_GUEST_STATE before the launch is finished, INVALID_PARAM for a malformed header or an unknown type, AEAD_OFLOW for a sequence number
    ///   that is not the next, BAD_MEASUREMENT for a tag that is not right. The sequence goes on only with a response.
    mutating func guestRequest(_ asid: UInt32, _ page: [UInt8]) throws(FirmwareError) -> [UInt8] {
        var guest = try guest(asid)
        guard guest.state == .running else { throw .invalidGuestState }
        let header: GuestMessage
        do { header = try GuestMessage(headerOf: page) } catch { throw .invalidParameter }
        let index = Int(header.keyIndex)
        // Two numbers a request: its own and that of the response.
        guard header.sequence < UInt64.max - 1, header.sequence == guest.sequences[index] + 1 else { throw .sequenceOverflow }
        let request: GuestMessage
        do { request = try GuestMessage(opening: page, with: guest.messageKeys[index]) } catch { throw .badMeasurement }
        let payload: [UInt8]
        switch GuestMessage.Kind(rawValue: request.type) {
        case .reportRequest: payload = try reportResponse(guest, request)
        case .keyRequest: payload = try keyResponse(guest, request)
        case .timeRequest: payload = try timeResponse(request)
        default: throw .invalidParameter
        }
        let response = GuestMessage(type: request.type + 1, version: request.version, sequence: request.sequence + 1, keyIndex: request.keyIndex, payload: payload)
        guard let sealed = response.sealed(with: guest.messageKeys[index]) else { throw .hardwareErrorPlatform }
        guest.sequences[index] = response.sequence
        guests[asid] = guest
        return sealed
    }

    /// MSG_REPORT_REQ: 64 bytes of data, VMPL, KEY_SEL. Nobody reports for a more privileged level than its key's.
    private func reportResponse(_ guest: GuestContext, _ request: GuestMessage) throws(FirmwareError) -> [UInt8] {
        var response = [UInt8](repeating: 0, count: 32)
        let payload = request.payload
        guard request.version == 1, payload.count == 96 else {
            response.store(Status.invalidParameters, at: 0)
            return response
        }
        let (level, selection): (UInt32, UInt32) = (payload.number(at: 64), payload.number(at: 68))
        guard level >= UInt32(request.keyIndex), level <= 3, selection <= 2, payload.isZero(72..<96) else {
            response.store(Status.invalidParameters, at: 0)
            return response
        }
        guard let key = signingKey(guest, selection) else {
            response.store(Status.invalidKey, at: 0)
            return response
        }
        let report = try AttestationReport(guest, platform, data: Array(payload[..<64]), level: level, isLoadedKey: key.isLoaded).signed(by: key.key)
        response.store(Status.success, at: 0)
        response.store(UInt32(report.count), at: 4)
        return response + report
    }

    /// KEY_SEL: 0 the loaded key when there is one, else the chip's; 1 the chip's; 2 the loaded one.
    private func signingKey(_ guest: GuestContext, _ selection: UInt32) -> (key: LaunchKey, isLoaded: Bool)? {
        if selection != 1, let loaded = endorsement.loadedKey { return (loaded, true) }
        if selection == 2 || guest.isChipKeyDisabled { return nil }
        return (endorsement.chipKey, false)
    }

    /// MSG_KEY_REQ: a key that depends on a root and on what the guest selects to mix in. Version 2 adds the mitigation vector.
    private func keyResponse(_ guest: GuestContext, _ request: GuestMessage) throws(FirmwareError) -> [UInt8] {
        var response = [UInt8](repeating: 0, count: 64)
        let payload = request.payload
        response.store(Status.invalidParameters, at: 0)
        guard (1...2).contains(request.version), payload.count == (request.version == 1 ? 32 : 40) else { return response }
        let (root, fields): (UInt32, UInt64) = (payload.number(at: 0), payload.number(at: 8))
        let (level, svn, tcb): (UInt32, UInt32, UInt64) = (payload.number(at: 16), payload.number(at: 20), payload.number(at: 24))
        let mitigations: UInt64 = request.version == 1 ? 0 : payload.number(at: 32)
        let isKnown = root <= 5 && root >> 1 != 3 && payload.isZero(4..<8) && fields < (request.version == 1 ? 1 << 6 : 1 << 7)
        guard isKnown, level >= UInt32(request.keyIndex), level <= 3, svn <= guest.guestSVN, isCommitted(tcb), mitigations & ~guest.launchMitigations == 0 else { return response }
        let isMachineRoot = root & 1 == 1
        if !isMachineRoot && guest.isChipKeyDisabled && root >> 1 != 2 {
            response.store(Status.invalidKey, at: 0)
            return response
        }
        var mixture: [UInt8] = Array("skerry derived key".utf8) + payload
        for (bit, value) in mixedFields(guest, svn: svn, tcb: tcb, mitigations: mitigations).enumerated() where fields & 1 << UInt64(bit) != 0 { mixture += value }
        guard let key = AES256GCM.authenticationCode(mixture, key: isMachineRoot ? guest.machineRootKey : platform.chipSecret) else { throw .hardwareErrorPlatform }
        response.store(Status.success, at: 0)
        response.store(key.prefix(32), at: 32)
        return response
    }

    /// GUEST_FIELD_SELECT, bit by bit.
    private func mixedFields(_ guest: GuestContext, svn: UInt32, tcb: UInt64, mitigations: UInt64) -> [[UInt8]] {
        var numbers = [UInt8](repeating: 0, count: 28)
        numbers.store(guest.policy.rawValue, at: 0)
        numbers.store(svn, at: 8)
        numbers.store(tcb, at: 12)
        numbers.store(mitigations, at: 20)
        return [
            Array(numbers[0..<8]), guest.imageID, guest.familyID, guest.digest.bytes, Array(numbers[8..<12]), Array(numbers[12..<20]), Array(numbers[20..<28]),
        ]
    }

    /// Whether every part of a TCB version is at most the committed one: no key for firmware that does not exist yet.
    private func isCommitted(_ word: UInt64) -> Bool {
        let committed = platform.committedTCB.word(platform.product)
        return (0..<8).allSatisfy { UInt8(truncatingIfNeeded: word >> (8 * $0)) <= UInt8(truncatingIfNeeded: committed >> (8 * $0)) }
    }

    /// MSG_TSC_INFO_REQ: 128 zero bytes for 128 bytes of clock parameters.
    private func timeResponse(_ request: GuestMessage) throws(FirmwareError) -> [UInt8] {
        var response = [UInt8](repeating: 0, count: 128)
        guard request.version == 1, request.payload.count == 128, request.payload.isZero(0..<128) else {
            response.store(Status.invalidParameters, at: 0)
            return response
        }
        response.store(platform.time.scale, at: 8)
        response.store(platform.time.offset, at: 16)
        response.store(platform.time.factor, at: 24)
        return response
    }
}
