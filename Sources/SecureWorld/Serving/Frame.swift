internal import TEEClient

/// A frame that came from a client (`skerry_tee_protocol.h`).
struct Frame {
    let kind: UInt32
    let id: UInt64
    let body: [UInt8]
    let descriptors: [OwnedDescriptor]

    /// Waits for a frame; nil at the end of the connection, and when what came is none.
    static func receive(_ socket: Int32) -> Frame? {
        var descriptors: [OwnedDescriptor] = []
        guard let head = SocketCalls.receive(socket, count: MemoryLayout<skerry_tee_header>.size, descriptors: &descriptors),
            let header = SocketCalls.load(skerry_tee_header.self, from: head), header.length <= UInt32(SKERRY_TEE_BODY_MAX)
        else { return nil }
        guard let body = SocketCalls.receive(socket, count: Int(header.length)) else { return nil }
        return Frame(kind: header.kind, id: header.id, body: body, descriptors: descriptors)
    }

    /// The bytes of a frame to a client.
    static func bytes(kind: skerry_tee_kind, id: UInt64, _ body: some BitwiseCopyable, _ data: [UInt8] = []) -> [UInt8] {
        let body = SocketCalls.bytes(of: body)
        return SocketCalls.bytes(of: skerry_tee_header(length: UInt32(body.count + data.count), kind: kind.rawValue, id: id)) + body + data
    }

    /// The body, which is this structure and nothing else; throws `badFormat`.
    func only<Structure: BitwiseCopyable>(_ type: Structure.Type) throws(TEEResult) -> Structure {
        guard body.count == MemoryLayout<Structure>.size, descriptors.isEmpty else { throw .badFormat }
        return try head(type)
    }

    /// The structure at the start of the body; throws `badFormat`.
    func head<Structure: BitwiseCopyable>(_ type: Structure.Type) throws(TEEResult) -> Structure {
        guard let structure = SocketCalls.load(type, from: body) else { throw .badFormat }
        return structure
    }
}
