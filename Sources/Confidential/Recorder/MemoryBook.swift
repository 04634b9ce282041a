internal import Synchronization

/// The memory that was handed out, by address.
final class MemoryBook {
    private var memories: [any HostMemory] = []

    func add(_ memory: any HostMemory) { memories.append(memory) }

    private func find(_ address: UInt64, _ size: Int) -> (memory: any HostMemory, offset: Int)? {
        for memory in memories where address >= memory.address {
            let offset = address - memory.address
            if size >= 0, size <= memory.size, offset <= UInt64(memory.size - size) { return (memory, Int(offset)) }
        }
        return nil
    }

    /// Bytes at an address; nil where nothing was handed out.
    func load(_ address: UInt64, _ size: Int) -> [UInt8]? { find(address, size).map { $0.memory.read($0.offset..<$0.offset + size) } }

    /// Writes bytes; false where nothing was handed out.
    func store(_ bytes: [UInt8], at address: UInt64) -> Bool {
        guard let place = find(address, bytes.count) else { return false }
        place.memory.write(bytes, at: place.offset)
        return true
    }
}

/// Memory of which only the address is not real.
final class PretendedMemory: HostMemory {
    let address: UInt64
    let size: Int
    /// Other threads may ask a processor to come out meanwhile.
    private let bytes: Mutex<[UInt8]>

    init(address: UInt64, size: Int) {
        self.address = address
        self.size = size
        bytes = Mutex([UInt8](repeating: 0, count: size))
    }

    func read(_ range: Range<Int>) -> [UInt8] { bytes.withLock { Array($0[range]) } }

    func write(_ new: [UInt8], at offset: Int) { bytes.withLock { $0.replaceSubrange(offset..<offset + new.count, with: new) } }
}
