import CLinux
import KVM
import LibraryOS

/// A virtual machine in the making, on a thread of its own: meanwhile the caller prepares what programs will see.
///
/// Making one takes KVM about a millisecond, a third of it for the list of CPUID leaves; that list, which needs no machine, is read by the calling thread.
public final class MachineBoot: @unchecked Sendable {
    /// The machine's memory, which may be handed out and filled already.
    public let memory: GuestPhysicalMemory
    private let limit: UInt64
    private let system: KVMSystem
    private let cpuid = Handover<Result<CPUIDTable, KVMError>>()
    private let made = Handover<Result<Machine, MonitorError>>()

    /// Opens /dev/kvm and begins to make a virtual machine with `memoryLimit` bytes of RAM at most.
    public init(memoryLimit: UInt64) throws(MonitorError) {
        limit = memoryLimit
        do throws(KVMError) { system = try KVMSystem() } catch { throw MonitorError.kvm(error) }
        memory = try GuestPhysicalMemory(limit: memoryLimit)
        var hasThread = true
        do throws(Errno) {
            try HostThread.start { [self] in make() }
        } catch { hasThread = false }
        do throws(KVMError) {
            cpuid.give(.success(try system.supportedCPUID()))
        } catch { cpuid.give(.failure(error)) }
        if !hasThread { make() }
    }

    private func make() {
        do throws(MonitorError) {
            made.give(.success(try Machine(system, memory: memory, limit: limit) { () throws(KVMError) in try cpuid.take().get() }))
        } catch { made.give(.failure(error)) }
    }

    /// The machine, once it is made; waits for that.
    public func machine() throws(MonitorError) -> Machine { try made.take().get() }
}

/// A value one thread gives and others wait for.
final class Handover<Value: Sendable>: @unchecked Sendable {
    private let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    /// Written before the word, read after it.
    private var value: Value?

    init() { word.initialize(to: 0) }
    deinit { word.deallocate() }

    /// Gives the value; called once.
    func give(_ value: Value) {
        self.value = value
        _ = skerry_atomic_exchange32(word, 1)
        skerry_futex_wake(word)
    }

    /// The value, as soon as it is there.
    func take() -> Value {
        while true {
            if skerry_atomic_load32(word) != 0, let value { return value }
            skerry_futex_wait(word, 0, -1)
        }
    }
}
