import LibraryOS
import Testing

@testable import GuestHost

/// Stores that are full: what is promised is kept, what is not is refused before anything is changed, and removals always work.
@Suite struct StoreRoomTests {
    /// Fills a store with blocks of files, each room for one block at a time; the files.
    private func fill(_ store: SealedStore, perFile: UInt64) throws -> [UInt64] {
        var files: [UInt64] = []
        for file in 0..<UInt64.max {
            guard store.reserve(2) else { return files }
            try store.setRecord([1], of: file)
            files.append(file)
            for number in 0..<perFile {
                if number > 0, !store.reserve(1) { return files }
                try store.write(file, number, block(file << 32 + number))
            }
            store.unreserve(2)
            if file % 7 == 6 { try store.commit() }
        }
        return files
    }

    @Test(arguments: [1, 3, 200] as [UInt64]) func aFullStoreRefusesAndGoesOnAfterARemoval(perFile: UInt64) throws {
        let bed = try StoreBed(count: 600)
        let store = try bed.open()
        var files = try fill(store, perFile: perFile)
        try store.commit()
        while store.reserve(1) {
            let file = UInt64(files.count)
            try store.setRecord([1], of: file)
            try store.write(file, 0, block(file))
            files.append(file)
            try store.commit()
        }
        // All but the nodes' room to move, the slack, and less than one block's worst case.
        #expect(store.used.count + store.nodeCount > 598 - SealedStore.slack - SealedStore.roomForBlock)
        #expect(!store.reserve(1) && store.reserve(0) && !store.reserve(.max) && !store.reserve(-1))
        // Without room that was reserved: to the last place, and then no further.
        var next = UInt64(1) << 20
        while errno({ try store.write(0, next, block(next)) }) == nil { next += 1 }
        #expect(errno { try store.write(0, next, block(next)) } == .ENOSPC)
        #expect(errno { try store.setRecord([1], of: 1 << 30) } == .ENOSPC)
        // What is there already is changed in place of its record, and read.
        try store.setRecord([2], of: 0)
        try store.commit()
        let full = try StoreModel(store)
        #expect(try bed.found() == full && full.files[0]?.record == [2])
        for (index, file) in files.enumerated() where index % 2 == 0 { try store.remove(file: file) }
        try store.commit()
        #expect(store.reserve(3))
        try store.write(1 << 30, 0, (0..<3).flatMap { block(UInt64($0)) })
        try store.commit()
        for file in files + [1 << 30] { try store.remove(file: file) }
        try store.commit()
        #expect(store.used.isEmpty && bed.transport.violations.isEmpty)
    }

    /// As many removals as there are, with memory for few nodes, and no commit in between.
    @Test func removalsNeedNoRoomHoweverManyThereAre() throws {
        let bed = try StoreBed(count: 3000)
        let store = try bed.open(cachedNodes: 64)
        var number: UInt64 = 0
        // A block on each node: as many nodes to change as there can be.
        while errno({ try store.write(1, number * 128, block(1) + block(2)) }) == nil {
            number += 1
            if number % 50 == 0 { try store.commit() }
        }
        try store.setRecord([], of: 1)
        try store.commit()
        #expect(number > 400 && store.available < 60)
        for index in 0..<number { try store.removeBlocks(of: 1, from: index * 128, count: 1) }
        #expect(try store.blockCount(of: 1) == number)
        try store.commit()
        let again = try bed.again().open()
        #expect(try again.blockCount(of: 1) == number && again.read(1, 0, 2) == [UInt8](repeating: 0, count: 4096) + block(2))
    }

    /// The most that blocks can take: each in a file of its own, at its file's end, behind a first block; files far from each other.
    @Test func reservedRoomIsEnoughAtTheWorst() throws {
        for isGrowing in [false, true] {
            let bed = try StoreBed(count: 1500)
            let store = try bed.open(cachedNodes: 64)
            if isGrowing {
                for index: UInt64 in 0..<30 { try store.write(index << 32, 0, block(index)) }
                try store.commit()
            }
            var count = 0
            while store.reserve(1) { count += 1 }
            #expect(count > 20)
            for index in 0..<UInt64(count) {
                // Few places are left for others meanwhile.
                try store.write(index << 32, isGrowing || index % 2 == 1 ? 1 << 40 - 1 : 0, block(index))
                #expect(store.available >= 0)
            }
            try store.commit()
            let again = try bed.again().open()
            for index in 0..<UInt64(count) { #expect(try again.read(index << 32, isGrowing || index % 2 == 1 ? 1 << 40 - 1 : 0) == block(index)) }
        }
    }

    @Test func reservationsEndWithACommitOrWhenTheyAreGivenBack() throws {
        let store = try StoreBed(count: 200).open()
        let free = store.usage.free
        #expect(store.reserve(3))
        #expect(store.usage.free == free - 3 * UInt64(SealedStore.roomForBlock))
        store.unreserve(1)
        #expect(store.usage.free == free - 2 * UInt64(SealedStore.roomForBlock))
        store.unreserve(100)
        #expect(store.usage.free == free)
        #expect(store.reserve(3))
        try store.commit()
        #expect(store.usage.free == free)
    }

    /// A failed commit frees nothing: what the last one needs stays where it is, whatever is removed and written since.
    @Test func placesOfTheLastCommitAreNotWrittenToBeforeTheNext() throws {
        let bed = try StoreBed(count: 100)
        let store = try bed.open()
        try store.setRecord([1], of: 1)
        try store.write(1, 0, (0..<20).flatMap { block(UInt64($0)) })
        try store.commit()
        let (model, places) = (try StoreModel(store), store.used)
        let before = bed.disk.blocks
        let start = bed.disk.flushes
        bed.disk.failsFlush = { $0 >= start + 1 }
        for round: UInt64 in 0..<10 {
            try store.removeBlocks(of: 1, from: 0, count: 20)
            if errno({ try store.write(1, round, block(round + 50)) }) != nil { break }
            #expect(errno { try store.commit() } == .EIO)
        }
        for place in places { #expect(bed.disk.blocks[place] == before[place]) }
        var blocks = bed.disk.blocks
        (blocks[0], blocks[1]) = (before[0], before[1])
        #expect(try StoreModel(StoreBed(StoreDisk(blocks)).open()) == model)
    }

    /// What was removed is room only when that is durable.
    @Test func removedBlocksAreNoRoomBeforeTheCommit() throws {
        let bed = try StoreBed(count: 300)
        let store = try bed.open()
        var number: UInt64 = 0
        while errno({ try store.write(1, number * 2, block(number)) }) == nil { number += 1 }
        try store.commit()
        try store.removeBlocks(of: 1, from: 0, count: 150)
        #expect(!store.reserve(1))
        var next: UInt64 = 1
        while errno({ try store.write(1, number * 2 + next * 200, block(next)) }) == nil { next += 1 }
        #expect(next < 20)
        try store.commit()
        #expect(store.reserve(1))
        #expect(try bed.found() == StoreModel(store) && bed.transport.violations.isEmpty)
    }

    /// It is not known whether the commit is durable; places of both states are kept, and still there is a way on.
    @Test func aFailedCommitInAFullStoreIsNoDeadEnd() throws {
        let bed = try StoreBed(count: 300)
        let store = try bed.open()
        for file: UInt64 in 0..<100 { try store.setRecord([1], of: file * 16) }
        #expect(store.available < 100)
        try store.commit()
        for round: UInt64 in 0..<4 {
            for file: UInt64 in 0..<100 { try store.setRecord([2, UInt8(round)], of: file * 16) }
            let flushes = bed.disk.flushes
            bed.disk.failsFlush = { $0 > flushes && $0 < flushes + 2 + Int(round) }
            while errno({ try store.commit() }) != nil { try #require(bed.disk.flushes < flushes + 20) }
        }
        for file: UInt64 in 0..<50 { try store.remove(file: file * 16) }
        let flushes = bed.disk.flushes
        bed.disk.failsFlush = { $0 == flushes + 1 }
        #expect(errno { try store.commit() } == .EIO)
        for file: UInt64 in 50..<100 { try store.setRecord([3], of: file * 16) }
        try store.commit()
        #expect(try bed.found() == StoreModel(store) && store.record(of: 800) == [3])
    }

    /// As a file system does: what a failed commit had written is written again, with the room that was kept for it.
    @Test func whatIsWrittenAgainAfterAFailedCommitHasRoom() throws {
        let bed = try StoreBed(count: 400)
        let store = try bed.open()
        var number: UInt64 = 0
        while store.usage.free > 400, store.reserve(1) {
            try store.write(1, number * 130, block(number))
            number += 1
            try store.commit()
        }
        var count: UInt64 = 0
        while store.reserve(1) { count += 1 }
        #expect(count > 3)
        let flushes = bed.disk.flushes
        bed.disk.failsFlush = { $0 >= flushes + 1 && $0 < flushes + 4 }
        for round: UInt64 in 0..<5 {
            for index in 0..<count { try store.write(1, (number + index) * 130, block(round << 32 + index)) }
            #expect((errno { try store.commit() } == nil) == (round == 3 || round == 4))
            if round >= 3 { break }
        }
        let found = try bed.again().open()
        for index in 0..<count { #expect(try found.read(1, (number + index) * 130) == block(3 << 32 + index)) }
    }
}
