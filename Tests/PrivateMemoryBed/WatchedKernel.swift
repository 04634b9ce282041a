internal import CLinux
internal import Confidential

/// Linux, with a note of every KVM_RUN that failed and of every hole; and, for the checks of the checks, with a kernel's work left out.
final class WatchedKernel: KernelInterface {
    /// A KVM_RUN that failed, with what its run structure says: `kvm_run.exit_reason` and `kvm_run.memory_fault`.
    struct Fault: Equatable {
        var result: Int32
        var reason: UInt32
        var flags: UInt64
        var address: UInt64
        var size: UInt64
    }

    /// A call that is answered by success without being made.
    enum Omission {
        case conversions, holes
    }

    private let linux = LinuxKernel()
    private var runs: [Int32: any HostMemory] = [:]
    private(set) var faults: [Fault] = []
    private(set) var holes: [Range<UInt64>] = []
    var omission: Omission?

    func open(_ path: String, _ flags: Int32) -> Int32 { linux.open(path, flags) }
    func close(_ descriptor: Int32) { linux.close(descriptor) }
    func allocate(_ size: Int) -> (any HostMemory)? { linux.allocate(size) }

    func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? {
        let run = linux.map(descriptor, size)
        runs[descriptor] = run
        return run
    }

    func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 {
        if request == skerry_KVM_SET_MEMORY_ATTRIBUTES, omission == .conversions { return 0 }
        let result = linux.ioctl(descriptor, request, argument)
        if request == UInt32(skerry_KVM_RUN), result < 0, let run = runs[descriptor] {
            func number(_ offset: Int, _ size: Int) -> UInt64 { run.read(offset..<offset + size).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            faults.append(
                Fault(
                    result: result, reason: UInt32(number(Int(skerry_run_exit_reason_at), 4)), flags: number(Int(skerry_run_memory_fault_flags_at), 8),
                    address: number(Int(skerry_run_memory_fault_gpa_at), 8), size: number(Int(skerry_run_memory_fault_size_at), 8)))
        }
        return result
    }

    func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 {
        holes.append(offset..<offset + length)
        return omission == .holes ? 0 : linux.punchHole(descriptor, offset: offset, length: length)
    }
}
