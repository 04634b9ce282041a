/// The stack a new program finds: strings, environment and argument vectors, auxiliary vector (System V ABI for x86-64, 3.4; getauxval(3)).
struct InitialStack {
    /// What the auxiliary vector says of the image.
    struct Image {
        let entry, base, headers, headerCount: UInt64
        let vdso: UInt64?
    }
    let kernel: Kernel
    let task: Task
    let memory: AddressSpace
    let top: UInt64
    let identity: ProgramIdentity
    /// The vector as written, for /proc/self/auxv.
    private(set) var auxiliaryVector: [UInt8] = []

    init(kernel: Kernel, task: Task, memory: AddressSpace, top: UInt64, identity: ProgramIdentity) {
        self.kernel = kernel
        self.task = task
        self.memory = memory
        self.top = top
        self.identity = identity
    }

    /// Arguments and environment together may take a quarter of the stack limit, at most 6 MiB, one string 128 KiB (execve(2)).
    static let maximumString = 131_072
    private static let initialSize: UInt64 = 132 << 10

    /// Maps the first pages; the area grows by faults.
    func map(executable: Bool) throws(Errno) {
        var request = MappingRequest(backing: AnonymousBacking(physicalMemory: kernel.physicalMemory, name: Array("[stack]".utf8)))
        request.address = top &- Self.initialSize
        request.length = Self.initialSize
        request.protection = executable ? [.read, .write, .execute] : [.read, .write]
        request.flags = [.growsDown, .stack]
        // Numbers for the pages below, which come when the stack grows.
        request.backingPage = 1 << 40
        request.placement = .fixed
        _ = try memory.map(request)
    }

    /// Writes everything; returns the stack pointer of the first instruction.
    mutating func fill(arguments: [[UInt8]], environment: [[UInt8]], path: [UInt8], image: Image) throws(Errno) -> UInt64 {
        let stringBytes = (arguments + environment).reduce(0) { $0 &+ $1.count &+ 9 }
        let limit = task.group.limits[ResourceLimits.stack]?.soft ?? 8 << 20
        guard UInt64(stringBytes) <= min(limit / 4, 6 << 20), !(arguments + environment).contains(where: { $0.count >= Self.maximumString }) else { throw .E2BIG }

        var position = top &- 8
        var strings: [UInt8] = []
        func place(_ bytes: [UInt8]) -> UInt64 {
            // Collected in reverse, written in one go below.
            position &-= UInt64(bytes.count &+ 1)
            strings.append(0)
            strings.append(contentsOf: bytes.reversed())
            return position
        }
        let pathAddress = place(path)
        var environmentAddresses: [UInt64] = []
        for value in environment.reversed() { environmentAddresses.insert(place(value), at: 0) }
        var argumentAddresses: [UInt64] = []
        for value in arguments.reversed() { argumentAddresses.insert(place(value), at: 0) }
        let stringsStart = position
        try memory.writeBytes(strings.reversed(), to: GuestAddress(stringsStart))
        noteStrings(argumentAddresses, environmentAddresses, end: pathAddress)

        let platform = stringsStart &- 16
        try memory.writeBytes(Array("x86_64\0".utf8), to: GuestAddress(platform))
        var random = [UInt8](repeating: 0, count: 16)
        random.withUnsafeMutableBytes { kernel.host.random($0) }
        let randomAddress = (platform &- 16) & ~15
        try memory.writeBytes(random, to: GuestAddress(randomAddress))

        auxiliaryVector = vector(image, path: pathAddress, platform: platform, random: randomAddress)
        let words = 1 &+ argumentAddresses.count &+ 1 &+ environmentAddresses.count &+ 1
        let size = UInt64(words &* 8 &+ auxiliaryVector.count)
        let pointer = (randomAddress &- size) & ~15
        var writer = ByteWriter(capacity: Int(size))
        writer.u64(UInt64(argumentAddresses.count))
        for address in argumentAddresses { writer.u64(address) }
        writer.u64(0)
        for address in environmentAddresses { writer.u64(address) }
        writer.u64(0)
        writer.raw(auxiliaryVector)
        try memory.writeBytes(writer.bytes, to: GuestAddress(pointer))
        memory.imageLayout.startStack = pointer
        return pointer
    }

    private func noteStrings(_ arguments: [UInt64], _ environment: [UInt64], end: UInt64) {
        let environmentStart = environment.first ?? end
        memory.imageLayout.argumentStart = arguments.first ?? environmentStart
        memory.imageLayout.argumentEnd = environmentStart
        memory.imageLayout.environmentStart = environmentStart
        memory.imageLayout.environmentEnd = end
    }

    private func vector(_ image: Image, path: UInt64, platform: UInt64, random: UInt64) -> [UInt8] {
        let who = identity.credentials
        let processor = kernel.processor
        var writer = ByteWriter(capacity: 400)
        func entry(_ type: UInt64, _ value: UInt64) {
            writer.u64(type)
            writer.u64(value)
        }
        if let vdso = image.vdso { entry(33, vdso) }  // AT_SYSINFO_EHDR
        entry(51, processor.signalStackSize)  // AT_MINSIGSTKSZ
        entry(16, processor.hardwareCapabilities)  // AT_HWCAP
        entry(6, 4096)  // AT_PAGESZ
        entry(17, 100)  // AT_CLKTCK
        entry(3, image.headers)  // AT_PHDR
        entry(4, 56)  // AT_PHENT
        entry(5, image.headerCount)  // AT_PHNUM
        entry(7, image.base)  // AT_BASE
        entry(8, 0)  // AT_FLAGS
        entry(9, image.entry)  // AT_ENTRY
        entry(11, UInt64(who.realUser))  // AT_UID
        entry(12, UInt64(who.effectiveUser))  // AT_EUID
        entry(13, UInt64(who.realGroup))  // AT_GID
        entry(14, UInt64(who.effectiveGroup))  // AT_EGID
        entry(23, identity.isSecure ? 1 : 0)  // AT_SECURE
        entry(25, random)  // AT_RANDOM
        entry(26, processor.hardwareCapabilities2)  // AT_HWCAP2
        entry(31, path)  // AT_EXECFN
        entry(15, platform)  // AT_PLATFORM
        entry(0, 0)  // AT_NULL
        return writer.bytes
    }
}
