import LibraryOS
import Monitor

/// Where the memory parameters of an entry lie in the application's memory: one range that grows, and is filled anew for each entry.
struct ParameterArea {
    /// Where it begins; zero before there was one.
    var start: UInt64 = 0
    /// Its size in bytes, a multiple of 4,096.
    var size: UInt64 = 0
}

/// Where parameters of an entry have been put.
struct PlacedParameters {
    var addresses: [UInt64] = [0, 0, 0, 0]
    var sizes: [UInt64] = [0, 0, 0, 0]
}

extension TAInstance.Layout {
    /// `struct utee_params` lies at the end of the stack, which stays aligned to 16.
    var parameters: UInt64 { stackTop &- 80 }
}

extension TAInstance {
    /// All memory parameters of one entry together.
    private static let largestParameters: UInt64 = 256 << 20

    /// Copies the parameters into the application's memory: `struct utee_params {u64 types; u64 vals[8]}` (tee.md 1.5). Memory comes as a copy, as the
    /// specification allows (TEE Internal Core API 4.3.6), outputs included: what the application does not overwrite goes back as it was.
    func place(_ parameters: [TEEParameter]) throws(TEEResult) -> PlacedParameters {
        var placed = PlacedParameters()
        var needed: UInt64 = 0
        for (index, parameter) in parameters.enumerated() {
            guard case .memory(_, let buffer?, let size) = parameter else { continue }
            guard size <= buffer.size else { throw .badParameters }
            placed.addresses[index] = needed
            placed.sizes[index] = size
            // A page between two, so that running over the end of one is found.
            guard size <= Self.largestParameters else { throw .outOfMemory }
            needed &+= (size &+ 4095) & ~4095 &+ 4096
            guard needed <= Self.largestParameters else { throw .outOfMemory }
        }
        try makeRoom(needed)
        var words: [UInt64] = [0, 0, 0, 0, 0, 0, 0, 0]
        var types: UInt64 = 0
        for (index, parameter) in parameters.enumerated() {
            types |= UInt64(parameter.type) << UInt64(index * 4)
            switch parameter {
            case .none: break
            case .value(let direction, let a, let b):
                if direction.contains(.input) { (words[index * 2], words[index * 2 + 1]) = (UInt64(a), UInt64(b)) }
            case .memory(_, nil, let size): words[index * 2 + 1] = size
            case .memory(_, let buffer?, let size):
                placed.addresses[index] &+= parameterArea.start
                (words[index * 2], words[index * 2 + 1]) = (placed.addresses[index], size)
                try copyIn(buffer, size, to: placed.addresses[index])
            }
        }
        var block = ByteWriter(capacity: 72)
        block.u64(types)
        for word in words { block.u64(word) }
        try memory.write(block.bytes, to: layout.parameters)
        return placed
    }

    private func copyIn(_ buffer: TEEBuffer, _ size: UInt64, to address: UInt64) throws(TEEResult) {
        var done: UInt64 = 0
        while done < size {
            let count = Int(min(size &- done, 1 << 20))
            try memory.write(try buffer.read(at: done, count: count), to: address &+ done)
            done &+= UInt64(count)
        }
    }

    private func makeRoom(_ needed: UInt64) throws(TEEResult) {
        if needed <= parameterArea.size { return }
        if parameterArea.size > 0 { try? context.memory.unmapRange(at: GuestAddress(parameterArea.start), length: parameterArea.size) }
        parameterArea = ParameterArea()
        let start = layout.free
        do throws(Errno) {
            try context.memory.mapZeroed(at: GuestAddress(start), length: needed, [.read, .write])
        } catch { throw .outOfMemory }
        parameterArea = ParameterArea(start: start, size: needed)
    }

    /// What the application has left: values, sizes, and the bytes of outputs.
    func collect(_ parameters: inout [TEEParameter], _ placed: PlacedParameters) throws(TEEResult) {
        let left = ByteReader(try memory.read(layout.parameters &+ 8, 64))
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .value(let direction, _, _) where direction.contains(.output):
                let (a, b) = (left.u64(index * 16), left.u64(index * 16 + 8))
                parameters[index] = .value(direction, a: UInt32(truncatingIfNeeded: a), b: UInt32(truncatingIfNeeded: b))
            case .memory(let direction, let buffer, let size) where direction.contains(.output):
                let needed = left.u64(index * 16 + 8)
                parameters[index] = .memory(direction, buffer, size: needed)
                if let buffer { try copyOut(from: placed.addresses[index], min(needed, size), to: buffer) }
            default: break
            }
        }
    }

    private func copyOut(from address: UInt64, _ size: UInt64, to buffer: TEEBuffer) throws(TEEResult) {
        var done: UInt64 = 0
        while done < size {
            let count = min(size &- done, 1 << 20)
            try buffer.write(try memory.read(address &+ done, count), at: done)
            done &+= count
        }
    }
}
