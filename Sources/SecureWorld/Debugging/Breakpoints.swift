import LibraryOS

/// The breakpoints of a debugger: `int3` in the application's memory while it executes, what was there at all other times.
struct Breakpoints {
    private var addresses: Set<UInt64> = []
    /// What the instructions begin with, while they are planted.
    private var originals: [UInt64: UInt8] = [:]
    private var last: Set<UInt64> = []

    private static let most = 4096
    private static let int3: UInt8 = 0xcc

    /// False when there are too many.
    mutating func add(_ address: UInt64) -> Bool {
        guard addresses.count < Self.most else { return false }
        addresses.insert(address)
        return true
    }

    mutating func remove(_ address: UInt64) { addresses.remove(address) }

    /// Whether one was there the last time the application executed.
    func isPlanted(_ address: UInt64) -> Bool { last.contains(address) }

    /// The application is about to execute.
    mutating func plant(in memory: TAMemory) {
        last = []
        for address in addresses {
            // Memory that has gone has no breakpoints.
            guard let byte = try? memory.read(address, 1).first, memory.overwrite([Self.int3], at: address) else { continue }
            originals[address] = byte
            last.insert(address)
        }
    }

    /// It does not execute any more.
    mutating func lift(from memory: TAMemory) {
        for (address, byte) in originals where (try? memory.read(address, 1)) == [Self.int3] { _ = memory.overwrite([byte], at: address) }
        originals = [:]
    }
}

extension TAMemory {
    /// Replaces bytes whatever the protection of their pages; false when some are not mapped or cannot be read.
    func overwrite(_ bytes: [UInt8], at address: UInt64) -> Bool {
        bytes.withUnsafeBytes { buffer in (try? space.overwrite(buffer, at: GuestAddress(address))) != nil }
    }
}
