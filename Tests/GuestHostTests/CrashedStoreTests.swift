import LibraryOS
import Testing

@testable import GuestHost

/// A machine that stops in the middle: what is found afterwards is the last commit, all of it and nothing else.
@Suite struct CrashedStoreTests {
    /// Stops behind write number `limit` of a run with several commits; nil when the run needs fewer.
    private func crash(at limit: Int, seed: UInt64) throws -> (disk: StoreDisk, committed: StoreModel, attempted: StoreModel?)? {
        var generator = SeededGenerator(state: seed)
        let bed = try StoreBed(count: [150, 500].randomElement(using: &generator) ?? 500)
        let exercise = StoreExercise(try bed.open(cachedNodes: 64))
        let start = bed.disk.writes
        bed.disk.failsWrite = { $0 >= start + limit }
        // Nothing is flushed once the machine has stopped.
        bed.disk.failsFlush = { [disk = bed.disk] _ in disk.writes >= start + limit }
        for _ in 0..<4 {
            for _ in 0..<12 {
                if let error = errno({ try exercise.step(&generator) }) {
                    #expect(error == .EIO && bed.disk.writes >= start + limit)
                    return (bed.disk, exercise.committed, nil)
                }
            }
            if errno({ try exercise.commit() }) != nil {
                // Once the header is on its way, either state may be found.
                return (bed.disk, exercise.committed, bed.disk.unflushed.contains { $0.place < 2 } ? exercise.now : nil)
            }
        }
        return nil
    }

    @Test func aCrashAtAnyWriteLeavesTheLastCommit() throws {
        let seed = UInt64.random(in: 0...1 << 32)
        var generator = SeededGenerator(state: seed)
        var (limit, found, newer) = (0, 0, 0)
        while let (disk, committed, attempted) = try crash(at: limit, seed: seed) {
            for _ in 0..<3 {
                let bed = try StoreBed(disk.crashed(&generator))
                let store = try bed.open()
                let model = try StoreModel(store)
                #expect(model == committed || model == attempted, "seed \(seed), write \(limit)")
                if model != committed { newer += 1 }
                // It goes on from there, and keeps what it finds.
                if let error = errno({ try store.setRecord([1], of: 77) }) {
                    #expect(error == .ENOSPC)
                    continue
                }
                try store.commit()
                var expected = model
                expected.files[77] = .init(record: [1])
                #expect(try bed.found() == expected && bed.transport.violations.isEmpty)
            }
            (limit, found) = (limit + 1, found + 1)
        }
        #expect(found > 20 && newer > 0)
    }

    /// The header of a commit is written and its flush fails, again and again: what is there afterwards is this commit or the one before.
    @Test func aCommitThatMayHaveHappenedLosesNeitherState() throws {
        try fuzz { generator in
            // Small, so that what is free is soon written to again.
            let bed = try StoreBed(count: .random(in: 110...300, using: &generator))
            let exercise = StoreExercise(try bed.open())
            for _ in 0..<20 { try exercise.step(&generator) }
            try exercise.commit()
            var states = [exercise.now]
            for _ in 0..<3 {
                for _ in 0..<Int.random(in: 1...40, using: &generator) { try exercise.step(&generator) }
                let flushes = bed.disk.flushes
                let isChanged = exercise.store.isChanged
                // The last flush of the commit, or the one of a commit before that is tried again.
                bed.disk.failsFlush = { $0 >= flushes + (Bool.random() ? 1 : 0) }
                let error = errno { try exercise.store.commit() }
                #expect(error == .EIO || !isChanged)
                states.append(exercise.now)
                let model = try StoreModel(StoreBed(bed.disk.crashed(&generator)).open())
                #expect(states.contains(model))
            }
            bed.disk.failsFlush = { _ in false }
            try exercise.commit()
            #expect(try bed.found() == exercise.now)
            #expect(bed.transport.violations.isEmpty)
        }
    }

    /// Nor are places of a commit that may be durable written to before the next.
    @Test func placesOfACommitThatMayHaveHappenedStayAsTheyAre() throws {
        let bed = try StoreBed(count: 110)
        let store = try bed.open()
        for number: UInt64 in 0..<10 { try store.write(1, number, block(number)) }
        try store.setRecord([1], of: 1)
        try store.commit()
        for number: UInt64 in 0..<3 { try store.write(1, number, block(number + 100)) }
        let flushes = bed.disk.flushes
        bed.disk.failsFlush = { $0 > flushes }
        #expect(errno { try store.commit() } == .EIO)
        let (model, places, blocks) = (try StoreModel(store), store.used, bed.disk.blocks)
        for round: UInt64 in 0..<150 { try store.write(1, round % 5, block(round + 200)) }
        for place in places { #expect(bed.disk.blocks[place] == blocks[place]) }
        #expect(try bed.found() == model, "the header is there, as it happens")
    }

    @Test func aFormatThatIsInterruptedIsTheOldStoreOrAnEmptyOne() throws {
        for limit in 0..<2 {
            let bed = try StoreBed(count: 100)
            let store = try bed.open()
            try store.setRecord([1], of: 1)
            try store.commit()
            try store.setRecord([2], of: 1)
            try store.commit()
            let (model, writes) = (try StoreModel(store), bed.disk.writes)
            bed.disk.failsWrite = { $0 >= writes + limit }
            #expect(throws: SealedStore.OpenError.unreadable) { try SealedStore.format(bed.ring, sealer: bed.sealer, blocks: 100) }
            let found = try? bed.found()
            #expect(found == model || found == StoreModel(), "\(limit)")
        }
    }
}
