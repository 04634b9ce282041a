import LibraryOS
import Testing

@testable import Confidential
@testable import GuestHost

/// Keys, nonces and how often a key seals; and the format, read by somebody else.
@Suite struct StoreSealsTests {
    private func bytes(_ text: String) -> [UInt8] {
        let digits = Array(text.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    @Test func theSealerIsAES256GCM() throws {
        let key = "feffe9928665731c6d6a8f9467308308"
        let sealer = try #require(LibCryptoSealer(key: bytes(key + key)))
        let plain = bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        var (text, tag) = (plain, [UInt8](repeating: 0, count: 16))
        let (nonce, data) = (bytes("cafebabefacedbaddecaf888"), bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        func open() -> Bool {
            nonce.withUnsafeBytes { nonce in
                data.withUnsafeBytes { data in
                    text.withUnsafeMutableBytes { text in tag.withUnsafeBytes { sealer.open(nonce: nonce, authenticating: data, text, tag: $0) } }
                }
            }
        }
        nonce.withUnsafeBytes { nonce in
            data.withUnsafeBytes { data in
                text.withUnsafeMutableBytes { text in tag.withUnsafeMutableBytes { sealer.seal(nonce: nonce, authenticating: data, text, tag: $0) } }
            }
        }
        #expect(text == bytes("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"))
        #expect(tag == bytes("76fc6ece0f4e1768cddf8853bb2d551b"))
        #expect(open() && text == plain)
        tag[3] ^= 1
        #expect(!open())
        for count in [0, 16, 31, 33] { #expect(LibCryptoSealer(key: [UInt8](repeating: 0, count: count)) == nil) }
    }

    private func number(_ bytes: [UInt8], _ offset: Int, _ size: Int = 8) -> UInt64 { bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    private func words(_ numbers: [UInt64]) -> [UInt8] { numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) } } }

    /// As the article describes it, with nothing but AES-256-GCM of OpenSSL: from the header to a block of content.
    @Test func theFormatIsAsItIsDescribed() throws {
        let bed = try StoreBed(count: 100)
        let store = try bed.open()
        try store.setRecord(Array("record".utf8), of: 35)
        for number: UInt64 in 0..<140 where number % 13 == 0 { try store.write(35, number, block(number)) }
        try store.write(35, 1 << 30 + 5, block(500))
        try store.commit()
        let stored = bed.disk.blocks
        func open(_ entry: [UInt8], _ identity: [UInt8], kind: UInt64, level: UInt64, tree: UInt64, index: UInt64) throws -> [UInt8] {
            let sealed = stored[Int(number(entry, 0, 4))]
            let data = identity + words([kind | level << 8, tree, index])
            return try #require(AES256GCM.open(sealed, tag: Array(entry[16...]), key: StoreBed.key, nonce: Array(entry[4..<16]), authenticating: data))
        }
        let headers = (0..<2).compactMap { slot in
            AES256GCM.open(
                Array(stored[slot][32...]), tag: Array(stored[slot][16..<32]), key: StoreBed.key, nonce: Array(stored[slot][..<12]),
                authenticating: Array("SKRYSEL1".utf8) + words([0, 3, 0, UInt64(slot)]))
        }
        let header = try #require(headers.max { number($0, 24) < number($1, 24) })
        #expect(headers.count == 2 && Array(header[..<8]) == Array("SKRYSEL1".utf8) && number(header, 32) == 100)
        #expect(number(header, 40) > 13 && number(header, 40) < 1 << 20)
        let identity = Array(header[8..<24])
        // File 35 is in slot 3 of leaf 2, which is under the table's only node.
        #expect(number(header, 48) == 1)
        let top = try open(Array(header[64..<96]), identity, kind: 1, level: 1, tree: .max, index: 0)
        let leaf = try open(Array(top[64..<96]), identity, kind: 2, level: 0, tree: .max, index: 2)
        let slot = Array(leaf[768..<1024])
        #expect(number(slot, 32) == 11 && slot[40] == 2 && slot[41] == 1 && slot[42] == 6 && Array(slot[64..<70]) == Array("record".utf8))
        #expect(number(slot, 224) == 1 && slot[232] == 6)
        var entry = Array(slot[192..<224])
        for level in stride(from: UInt64(6), to: 0, by: -1) {
            let node = try open(entry, identity, kind: 1, level: level, tree: 35 | 1 << 50, index: (1 << 30 + 5) >> (7 * level))
            let index = Int((1 << 30 + 5) >> (7 * (level - 1)) & 127)
            entry = Array(node[index * 32..<index * 32 + 32])
        }
        #expect(try open(entry, identity, kind: 0, level: 0, tree: 35 | 1 << 50, index: 1 << 30 + 5) == block(500))
        let root = try open(Array(slot[..<32]), identity, kind: 1, level: 2, tree: 35, index: 0)
        for (node, blocks) in [(UInt64(0), [UInt64](stride(from: 0, through: 117, by: 13))), (1, [130])] {
            let entries = try open(Array(root[Int(node) * 32..<Int(node) * 32 + 32]), identity, kind: 1, level: 1, tree: 35, index: node)
            for number in blocks {
                let entry = Array(entries[Int(number % 128) * 32..<Int(number % 128) * 32 + 32])
                #expect(try open(entry, identity, kind: 0, level: 0, tree: 35, index: number) == block(number))
            }
        }
    }

    @Test func aKeyThatHasSealedEnoughIsWrittenWithNoMore() throws {
        let bed = try StoreBed(count: 200)
        let budget = SealBudget(limit: 1000, allowance: 30, margin: 200)
        var store = try bed.open(seals: budget)
        try store.setRecord([], of: 1)
        var (error, written): (Errno?, UInt64) = (nil, 0)
        while error == nil {
            error = errno { try store.write(1, written % 20, block(written)) }
            if error == nil { written += 1 }
            // Each run goes on where the one before ended, or further, committed or not.
            if written % 50 == 49 {
                try store.commit()
                let seals = store.blocks.seals
                store = try bed.open(seals: budget)
                #expect(store.blocks.seals >= seals)
            }
        }
        #expect(error == .EROFS && written > 200 && written < 800)
        #expect(errno { try store.setRecord([1], of: 2) } == .EROFS)
        #expect(store.blocks.seals < 1000 - 150)
        // Removals go on, over some runs at least.
        for number: UInt64 in 0..<3 {
            store = try bed.open(seals: budget)
            try store.removeBlocks(of: 1, from: number, count: 1)
            try store.commit()
            #expect(errno { try store.write(1, 0, block(1)) } == .EROFS)
        }
        try store.remove(file: 1)
        try store.commit()
        #expect(try bed.found() == StoreModel() && store.blocks.seals <= 1000)
    }

    @Test func whatACrashLosesIsCountedAllTheSame() throws {
        let bed = try StoreBed(count: 200)
        let budget = SealBudget(limit: 1 << 32, allowance: 20, margin: 10)
        var (sealed, latest) = (UInt64(0), UInt64(0))
        for run: UInt64 in 0..<10 {
            let store = try bed.open(seals: budget)
            #expect(store.blocks.seals >= sealed && store.blocks.seals >= latest)
            latest = store.blocks.seals
            // And never a commit.
            for number in 0..<(run * 7) { try store.write(1, number, block(number)) }
            sealed += run * 7
            #expect(store.blocks.seals <= store.durable.promisedSeals)
        }
        #expect(try bed.open().blocks.seals >= sealed)
    }

    @Test func everyBlockHasANonceOfItsOwn() throws {
        let bed = try StoreBed(count: 300)
        var nonces: Set<[UInt8]> = []
        final class Noting: BlockSealer, @unchecked Sendable {
            let inner: BlockSealer
            var nonces: [[UInt8]] = []
            init(_ inner: BlockSealer) { self.inner = inner }
            override func seal(
                nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
            ) {
                nonces.append(Array(nonce))
                inner.seal(nonce: nonce, authenticating: data, bytes, tag: tag)
            }
            override func open(
                nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
            ) -> Bool { inner.open(nonce: nonce, authenticating: data, bytes, tag: tag) }
        }
        let sealer = Noting(bed.sealer)
        try SealedStore.format(bed.ring, sealer: sealer, blocks: 300)
        let store = try SealedStore(opening: bed.ring, sealer: sealer, blocks: 300)
        for round: UInt64 in 0..<10 {
            for _ in 0..<10 { try store.write(1, 0, block(1)) }
            try store.setRecord([UInt8(round)], of: round)
            try store.commit()
        }
        nonces.formUnion(sealer.nonces)
        #expect(sealer.nonces.count > 120 && nonces.count == sealer.nonces.count)
        #expect(UInt64(sealer.nonces.count) <= store.blocks.seals)
    }
}
