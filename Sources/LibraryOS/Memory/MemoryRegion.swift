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
    /// Every mapping in order of address.
    package func regions() -> [MemoryRegion] { [] }
}
