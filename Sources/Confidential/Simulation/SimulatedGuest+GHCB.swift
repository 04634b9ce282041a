internal import CLinux
internal import ConfidentialABI

extension SimulatedGuest {
    private enum Offset {
        static let accumulator: UInt64 = 0x1F8
        static let exitCode: UInt64 = 0x390
        static let first: UInt64 = 0x398
        static let second: UInt64 = 0x3A0
        static let scratch: UInt64 = 0x3A8
        static let validBitmap = 0x3F0
        static let buffer: UInt64 = 0x800
    }

    /// An exit with the GHCB page (AMD 56421, 4.1).
    func pageExit(_ address: UInt64) throws(SNPError) {
        guard registered == address else { throw Self.fault("its GHCB page is not the registered one; KVM_RUN would fail") }
        let page = try sharedPage(address)
        defer { counts.pageExits += 1 }
        // Exit code and both informations have to be marked; version 2, usage 0.
        let valid: UInt64 = page.number(at: Offset.validBitmap + 8)
        guard valid >> 50 & 7 == 7, page.number(at: 0xFFA, as: UInt16.self) == 2, page.number(at: 0xFFC, as: UInt32.self) == 0 else {
            throw Self.fault("its GHCB page is malformed")
        }
        if deviations.contains(.failExit(counts.pageExits)) { return answer(address, 2, 0) }
        for case .raiseByExit(counts.pageExits, let vector) in deviations { return answer(address, 1, UInt64(vector) | 3 << 8 | 1 << 31) }
        switch page.number(at: Int(Offset.exitCode), as: UInt64.self) {
        case 0x8000_0010:
            guard valid >> 53 & 1 == 1, page.number(at: Int(Offset.scratch), as: UInt64.self) == address + Offset.buffer else { return answer(address, 2, 2) }
            try changeStates(address, page)
        // SVM_EXIT_IOIO, OUT of 32 bits with RAX.
        case 0x7B:
            guard page.number(at: Offset.validBitmap, as: UInt64.self) >> 63 == 1 else { return answer(address, 2, 2) }
            try writePort(address, page.number(at: Int(Offset.first)), page.number(at: Int(Offset.accumulator)))
        case 0x8000_0011: try guestRequest(address, page.number(at: Int(Offset.first)), page.number(at: Int(Offset.second)))
        default: answer(address, 2, 1)
        }
    }

    private func answer(_ ghcb: UInt64, _ first: UInt64, _ second: UInt64) {
        _ = memory.store(first, at: ghcb + Offset.first)
        _ = memory.store(second, at: ghcb + Offset.second)
    }

    /// A page that the guest has shared and maps so; through any other the host would read ciphertext.
    func sharedPage(_ address: UInt64) throws(SNPError) -> [UInt8] {
        guard sharedMappings.contains(address), try backend.access(address) == .nestedFault, let page = memory.read(address, PageSize.bytes) else {
            throw Self.fault("it hands over \(address.hexadecimal), which it has not shared")
        }
        return page
    }

    /// OUT of 32 bits (AMD 56421, 4.1.2): a piece of the byte stream, or the ring's doorbell.
    private func writePort(_ ghcb: UInt64, _ first: UInt64, _ value: UInt64) throws(SNPError) {
        answer(ghcb, 0, 0)
        switch first {
        case UInt64(SKERRY_STREAM_PORT) << 16 | 1 << 6: try serveStream(at: value << 12)
        case UInt64(SKERRY_RING_PORT) << 16 | 1 << 6 where value == UInt64(SKERRY_GUEST_RING) >> 12 && ring != nil:
            if let judge = acceptsEvidence {
                acceptsEvidence = nil
                guard let evidence, judge(evidence) else { return finish(.distrusted) }
            }
            // From the first request on there may be programs.
            if isAtRing0 { ticker?.start() }
            if case .exited(let status)? = try ring?.serve(RingPages(guest: self)) { exitStatus = status }
        default: answer(ghcb, 2, 5)
        }
    }

    /// The list of page state changes (AMD 56421, 4.1.6).
    private func changeStates(_ ghcb: UInt64, _ page: [UInt8]) throws(SNPError) {
        let start = Int(Offset.buffer)
        let (current, last): (UInt16, UInt16) = (page.number(at: start), page.number(at: start + 2))
        guard current <= last, last < 253 else { return answer(ghcb, 0, 1 << 32) }
        if deviations.contains(.refuseStateList) {
            _ = memory.store(UInt64(last) + 1 | UInt64(last) << 16, at: ghcb + Offset.buffer)
            return answer(ghcb, 0, 1 << 32 | 1)
        }
        if deviations.contains(.stallStateList) { return answer(ghcb, 0, 0) }
        for index in Int(current)...Int(last) {
            let entry: UInt64 = page.number(at: start + 8 + index * 8)
            guard try changeState(entry & 0x000F_FFFF_FFFF_F000, operation: entry >> 52 & 0xF, size: entry >> 56 & 1 == 1 ? GuestImage.ramStep : PageSize.small) else {
                return answer(ghcb, 0, 1 << 32 | 2)
            }
        }
        let shown = deviations.contains(.resizeStateList) ? last + 1 : last
        _ = memory.store(UInt64(last) + 1 | UInt64(shown) << 16, at: ghcb + Offset.buffer)
        answer(ghcb, 0, 0)
    }

    /// SNP_GUEST_REQUEST (AMD 56421, 4.1.7).
    private func guestRequest(_ ghcb: UInt64, _ request: UInt64, _ response: UInt64) throws(SNPError) {
        guard request != response, request % PageSize.small == 0, response % PageSize.small == 0 else { return answer(ghcb, 2, 5) }
        let page = try sharedPage(request)
        _ = try sharedPage(response)
        note(request: page)
        for case .busy(let times) in deviations where counts.busy < times {
            counts.busy += 1
            return answer(ghcb, 0, 2 << 32)
        }
        defer { counts.requests += 1 }
        for case .failRequest(counts.requests, let error) in deviations { return answer(ghcb, 0, UInt64(error.rawValue)) }
        do throws(SNPError) {
            let delivered = deviations.contains(.reflectRequest(counts.requests)) ? page : try backend.guestRequest(page)
            _ = memory.write(delivered, at: response)
            answer(ghcb, 0, 0)
        } catch {
            guard case .firmware(let code) = error.kind else { throw error }
            answer(ghcb, 0, UInt64(code.rawValue))
        }
    }
}

/// The ring's pages, as far as the guest has shared them.
private struct RingPages: RingMemory {
    let guest: SimulatedGuest

    private func address(_ offset: Int, _ count: Int) -> UInt64? {
        guard offset >= 0, count >= 0, offset + count <= Int(SKERRY_GUEST_RING_PAGES) * PageSize.bytes else { return nil }
        let address = UInt64(SKERRY_GUEST_RING) + UInt64(offset)
        let pages = stride(from: address & ~(PageSize.small - 1), to: address + UInt64(max(1, count)), by: PageSize.bytes)
        return pages.allSatisfy { guest.sharedMappings.contains($0) } ? address : nil
    }

    func read(_ offset: Int, _ count: Int) -> [UInt8]? { address(offset, count).flatMap { guest.memory.read($0, count) } }
    func write(_ offset: Int, _ bytes: [UInt8]) -> Bool { address(offset, bytes.count).map { guest.memory.write(bytes, at: $0) } ?? false }
}
