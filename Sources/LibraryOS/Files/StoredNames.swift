/// Where the names of a directory lie in the blocks of its file, so that only what has changed is written.
///
/// A block is a count of names (2 bytes), the bytes they take (2), four zeros; then for each name the number of its file (8), the length (1), the name. Under the
/// file system's `treeLock`.
final class StoredNames {
    /// A block to be written; nil: it has no names any more and is to be removed.
    struct Change {
        let block: Int
        let content: [UInt8]?
    }

    private struct Block {
        /// Bytes of names.
        var used = 0
        var numbers: [[UInt8]: UInt64] = [:]
        /// It is in `open`.
        var isOpen = false
        var isDirty = false
    }

    private var blocks: [Block] = []
    private var places: [[UInt8]: Int] = [:]
    /// Blocks with room for any name.
    private var open: [Int] = []
    private var dirty: [Int] = []

    private static let headerSize = 8
    private static let room = FileStore.blockSize - headerSize
    private static func size(_ name: [UInt8]) -> Int { 9 &+ name.count }
    private static let largest = 9 + PathResolver.maximumName

    init() {}

    /// Adds a name, or makes it name another file; returns how many blocks more are to be written.
    func set(_ name: [UInt8], _ number: UInt64) -> Int {
        if let place = places[name] {
            blocks[place].numbers[name] = number
            return soil(place)
        }
        if open.isEmpty {
            blocks.append(Block(isOpen: true))
            open.append(blocks.count &- 1)
        }
        let place = open[open.count &- 1]
        places[name] = place
        blocks[place].numbers[name] = number
        blocks[place].used &+= Self.size(name)
        if blocks[place].used > Self.room &- Self.largest {
            open.removeLast()
            blocks[place].isOpen = false
        }
        return soil(place)
    }

    /// Takes a name out; returns how many blocks more are to be written.
    func remove(_ name: [UInt8]) -> Int {
        guard let place = places.removeValue(forKey: name) else { return 0 }
        blocks[place].numbers[name] = nil
        blocks[place].used &-= Self.size(name)
        if !blocks[place].isOpen, blocks[place].used <= Self.room &- Self.largest {
            blocks[place].isOpen = true
            open.append(place)
        }
        return soil(place)
    }

    private func soil(_ place: Int) -> Int {
        if blocks[place].isDirty { return 0 }
        blocks[place].isDirty = true
        dirty.append(place)
        return 1
    }

    // MARK: Commits

    /// The blocks that have changed; they have not any more.
    func takeChanges() -> [Change] {
        defer { dirty = [] }
        return dirty.map { place in
            blocks[place].isDirty = false
            return Change(block: place, content: blocks[place].numbers.isEmpty ? nil : content(of: blocks[place]))
        }
    }

    /// They could not be written; returns how many blocks more are to be written now.
    func changesAreLost(_ changes: [Change]) -> Int { changes.reduce(0) { $0 &+ soil($1.block) } }

    /// Nothing is to be written any more; returns how many blocks were.
    func forgetChanges() -> Int {
        let count = dirty.count
        for place in dirty { blocks[place].isDirty = false }
        dirty = []
        return count
    }

    private func content(of block: Block) -> [UInt8] {
        var writer = ByteWriter(capacity: FileStore.blockSize)
        writer.u16(UInt16(truncatingIfNeeded: block.numbers.count))
        writer.u16(UInt16(truncatingIfNeeded: block.used))
        writer.zeros(4)
        for (name, number) in block.numbers {
            writer.u64(number)
            writer.u8(UInt8(truncatingIfNeeded: name.count))
            writer.raw(name)
        }
        writer.pad(to: FileStore.blockSize)
        return writer.bytes
    }

    // MARK: Reading

    /// What a block of the file holds. `EIO` when it is not what `content` makes.
    func restore(_ place: UInt64, _ content: [UInt8]) throws(Errno) {
        // A directory has no more blocks than names were ever in it at a time.
        guard place < 1 << 24, content.count == FileStore.blockSize else { throw .EIO }
        let place = Int(place)
        while blocks.count <= place { blocks.append(Block()) }
        let reader = ByteReader(content)
        let end = Self.headerSize &+ Int(reader.u16(2))
        guard end <= content.count else { throw .EIO }
        var position = Self.headerSize
        for _ in 0..<Int(reader.u16(0)) {
            guard position &+ 9 <= end else { throw .EIO }
            let number = reader.u64(position)
            let length = Int(reader.u8(position &+ 8))
            guard length > 0, position &+ 9 &+ length <= end else { throw .EIO }
            let name = Array(content[position &+ 9..<position &+ 9 &+ length])
            guard Self.isName(name), places.updateValue(place, forKey: name) == nil else { throw .EIO }
            blocks[place].numbers[name] = number
            position &+= 9 &+ length
        }
        guard position == end else { throw .EIO }
        blocks[place].used = end &- Self.headerSize
    }

    /// All blocks have been restored; those with room take new names. Returns the names.
    func restored() -> [(name: [UInt8], number: UInt64)] {
        for place in blocks.indices.reversed() where blocks[place].used <= Self.room &- Self.largest {
            blocks[place].isOpen = true
            open.append(place)
        }
        return blocks.flatMap { block in block.numbers.map { (name: $0.key, number: $0.value) } }
    }

    private static func isName(_ name: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        return name != [dot] && name != [dot, dot] && !name.contains(0) && !name.contains(UInt8(ascii: "/"))
    }
}
