/// An image at its place in an address space.
public struct TALoadedImage: Sendable {
    /// The load plan.
    public let image: TAImage
    /// What it was loaded as.
    public let uuid: TEEUUID
    /// Where its address 0 is.
    public let base: UInt64
    /// The number of its thread-local storage, from 1 on in the order of loading; 0 when it has none (System V ABI: `dlpi_tls_modid`).
    public let threadLocalModule: UInt64
    /// How far below the thread pointer its block of thread-local storage begins (ELF Handling For Thread-Local Storage, variant II).
    public let threadLocalOffset: UInt64

    /// Where the application is entered; nil for a library.
    public var entry: UInt64? { image.entry.map { base + $0 } }
    /// The addresses that belong to it.
    public var range: Range<UInt64> { base..<base + image.memorySize }
}

/// Memory to be put into a TA's address space.
public struct TASegment: Hashable, Sendable {
    /// The first byte, a multiple of the page size.
    public let address: UInt64
    /// The contents from `address` on, relocated.
    public let bytes: [UInt8]
    /// Bytes of memory, a multiple of the page size; beyond `bytes` they are zero.
    public let memorySize: UInt64
    /// What the memory may be used for once the bytes are there.
    public let protection: TAProtection
}

/// The images of one address space, in the order in which names are looked up: the application, then the libraries breadth first, then what `dlopen` adds
/// (OP-TEE ldelf/ta_elf.c: `main_elf_queue`).
///
/// Whoever loads a TA adds the application, then for each image in turn the libraries of `image.needed` that are not there yet, each at a base of its choice, and
/// when all are there puts the `segments` of each into memory. After `dlopen` only the segments of the new ones are put there.
public struct TALinkMap: Sendable {
    /// The end of the addresses that a process has on x86-64.
    public static let addressLimit: UInt64 = 1 << 47
    /// Images that one address space may have.
    public static let maximumImages = 256

    /// In the order in which names are looked up.
    public private(set) var images: [TALoadedImage] = []

    /// An empty address space.
    public init() {}

    /// The first library that an image needs and that is not there; nil when all are there.
    public var missing: TEEUUID? {
        for loaded in images {
            if let uuid = loaded.image.needed.first(where: { needed in !images.contains { $0.uuid == needed } }) { return uuid }
        }
        return nil
    }

    /// Puts an image at a base; returns its place in `images`.
    ///
    /// - Throws: BAD_PARAMETERS for a base that is not aligned, not in the address space, or whose memory another image has; ACCESS_CONFLICT for a UUID that is
    ///   there already; OUT_OF_MEMORY for one image too many.
    @discardableResult
    public mutating func add(_ image: TAImage, uuid: TEEUUID, at base: UInt64) throws(TAFileError) -> Int {
        guard images.count < Self.maximumImages else { throw TAFileError(.outOfMemory, "a TA has at most \(Self.maximumImages) shared libraries; link some statically") }
        guard !images.contains(where: { $0.uuid == uuid }) else { throw TAFileError(.accessConflict, "\(uuid) is loaded already; use what is there") }
        guard base & (image.alignment - 1) == 0, base < Self.addressLimit, image.memorySize <= Self.addressLimit - base else {
            throw TAFileError(.badParameters, "the base 0x\(String(base, radix: 16)) is not a multiple of \(image.alignment), or leaves no room for \(image.memorySize) bytes")
        }
        let range = base..<base + image.memorySize
        guard !images.contains(where: { $0.range.overlaps(range) }) else {
            throw TAFileError(.badParameters, "the memory at 0x\(String(base, radix: 16)) belongs to another image; choose another base")
        }
        var (module, offset): (UInt64, UInt64) = (0, 0)
        if let block = image.threadLocal {
            let others = images.filter { $0.threadLocalModule != 0 }
            module = UInt64(others.count) + 1
            // The block ends below the last one, and its address is as the image's own modulo the alignment.
            let first = (0 &- block.address) & (block.alignment - 1)
            let end = (others.map(\.threadLocalOffset).max() ?? 0) + block.memorySize
            offset = ((end &- min(first, end)) + block.alignment - 1) & ~(block.alignment - 1)
            offset += first
        }
        images.append(TALoadedImage(image: image, uuid: uuid, base: base, threadLocalModule: module, threadLocalOffset: offset))
        return images.count - 1
    }

    /// The image of that UUID.
    public func image(_ uuid: TEEUUID) -> TALoadedImage? { images.first { $0.uuid == uuid } }

    /// The address of an exported symbol, as `dlsym` gives it: in the image of that UUID first, then in all (ldelf/dl.c).
    ///
    /// - Throws: ITEM_NOT_FOUND; BAD_FORMAT for a symbol outside of its image; NOT_SUPPORTED for one that is no function and no variable.
    public func address(of name: some Collection<UInt8>, in uuid: TEEUUID? = nil) throws(TAFileError) -> UInt64 {
        var scope = images
        if let uuid {
            guard let image = image(uuid) else { throw TAFileError(.itemNotFound, "\(uuid) is not loaded; open it first") }
            scope.insert(image, at: 0)
        }
        for loaded in scope {
            if let symbol = loaded.image.symbols.definition(name) { return try loaded.address(of: symbol) }
        }
        throw TAFileError(.itemNotFound, "no image has the symbol \"\(TAFileReport.printable(name))\"; export it, or link the library that has it")
    }

    /// The memory of one image with everything in it that depends on addresses.
    ///
    /// - Throws: ITEM_NOT_FOUND for a symbol that no image has; BAD_FORMAT and NOT_SUPPORTED as `address`.
    public func segments(of index: Int) throws(TAFileError) -> [TASegment] {
        guard images.indices.contains(index) else { throw TAFileError(.badParameters, "there is no image \(index)") }
        var relocator = TARelocator(images[index], scope: images)
        return try relocator.segments()
    }
}

extension TAImage {
    /// The memory of this image at `base`, linked with `others`, which are given in the order in which names are looked up and whose bases are known.
    ///
    /// An application is looked up before the others and a library after them. For several images at a time `TALinkMap` is simpler.
    ///
    /// - Throws: As `TALinkMap.add` and `TALinkMap.segments`.
    public func place(at base: UInt64, others: [TALoadedImage] = []) throws(TAFileError) -> [TASegment] {
        var map = TALinkMap()
        let own = head?.uuid ?? name.flatMap { TEEUUID($0) } ?? .null
        var index = 0
        if role == .application { index = try map.add(self, uuid: own, at: base) }
        for other in others where other.base != base { try map.add(other.image, uuid: other.uuid, at: other.base) }
        if role == .library { index = try map.add(self, uuid: own, at: base) }
        return try map.segments(of: index)
    }
}
