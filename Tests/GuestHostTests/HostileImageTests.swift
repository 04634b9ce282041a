import Foundation
import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// A host that alters the image, and an image whose maker was careless or worse.
@Suite struct HostileImageTests {
    private static let honest: (bytes: [UInt8], identity: RootImageIdentity, lines: [String]) = {
        var generator = SeededGenerator(state: 11)
        guard let (bytes, identity) = try? image(of: MemoryTree.sample(shuffled: &generator)), let bed = try? ImageBed(bytes, identity) else {
            return ([], RootImageIdentity(blocks: 0, root: ContentDigest()), [])
        }
        return (bytes, identity, ImageWalk(bed.host).lines)
    }()

    /// What a guest sees of these bytes, and what it complained of; nil when it refused to begin.
    private func walk(_ bytes: [UInt8], _ identity: RootImageIdentity, cached: Int = 2048) throws -> (lines: [String]?, violations: [RingViolation], readTwice: Bool) {
        let ring = try RingBed(root: bytes)
        guard let image = try? RootImage(ring.ring, identity, hasher: LibCryptoHasher(), cachedBlocks: cached), let host = try? RingHost(ring: ring.ring, image: image) else {
            return (nil, ring.transport.violations, ring.transport.readTwice)
        }
        return (ImageWalk(host).lines, ring.transport.violations, ring.transport.readTwice)
    }

    @Test func anUnalteredImageIsSeenWhole() throws {
        let seen = try walk(Self.honest.bytes, Self.honest.identity)
        #expect(seen.lines == Self.honest.lines && seen.violations.isEmpty)
        #expect(Self.honest.lines.count > 800 && !Self.honest.lines.contains { $0.contains("errno") })
    }

    /// Every block of the image, one bit in each: the walk reads all of it, so that each is found out.
    @Test func aFlippedBitInAnyBlockIsAViolation() throws {
        var generator = SeededGenerator(state: 12)
        for block in 0..<Int(Self.honest.identity.storedBlocks) {
            var bytes = Self.honest.bytes
            bytes[block * 4096 + .random(in: 0..<4096, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            let seen = try walk(bytes, Self.honest.identity)
            #expect(seen.violations == [.image], "block \(block)")
        }
    }

    /// What was seen before the violation is what an honest host shows.
    @Test func randomAlterationsAreNotReadOrFoundOut() throws {
        try fuzz { generator in
            var bytes = Self.honest.bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let (to, from) = (Int.random(in: 0..<bytes.count / 4096, using: &generator) * 4096, Int.random(in: 0..<bytes.count / 4096, using: &generator) * 4096)
                if Bool.random(using: &generator) {
                    bytes.replaceSubrange(to..<to + 4096, with: Self.honest.bytes[from..<from + 4096])
                } else {
                    bytes[to + .random(in: 0..<4096, using: &generator)] = .random(in: 0...255, using: &generator)
                }
            }
            let seen = try walk(bytes, Self.honest.identity)
            #expect(seen.violations == (bytes == Self.honest.bytes ? [] : seen.violations == [] ? [] : [.image]))
            if seen.violations.isEmpty { #expect(seen.lines == Self.honest.lines) }
            let known = Set(Self.honest.lines)
            for line in seen.lines ?? [] where !line.contains("errno") && !line.hasSuffix("-1 deep") { #expect(known.contains(line), "seen: \(line)") }
        }
    }

    @Test func anImageThatChangesBetweenReadsIsAViolation() throws {
        let bed = try ImageBed(Self.honest.bytes, Self.honest.identity, cachedBlocks: 1, cachedNodes: 1)
        let file = try bed.host.open(beneath: bed.host.rootDirectory, Array("bin/file-4096".utf8), flags: 0, mode: 0)
        var buffer = [UInt8](repeating: 0, count: 1)
        #expect(try buffer.withUnsafeMutableBytes { try bed.host.read(file, into: [$0], at: 0) } == 1)
        var altered = Self.honest.bytes
        for index in altered.indices { altered[index] ^= 1 }
        try Data(altered).write(to: bed.ring.folder.appending(path: "root"))
        #expect(errno { _ = try buffer.withUnsafeMutableBytes { try bed.host.read(file, into: [$0], at: 0) } } == .EIO)
        #expect(bed.ring.transport.violations == [.image])
    }

    /// The same by a host that deviates while it serves: a bit flipped on the way, or the blocks of the request before.
    @Test(arguments: [4, 5, 9, 14, 21, 33]) func aResponseWithOtherBlocksIsAViolation(request: Int) throws {
        for deviation in [RingDeviation.flip(request, bit: request * 1009), .substitute(request), .flipBlock(store: 0, block: UInt64(request))] {
            let ring = try RingBed(root: Self.honest.bytes, deviations: [deviation])
            var lines: [String] = []
            if let image = try? RootImage(ring.ring, Self.honest.identity, hasher: LibCryptoHasher()), let host = try? RingHost(ring: ring.ring, image: image) {
                lines = ImageWalk(host).lines
            }
            // Blocks of another request are as many, or of another number: both are found out.
            #expect(ring.transport.violations == [.image] || ring.transport.violations == [.length], "\(deviation)")
            #expect(lines.isEmpty || lines != Self.honest.lines)
        }
    }

    @Test func anotherImageIsAViolation() throws {
        let other = try image(of: MemoryTree(root: MemoryTree.File(.directory, 0o755, number: 1)))
        var identity = Self.honest.identity
        identity.blocks = other.identity.blocks
        #expect(try walk(other.bytes, identity).violations == [.image])
    }

    /// The manifest says fewer or more blocks than there are: the tree has another shape then.
    @Test func anotherNumberOfBlocksIsRefused() throws {
        for blocks in [0, 1, Self.honest.identity.blocks - 1, Self.honest.identity.blocks + 1, 1 << 36, .max] {
            let seen = try walk(Self.honest.bytes, RootImageIdentity(blocks: blocks, root: Self.honest.identity.root))
            #expect(seen.lines == nil)
        }
    }

    /// The tree anew over altered blocks: digests that hold, structures that do not.
    private func rehashed(_ bytes: [UInt8]) throws -> (bytes: [UInt8], identity: RootImageIdentity) {
        let blocks = Int(Self.honest.identity.blocks)
        var result: [UInt8] = []
        let writer = BlockWriter()
        try writer.append(bytes[..<(blocks * 4096)]) { result += $0 }
        let root = try writer.finish { result += $0 }
        return (result, RootImageIdentity(blocks: UInt64(blocks), root: root))
    }

    @Test func theTreeAnewIsTheSameTree() throws {
        let again = try rehashed(Self.honest.bytes)
        #expect(again.bytes == Self.honest.bytes && again.identity == Self.honest.identity)
    }

    /// Nonsense that is hashed well never crashes the reader, keeps it busy, or is a violation: it is an errno.
    @Test func wellHashedNonsenseIsAnError() throws {
        // Superblock, inodes, folders and links come first.
        let metadata = try #require(Self.honest.bytes.indices.last { Self.honest.bytes[$0] == 0x78 && $0 < 40 * 4096 })
        try fuzz { generator in
            var bytes = Self.honest.bytes
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                let place = Int.random(in: 0..<20, using: &generator) == 0 ? Int.random(in: 0..<64, using: &generator) : Int.random(in: 4096..<metadata, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = .random(in: 0...255, using: &generator)
                case 1: for offset in 0..<8 { bytes[place / 8 * 8 + offset] = 0xFF }
                case 2: for offset in 0..<8 { bytes[place / 8 * 8 + offset] = offset == 0 ? .random(in: 0...255, using: &generator) : 0 }
                default:
                    let from = Int.random(in: 4096..<metadata, using: &generator) / 16 * 16
                    for offset in 0..<16 { bytes[place / 16 * 16 + offset] = Self.honest.bytes[from + offset] }
                }
            }
            let (altered, identity) = try rehashed(bytes)
            let seen = try walk(altered, identity, cached: 64)
            #expect(seen.violations.isEmpty && !seen.readTwice)
        }
    }
}
