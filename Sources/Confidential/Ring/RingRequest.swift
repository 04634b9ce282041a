internal import ConfidentialABI

/// A request as the guest has written it, copied once. Nothing of it is believed.
struct RingRequest {
    let tag: UInt64
    let operation: UInt32
    let length: Int
    let capacity: Int
    let arguments: [UInt64]

    /// The bytes of the descriptor; nil when the guest has not shared the page.
    init?(_ memory: some RingMemory) {
        guard let bytes = memory.read(Int(SKERRY_RING_REQUEST), MemoryLayout<skerry_ring_request>.size) else { return nil }
        tag = bytes.number(at: 0)
        operation = bytes.number(at: 8)
        length = Int(bytes.number(at: 12, as: UInt32.self))
        capacity = Int(bytes.number(at: 16, as: UInt32.self))
        arguments = (0..<4).map { bytes.number(at: 24 + $0 * 8) }
    }

    /// What the guest may send and take at a time.
    var fits: Bool { length <= Int(SKERRY_RING_PAYLOAD_SIZE) && capacity <= Int(SKERRY_RING_PAYLOAD_SIZE) }
}

/// What the guest gets.
struct RingResponse: Equatable {
    var tag: UInt64 = 0
    var status: UInt32
    var results: [UInt64] = [0, 0, 0]
    var payload: [UInt8] = []
    /// What the descriptor says of the payload, where that is a lie.
    var statedLength: UInt32?

    static func done(_ results: [UInt64] = [], payload: [UInt8] = []) -> RingResponse {
        RingResponse(status: skerry_ring_done.rawValue, results: results + Array(repeating: 0, count: 3 - results.count), payload: payload)
    }

    static func failed(_ status: skerry_ring_status) -> RingResponse { RingResponse(status: status.rawValue) }

    /// The 48 bytes of the descriptor.
    var descriptor: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<skerry_ring_response>.size)
        bytes.store(tag, at: 0)
        bytes.store(status, at: 8)
        bytes.store(statedLength ?? UInt32(payload.count), at: 12)
        for (index, result) in results.enumerated() { bytes.store(result, at: 16 + index * 8) }
        return bytes
    }
}
