import Platform

/// The one byte stream that this image has, over the evidence page: each piece is an exit.
struct PageStream: ByteStream {
    private static var payload: UInt64 { Layout.evidence + UInt64(SKERRY_STREAM_PAYLOAD) }
    private static var capacity: Int { Int(SKERRY_STREAM_PAYLOAD_SIZE) }

    mutating func send(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            let part = min(count - done, Self.capacity)
            Shared.write(Self.payload, from: bytes + done, part)
            if ask(skerry_stream_send, part) == nil { return false }
            done += part
        }
        return true
    }

    mutating func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            let part = min(count - done, Self.capacity)
            if ask(skerry_stream_receive, part) == nil { return false }
            Shared.read(Self.payload, into: bytes + done, part)
            done += part
        }
        return true
    }

    /// The host's certificates, for the relying party, which does not believe them either.
    func certificates() -> UnsafeRawBufferPointer { fetch(skerry_stream_certificates, into: skerry_certificates(), Int(SKERRY_STREAM_CERTIFICATES)) }

    /// The manifest that the host has launched this guest with, or says so.
    func manifest() -> UnsafeRawBufferPointer { fetch(skerry_stream_manifest, into: skerry_manifest(), Int(SKERRY_STREAM_MANIFEST)) }

    /// In private memory, so that what is sent is what was hashed.
    private func fetch(_ operation: skerry_stream_operation, into buffer: UnsafeMutableRawPointer, _ size: Int) -> UnsafeRawBufferPointer {
        var done = 0
        while done < size {
            let wanted = min(size - done, Self.capacity)
            guard let given = ask(operation, wanted, offset: done), given > 0 else { break }
            if given > wanted { refuse(skerry_refusal_stream) }
            Shared.read(Self.payload, into: buffer + done, given)
            done += given
        }
        return UnsafeRawBufferPointer(start: buffer, count: done)
    }

    /// The host's count; nil when the stream has ended.
    private func ask(_ operation: skerry_stream_operation, _ count: Int, offset: Int = 0) -> Int? {
        var head = skerry_page_stream(
            operation: operation.rawValue, count: UInt32(truncatingIfNeeded: count), offset: UInt32(truncatingIfNeeded: offset), status: UInt32.max)
        Shared.write(Layout.evidence, from: &head, MemoryLayout<skerry_page_stream>.size)
        HostProtocol.writePort(SKERRY_STREAM_PORT, UInt32(truncatingIfNeeded: Layout.evidence >> 12))
        Shared.read(Layout.evidence, into: &head, MemoryLayout<skerry_page_stream>.size)
        if head.status == 1 { return nil }
        if head.status != 0 { refuse(skerry_refusal_stream) }
        return Int(head.count)
    }
}
