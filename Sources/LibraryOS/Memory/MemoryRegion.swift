/// One mapping, as /proc/self/maps shows it.
package struct MemoryRegion: Sendable {
    package var start: GuestAddress
    package var end: GuestAddress
    package var protection: PageProtection
    package var shared: Bool
    /// The offset in the mapped file, in bytes.
    package var offset: UInt64
    /// `st_dev` and `st_ino` of the mapped file; zero for anonymous memory.
    package var device: UInt64
    package var inode: UInt64
    /// A path, or "[stack]", "[heap]", "[vdso]"...; empty for anonymous memory.
    package var name: [UInt8]
    /// Bytes of it that have frames.
    package var resident: UInt64 = 0

    package init(
        start: GuestAddress, end: GuestAddress, protection: PageProtection, shared: Bool = false, offset: UInt64 = 0, device: UInt64 = 0,
        inode: UInt64 = 0, name: [UInt8] = []
    ) {
        self.start = start
        self.end = end
        self.protection = protection
        self.shared = shared
        self.offset = offset
        self.device = device
        self.inode = inode
        self.name = name
    }
    package var length: UInt64 { end.value &- start.value }
}

extension AddressSpace {
    /// Every mapping in order of address; files are named as seen from `root`.
    package func regions(from root: PathLocation) -> [MemoryRegion] {
        // Names are made without the lock: a path asks file systems.
        let areas = lock.withLock { self.areas.areas.map { ($0, $0.backing.residentPages($0.backingPage, count: $0.pages)) } }
        return areas.map { area, resident in
            var region = MemoryRegion(
                start: GuestAddress(area.start), end: GuestAddress(area.end), protection: area.protection, shared: area.backing.isShared,
                offset: area.backing.inode == 0 ? 0 : area.backingPage &* 4096, device: area.backing.device, inode: area.backing.inode)
            region.resident = UInt64(max(0, resident)) &* 4096
            region.name = area.backing.place?.displayPath(from: root) ?? area.backing.name
            return region
        }
    }
}

extension MemoryBacking {
    /// Where a mapped file was found.
    fileprivate var place: PathLocation? {
        (self as? HostFileBacking)?.location ?? (self as? ObjectBacking)?.path ?? (self as? PrivateObjectBacking)?.path
    }
}
