internal import LibraryOS
internal import Synchronization

/// The shared memory of a TEE device by its identifiers (`teedev->idr` of the kernel), each of which only the description that it was made by can use.
final class SharedMemoryTable: Sendable {
    private struct Entry {
        let memory: PluggedMemory
        let owner: UInt64
    }
    /// `next` is not above the lowest free identifier.
    private let state = Mutex<(entries: [Int32: Entry], next: Int32)>(([:], 1))

    /// Gives memory the lowest free identifier, from 1 on. `ENOSPC` when there is none.
    func add(_ memory: PluggedMemory, owner: UInt64) throws(Errno) -> Int32 {
        let id: Int32? = state.withLock { state in
            while state.entries[state.next] != nil {
                if state.next == .max { return nil }
                state.next &+= 1
            }
            state.entries[state.next] = Entry(memory: memory, owner: owner)
            return state.next
        }
        guard let id else { throw .ENOSPC }
        return id
    }

    /// The memory with that identifier; `EINVAL` also when it is another description's.
    func memory(_ id: Int32, owner: UInt64) throws(Errno) -> PluggedMemory {
        guard let entry = state.withLock({ $0.entries[id] }), entry.owner == owner else { throw .EINVAL }
        return entry.memory
    }

    /// Takes an identifier back. Commands under way keep the memory.
    func remove(_ id: Int32) {
        let removed = state.withLock { state in
            state.next = min(state.next, id)
            return state.entries.removeValue(forKey: id)
        }
        // Its end frees memory, which takes locks: not under this one.
        withExtendedLifetime(removed) {}
    }

    /// How many there are.
    var count: Int { state.withLock { $0.entries.count } }
}
