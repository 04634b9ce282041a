/// TEE_PARAM_TYPE_* (TEE Internal Core API 1.3.1, 4.3.6.1).
enum TEEParameterType: UInt32 {
    case none = 0
    case valueInput = 1
    case valueOutput = 2
    case valueInout = 3
    case memoryInput = 5
    case memoryOutput = 6
    case memoryInout = 7
}

extension [TEEParameter] {
    /// Throws `badParameters` unless the types are exactly these; those that are not named are to be `none`.
    func expect(_ types: TEEParameterType...) throws(TEEResult) {
        let wanted = types.map(\.rawValue) + [UInt32](repeating: 0, count: Swift.max(0, 4 - types.count))
        guard map(\.type) == wanted else { throw .badParameters }
    }

    /// Whether a memory parameter is a null reference.
    func isNull(_ index: Int) -> Bool {
        if index < count, case .memory(_, nil, _) = self[index] { return true }
        return false
    }

    /// The buffer of a memory parameter.
    func buffer(_ index: Int) -> TEEBuffer? {
        if index < count, case .memory(_, let buffer, _) = self[index] { return buffer }
        return nil
    }

    /// Leaves a size, that of an output that did not fit.
    mutating func setSize(_ index: Int, _ size: UInt64) {
        if index < count, case .memory(let direction, let buffer, _) = self[index] { self[index] = .memory(direction, buffer, size: size) }
    }

    /// The TEE_UUID that a memory parameter is; `badParameters` unless it has exactly its 16 bytes.
    func uuid(_ index: Int) throws(TEEResult) -> TEEUUID {
        guard !isNull(index), size(index) == 16, let uuid = TEEUUID(structure: try bytes(index, limit: 16)) else { throw .badParameters }
        return uuid
    }

    /// An address in a value parameter: `a` is the upper half.
    func address(_ index: Int) -> UInt64 {
        let (high, low) = value(index)
        return UInt64(high) << 32 | UInt64(low)
    }

    /// Leaves an address in a value parameter.
    mutating func setAddress(_ index: Int, _ address: UInt64) {
        setValue(index, UInt32(truncatingIfNeeded: address >> 32), UInt32(truncatingIfNeeded: address))
    }

    /// Hands the bytes of a memory parameter to `body` piece by piece, so that its size costs no memory.
    func forEachPiece(_ index: Int, _ body: ([UInt8]) throws(TEEResult) -> Void) throws(TEEResult) {
        guard let buffer = buffer(index) else { return }
        let size = size(index)
        guard size <= buffer.size else { throw .badParameters }
        var done: UInt64 = 0
        while done < size {
            let count = Swift.min(size &- done, 64 << 10)
            try body(try buffer.read(at: done, count: Int(count)))
            done &+= count
        }
    }
}

extension DigestOperation {
    /// Adds bytes to the message.
    func update(_ bytes: [UInt8]) throws(TEEResult) { try bytes.withBytes { (buffer) throws(TEEResult) in try update(buffer) } }

    /// The digest of the message so far.
    func finish() throws(TEEResult) -> [UInt8] { try finish(UnsafeRawBufferPointer(start: nil, count: 0)) }
}

extension UInt32 {
    /// The four bytes of a field of a C structure.
    var structureBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}

extension UInt64 {
    /// The eight bytes of a field of a C structure.
    var structureBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
