import LibraryOS
import Monitor

/// Puts the images of a trusted application into an address space: its memory, its thread area and its stack, each in a part of its own and at another address every time.
struct TAPlacement {
    let space: AddressSpace
    private let memory: TAMemory
    private(set) var map = TALinkMap()
    /// Where the next image may lie.
    private var next = imageArea &+ random(pages: 1 << 18)

    /// Images, and so all pointers to globals and to the heap, lie below 4 GiB, as OP-TEE's do: applications put such pointers into the 32 bits of a value parameter.
    /// One of 262,144 places; below the first nothing is ever mapped.
    private static let imageArea: UInt64 = 0x1000_0000
    private static let parameterArea: UInt64 = 0x6000_0000_0000
    private static let stackArea: UInt64 = 0x7000_0000_0000

    init(_ space: AddressSpace) {
        self.space = space
        memory = TAMemory(space)
    }

    /// Goes on behind the images that are there.
    init(_ space: AddressSpace, adding map: TALinkMap) {
        self.init(space)
        self.map = map
        next = map.images.map(\.range.upperBound).max().map { $0 &+ 4096 } ?? next
    }

    /// Puts the images from `first` on into memory, and tells the runtime library of all.
    func finish(from first: Int) throws(TAFileError) {
        for index in map.images.indices.dropFirst(first) { try put(try map.segments(of: index)) }
        var position = Self.stackArea &+ (1 << 40) &+ Self.random(pages: 1 << 20)
        try writeProgramHeaders(&position)
    }

    static func random(pages: UInt64) -> UInt64 { UInt64.random(in: 0..<pages) &* 4096 }

    /// Finds a place for an image.
    mutating func add(_ image: TAImage, _ uuid: TEEUUID) throws(TAFileError) {
        let base = (next &+ image.alignment &- 1) & ~(image.alignment &- 1)
        try map.add(image, uuid: uuid, at: base)
        // A page that is never mapped between two.
        next = base &+ image.memorySize &+ 4096
    }

    /// All images are there: puts them, and what the application needs besides, into memory.
    ///
    /// Without `setsThreadPointer` there is a page for FS but nothing at its beginning: whoever comes later makes the thread-local storage.
    func finish(stackSize: UInt32, setsThreadPointer: Bool = true) throws(TAFileError) -> TAInstance.Layout {
        for index in map.images.indices { try put(try map.segments(of: index)) }
        var position = Self.stackArea &+ Self.random(pages: 1 << 20)
        let threadArea = try makeThreadArea(&position)
        if !setsThreadPointer { try write(Self.word(0), to: threadArea) }
        try writeProgramHeaders(&position)
        let step = position
        try reserve(step, 4096, .write)
        try write(EntrySteps.code, to: step)
        do throws(Errno) { try space.protectRange(at: GuestAddress(step), length: 4096, [.read, .execute]) } catch { throw .noRoom }
        position = step &+ 8192
        // Below the stack nothing is mapped: growing out of it is a fault.
        let size = (UInt64(stackSize) &+ 4095) & ~4095 &+ 4096
        let start = position &+ 4096
        try reserve(start, size, .write)
        guard let entry = map.images.first?.entry else { throw TAFileError(.badFormat, "the application has no entry point") }
        return TAInstance.Layout(
            entry: entry, stackTop: start &+ size, stackSize: size, threadArea: threadArea, entrySteps: step, free: Self.parameterArea &+ Self.random(pages: 1 << 20))
    }

    /// Puts segments where they belong, with the protection they ask for.
    func put(_ segments: [TASegment]) throws(TAFileError) {
        for segment in segments {
            try reserve(segment.address, segment.memorySize, .write)
            try write(segment.bytes, to: segment.address)
            var protection: PageProtection = .read
            if segment.protection.contains(.write) { protection.insert(.write) }
            if segment.protection.contains(.execute) { protection.insert(.execute) }
            if protection == [.read, .write] { continue }
            do throws(Errno) {
                try space.protectRange(at: GuestAddress(segment.address), length: segment.memorySize, protection)
            } catch { throw .noRoom }
        }
    }

    /// The thread control block with the thread-local storage below it (System V ABI, variant II): FS points to its own address, and the stack protector's canary is
    /// at offset 0x28, where compilers for Linux look for it.
    private func makeThreadArea(_ position: inout UInt64) throws(TAFileError) -> UInt64 {
        let below = map.images.map { $0.threadLocalModule == 0 ? 0 : $0.threadLocalOffset }.max() ?? 0
        let alignment = map.images.compactMap { $0.image.threadLocal?.alignment }.max() ?? 16
        position = (position &+ 4096 &+ alignment) & ~(max(4096, alignment) &- 1)
        let size = (below &+ 4095) & ~4095 &+ 4096
        let rounded = (size &+ alignment &- 1) & ~(alignment &- 1)
        try reserve(position, rounded &+ 4096, .write)
        // The last page is the block's, whose address all alignments divide.
        let block = position &+ rounded
        for loaded in map.images {
            guard let local = loaded.image.threadLocal, local.fileSize > 0 else { continue }
            try write(try read(loaded.base &+ local.address, local.fileSize), to: block &- loaded.threadLocalOffset)
        }
        try write(Self.word(block), to: block)
        // The low byte is zero, so that no string runs over it.
        try write(Self.word(UInt64.random(in: 0...UInt64.max) & ~0xff), to: block &+ 0x28)
        position = block &+ 8192
        return block
    }

    private func writeProgramHeaders(_ position: inout UInt64) throws(TAFileError) {
        let size = (UInt64(TAProgramHeaderInformation.size(map)) &+ 4095) & ~4095
        guard let information = try TAProgramHeaderInformation(map, at: position), size > 0 else { return }
        try reserve(position, size, .write)
        try write(information.bytes, to: information.address)
        try write(information.value, to: information.variable)
        position = position &+ size &+ 4096
    }

    // MARK: Memory

    func reserve(_ address: UInt64, _ size: UInt64, _ protection: PageProtection) throws(TAFileError) {
        do throws(Errno) {
            try space.mapZeroed(at: GuestAddress(address), length: size, protection.union(.read))
        } catch { throw .noRoom }
    }

    func write(_ bytes: [UInt8], to address: UInt64) throws(TAFileError) {
        do throws(TEEResult) { try memory.write(bytes, to: address) } catch {
            throw error == .outOfMemory ? .noRoom : TAFileError(.badFormat, "the TA's data cannot be written; link it again")
        }
    }

    private func read(_ address: UInt64, _ count: UInt64) throws(TAFileError) -> [UInt8] {
        do throws(TEEResult) { return try memory.read(address, count) } catch {
            throw error == .outOfMemory ? .noRoom : TAFileError(.badFormat, "the TA's data cannot be read; link it again")
        }
    }

    static func word(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

extension TAFileError {
    /// The secure world has no memory for it.
    static let noRoom = TAFileError(
        .outOfMemory, "the secure world's memory, 512 MiB for all applications, leaves no room for the TA; close sessions, or lower its TA_DATA_SIZE and TA_STACK_SIZE")
}
