import Platform

/// Released secrets: names and values, in `SKERRY_RELEASE_SECRETS_SIZE` bytes of private memory, whose owner keeps and wipes them. Without a pinned relying party they
/// may be the host's, so every length is checked.
struct SecretList {
    private let start: UnsafeRawPointer
    /// How many there are.
    let count: Int
    private static var size: Int { Int(SKERRY_RELEASE_SECRETS_SIZE) }

    /// Nil when they are malformed: a length reaches beyond the end, a name is empty, too long or there twice, or what follows the last is not zero.
    init?(_ bytes: UnsafeRawPointer) {
        start = bytes
        count = Int(bytes.loadUnaligned(as: UInt16.self))
        var place = 2
        for index in 0..<count {
            guard let entry = entry(place), find(entry.name, before: index) == nil else { return nil }
            place = entry.end
        }
        var rest: UInt8 = 0
        for offset in place..<Self.size { rest |= bytes.load(fromByteOffset: offset, as: UInt8.self) }
        if rest != 0 { return nil }
    }

    /// Every name with its value, in their order.
    func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        var place = 2
        for _ in 0..<count {
            guard let entry = entry(place) else { return }
            body(entry.name, entry.value)
            place = entry.end
        }
    }

    /// The value of a name; nil when there is none.
    func value(_ name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? { find(name, before: count) }

    private struct Entry {
        let name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
        /// Where the next begins.
        let end: Int
    }

    /// The entry that begins at a place, which is inside.
    private func entry(_ place: Int) -> Entry? {
        guard place + 4 <= Self.size else { return nil }
        let nameSize = Int(start.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        let valueSize = Int(start.loadUnaligned(fromByteOffset: place + 2, as: UInt16.self))
        let end = place + 4 + nameSize + valueSize
        guard nameSize > 0, nameSize <= Int(SKERRY_RELEASE_NAME_LIMIT), end <= Self.size else { return nil }
        let name = UnsafeRawBufferPointer(start: start + place + 4, count: nameSize)
        return Entry(name: name, value: UnsafeRawBufferPointer(start: start + place + 4 + nameSize, count: valueSize), end: end)
    }

    private func find(_ name: UnsafeRawBufferPointer, before limit: Int) -> UnsafeRawBufferPointer? {
        var place = 2
        for _ in 0..<limit {
            guard let entry = entry(place) else { return nil }
            if let one = entry.name.baseAddress, let other = name.baseAddress, entry.name.count == name.count, skerry_equal(one, other, name.count) != 0 { return entry.value }
            place = entry.end
        }
        return nil
    }
}
