import Confidential
import ConfidentialABI
import LibraryOS

@testable import GuestHost

/// A host's block store in memory, which knows what a crash would leave: all that was written before the last flush, and any of what was written since.
final class StoreDisk: @unchecked Sendable {
    typealias Block = [UInt8]

    private(set) var blocks: [Block]
    private var durable: [Block]
    private(set) var unflushed: [(place: Int, bytes: Block)] = []
    private(set) var reads = 0, writes = 0, flushes = 0
    /// What the host fails at: it is asked with the number of the write (of a block), of the flush, of the read.
    var failsWrite: (Int) -> Bool = { _ in false }
    var failsFlush: (Int) -> Bool = { _ in false }
    var failsRead: (Int) -> Bool = { _ in false }
    /// What a hostile host gives instead of a block.
    var replace: (Int, Block) -> Block = { $1 }

    init(_ blocks: [Block]) { (self.blocks, durable) = (blocks, blocks) }
    convenience init(count: Int) { self.init(Array(repeating: Block(repeating: 0, count: 4096), count: count)) }

    /// What is found after a crash: of what was not flushed some is there, in any order, and of that some is there in part, by sectors.
    func crashed(_ generator: inout SeededGenerator) -> StoreDisk {
        var after = durable
        for (place, bytes) in unflushed.shuffled(using: &generator) {
            let sectors = [0, 0, 8, 8, .random(in: 1...7, using: &generator)].randomElement(using: &generator) ?? 0
            after[place].replaceSubrange(0..<sectors * 512, with: bytes[..<(sectors * 512)])
        }
        return StoreDisk(after)
    }

    /// The host does something to what it keeps.
    func alter(_ body: (inout [Block]) -> Void) { body(&blocks) }

    func serve(_ pages: RingPages) {
        let request = pages.bytes.withUnsafeBytes { $0.loadUnaligned(as: skerry_ring_request.self) }
        var response = skerry_ring_response()
        response.tag = request.tag
        let (first, count) = (Int(clamping: request.arguments.1), Int(clamping: request.arguments.2))
        let payload = Int(SKERRY_RING_PAYLOAD)
        var isDone = request.arguments.0 == UInt64(SKERRY_RING_STORE_SEALED) && (request.operation == skerry_ring_block_flush.rawValue || first + count <= blocks.count)
        switch skerry_ring_operation(rawValue: request.operation) {
        case skerry_ring_block_read where isDone:
            reads += 1
            isDone = !failsRead(reads - 1)
            if !isDone { break }
            response.length = UInt32(count * 4096)
            for index in 0..<count { _ = pages.write(payload + index * 4096, replace(first + index, blocks[first + index])) }
        case skerry_ring_block_write where isDone:
            // Blocks before the one that fails are written.
            for index in 0..<count where isDone {
                isDone = !failsWrite(writes)
                writes += 1
                if isDone { write(first + index, pages.read(payload + index * 4096, 4096) ?? []) }
            }
        case skerry_ring_block_flush where isDone:
            flushes += 1
            isDone = !failsFlush(flushes - 1)
            if isDone { (durable, unflushed) = (blocks, []) }
        default: isDone = false
        }
        response.status = isDone ? skerry_ring_done.rawValue : skerry_ring_failed.rawValue
        withUnsafeBytes(of: response) { _ = pages.write(Int(SKERRY_RING_RESPONSE), Array($0)) }
    }

    private func write(_ place: Int, _ bytes: Block) {
        blocks[place] = bytes
        unflushed.append((place, bytes))
    }
}

/// A guest's end over such a disk.
final class StoreBed {
    static let key = [UInt8]((0..<32).map { $0 &* 7 &+ 1 })

    let disk: StoreDisk
    let transport: LoopTransport
    let ring: Ring
    let sealer: BlockSealer

    init(_ disk: StoreDisk, key: [UInt8] = StoreBed.key) throws {
        (self.disk, transport) = (disk, LoopTransport { [disk] in disk.serve($0) })
        ring = Ring(transport)
        guard let sealer = LibCryptoSealer(key: key) else { throw Errno.EINVAL }
        self.sealer = sealer
    }

    /// An empty store of so many blocks.
    convenience init(count: Int) throws {
        try self.init(StoreDisk(count: count))
        try SealedStore.format(ring, sealer: sealer, blocks: UInt64(count))
    }

    func open(blocks: Int? = nil, cachedNodes: Int = 1024, seals: SealBudget = SealBudget()) throws -> SealedStore {
        try SealedStore(opening: ring, sealer: sealer, blocks: UInt64(blocks ?? disk.blocks.count), cachedNodes: cachedNodes, sealBudget: seals)
    }

    /// Another guest over what this host keeps.
    func again(key: [UInt8] = StoreBed.key) throws -> StoreBed { try StoreBed(StoreDisk(disk.blocks), key: key) }

    /// What another guest finds.
    func found() throws -> StoreModel { try StoreModel(again().open()) }
}

/// What is in a store: files with their records and blocks.
struct StoreModel: Equatable {
    struct File: Equatable {
        var record: [UInt8]
        var blocks: [UInt64: [UInt8]] = [:]
    }

    var files: [UInt64: File] = [:]

    init() {}

    /// All that can be seen of a store.
    init(_ store: SealedStore) throws {
        var next: UInt64 = 0
        while let last = try store.files(from: next).last {
            for number in try store.files(from: next) {
                guard let record = try store.record(of: number) else { throw Errno.ENOENT }
                files[number] = File(record: record, blocks: try Self.blocks(store, number))
                guard files[number]?.blocks.count == Int(try store.blockCount(of: number)) else { throw Errno.ERANGE }
            }
            if last == .max { break }
            next = last + 1
        }
    }

    private static func blocks(_ store: SealedStore, _ file: UInt64) throws -> [UInt64: [UInt8]] {
        var (blocks, next) = ([UInt64: [UInt8]](), UInt64(0))
        while let run = try store.blocks(of: file, from: next) {
            let bytes = try store.read(file, run.lowerBound, run.count)
            for (index, block) in run.enumerated() { blocks[block] = Array(bytes[index * 4096..<(index + 1) * 4096]) }
            next = run.upperBound
        }
        return blocks
    }
}

/// A block that is like no other with another number.
func block(_ number: UInt64) -> [UInt8] {
    var generator = SeededGenerator(state: number)
    return (0..<512).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
}

extension SealedStore {
    func read(_ file: UInt64, _ first: UInt64, _ count: Int = 1) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0xEE, count: count * 4096)
        try buffer.withUnsafeMutableBytes { try readBlocks(of: file, from: first, into: $0) }
        return buffer
    }

    func write(_ file: UInt64, _ first: UInt64, _ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try writeBlocks(of: file, from: first, from: $0) } }

    /// Places in use, the headers left out.
    var used: [Int] { (2..<Int(total)).filter { places.current[$0 / 64] >> UInt64($0 % 64) & 1 == 1 } }
}
