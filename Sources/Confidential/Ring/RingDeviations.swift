internal import ConfidentialABI

/// Applies what a hostile host does.
final class RingDeviations {
    private let deviations: [RingDeviation]
    private var count = 0
    private var before: RingResponse?

    init(_ deviations: [RingDeviation]) { self.deviations = deviations }

    var ignoresExit: Bool { deviations.contains(.goOnAfterExit) }

    /// What goes into the ring instead of `honest`.
    func spoil(_ honest: RingResponse, to request: RingRequest) -> RingResponse {
        defer {
            count += 1
            before = honest
        }
        var response = honest
        for deviation in deviations { apply(deviation, &response, request) }
        return response
    }

    private func apply(_ deviation: RingDeviation, _ response: inout RingResponse, _ request: RingRequest) {
        let operation = skerry_ring_operation(rawValue: request.operation)
        switch deviation {
        case .wrongTag(count): response.tag ^= 1 << 17
        case .replay(count): if let before { response = before }
        case .substitute(count):
            if let before { response = before }
            response.tag = request.tag
        case .keepSilent(count):
            response = before ?? RingResponse(status: 0)
        case .status(count, let status): response.status = status
        case .overlong(count, let excess): response.statedLength = UInt32(truncatingIfNeeded: request.capacity) &+ excess
        case .short(count): response.payload.removeLast((response.payload.count + 1) / 2)
        case .flip(count, let bit): flip(&response.payload, bit)
        case .flipBlock(let store, let block, let byte):
            guard operation == skerry_ring_block_read, request.arguments[0] == store, block >= request.arguments[1], (0..<4096).contains(byte) else { break }
            let index = block - request.arguments[1]
            if index < request.arguments[2], index < UInt64(response.payload.count / 4096) { response.payload[Int(index) * 4096 + byte] ^= 4 }
        case .takeMore(count): response.results[0] = UInt64(request.length) + 1
        case .overlap(count): response.payload += response.descriptor
        case .foreignEvents(count): response.results[0] = ~request.arguments[1]
        case .date(let date) where operation == skerry_ring_wall_clock: response.results[0] = date
        case .frequency(let frequency) where operation == skerry_ring_counter_frequency: response.results[0] = frequency
        case .flipManifest(let bit) where operation == skerry_ring_manifest_read: flip(&response.payload, bit)
        case .endlessManifest where operation == skerry_ring_manifest_read:
            response = .done(payload: Array(repeating: 0x5A, count: request.capacity))
            response.tag = request.tag
        default: break
        }
    }

    private func flip(_ payload: inout [UInt8], _ bit: Int) {
        if payload.isEmpty { return }
        let place = bit % (payload.count * 8)
        payload[place / 8] ^= 1 << UInt8(place % 8)
    }
}
