/// Random places of stack, mappings, program and heap, with the spans x86-64 Linux uses.
struct RandomLayout {
    private let values: [UInt64]

    init(_ kernel: Kernel) {
        var bytes = [UInt8](repeating: 0, count: 32)
        if kernel.configuration.randomisesLayout { bytes.withUnsafeMutableBytes { kernel.host.random($0) } }
        let reader = ByteReader(bytes)
        values = [reader.u64(0), reader.u64(8), reader.u64(16), reader.u64(24)]
    }

    /// The first address behind the stack: up to 16 GiB below the end of the address space, 16-byte aligned inside its page by the stack's filling.
    var stackTop: UInt64 { GuestAddress.userEnd.value &- (values[0] & 0x3f_ffff) &* 4096 }

    /// Where mappings grow down from: below the stack's limit, its random part and guard gap, and 28 random bits of pages.
    func mappingBase(stackTop: UInt64, _ task: Task) -> UInt64 {
        let limit = task.group.limits[ResourceLimits.stack]?.soft ?? 8 << 20
        let gap = max(128 << 20, min(limit, GuestAddress.userEnd.value / 6 &* 5))
        return (GuestAddress.userEnd.value &- gap &- (16 << 30) &- (1 << 20) &- (values[1] & 0xfff_ffff) &* 4096) & ~4095
    }

    /// ELF_ET_DYN_BASE plus 28 random bits of pages.
    var programBase: UInt64 { 0x5555_5555_4000 &+ (values[2] & 0xfff_ffff) &* 4096 }

    /// Up to 32 MiB between the program and its heap.
    var heapOffset: UInt64 { (values[3] & 0x1fff) &* 4096 }
}

extension AddressSpace {
    func prepareLayout(stackTop: UInt64, mappingBase: UInt64, stackLimit: UInt64) {
        lock.withLock {
            self.mappingBase = mappingBase
            self.stackLimit = stackLimit
        }
    }

    /// Room for an image; at `wished` when it is free there.
    func findRoom(length: UInt64, alignment: UInt64, wished: UInt64) throws(Errno) -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        let start = (wished &+ (alignment &- 1)) & ~(alignment &- 1)
        if wished > 0, start <= GuestAddress.userEnd.value &- length, areas.slices(start, start &+ length).isEmpty { return start }
        guard let found = areas.gap(length: length, below: mappingBase, above: Self.minimumAddress, alignment: alignment) else { throw .ENOMEM }
        return found
    }

    /// Sets where the heap begins.
    func startHeap(after end: UInt64, offset: UInt64) {
        lock.withLock {
            breakStart = (end &+ offset &+ 4095) & ~4095
            breakEnd = breakStart
            heap = AnonymousBacking(physicalMemory: physicalMemory, name: Array("[heap]".utf8))
        }
    }

    /// Start of the heap and its end now.
    package var heapRange: (start: UInt64, end: UInt64) { lock.withLock { (breakStart, breakEnd) } }
}
