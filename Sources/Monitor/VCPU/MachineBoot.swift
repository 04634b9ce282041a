import KVM
import LibraryOS
import Synchronization

/// A virtual machine in the making, on a thread of its own: meanwhile the caller prepares what programs will see.
///
/// Making one takes KVM about a millisecond, a third of it for the list of CPUID leaves; that list, which needs no machine, is read by the calling thread.
public final class MachineBoot: @unchecked Sendable {
    /// The machine's memory, which may be handed out and filled already.
    public let memory: GuestPhysicalMemory
    private let limit: UInt64
    private let system: KVMSystem
    private let cpuid = Handover<Result<CPUIDTable, KVMError>>()
    private let isBegun = Atomic<Bool>(false)
    private let thread = SpareThread()
    private let made = Handover<Result<Machine, MonitorError>>()

    /// Opens /dev/kvm and begins to make a virtual machine with `memoryLimit` bytes of RAM at most.
    public init(memoryLimit: UInt64) throws(MonitorError) {
        limit = memoryLimit
        do throws(KVMError) { system = try KVMSystem() } catch { throw MonitorError.kvm(error) }
        memory = try GuestPhysicalMemory(limit: memoryLimit)
        do throws(Errno) {
            try thread.start { [self] in begin() }
        } catch {}  // Then the one who needs the machine makes it.
        do throws(KVMError) {
            cpuid.give(.success(try system.supportedCPUID()))
        } catch { cpuid.give(.failure(error)) }
    }

    /// Makes the machine unless somebody does already.
    private func begin() { if !isBegun.exchange(true, ordering: .acquiringAndReleasing) { make() } }

    private func make() {
        do throws(MonitorError) {
            made.give(.success(try Machine(system, memory: memory, limit: limit, thread) { () throws(KVMError) in try cpuid.take().get() }))
        } catch {
            thread.release()
            made.give(.failure(error))
        }
    }

    /// The machine, once it is made; waits for that, or makes it when the other thread has not come to run yet.
    public func machine() throws(MonitorError) -> Machine {
        begin()
        return try made.take().get()
    }
}
