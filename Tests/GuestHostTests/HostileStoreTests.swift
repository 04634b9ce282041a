import Confidential
import Foundation
import GuestHost
import LibraryOS
import Testing

/// A host that alters the store it keeps: what was altered is a violation, or is never used.
@Suite struct HostileStoreTests {
    /// A store with blocks of each kind: files of no, one and many blocks, with holes and high nodes; `before` is an earlier state of it.
    private static let sample: (before: [StoreDisk.Block], now: [StoreDisk.Block], earlier: StoreModel, model: StoreModel, used: [Int])? = {
        guard let bed = try? StoreBed(count: 160), let store = try? bed.open() else { return nil }
        do {
            for file: UInt64 in [1, 2, 3, 20, 700, 40_000] { try store.setRecord([UInt8](repeating: UInt8(file & 127), count: Int(file & 127)), of: file) }
            for number: UInt64 in 0..<30 { try store.write(1, number * 3, block(number)) }
            try store.write(2, 0, block(100))
            try store.write(20, 20_000, block(101))
            try store.commit()
            let (before, earlier) = (bed.disk.blocks, try StoreModel(store))
            for number: UInt64 in 0..<15 { try store.write(1, number * 6, block(200 + number)) }
            try store.write(2, 0, block(300))
            try store.remove(file: 20)
            try store.write(700, 20_000, block(301))
            try store.commit()
            return (before, bed.disk.blocks, earlier, try StoreModel(store), store.used)
        } catch { return nil }
    }()

    private struct Seen: Equatable {
        var model: StoreModel?
        var refused: SealedStore.OpenError?
        var violations: [RingViolation] = []
        static let altered = Seen(refused: .altered, violations: [.store])
    }

    /// What a guest sees of all this.
    private func look(_ blocks: [StoreDisk.Block]) throws -> Seen {
        let bed = try StoreBed(StoreDisk(blocks))
        var seen = Seen()
        do {
            let store = try bed.open()
            seen.model = try? StoreModel(store)
        } catch let error as SealedStore.OpenError { seen.refused = error }
        seen.violations = bed.transport.violations
        #expect(!bed.transport.readTwice)
        return seen
    }

    @Test func anUnalteredStoreIsSeenWhole() throws {
        let sample = try #require(Self.sample)
        #expect(try look(sample.now) == Seen(model: sample.model) && look(sample.before) == Seen(model: sample.earlier))
        #expect(sample.used.count > 40 && sample.model != sample.earlier)
    }

    /// One bit in each block: nodes and leaves are read when the store is opened, content when it is read.
    @Test func aFlippedBitInABlockInUseIsAViolation() throws {
        let sample = try #require(Self.sample)
        var generator = SeededGenerator(state: 1)
        for place in 2..<sample.now.count {
            var blocks = sample.now
            blocks[place][.random(in: 0..<4096, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            let seen = try look(blocks)
            if sample.used.contains(place) {
                #expect(seen.model == nil && seen.violations == [.store], "place \(place)")
            } else {
                #expect(seen == Seen(model: sample.model), "place \(place)")
            }
        }
    }

    /// A header that does not open is none: what is left is the state before, which lacks what was written over, or is whole and older (the article says so).
    @Test func aFlippedBitInAHeaderLeavesTheOtherOne() throws {
        let sample = try #require(Self.sample)
        var outcomes: [Seen] = []
        for (slot, byte) in [(0, 3), (0, 14), (0, 20), (0, 40), (0, 4095), (1, 3), (1, 14), (1, 20), (1, 40), (1, 4095)] {
            var blocks = sample.now
            blocks[slot][byte] ^= 16
            outcomes.append(try look(blocks))
        }
        #expect(outcomes.allSatisfy { [Seen(model: sample.model), Seen(model: sample.earlier), .altered].contains($0) })
        #expect(outcomes.contains(Seen(model: sample.model)) && outcomes.contains { $0 != Seen(model: sample.model) })
        var neither = sample.now
        (neither[0][0], neither[1][0]) = (neither[0][0] ^ 1, neither[1][0] ^ 1)
        #expect(try look(neither) == Seen(refused: .notSealedWithThisKey))
        (neither[0], neither[1]) = (sample.now[1], sample.now[0])
        #expect(try look(neither) == Seen(refused: .notSealedWithThisKey), "each opens in its place only")
    }

    /// Places, files, levels and kinds: all pairs of a leaf's, a node's and content's places are among these.
    @Test func blocksInEachOthersPlacesAreAViolation() throws {
        let sample = try #require(Self.sample)
        var generator = SeededGenerator(state: 2)
        for place in sample.used {
            for other in sample.used.shuffled(using: &generator).prefix(6) where other != place {
                var blocks = sample.now
                blocks.swapAt(place, other)
                #expect(try look(blocks).violations == [.store])
                blocks = sample.now
                blocks[place] = sample.now[other]
                #expect(try look(blocks).violations == [.store])
            }
        }
    }

    @Test func anEarlierVersionOfABlockIsAViolation() throws {
        let sample = try #require(Self.sample)
        let changed = sample.used.filter { sample.before[$0] != sample.now[$0] }
        #expect(changed.count > 15)
        for place in changed {
            var blocks = sample.now
            blocks[place] = sample.before[place]
            #expect(try look(blocks).violations == [.store])
        }
    }

    /// An earlier state is found whole, as nobody can tell, or not at all.
    @Test func earlierHeadersOverLaterBlocksAreAnEarlierStateOrAViolation() throws {
        let bed = try StoreBed(count: 100)
        let store = try bed.open()
        var (states, disks) = ([StoreModel](), [[StoreDisk.Block]]())
        for round: UInt64 in 0..<40 {
            try store.setRecord([UInt8(round)], of: round % 5)
            try store.write(round % 5, round, block(round))
            if round == 7 { try store.remove(file: 3) }
            try store.commit()
            states.append(try StoreModel(store))
            disks.append(bed.disk.blocks)
        }
        var found = 0
        for round in 0..<40 {
            var blocks = bed.disk.blocks
            (blocks[0], blocks[1]) = (disks[round][0], disks[round][1])
            let seen = try look(blocks)
            #expect(seen.model == states[round] && seen.violations == [] || seen.model == nil && seen.violations == [.store])
            if seen.model == nil { found += 1 }
        }
        #expect(found > 3)
    }

    /// While a store is open nothing goes back: the guest knows what it has written.
    @Test func anEarlierStateOfTheWholeStoreWhileItIsOpenIsAViolation() throws {
        for isCommitted in [true, false] {
            let bed = try StoreBed(count: 100)
            let store = try bed.open()
            try store.setRecord([], of: 1)
            try store.write(1, 0, block(1))
            try store.commit()
            let old = bed.disk.blocks
            try store.write(1, 0, block(2))
            if isCommitted { try store.commit() }
            bed.disk.alter { $0 = old }
            #expect(errno { _ = try store.read(1, 0) } == .EIO)
            #expect(bed.transport.violations == [.store])
            #expect(errno { try store.write(1, 0, block(3)) } == .EIO)
            if !isCommitted { #expect(errno { try store.commit() } == .EIO) }
        }
    }

    @Test func aLostWriteIsAViolation() throws {
        let bed = try StoreBed(count: 100)
        let store = try bed.open()
        let before = bed.disk.blocks
        try store.write(1, 0, block(1) + block(2) + block(3))
        let places = bed.disk.blocks.indices.filter { $0 >= 2 && bed.disk.blocks[$0] != before[$0] }
        #expect(places.count == 3)
        bed.disk.alter { $0[places[1]] = before[places[1]] }
        #expect(try store.read(1, 0) == block(1))
        #expect(errno { _ = try store.read(1, 0, 3) } == .EIO)
        #expect(bed.transport.violations == [.store])
    }

    /// Alterations at random are found out, or change nothing that is seen.
    @Test func randomAlterationsAreFoundOutOrNotSeen() throws {
        let sample = try #require(Self.sample)
        try fuzz { generator in
            var blocks = sample.now
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let (place, other) = (Int.random(in: 0..<160, using: &generator), Int.random(in: 0..<160, using: &generator))
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: blocks[place] = sample.now[other]
                case 1: blocks[place] = sample.before[other]
                case 2: blocks.swapAt(place, other)
                default: blocks[place][.random(in: 0..<4096, using: &generator)] = .random(in: 0...255, using: &generator)
                }
            }
            let seen = try look(blocks)
            if let model = seen.model {
                #expect(seen.violations.isEmpty && (model == sample.model || model == sample.earlier))
            } else {
                #expect(seen.violations == [.store] || seen.refused == .notSealedWithThisKey)
            }
        }
    }

    @Test func aStoreThatWasCutShortIsUnreadableOrAltered() throws {
        let sample = try #require(Self.sample)
        for count in [0, 1, 2, 10, try #require(sample.used.last)] {
            let bed = try StoreBed(StoreDisk(Array(sample.now.prefix(count))))
            #expect(throws: SealedStore.OpenError.unreadable) { try bed.open(blocks: 160) }
            // The monitor makes a file as large as it should be again.
            let blocks = Array(sample.now.prefix(count)) + Array(repeating: [UInt8](repeating: 0, count: 4096), count: 160 - count)
            let seen = try look(blocks)
            #expect(count == 0 ? seen.refused == .notSealedWithThisKey : seen.model == nil && (seen.refused == .notSealedWithThisKey || seen.violations == [.store]))
        }
    }

    @Test(arguments: 0..<6) func aShortResponseIsAViolation(request: Int) throws {
        let sample = try #require(Self.sample)
        let sealer = try #require(LibCryptoSealer(key: StoreBed.key))
        for (deviation, violation) in [(RingDeviation.short(request), RingViolation.length), (.flip(request, bit: 99 + request), .store), (.substitute(request + 1), .store)] {
            let bed = try RingBed(sealedBlocks: 160, deviations: [deviation])
            try Data(sample.now.flatMap { $0 }).write(to: bed.folder.appending(path: "sealed"))
            let seen = try? StoreModel(SealedStore(opening: bed.ring, sealer: sealer, blocks: 160))
            // The first request is for headers: one that is altered is none.
            if seen == nil || deviation != .flip(0, bit: 99) {
                #expect(seen == nil && [[violation], [.length]].contains(bed.transport.violations), "\(deviation)")
            }
        }
    }

    @Test func randomKeysAndRandomStoresOpenNothing() throws {
        try fuzz { generator in
            let bed = try StoreBed(StoreDisk((0..<64).map { _ in block(generator.next()) }), key: (0..<32).map { _ in .random(in: 0...255, using: &generator) })
            #expect(throws: SealedStore.OpenError.notSealedWithThisKey) { try bed.open() }
            #expect(bed.transport.violations.isEmpty)
        }
    }
}
