import LibraryOS

extension TAPlacement {
    /// Tells a new instance what it has been given: behind the stack, read-only.
    func tell(_ uuid: TEEUUID, _ flags: TAFlags, _ layout: inout TAInstance.Layout, _ world: SecureWorld) throws(TAFileError) {
        var information = InstanceBootInformation(uuid: uuid)
        information.fill(flags, layout, world)
        information.ranges =
            map.images.map { .init($0) } + [
                .data("stack", layout.stackTop &- layout.stackSize, layout.stackSize), .data("thread-area", layout.threadArea, TAImage.pageSize),
            ]
        layout.bootInformation = layout.stackTop &+ TAImage.pageSize
        let size = try put(information, at: layout.bootInformation)
        let variable: UInt64
        do throws(TAFileError) { variable = try map.address(of: InstanceBootInformation.symbol.utf8) } catch {
            if error.result == .itemNotFound { return }
            throw error
        }
        try write(Self.word(layout.bootInformation) + Self.word(size), to: variable)
    }

    /// Maps the tree, and returns its size in bytes.
    func put(_ information: InstanceBootInformation, at address: UInt64) throws(TAFileError) -> UInt64 {
        let bytes = try information.encoded()
        let size = (UInt64(bytes.count) &+ TALayout.pageMask) & ~TALayout.pageMask
        try reserve(address, size, .write)
        try write(bytes, to: address)
        do throws(Errno) { try space.protectRange(at: GuestAddress(address), length: size, .read) } catch { throw .noRoom }
        return UInt64(bytes.count)
    }
}

extension InstanceBootInformation {
    mutating func fill(_ flags: TAFlags, _ layout: TAInstance.Layout, _ world: SecureWorld) {
        self.flags = flags
        entry = layout.entry
        stackEnd = layout.stackTop
        threadPointer = layout.threadArea
        parameters = layout.free
        properties = TEEPropertySet.implementation(world)
    }
}

extension InstanceBootInformation.Range {
    static func data(_ kind: String, _ start: UInt64, _ size: UInt64) -> Self { Self(kind: kind, parts: [(start, size, [.read, .write])]) }

    init(_ loaded: TALoadedImage, kind: String = "image") {
        self.init(kind: kind, parts: loaded.image.regions.map { (loaded.base &+ $0.address, $0.memorySize, $0.protection) }, uuid: kind == "image" ? loaded.uuid : nil)
    }
}
