/// The part of DER (X.690) that libcrypto puts signatures and SM2 ciphertexts in: one sequence of positive numbers and byte strings.
enum DERCoding {
    /// An item of the sequence.
    enum Item: Equatable {
        /// Big-endian, without leading zeros.
        case number([UInt8])
        case octets([UInt8])
    }

    /// The sequence in DER.
    static func encode(_ items: [Item]) -> [UInt8] {
        tagged(
            0x30,
            items.flatMap { item in
                switch item {
                case .octets(let bytes): return tagged(0x04, bytes)
                case .number(let bytes):
                    let digits = bytes.drop { $0 == 0 }
                    // A first bit that is set would be a sign.
                    return tagged(0x02, (digits.first.map { $0 >= 0x80 } ?? true ? [0] : []) + digits)
                }
            })
    }

    /// The items of a sequence; nil for anything else, or for bytes after it.
    static func decode(_ bytes: [UInt8]) -> [Item]? {
        var outer = bytes[...]
        guard let (tag, content) = take(&outer), tag == 0x30, outer.isEmpty else { return nil }
        var rest = content
        var items: [Item] = []
        while !rest.isEmpty {
            guard let (tag, content) = take(&rest) else { return nil }
            switch tag {
            case 0x02:
                guard let first = content.first, first < 0x80 else { return nil }
                items.append(.number(Array(content.drop { $0 == 0 })))
            case 0x04: items.append(.octets(Array(content)))
            default: return nil
            }
        }
        return items
    }

    private static func tagged(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        var length: [UInt8] = []
        if content.count < 0x80 {
            length = [UInt8(content.count)]
        } else {
            var rest = content.count
            while rest > 0 {
                length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
                rest >>= 8
            }
            length.insert(0x80 | UInt8(length.count), at: 0)
        }
        return [tag] + length + content
    }

    private static func take(_ bytes: inout ArraySlice<UInt8>) -> (UInt8, ArraySlice<UInt8>)? {
        guard let tag = bytes.popFirst(), let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let digits = bytes.prefix(Int(first & 0x7f))
            guard (1...4).contains(digits.count), digits.count == Int(first & 0x7f) else { return nil }
            bytes.removeFirst(digits.count)
            length = digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard length <= bytes.count else { return nil }
        defer { bytes.removeFirst(length) }
        return (tag, bytes.prefix(length))
    }

    /// A signature of two numbers as the specification has it: both in `size` bytes, one after the other; nil when it is none.
    static func signature(_ bytes: [UInt8], size: Int) -> [UInt8]? {
        guard let items = decode(bytes), items.count == 2, case (.number(let r), .number(let s)) = (items[0], items[1]), r.count <= size, s.count <= size else {
            return nil
        }
        return [UInt8](repeating: 0, count: size - r.count) + r + [UInt8](repeating: 0, count: size - s.count) + s
    }

    /// The other way round, for a signature whose two halves have the same length.
    static func encodeSignature(_ signature: [UInt8]) -> [UInt8] {
        encode([.number(Array(signature.prefix(signature.count / 2))), .number(Array(signature.suffix(signature.count / 2)))])
    }
}
