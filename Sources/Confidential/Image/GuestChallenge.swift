internal import ConfidentialABI

/// What the host asks of a guest when it starts: the evidence page then (`struct skerry_challenge`).
struct GuestChallenge {
    /// 32 bytes that the report will bind.
    let nonce: [UInt8]
    /// The guest goes on with the manifest of its launch.
    var hasWorkload = false
    /// There is a byte stream to a relying party, whose key (97 bytes) the guest insists on unless it is empty.
    var requester: (hasStream: Bool, identity: [UInt8]) = (false, [])

    /// The page, 4,096 bytes.
    var page: [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        func store(_ value: UInt64, _ field: KeyPath<skerry_challenge, UInt64>) {
            if let offset = MemoryLayout<skerry_challenge>.offset(of: field) { page.store(value, at: offset) }
        }
        store(UInt64(SKERRY_IMAGE_MAGIC), \.magic)
        store(requester.hasStream ? 1 : 0, \.has_stream)
        store(hasWorkload ? 1 : 0, \.has_workload)
        page.store(nonce, at: 8)
        page.store(requester.identity.prefix(Int(SKERRY_RELEASE_POINT_SIZE)), at: 48)
        return page
    }
}
