internal import TEEClient

/// The four parameters of a request as they are on the wire, and as the secure world knows them.
struct ClientParameters: Sendable {
    /// For the request.
    let parameters: [TEEParameter]

    /// Reads the parameters of a frame; `data` are the bytes behind its structure.
    ///
    /// Throws `badFormat` when the client does not keep to the protocol, another result when the request is to be answered with that.
    init(
        _ wire: [skerry_tee_parameter], data: ArraySlice<UInt8>, descriptors: [OwnedDescriptor], regions: [UInt32: ClientMemory], allowance: MemoryAllowance
    ) throws(TEEResult) {
        var data = data
        var descriptors = descriptors[...]
        var parameters: [TEEParameter] = []
        var refusal: TEEResult?
        for parameter in wire {
            do throws(TEEResult) {
                parameters.append(try Self.read(parameter, &data, &descriptors, regions, allowance))
            } catch {
                // What follows is still looked at: a client that does not keep to the protocol is not answered.
                guard error != .badFormat else { throw error }
                refusal = error
            }
        }
        guard data.isEmpty, descriptors.isEmpty else { throw .badFormat }
        if let refusal { throw refusal }
        self.parameters = parameters
    }

    private static func read(
        _ wire: skerry_tee_parameter, _ data: inout ArraySlice<UInt8>, _ descriptors: inout ArraySlice<OwnedDescriptor>, _ regions: [UInt32: ClientMemory],
        _ allowance: MemoryAllowance
    ) throws(TEEResult) -> TEEParameter {
        let direction = TEEDirection(rawValue: UInt8(wire.type & 3))
        switch wire.type {
        case 0: return .none
        case 1...3:
            guard let a = UInt32(exactly: wire.a), let b = UInt32(exactly: wire.b) else { throw .badFormat }
            return .value(direction, a: a, b: b)
        case 5...7: break
        default: throw .badFormat
        }
        switch skerry_tee_place(wire.place) {
        case SKERRY_TEE_NULL: return .memory(direction, nil, size: wire.a)
        case SKERRY_TEE_REGION:
            guard let region = regions[wire.region] else { throw .badParameters }
            return .memory(direction, try ClientMemoryBuffer(region, offset: wire.b, size: wire.a, direction: direction), size: wire.a)
        case SKERRY_TEE_INLINE:
            guard wire.a <= UInt64(SKERRY_TEE_INLINE_MAX), wire.a <= UInt64(data.count) else { throw .badFormat }
            let bytes = Array(data.prefix(Int(wire.a)))
            data = data.dropFirst(bytes.count)
            return .memory(direction, InlineBuffer(bytes, direction: direction), size: wire.a)
        case SKERRY_TEE_DESCRIPTOR:
            guard let descriptor = descriptors.popFirst() else { throw .badFormat }
            let memory = try ClientMemory(descriptor, size: wire.a, allowance)
            return .memory(direction, try ClientMemoryBuffer(memory, offset: 0, size: wire.a, direction: direction), size: wire.a)
        default: throw .badFormat
        }
    }

    /// What goes back: structures, and the bytes of inline outputs.
    func answer(_ after: [TEEParameter]) -> (wire: [skerry_tee_parameter], data: [UInt8]) {
        var wire: [skerry_tee_parameter] = []
        var data: [UInt8] = []
        for (before, after) in zip(parameters, after) {
            var parameter = skerry_tee_parameter()
            parameter.type = before.type
            switch (before, after) {
            case (.value, .value(_, let a, let b)):
                parameter.a = UInt64(a)
                parameter.b = UInt64(b)
            case (.memory(let direction, let buffer, _), .memory(_, _, let size)):
                parameter.a = size
                guard direction.contains(.output), let buffer = buffer as? InlineBuffer, size <= buffer.size else { break }
                parameter.place = SKERRY_TEE_INLINE.rawValue
                data += buffer.bytes.prefix(Int(size))
            default: break
            }
            wire.append(parameter)
        }
        return (wire, data)
    }
}
