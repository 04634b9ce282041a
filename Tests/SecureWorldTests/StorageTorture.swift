@testable import SecureWorld

/// What a storage must hold after a number of operations that follow from a seed.
struct StorageTorture {
    private let seed: UInt64
    private(set) var objects: [String: [UInt8]] = [:]
    /// Operations so far.
    private(set) var count = 0

    init(seed: UInt64) { self.seed = seed }

    enum Operation {
        case create(String, [UInt8])
        case write(String, [UInt8], at: Int)
        case truncate(String, Int)
        case rename(String, String)
        case delete(String)
    }

    /// The operation with that number.
    static func operation(_ number: Int, seed: UInt64) -> Operation {
        var random = StorageRandom(seed: seed &* 1_000_003 &+ UInt64(number))
        let id = "object \(random.next() % 6)"
        // Small and large objects, so that both kinds of files are there.
        let size = Int(random.next() % (random.next() % 3 == 0 ? 70_000 : 3000))
        switch random.next() % 10 {
        case 0...2: return .create(id, random.bytes(size))
        case 3...5: return .write(id, random.bytes(Int(random.next() % 5000) + 1), at: size)
        case 6: return .truncate(id, size)
        case 7...8: return .rename(id, "object \(random.next() % 6)")
        default: return .delete(id)
        }
    }

    /// The next operation, as it should be.
    mutating func step() {
        switch Self.operation(count, seed: seed) {
        case .create(let id, let data): objects[id] = data
        case .write(let id, let data, let position):
            if var old = objects[id] {
                old += [UInt8](repeating: 0, count: max(0, position + data.count - old.count))
                old.replaceSubrange(position..<position + data.count, with: data)
                objects[id] = old
            }
        case .truncate(let id, let size): objects[id] = objects[id].map { $0.prefix(size) + [UInt8](repeating: 0, count: max(0, size - $0.count)) }
        case .rename(let id, let newID):
            if let old = objects[id], objects[newID] == nil {
                objects[id] = nil
                objects[newID] = old
            }
        case .delete(let id): objects[id] = nil
        }
        count += 1
    }

    /// The same on a storage; that there is no such object, or one already, is part of the game.
    static func perform(_ number: Int, seed: UInt64, on storage: TrustedStorage) throws(TEEResult) {
        do throws(TEEResult) {
            switch operation(number, seed: seed) {
            case .create(let id, let data): try storage.put(id, data)
            case .write(let id, let data, let position): try storage.object(id, .write).write(data, at: UInt64(position))
            case .truncate(let id, let size): try storage.object(id, .write).truncate(to: UInt64(size))
            case .rename(let id, let newID): try storage.object(id, .writeMeta).rename(to: Array(newID.utf8))
            case .delete(let id): try storage.object(id, .writeMeta).delete()
            }
        } catch {
            if error != .itemNotFound && error != .accessConflict { throw error }
        }
    }

    /// Everything that a storage holds.
    static func content(of storage: TrustedStorage) throws(TEEResult) -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        for id in try storage.ids() { content[id] = try storage.get(id) }
        return content
    }
}
