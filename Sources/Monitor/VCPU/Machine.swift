import CLinux
import KVM
public import LibraryOS
import Synchronization

/// One sandbox's virtual machine: memory, the stub, vCPUs, and what they share.
public final class Machine: @unchecked Sendable {
    let system: KVMSystem
    let virtualMachine: VirtualMachine
    /// Guest-physical memory.
    public let memory: GuestPhysicalMemory
    let stub: StubImage
    let setup: VCPUSetup
    /// Ticks a second of the time stamp counter, in the guest and outside; nil when this KVM does not say.
    let counterFrequency: UInt64?
    /// Guest code reads the same time stamp counter as the host.
    let guestCounterIsHosts: Bool
    /// Counters for `--stats`.
    public let statistics = MachineStatistics()

    /// 256 MiB of them at most; a thread needs four and one for every 2 MiB it touches.
    private static let shadowTables = 1 << 16

    private let lock = Lock(.leaf)
    /// 0 until it is known, then `HostKind.rawValue`. Read at every system call, so not behind the lock.
    private let _kind = Atomic<UInt8>(0)
    private var idle: [(vcpu: VCPU, thread: VCPUThread?)] = []
    private var nextVCPU: UInt32 = 1
    /// Runners that wait for one.
    private var waiting = 0
    private let maximumVCPUs: UInt32
    /// Runners that wait for a vCPU sleep on this count of vCPUs given back.
    private let returned = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    /// From this many vCPUs on, threads that sleep long give theirs back.
    private static let crowd: UInt32 = 128

    /// Makes a virtual machine with `memory` for its RAM; `information` is its supported CPUID.
    ///
    /// `thread` is the one this runs on, when it waits for work afterwards.
    init(
        _ system: KVMSystem, memory: GuestPhysicalMemory, limit: UInt64, _ thread: VCPUThread?, _ supported: () throws(KVMError) -> CPUIDTable
    ) throws(MonitorError) {
        returned.initialize(to: 0)
        self.system = system
        self.memory = memory
        let most = UInt32(clamping: max(1, system.checkExtension(.maximumVCPUs)))
        maximumVCPUs = min(1024, most)
        do throws(KVMError) {
            virtualMachine = try system.createVirtualMachine()
            try virtualMachine.reserveRealModePages(at: GuestMemoryLayout.realModePages)
            virtualMachine.keepShadowTables(Self.shadowTables)
            _ = virtualMachine.useKernelLocalAPICs()
            let first = try virtualMachine.createVCPU(id: 0)
            try memory.attach(virtualMachine)
            setup = try VCPUSetup(try supported(), vcpu: first)
            guestCounterIsHosts = first.clearTSCOffset() || HostCounter.cannotBeOffset
            counterFrequency = try? first.tscFrequency()
            first.warmUp()
            idle = [(first, thread)]
        } catch { throw MonitorError.kvm(error) }
        let tree = try BootInformation(memoryLimit: limit, maximumProcessors: most).encoded()
        do throws(Errno) {
            stub = try StubImage(memory: memory, bootInformation: tree)
        } catch {
            throw MonitorError("the guest's memory limit is too small to start anything")
        }
    }

    /// Opens /dev/kvm and makes a virtual machine with `memoryLimit` bytes of RAM at most.
    public convenience init(memoryLimit: UInt64, quarantinesTables: Bool = true) throws(MonitorError) {
        let memory = try GuestPhysicalMemory(limit: memoryLimit, quarantinesTables: quarantinesTables)
        let system: KVMSystem
        do throws(KVMError) { system = try KVMSystem() } catch { throw MonitorError.kvm(error) }
        try self.init(system, memory: memory, limit: memoryLimit, nil) { () throws(KVMError) in try system.supportedCPUID() }
    }

    /// What programs are told of the processor.
    public var processorFeatures: ProcessorFeatures { setup.features }

    /// The kind of host, known from the first system call on.
    var kind: HostKind? {
        get { HostKind(rawValue: _kind.load(ordering: .acquiring)) }
        set {
            _kind.store(newValue?.rawValue ?? 0, ordering: .releasing)
            if newValue == .hardware { memory.allowLargeEntries() }
        }
    }

    /// A vCPU that no task uses, with the thread that waits with it, or a new one; when there are as many as there may be, waits until one is given back.
    func takeVCPU() throws(KVMError) -> (vcpu: VCPU, thread: VCPUThread?) {
        while true {
            let seen = skerry_atomic_load32(returned)
            var id: UInt32?
            let found: (VCPU, VCPUThread?)? = lock.withLock {
                if let found = idle.popLast() { return found }
                if nextVCPU < maximumVCPUs {
                    id = nextVCPU
                    nextVCPU += 1
                } else {
                    waiting += 1
                }
                return nil
            }
            if let found { return found }
            if let id {
                let made = try virtualMachine.createVCPU(id: id)
                try setup.prepare(made)
                return (made, nil)
            }
            skerry_futex_wait(returned, seen, -1)
            lock.withLock { waiting -= 1 }
        }
    }

    /// So many vCPUs exist that threads which sleep should not keep one.
    var isCrowded: Bool { lock.withLock { nextVCPU >= Self.crowd } }

    /// A thread slot of an address space; its lock orders this with changes of the page tables.
    func takeSlot(_ memory: AddressSpace) throws(Errno) -> ThreadSlot {
        guard let table = memory.pageTable as? GuestPageTable else { throw .EINVAL }
        return try memory.withPageTablesLocked { () throws(Errno) in try table.takeSlot(stub) }
    }

    func returnSlot(_ slot: ThreadSlot, _ memory: AddressSpace) {
        guard let table = memory.pageTable as? GuestPageTable else { return }
        memory.withPageTablesLocked { table.returnSlot(slot) }
    }

    /// Takes a vCPU back for another task. One whose last instruction cannot be finished would finish it with the next task's registers: it is not used again.
    /// `thread` will wait with it, as soon as it has done what it is doing.
    func returnVCPU(_ vcpu: VCPU, with thread: VCPUThread? = nil) {
        guard vcpu.finishInstruction() else {
            thread?.release()
            return
        }
        let isAwaited = lock.withLock {
            idle.append((vcpu, thread))
            return waiting > 0
        }
        skerry_atomic_add32(returned, 1)
        if isAwaited { skerry_futex_wake(returned) }
    }

    deinit {
        for (_, thread) in idle { thread?.release() }
        returned.deallocate()
    }
}

/// Counts of what happened, for `--stats`; relaxed, any thread.
public final class MachineStatistics: Sendable {
    /// System calls served on the exit path.
    public let exitCalls = Counter64()
    /// System calls answered in place.
    public let inPlaceCalls = Counter64()
    /// Page faults served.
    public let pageFaults = Counter64()
    /// KVM_RUN returns of any kind.
    public let exits = Counter64()
}

/// A counter any thread may add to.
public final class Counter64: Sendable {
    private let count = Atomic<UInt64>(0)
    func add() { count.wrappingAdd(1, ordering: .relaxed) }
    /// The count now.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}
