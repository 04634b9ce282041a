import Confidential
import LibraryOS
import Testing

@testable import GuestHost

/// A sealed store over an honest host.
@Suite struct SealedStoreTests {
    @Test func anEmptyStoreHasNoFiles() throws {
        let bed = try StoreBed(count: 64)
        let store = try bed.open()
        #expect(try store.files(from: 0) == [] && store.record(of: 1) == nil && store.blockCount(of: 1) == 0 && store.blocks(of: 1, from: 0) == nil)
        #expect(try store.read(1, 0, 2) == [UInt8](repeating: 0, count: 8192))
        #expect(store.usage == (62, 62 - UInt64(SealedStore.slack)))
        try store.remove(file: 1)
        let writes = bed.disk.writes
        try store.commit()
        #expect(bed.disk.writes == writes && bed.transport.violations.isEmpty)
    }

    @Test func whatIsWrittenIsThereAtOnceAndAfterACommit() throws {
        let bed = try StoreBed(count: 2000)
        let store = try bed.open()
        let content = (0..<200).flatMap { block(UInt64($0)) }
        try store.setRecord([1, 2, 3], of: 5)
        try store.write(5, 100, content)
        try store.setRecord([], of: 70_000)
        #expect(try store.read(5, 99, 202) == block2(zeros: 1) + content + block2(zeros: 1))
        #expect(try store.blocks(of: 5, from: 0) == 100..<128 && store.blocks(of: 5, from: 128) == 128..<256 && store.blocks(of: 5, from: 300) == nil)
        #expect(try store.blockCount(of: 5) == 200)
        #expect(try bed.found() == StoreModel())
        try store.commit()
        let second = try bed.again()
        let again = try second.open()
        #expect(try again.files(from: 0) == [5] && again.files(from: 6) == [70_000] && again.files(from: 70_001) == [])
        #expect(try again.record(of: 5) == [1, 2, 3] && again.record(of: 70_000) == [])
        #expect(try again.read(5, 100, 200) == content)
        #expect(second.transport.violations.isEmpty && !second.transport.readTwice)
    }

    private func block2(zeros: Int) -> [UInt8] { [UInt8](repeating: 0, count: zeros * 4096) }

    @Test func blocksFarApartAreFound() throws {
        let bed = try StoreBed(count: 500)
        let store = try bed.open()
        let places: [UInt64] = [0, 127, 128, 16_383, 16_384, 1 << 21, 1 << 28, 1 << 35, (1 << 40) - 1]
        for order in [places, places.reversed()] {
            for place in order { try store.write(9, place, block(place)) }
            try store.setRecord([9], of: 9)
            var seen: [UInt64] = []
            while let run = try store.blocks(of: 9, from: seen.last.map { $0 + 1 } ?? 0) { seen += run }
            #expect(seen == places)
            try store.commit()
            let again = try bed.again().open()
            for place in places { #expect(try again.read(9, place) == block(place)) }
            #expect(try again.blockCount(of: 9) == 9)
            try store.remove(file: 9)
        }
        let content = (0..<40).flatMap { block($0) }
        try store.write(9, 1 << 21 - 20, content)
        #expect(try store.read(9, 1 << 21 - 20, 40) == content && store.blockCount(of: 9) == 40)
        try store.removeBlocks(of: 9, from: 1 << 21 - 5, count: 10)
        #expect(try store.blocks(of: 9, from: 1 << 21 - 6) == 1 << 21 - 6..<1 << 21 - 5 && store.blocks(of: 9, from: 1 << 21 - 5) == 1 << 21 + 5..<1 << 21 + 20)
        #expect(errno { try store.write(9, 1 << 40, block(1)) } == .EFBIG)
        #expect(errno { try store.write(9, (1 << 40) - 1, block(1) + block(1)) } == .EFBIG)
        for file: UInt64 in [1 << 39, 1 << 61, 1 << 62 | 1 << 39, .max] { #expect(errno { try store.write(file, 0, block(1)) } == .EFBIG) }
        #expect(errno { try store.setRecord([], of: .max) } == .EFBIG)
        #expect(errno { try store.setRecord([UInt8](repeating: 1, count: 129), of: 1) } == .EINVAL)
        #expect(try store.read(.max, .max, 2) == block2(zeros: 2))
        #expect(try store.blocks(of: 9, from: .max) == nil && store.blocks(of: .max, from: 0) == nil && store.files(from: .max) == [])
        try store.remove(file: .max)
        try store.removeBlocks(of: 9, from: .max, count: .max)
    }

    /// The highest bits of a number are for whoever uses the store: files beside files.
    @Test func filesOfAllRangesAreListedInOrder() throws {
        let bed = try StoreBed(count: 500)
        let store = try bed.open()
        let files: [UInt64] = [0, 17, 1 << 39 - 1, 1 << 62, 1 << 62 | 17, 1 << 63 | 5, 3 << 62, 3 << 62 | (1 << 39 - 1)]
        for file in files.reversed() { try store.setRecord([UInt8(file % 251)], of: file) }
        for file in files { try store.write(file, 1, block(file)) }
        try store.commit()
        let again = try bed.again().open()
        #expect(try StoreModel(again).files.keys.sorted() == files)
        for file in files { #expect(try again.record(of: file) == [UInt8(file % 251)] && again.read(file, 1) == block(file)) }
        #expect(try again.files(from: 18) == [1 << 39 - 1] && again.files(from: 1 << 39) == [1 << 62, 1 << 62 | 17].filter { $0 < 1 << 62 | 16 })
        #expect(try again.files(from: 3 << 62 | 1 << 39) == [] && again.files(from: .max) == [])
        for file in files { try again.remove(file: file) }
        try again.commit()
        #expect(again.used.isEmpty)
    }

    @Test func removedBlocksAreZerosAndTheirPlacesAreFree() throws {
        let bed = try StoreBed(count: 1000)
        let store = try bed.open()
        try store.setRecord([], of: 1)
        try store.commit()
        let free = store.usage.free
        for number: UInt64 in 0..<300 { try store.write(1, number, block(number)) }
        try store.commit()
        try store.removeBlocks(of: 1, from: 10, count: 280)
        #expect(try store.blockCount(of: 1) == 20 && store.blocks(of: 1, from: 0) == 0..<10 && store.blocks(of: 1, from: 10) == 290..<300)
        #expect(try store.read(1, 9, 2) == block(9) + block2(zeros: 1))
        try store.removeBlocks(of: 1, from: 0, count: .max)
        #expect(try store.blockCount(of: 1) == 0 && store.record(of: 1) == [])
        try store.commit()
        #expect(store.usage.free == free)
        try store.remove(file: 1)
        try store.commit()
        #expect(store.used.isEmpty && store.usage.free == 998 - UInt64(SealedStore.slack))
    }

    @Test func blocksOfAFileWithoutARecordAreKeptAndRemoved() throws {
        let bed = try StoreBed(count: 200)
        let store = try bed.open()
        try store.write(3, 0, block(1))
        #expect(try store.files(from: 0) == [] && store.record(of: 3) == nil && store.blockCount(of: 3) == 1)
        try store.commit()
        let again = try bed.again().open()
        #expect(try again.read(3, 0) == block(1))
        try again.removeBlocks(of: 3, from: 0, count: 1)
        try again.commit()
        #expect(again.used.isEmpty)
    }

    @Test func aBlockWrittenTwiceBeforeACommitTakesOnePlace() throws {
        let bed = try StoreBed(count: 300)
        let store = try bed.open()
        #expect(store.reserve(1))
        try store.write(1, 0, block(0))
        let (used, free) = (store.used.count, store.usage.free)
        for round: UInt64 in 1..<500 { try store.write(1, 0, block(round)) }
        #expect(store.used.count == used && store.usage.free == free)
        try store.commit()
        #expect(try bed.again().open().read(1, 0) == block(499))
    }

    @Test func noPlaintextIsStoredAndNothingIsSealedAlike() throws {
        let bed = try StoreBed(count: 200)
        let store = try bed.open()
        let text = Array("a secret of thirty-two characters".utf8)
        let content = Array((0..<200).flatMap { _ in text }.prefix(4096))
        try store.setRecord(text, of: 1)
        for number: UInt64 in 0..<40 { try store.write(1, number, content) }
        try store.commit()
        let stored = bed.disk.blocks.flatMap { $0 }
        let needle = Array(text.prefix(8))
        #expect(!stored.indices.dropLast(8).contains { stored[$0] == needle[0] && stored[$0..<$0 + 8].elementsEqual(needle) })
        let nonZero = bed.disk.blocks.filter { $0.contains { $0 != 0 } }
        #expect(nonZero.count >= 44 && Set(nonZero).count == nonZero.count, "one plaintext, forty times, and no two blocks alike")
    }

    @Test func acommitWritesChangedNodesOnly() throws {
        let bed = try StoreBed(count: 4000)
        let store = try bed.open()
        for file: UInt64 in 0..<1000 {
            try store.setRecord([UInt8(file & 255)], of: file)
            try store.write(file, 0, block(file))
        }
        try store.commit()
        let (writes, flushes) = (bed.disk.writes, bed.disk.flushes)
        try store.write(500, 0, block(7))
        try store.commit()
        // The block, the leaf, a node over that, the header; two flushes.
        #expect(bed.disk.writes - writes == 4 && bed.disk.flushes - flushes == 2)
        try store.commit()
        #expect(bed.disk.writes - writes == 4 && bed.disk.flushes - flushes == 2)
    }

    /// A MiB of nodes and more, with memory for 64 of them.
    @Test func memoryIsBoundedWhateverIsWrittenBetweenCommits() throws {
        let bed = try StoreBed(count: 4000)
        let store = try bed.open(cachedNodes: 64)
        try store.setRecord([], of: 1)
        var most = 0
        for number: UInt64 in 0..<600 {
            try store.write(1, number * 1000, block(number))
            most = max(most, store.nodes.count)
        }
        #expect(most < 100)
        try store.commit()
        let again = try bed.again().open(cachedNodes: 64)
        for number: UInt64 in 0..<600 { #expect(try again.read(1, number * 1000) == block(number)) }
        #expect(again.nodes.count < 100)
        try store.remove(file: 1)
        try store.commit()
        #expect(store.used.isEmpty && store.nodeCount == 0)
    }

    @Test func requestsMoveSixteenBlocks() throws {
        let bed = try StoreBed(count: 400)
        let store = try bed.open()
        let content = (0..<160).flatMap { block(UInt64($0)) }
        try store.setRecord([], of: 1)
        var before = bed.transport.exchanges
        try store.write(1, 0, content)
        #expect(bed.transport.exchanges - before <= 12)
        try store.commit()
        before = bed.transport.exchanges
        #expect(try store.read(1, 0, 160) == content)
        #expect(bed.transport.exchanges - before == 10)
    }

    @Test func aStoreIsOpenedWithItsKeyAndItsSizeOnly() throws {
        let bed = try StoreBed(count: 100)
        #expect(throws: SealedStore.OpenError.notSealedWithThisKey) { try bed.again(key: Array(repeating: 9, count: 32)).open() }
        #expect(throws: SealedStore.OpenError.notSealedWithThisKey) { try StoreBed(StoreDisk(count: 100)).open() }
        #expect(throws: SealedStore.OpenError.wrongSize) { try bed.open(blocks: 99) }
        #expect(throws: SealedStore.OpenError.wrongSize) { try bed.open(blocks: 101) }
        for size: UInt64 in [0, 1, 63, 1 << 26 + 1, .max] {
            #expect(throws: SealedStore.OpenError.wrongSize) { try SealedStore.format(bed.ring, sealer: bed.sealer, blocks: size) }
            #expect(throws: SealedStore.OpenError.wrongSize) { try SealedStore(opening: bed.ring, sealer: bed.sealer, blocks: size) }
        }
        bed.disk.failsRead = { _ in true }
        #expect(throws: SealedStore.OpenError.unreadable) { try bed.open() }
        bed.disk.failsWrite = { _ in true }
        #expect(throws: SealedStore.OpenError.unreadable) { try SealedStore.format(bed.ring, sealer: bed.sealer, blocks: 100) }
        #expect(throws: SealedStore.OpenError.unreadable) { try SealedStore(opening: RingBed().ring, sealer: bed.sealer, blocks: 100) }
        #expect(bed.transport.violations.isEmpty)
    }

    @Test func formattingMakesAnotherStore() throws {
        let bed = try StoreBed(count: 100)
        let store = try bed.open()
        try store.setRecord([1], of: 1)
        try store.commit()
        let identity = store.blocks.identity
        try SealedStore.format(bed.ring, sealer: bed.sealer, blocks: 100)
        let new = try bed.open()
        #expect(try StoreModel(new) == StoreModel() && new.blocks.identity != identity)
        #expect(new.blocks.seals >= store.blocks.seals, "one key: its seals go on being counted")
    }

    @Test func overTheRealHostItIsAFileThatOutlivesTheRun() throws {
        let bed = try RingBed(sealedBlocks: 128)
        guard let sealer = LibCryptoSealer(key: StoreBed.key) else { throw Errno.EINVAL }
        try SealedStore.format(bed.ring, sealer: sealer, blocks: 128)
        let store = try SealedStore(opening: bed.ring, sealer: sealer, blocks: 128)
        try store.setRecord([4], of: 2)
        try store.write(2, 1, block(3))
        try store.commit()
        let again = try SealedStore(opening: bed.ring, sealer: sealer, blocks: 128)
        #expect(try again.record(of: 2) == [4] && again.read(2, 0, 2) == block2(zeros: 1) + block(3))
        #expect(bed.transport.violations.isEmpty && !bed.transport.readTwice)
    }
}
