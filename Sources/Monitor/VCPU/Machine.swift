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
    private var _kind: HostKind?
    private var idle: [VCPU] = []
    private var nextVCPU: UInt32 = 1

    /// Opens /dev/kvm and makes a virtual machine with `memoryLimit` bytes of RAM at most.
    public init(memoryLimit: UInt64, quarantinesTables: Bool = true) throws(MonitorError) {
        do throws(KVMError) {
            system = try KVMSystem()
            virtualMachine = try system.createVirtualMachine()
            try virtualMachine.reserveRealModePages(at: GuestMemoryLayout.realModePages)
            virtualMachine.keepShadowTables(Self.shadowTables)
            let first = try virtualMachine.createVCPU(id: 0)
            setup = try VCPUSetup(system: system, vcpu: first)
            guestCounterIsHosts = try setup.prepare(first) || HostCounter.cannotBeOffset
            counterFrequency = try? first.tscFrequency()
            idle = [first]
        } catch { throw MonitorError.kvm(error) }
        memory = try GuestPhysicalMemory(machine: virtualMachine, limit: memoryLimit, quarantinesTables: quarantinesTables)
        let information = BootInformation(
            memoryLimit: memoryLimit, maximumProcessors: UInt32(clamping: max(1, system.checkExtension(.maximumVCPUs))))
        let tree = try information.encoded()
        do throws(Errno) {
            stub = try StubImage(memory: memory, bootInformation: tree)
        } catch {
            throw MonitorError("the guest's memory limit is too small to start anything")
        }
    }

    /// What programs are told of the processor.
    public var processorFeatures: ProcessorFeatures { setup.features }

    /// The kind of host, known from the first system call on.
    var kind: HostKind? {
        get { lock.withLock { _kind } }
        set { lock.withLock { _kind = newValue } }
    }

    /// A vCPU that no task uses, or a new one.
    func takeVCPU() throws(KVMError) -> VCPU {
        if let vcpu = lock.withLock({ idle.popLast() }) { return vcpu }
        let id = lock.withLock {
            nextVCPU += 1
            return nextVCPU - 1
        }
        let vcpu = try virtualMachine.createVCPU(id: id)
        _ = try setup.prepare(vcpu)
        return vcpu
    }

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
    func returnVCPU(_ vcpu: VCPU) { if vcpu.finishInstruction() { lock.withLock { idle.append(vcpu) } } }
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
