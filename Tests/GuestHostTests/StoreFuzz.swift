import LibraryOS
import Testing

@testable import GuestHost

/// Random operations, next to a dictionary that does the same.
final class StoreExercise {
    static let files: [UInt64] = [0, 1, 2, 15, 16, 40, 3000, 1 << 20, 1 << 39 - 1, 1 << 62 | 2, 3 << 62]

    let store: SealedStore
    /// What there is, and what is durable.
    var now: StoreModel
    var committed: StoreModel
    private var serial: UInt64 = 0

    init(_ store: SealedStore, _ model: StoreModel = StoreModel()) { (self.store, now, committed) = (store, model, model) }

    private func place(_ generator: inout SeededGenerator) -> UInt64 {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .random(in: 0..<2, using: &generator)
        case 1: [1 << 14, 1 << 21 - 7, 1 << 21, 1 << 33, 1 << 40 - 20].randomElement(using: &generator) ?? 0
        default: .random(in: 0..<300, using: &generator)
        }
    }

    /// One operation. What fails for want of room changes nothing.
    func step(_ generator: inout SeededGenerator) throws {
        guard let file = Self.files.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...4: try write(file, &generator)
        case 5...6:
            let record = [UInt8](repeating: .random(in: 0...255, using: &generator), count: .random(in: 0...128, using: &generator))
            if try roomy({ try store.setRecord(record, of: file) }) { now.files[file, default: .init(record: [])].record = record }
        case 7...8:
            let (first, count) = (place(&generator), UInt64.random(in: 0..<200, using: &generator))
            try store.removeBlocks(of: file, from: first, count: count)
            let kept = now.files[file]?.blocks.filter { $0.key < first || $0.key >= first + count } ?? [:]
            now.files[file]?.blocks = kept
        case 9:
            try store.remove(file: file)
            now.files[file] = nil
        default: try check(file, &generator)
        }
    }

    private func roomy(_ body: () throws -> Void) throws -> Bool {
        let error = errno { try body() }
        if let error, error != .ENOSPC { throw error }
        return error == nil
    }

    private func write(_ file: UInt64, _ generator: inout SeededGenerator) throws {
        let (first, count) = (place(&generator), Int.random(in: 1...20, using: &generator))
        let isReserved = Bool.random(using: &generator)
        // With a record, so that the model sees it.
        if isReserved && !store.reserve(count + 1) { return }
        if now.files[file] == nil {
            guard try roomy({ try store.setRecord([], of: file) }) else {
                #expect(!isReserved)
                return
            }
            now.files[file] = .init(record: [])
        }
        for index in 0..<UInt64(count) {
            serial += 1
            let bytes = block(serial)
            guard try roomy({ try store.write(file, first + index, bytes) }) else {
                #expect(!isReserved, "room was reserved")
                return
            }
            now.files[file]?.blocks[first + index] = bytes
        }
    }

    private func check(_ file: UInt64, _ generator: inout SeededGenerator) throws {
        let (first, count) = (place(&generator), Int.random(in: 1...20, using: &generator))
        let expected = (first..<first + UInt64(count)).flatMap { now.files[file]?.blocks[$0] ?? [UInt8](repeating: 0, count: 4096) }
        #expect(try store.read(file, first, count) == expected)
        #expect(try store.record(of: file) == now.files[file]?.record)
    }

    func commit() throws {
        try store.commit()
        committed = now
    }
}

@Suite struct StoreFuzz {
    @Test func randomOperationsDoWhatADictionaryDoes() throws {
        try fuzz { generator in
            let bed = try StoreBed(count: [100, 400, 3000].randomElement(using: &generator) ?? 100)
            var exercise = StoreExercise(try bed.open(cachedNodes: 64))
            for _ in 0..<120 {
                try exercise.step(&generator)
                switch Int.random(in: 0..<16, using: &generator) {
                case 0: try exercise.commit()
                case 1:
                    // A run that ends without a commit: what it did is gone.
                    exercise = StoreExercise(try bed.open(cachedNodes: 64), exercise.committed)
                    #expect(try StoreModel(exercise.store) == exercise.committed)
                default: break
                }
            }
            #expect(try StoreModel(exercise.store) == exercise.now)
            try exercise.commit()
            #expect(try bed.found() == exercise.now)
            for file in StoreExercise.files { try exercise.store.remove(file: file) }
            try exercise.store.commit()
            #expect(exercise.store.used.isEmpty && exercise.store.nodeCount == 0)
            #expect(bed.transport.violations.isEmpty && !bed.transport.readTwice)
        }
    }

    /// A host that fails now and then, and always goes on: nothing is lost by it, and in the end all is durable.
    @Test func aHostThatFailsLosesNothing() throws {
        try fuzz { generator in
            let bed = try StoreBed(count: 600)
            var chance = generator
            bed.disk.failsWrite = { _ in Int.random(in: 0..<30, using: &chance) == 0 }
            bed.disk.failsFlush = { _ in Int.random(in: 0..<5, using: &chance) == 0 }
            let store = try bed.open(cachedNodes: 64)
            var model = StoreModel()
            for _ in 0..<80 {
                let (file, place) = (UInt64.random(in: 0..<40, using: &generator), UInt64.random(in: 0..<200, using: &generator))
                let bytes = block(generator.next())
                if errno({ try store.setRecord([7], of: file) }) == nil { model.files[file, default: .init(record: [])].record = [7] }
                if model.files[file] != nil, errno({ try store.write(file, place, bytes) }) == nil { model.files[file]?.blocks[place] = bytes }
                if Int.random(in: 0..<6, using: &generator) == 0 { _ = errno { try store.commit() } }
            }
            #expect(try StoreModel(store) == model)
            var tries = 0
            while errno({ try store.commit() }) != nil {
                tries += 1
                try #require(tries < 1000)
            }
            #expect(try bed.found() == model)
            #expect(bed.transport.violations.isEmpty)
        }
    }
}

/// Threads that use one store at once: each sees its own files as it left them.
@Suite struct StoreThreads {
    @Test func threadsShareAStore() async throws {
        let bed = try StoreBed(count: 2000)
        let store = try bed.open(cachedNodes: 64)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for file: UInt64 in 0..<4 {
                group.addTask {
                    for round: UInt64 in 0..<30 {
                        let bytes = block(file << 32 + round)
                        try store.write(file * 5, round * 40, bytes)
                        try store.setRecord([UInt8(round)], of: file * 5)
                        if round % 9 == 8 { try store.commit() }
                        #expect(try store.read(file * 5, round * 40) == bytes)
                    }
                }
            }
            try await group.waitForAll()
        }
        try store.commit()
        let model = try bed.found()
        for file: UInt64 in 0..<4 {
            #expect(model.files[file * 5]?.record == [29])
            for round: UInt64 in 0..<30 { #expect(model.files[file * 5]?.blocks[round * 40] == block(file << 32 + round)) }
        }
        #expect(!bed.transport.readTwice)
    }
}
