/// Memory that programs and a plugged device both see: the very same bytes, at any time and from any thread.
public final class PluggedMemory: @unchecked Sendable {
    /// Where the bytes are.
    enum Source {
        /// In a program's memory, at an address.
        case program(AddressSpace, GuestAddress)
        /// In an object of its own.
        case allocated(MemoryObject)
        /// In the object of a file, which seals may protect.
        case file(MemoryObject, TmpFile?)
    }
    private let source: Source
    private let physicalMemory: PhysicalMemory
    /// Bytes.
    public let size: UInt64
    /// Bytes of the monitor's memory that one costs, with what a device keeps about it.
    private static let cost = 512
    /// The most that `read` copies at once, so that a program cannot have the monitor allocate as much as it likes.
    public static let largestCopy = 1 << 28

    /// `ENOMEM` when the sandbox's limit does not allow one more.
    init(_ source: Source, size: UInt64, _ physicalMemory: PhysicalMemory) throws(Errno) {
        guard physicalMemory.charge(Self.cost) else { throw .ENOMEM }
        self.source = source
        self.size = size
        self.physicalMemory = physicalMemory
    }

    deinit { physicalMemory.refund(Self.cost) }

    /// Copies bytes out. `EFAULT` behind the end, or when they are not there any more (unmapped, truncated, the program is over); `ENOMEM` above `largestCopy`.
    public func read(at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
        let start = try position(offset, count)
        if count > Self.largestCopy { throw .ENOMEM }
        switch source {
        case .program(let memory, let address): return try memory.readBytes(try address.advanced(by: offset), count: count)
        case .allocated(let object), .file(let object, _): return try Self.read(object, start, count)
        }
    }

    /// Copies bytes in. `EFAULT` as `read`, and when they must not be changed (any more); `ENOMEM` when there is no memory for a page. A prefix may have been
    /// written then.
    public func write(_ bytes: [UInt8], at offset: UInt64) throws(Errno) {
        let start = try position(offset, bytes.count)
        switch source {
        case .program(let memory, let address): try memory.writeBytes(bytes, to: try address.advanced(by: offset))
        case .allocated(let object): try write(bytes, to: object, start)
        case .file(let object, let file):
            if let file, !file.seals.isDisjoint(with: [.write, .futureWrite]) { throw .EFAULT }
            try write(bytes, to: object, start)
        }
    }

    private func position(_ offset: UInt64, _ count: Int) throws(Errno) -> Int64 {
        guard let length = UInt64(exactly: count), offset <= size, length <= size &- offset, let start = Int64(exactly: offset) else { throw .EFAULT }
        return start
    }

    private static func read(_ object: MemoryObject, _ offset: Int64, _ count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: Errno?
        bytes.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            do throws(Errno) {
                if try object.read(&buffers, at: offset) < count { throw .EFAULT }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Frame by frame, so that the object never grows: a file may have been truncated meanwhile.
    private func write(_ bytes: [UInt8], to object: MemoryObject, _ offset: Int64) throws(Errno) {
        var failure: Errno?
        if object.pager != nil { return try object.overwrite(bytes, at: offset) }
        bytes.withUnsafeBytes { content in
            guard let first = content.baseAddress else { return }
            do throws(Errno) {
                var done = 0
                while done < content.count {
                    let token = physicalMemory.pin()
                    defer { physicalMemory.unpin(token) }
                    let position = UInt64(bitPattern: offset &+ Int64(done))
                    let inPage = Int(position & 4095)
                    let wanted = min(content.count &- done, 1 << 20)
                    let run = try object.ensureFrames(position / 4096, limit: (wanted &+ inPage &+ 4095) / 4096)
                    guard let place = physicalMemory.hostAddress(of: run.start) else { throw .EFAULT }
                    let piece = min(wanted, run.count &* 4096 &- inPage)
                    try physicalMemory.copy(from: first + done, to: place + inPage, count: piece)
                    done &+= piece
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: Mappings

    /// What is behind it when it is not a program's.
    var object: MemoryObject? {
        switch source {
        case .program: nil
        case .allocated(let object), .file(let object, _): object
        }
    }

    /// The object of allocated memory: nobody else has it.
    var ownObject: MemoryObject? {
        if case .allocated(let object) = source { object } else { nil }
    }

    /// Memory that a program has provided is not mapped a second time.
    var mappingSource: MappingSource? { ownObject.map { .object($0) } }
}

/// A descriptor of memory that a plugged device shares.
final class PluggedMemoryFile: OpenFile, @unchecked Sendable {
    let memory: PluggedMemory
    private let label: [UInt8]
    private let ownInode: Inode
    private let presence: MemoryPresence

    init(_ memory: PluggedMemory, name: String, inode: Inode, whenGone: @escaping @Sendable () -> Void) {
        self.memory = memory
        label = Array("anon_inode:".utf8) + Array(name.utf8)
        ownInode = inode
        let presence = MemoryPresence(whenGone)
        self.presence = presence
        super.init(flags: .readWrite, location: nil)
        memory.ownObject?.whenUnmapped = { presence.isUnmapped() }
    }

    override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { label }
    override var supportsEpoll: Bool { false }
    override func mappingSource() -> MappingSource? { memory.mappingSource }
    override func release() { presence.isClosed(mapped: memory.ownObject?.isMapped ?? false) }
}

/// Whether anything of the programs' still refers to shared memory: a descriptor, or a mapping, which outlives the descriptor it was made by.
private final class MemoryPresence: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var isOpen = true
    private var whenGone: (@Sendable () -> Void)?

    init(_ whenGone: @escaping @Sendable () -> Void) { self.whenGone = whenGone }

    /// Asked for before the descriptor is marked as closed, `mapped` may be wrong only while another thread unmaps, which then finds it closed.
    func isClosed(mapped: @autoclosure () -> Bool) {
        lock.withLock { isOpen = false }
        if !mapped() { end() }
    }

    func isUnmapped() {
        if !lock.withLock({ isOpen }) { end() }
    }

    private func end() {
        let last = lock.withLock {
            defer { whenGone = nil }
            return whenGone
        }
        last?()
    }
}
