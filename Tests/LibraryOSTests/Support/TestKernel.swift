import CLinux
@testable import LibraryOS

/// A host with clocks that move only when a test says so, and random bytes that are a counter.
final class TestHost: Host, @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var nanoseconds: Int64 = 1_000_000_000
    private var nextRandom: UInt8 = 1
    private var _notices: [String] = []

    /// Moves all clocks on.
    func advance(nanoseconds step: Int64) { lock.withLock { nanoseconds += step } }
    /// What was said to the user.
    var notices: [String] { lock.withLock { _notices } }

    override func now(_ clock: HostClock) -> Int64 {
        let elapsed = lock.withLock { nanoseconds }
        return clock == .realtime ? 1_700_000_000_000_000_000 + elapsed : elapsed
    }
    override func random(_ buffer: UnsafeMutableRawBufferPointer) {
        lock.withLock {
            for index in buffer.indices {
                buffer[index] = nextRandom
                nextRandom &+= 1
            }
        }
    }
    override func notice(_ message: String) { lock.withLock { _notices.append(message) } }

    // MARK: Connected streams

    private var _services: [[UInt8]: [TestStream]] = [:]
    /// What connections by a name get, one after the other; then there is nothing.
    func serve(_ name: String, _ streams: [TestStream]) { lock.withLock { _services[Array(name.utf8)] = streams } }

    override func connect(_ name: [UInt8]) throws(Errno) -> HostFile {
        guard let stream = lock.withLock({ _services[name]?.isEmpty == false ? _services[name]?.removeFirst() : nil }) else { throw .EACCES }
        return stream
    }
    override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        guard let stream = file as? TestStream, let segment = segments.first else { throw .ENOSYS }
        return try stream.read(segment)
    }
    override func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        guard let stream = file as? TestStream, let segment = segments.first else { throw .ENOSYS }
        return try stream.write(segment)
    }
    override func endOutput(_ stream: HostFile) throws(Errno) { (stream as? TestStream)?.endOutput() }
    override func poll(_ file: HostFile, events: PollEvents) -> PollEvents { (file as? TestStream)?.poll() ?? events }
    override func watch(_ file: HostFile, waking queue: WaitQueue) { (file as? TestStream)?.watch(queue) }
    override func unwatch(_ file: HostFile, waking queue: WaitQueue) { (file as? TestStream)?.watch(nil) }
}

/// Guest-physical memory in one block of the test's own memory; frame 0 is never handed out.
final class TestMemory: PhysicalMemory, @unchecked Sendable {
    private let lock = Lock(.frames)
    private let base: UnsafeMutableRawPointer
    private let frameCount: Int
    private var nextFresh = 1
    private var recycled: [UInt64] = []
    private var _inUse = 0
    private var _zapped: [FrameRange] = []

    init(frames: Int = 16384) {
        frameCount = frames
        base = UnsafeMutableRawPointer.allocate(byteCount: frames * 4096, alignment: 4096)
    }
    deinit { base.deallocate() }

    /// Frames handed out and not freed: a test's leak check.
    var framesInUse: Int { lock.withLock { _inUse } }

    /// Frames whose translations were taken back, one entry a call.
    var zapped: [FrameRange] { lock.withLock { _zapped } }
    override func zap(_ frames: FrameRange) { lock.withLock { _zapped.append(frames) } }

    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        lock.lock()
        defer { lock.unlock() }
        guard count > 0 else { return [] }
        if frameCount - nextFresh + recycled.count < count { throw .ENOMEM }
        var result: [FrameRange] = []
        if frameCount - nextFresh >= count {
            result = [FrameRange(start: FrameNumber(UInt64(nextFresh)), count: count)]
            nextFresh += count
        } else {
            for _ in 0..<count {
                if let frame = recycled.popLast() {
                    result.append(FrameRange(start: FrameNumber(frame), count: 1))
                } else {
                    result.append(FrameRange(start: FrameNumber(UInt64(nextFresh)), count: 1))
                    nextFresh += 1
                }
            }
        }
        for range in result { zero(range) }
        _inUse += count
        return result
    }
    override func free(_ frames: FrameRange) {
        lock.withLock {
            _inUse -= frames.count
            for index in 0..<frames.count { recycled.append(frames[index].value) }
        }
    }
    override func discard(_ frames: FrameRange) { zero(frames) }
    private func zero(_ frames: FrameRange) { memset(base + Int(frames.start.value) * 4096, frames.count * 4096) }
    private func memset(_ start: UnsafeMutableRawPointer, _ count: Int) { start.initializeMemory(as: UInt8.self, repeating: 0, count: count) }

    override func mapPrivateCopy(of frames: FrameRange) throws(Errno) -> FrameRange {
        let copies = try allocate(frames: frames.count)
        guard copies.count == 1 else { throw .ENOMEM }
        (base + Int(copies[0].start.value) * 4096).copyMemory(from: base + Int(frames.start.value) * 4096, byteCount: frames.count * 4096)
        return copies[0]
    }
    override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? {
        frame.value < UInt64(frameCount) ? base + Int(frame.value) * 4096 : nil
    }
    override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        destination.copyMemory(from: source, byteCount: count)
    }
    override func compareExchange32(at address: UnsafeMutableRawPointer, expected: UInt32, desired: UInt32) throws(Errno) -> UInt32 {
        lock.withLock {
            let found = address.load(as: UInt32.self)
            if found == expected { address.storeBytes(of: desired, as: UInt32.self) }
            return found
        }
    }
    override func load32(at address: UnsafeMutableRawPointer) throws(Errno) -> UInt32 { lock.withLock { address.load(as: UInt32.self) } }
    override var usage: (resident: UInt64, limit: UInt64) { (UInt64(framesInUse) * 4096, UInt64(frameCount) * 4096) }
    override func makePageTable() throws(Errno) -> PageTable { TestPageTable() }
}

/// Page tables as a dictionary.
final class TestPageTable: PageTable, @unchecked Sendable {
    private(set) var entries: [UInt64: (frame: FrameNumber, protection: PageProtection)] = [:]

    override func map(_ address: GuestAddress, to frames: FrameRange, _ protection: PageProtection) throws(Errno) {
        for index in 0..<frames.count { entries[address.value / 4096 + UInt64(index)] = (frames[index], protection) }
    }
    override func unmap(_ address: GuestAddress, pages: Int) {
        for index in 0..<pages { entries[address.value / 4096 + UInt64(index)] = nil }
    }
    override func writeProtect(_ address: GuestAddress, pages: Int) {
        for index in 0..<pages { entries[address.value / 4096 + UInt64(index)]?.protection.remove(.write) }
    }
    override func isMapped(_ address: GuestAddress) -> Bool { entries[address.value / 4096] != nil }
}

/// A kernel on an in-memory host, with a `TmpFS` as its root.
struct TestKernel {
    let host = TestHost()
    let memory: TestMemory
    let kernel: Kernel
    let rootFileSystem: TmpFS
    let root: PathLocation

    init(frames: Int = 16384, configuration: KernelConfiguration = KernelConfiguration()) {
        Self.assertsLockOrder
        memory = TestMemory(frames: frames)
        kernel = Kernel(host: host, physicalMemory: memory, configuration: configuration)
        rootFileSystem = TmpFS(kernel: kernel, permissions: 0o755)
        root = kernel.mounts.mount(root: rootFileSystem)
    }

    /// Every test that makes a kernel stops at a lock taken out of order.
    static let assertsLockOrder: Void = { Lock.orderRecord = skerry_lock_order }()

    /// A process with one thread, or one more task of a process.
    func makeTask(user: UInt32 = 0, group: UInt32? = nil, groups: [UInt32] = [], in existing: ThreadGroup? = nil) throws(Errno) -> Task {
        let id = try kernel.allocateID()
        let process = existing ?? ThreadGroup(id: id, startTime: kernel.time.monotonicNow(), signals: ProcessSignals())
        let task = Task(
            kernel: kernel, id: id, group: process, memory: try AddressSpace(physicalMemory: memory), descriptors: DescriptorTable(),
            fileSystem: FileSystemContext(root: root, workingDirectory: root), credentials: Credentials(user: user, group: group ?? user, groups: groups),
            parker: TaskParker())
        kernel.register(task)
        return task
    }

    /// A resolver for tests of paths.
    func resolver(user: UInt32 = 0, groups: [UInt32] = []) -> PathResolver {
        PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: user, group: user, groups: groups))
    }

    /// The place a path names, as user 0.
    func locate(_ path: String, _ flags: ResolveFlags = .followFinal) throws(Errno) -> PathLocation {
        try resolver().resolve(Array(path.utf8), from: root, flags)
    }
}
