import Testing

@testable import LibraryOS

/// Frames without content, as many as `limit`; tests say which were touched.
private final class ScarceMemory: PhysicalMemory, @unchecked Sendable {
    var next: UInt64 = 1
    var free = 64
    var touched: Set<UInt64> = []
    var pinned = false

    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        if count > free { throw .ENOMEM }
        free -= count
        defer { next += UInt64(count) }
        return [FrameRange(start: FrameNumber(next), count: count)]
    }
    override func free(_ frames: FrameRange) { free += frames.count }
    override func untouched(_ frames: FrameRange) -> [Bool] { (0..<frames.count).map { !touched.contains(frames[$0].value) } }
    override var isPinned: Bool { pinned }
    override var usage: (resident: UInt64, limit: UInt64) { (UInt64(64 - free) * 4096, 64 * 4096) }
    override func makePageTable() throws(Errno) -> PageTable { PageTable() }
}

/// What happens when the sandbox's memory is used up.
@Suite("Memory shortage") struct MemoryShortageTests {
    private let memory = ScarceMemory()
    private let kernel: Kernel
    private let root: PathLocation

    init() {
        kernel = Kernel(host: TestHost(), physicalMemory: memory, configuration: KernelConfiguration())
        root = kernel.mounts.mount(root: TmpFS(kernel: kernel))
    }

    /// A process with so many pages, all of them touched.
    private func process(pages: UInt64, touched: Bool = true) throws -> Task {
        let id = try kernel.allocateID()
        let group = ThreadGroup(id: id, startTime: kernel.time.monotonicNow(), signals: ProcessSignals())
        let task = Task(
            kernel: kernel, id: id, group: group, memory: try AddressSpace(physicalMemory: memory), descriptors: DescriptorTable(),
            fileSystem: FileSystemContext(root: root, workingDirectory: root), credentials: Credentials(user: 0, group: 0), parker: TaskParker())
        kernel.register(task)
        let first = memory.next
        _ = try task.memory.map(
            MappingRequest(length: pages * 4096, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: memory), populate: true))
        if touched { memory.touched.formUnion(first..<memory.next) }
        return task
    }

    @Test func theLargestProcessIsKilledAndNotTheOneThatAsked() throws {
        let (small, large) = (try process(pages: 4), try process(pages: 60))
        #expect(kernel.relieveShortage(for: small))
        #expect(large.group.exitStatus == Signal.SIGKILL)
        #expect(!small.group.isExiting)
        #expect(kernel.memoryShortage.kills == (1, false))
    }

    @Test func nobodyElseIsKilledWhileOneEnds() throws {
        let (small, large) = (try process(pages: 30), try process(pages: 34))
        _ = kernel.relieveShortage(for: small)
        _ = kernel.relieveShortage(for: small)
        #expect(large.group.isExiting && !small.group.isExiting)
        #expect(kernel.memoryShortage.count == 1)
    }

    @Test func theFirstProgramsDeathIsRemembered() throws {
        let first = try process(pages: 64)
        #expect(kernel.relieveShortage(for: first))
        #expect(kernel.memoryShortage.kills == (1, true))
    }

    @Test func theAdjustmentOfAProcessCounts() throws {
        let (exempt, other, asking) = (try process(pages: 50), try process(pages: 10), try process(pages: 4))
        exempt.group.attributes.outOfMemoryAdjustment = -1000
        _ = kernel.relieveShortage(for: asking)
        #expect(!exempt.group.isExiting && other.group.isExiting && !asking.group.isExiting)
    }

    @Test func whatNobodyHasTouchedIsTakenBackFirst() throws {
        let (first, second) = (try process(pages: 32, touched: false), try process(pages: 32))
        memory.touched.insert(3)
        #expect(kernel.relieveShortage(for: second))
        #expect(memory.free == 31)
        #expect(!first.group.isExiting && !second.group.isExiting)
        // The one that was touched has stayed.
        #expect(first.memory.ramPages() == 1)
    }

    @Test func aTransferInFlightKeepsItsFrames() throws {
        _ = try process(pages: 32, touched: false)
        memory.pinned = true
        #expect(kernel.takeBackUntouched() == 0)
        memory.pinned = false
        #expect(kernel.takeBackUntouched() == 32)
    }

    @Test func whatIsNoShortageOfMemoryIsNotTriedForEver() throws {
        let task = try process(pages: 4)
        var tries = 0
        while tries < 100, kernel.relieveShortage(for: task) { tries += 1 }
        #expect(tries < 100)
        #expect(!task.group.isExiting)
    }

    @Test func aCopyThatFindsNoPageIsMadeAgainAfterAnEnd() throws {
        let (task, large) = (try process(pages: 4), try process(pages: 60))
        let reserved = try task.memory.map(MappingRequest(length: 1 << 30, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: memory)))
        // clock_gettime(2) stores into memory that was never touched.
        var call = SyscallCall(number: 228, 1, reserved.value)
        guard case .value(let value) = task.execute(&call) else {
            Issue.record("the call has no value")
            return
        }
        #expect(value == failure(.ERESTARTNOINTR))
        #expect(large.group.isExiting)
    }
}
