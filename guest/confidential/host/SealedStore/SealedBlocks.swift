internal import ConfidentialABI
internal import LibraryOS

/// The sealed blocks of a store: encrypted before they leave, and verified before anybody sees them.
final class SealedBlocks {
    /// The most blocks at a time.
    static let runLength = Int(SKERRY_RING_BLOCKS)

    private let ring: Ring
    private let sealer: BlockSealer
    private let store = UInt64(SKERRY_RING_STORE_SEALED)
    /// Which store this is: 16 random bytes of its making.
    var identity: (UInt64, UInt64) = (0, 0)
    /// How many blocks have been sealed with the key, or more.
    var seals: UInt64 = 0
    /// The host has cheated.
    private(set) var isViolated = false
    private let run = UnsafeMutableRawBufferPointer.allocate(byteCount: SealedBlocks.runLength &* SealedStoreLayout.block, alignment: 16)

    init(_ ring: Ring, _ sealer: BlockSealer) { (self.ring, self.sealer) = (ring, sealer) }

    deinit { run.deallocate() }

    private func block(_ index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: run[index &* SealedStoreLayout.block..<(index &+ 1) &* SealedStoreLayout.block])
    }

    /// The host has given something that was not sealed as what it should be.
    func violate() {
        isViolated = true
        ring.violate(.store)
    }

    /// Fills a buffer with random bytes.
    func random(_ buffer: UnsafeMutableRawBufferPointer) { ring.transport.random(buffer) }

    /// Reads 1 to 16 blocks that lie one behind the other, and hands on each once it is verified. `body` reads no others.
    func read(_ blocks: [(entry: SealedEntry, name: SealedName)], _ body: (Int, UnsafeRawBufferPointer) -> Void) throws(Errno) {
        guard let first = blocks.first, blocks.count <= Self.runLength else { throw .EIO }
        try fetch(UInt64(first.entry.place), blocks.count)
        for index in blocks.indices {
            guard open(blocks[index].entry, blocks[index].name, block(index)) else {
                violate()
                throw .EIO
            }
            body(index, UnsafeRawBufferPointer(block(index)))
        }
    }

    private func fetch(_ first: UInt64, _ count: Int) throws(Errno) {
        let buffer = UnsafeMutableRawBufferPointer(rebasing: run[..<(count &* SealedStoreLayout.block)])
        do throws(Errno) { try ring.readBlocks(store: store, first: first, into: buffer) } catch { throw .EIO }
    }

    private func open(_ entry: SealedEntry, _ name: SealedName, _ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        withUnsafeBytes(of: entry.words) { fields in
            name.withData(identity) { data in
                sealer.open(
                    nonce: UnsafeRawBufferPointer(rebasing: fields[4..<16]), authenticating: data, bytes, tag: UnsafeRawBufferPointer(rebasing: fields[16..<32]))
            }
        }
    }

    /// Seals 1 to 16 blocks, which `fill` copies, and writes them one behind the other from a place on: their entries.
    func write(_ names: [SealedName], at place: UInt32, _ fill: (Int, UnsafeMutableRawBufferPointer) -> Void) throws(Errno) -> [SealedEntry] {
        if names.isEmpty || names.count > Self.runLength { throw .EIO }
        var entries: [SealedEntry] = []
        for index in names.indices {
            fill(index, block(index))
            entries.append(seal(names[index], place &+ UInt32(index), block(index)))
        }
        try send(UInt64(place), names.count)
        return entries
    }

    private func seal(_ name: SealedName, _ place: UInt32, _ bytes: UnsafeMutableRawBufferPointer) -> SealedEntry {
        var entry = SealedEntry(place: place)
        withUnsafeMutableBytes(of: &entry.words) { fields in
            random(UnsafeMutableRawBufferPointer(rebasing: fields[4..<16]))
            name.withData(identity) { data in
                sealer.seal(
                    nonce: UnsafeRawBufferPointer(rebasing: fields[4..<16]), authenticating: data, bytes, tag: UnsafeMutableRawBufferPointer(rebasing: fields[16..<32]))
            }
        }
        seals &+= 1
        return entry
    }

    private func send(_ first: UInt64, _ count: Int) throws(Errno) {
        let buffer = UnsafeRawBufferPointer(rebasing: run[..<(count &* SealedStoreLayout.block)])
        // Also for want of space on the host: what was to be written is not lost by that.
        do throws(Errno) { try ring.writeBlocks(store: store, first: first, from: buffer) } catch { throw .EIO }
    }

    /// Returns when all that was written is durable.
    func flush() throws(Errno) {
        do throws(Errno) { try ring.flushBlocks(store: store) } catch { throw .EIO }
    }

    // MARK: Headers

    /// Both headers, those that open under the key.
    func readHeaders() throws(Errno) -> [StoreHeader?] {
        try fetch(0, Int(SealedStoreLayout.headers))
        return (0..<Int(SealedStoreLayout.headers)).map { slot in
            let bytes = block(slot)
            let content = UnsafeMutableRawBufferPointer(rebasing: bytes[SealedStoreLayout.clearHeader...])
            let isOpen = StoreHeader.name(slot).withData((SealedStoreLayout.magic, 0)) { data in
                sealer.open(nonce: UnsafeRawBufferPointer(rebasing: bytes[..<12]), authenticating: data, content, tag: UnsafeRawBufferPointer(rebasing: bytes[16..<32]))
            }
            return isOpen ? StoreHeader(UnsafeRawBufferPointer(content)) : nil
        }
    }

    /// Seals and writes a header.
    func writeHeader(_ header: StoreHeader, slot: Int) throws(Errno) {
        let bytes = block(0)
        for index in bytes.indices { bytes[index] = 0 }
        let content = UnsafeMutableRawBufferPointer(rebasing: bytes[SealedStoreLayout.clearHeader...])
        header.encode(into: content)
        random(UnsafeMutableRawBufferPointer(rebasing: bytes[..<12]))
        StoreHeader.name(slot).withData((SealedStoreLayout.magic, 0)) { data in
            sealer.seal(nonce: UnsafeRawBufferPointer(rebasing: bytes[..<12]), authenticating: data, content, tag: UnsafeMutableRawBufferPointer(rebasing: bytes[16..<32]))
        }
        seals &+= 1
        try send(UInt64(slot), 1)
    }
}
