internal import CLinux
internal import ConfidentialABI

extension SimulatedGuest {
    /// One piece of the byte stream to the relying party, over a page that the guest has shared (`struct skerry_page_stream`).
    func serveStream(at address: UInt64) throws(SNPError) {
        let page = try sharedPage(address)
        let (operation, count, offset): (UInt32, UInt32, UInt32) = (page.number(at: 0), page.number(at: 4), page.number(at: 8))
        guard count <= UInt32(SKERRY_STREAM_PAYLOAD_SIZE) else { throw Self.fault("it asks for \(count) bytes of a stream at once") }
        let size = Int(count)
        switch operation {
        case skerry_stream_send.rawValue:
            let sent = requester?.stream.send(Array(page[Int(SKERRY_STREAM_PAYLOAD)..<Int(SKERRY_STREAM_PAYLOAD) + size])) ?? false
            answer(address, count: size, hasEnded: !sent)
        case skerry_stream_receive.rawValue:
            let received = requester?.stream.receive(size)
            answer(address, count: size, hasEnded: received?.count != size, received ?? [])
        case skerry_stream_certificates.rawValue:
            give(requester?.certificates ?? [], from: Int(offset), size, address)
        case skerry_stream_manifest.rawValue:
            give(requester?.manifest ?? [], from: Int(offset), size, address)
        case let other: throw Self.fault("it asks for the operation \(other) of a stream")
        }
    }

    private func give(_ bytes: [UInt8], from offset: Int, _ size: Int, _ address: UInt64) {
        let part = Array(bytes.dropFirst(offset).prefix(size))
        answer(address, count: part.count + (deviations.contains(.overstateStreamCount) ? size : 0), hasEnded: false, part)
    }

    private func answer(_ address: UInt64, count: Int, hasEnded: Bool, _ payload: [UInt8] = []) {
        var head = [UInt8](repeating: 0, count: Int(SKERRY_STREAM_PAYLOAD))
        head.store(UInt32(truncatingIfNeeded: count), at: 4)
        head.store(UInt32(hasEnded ? 1 : 0), at: 12)
        _ = memory.write(head + payload, at: address)
    }
}
