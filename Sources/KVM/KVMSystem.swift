internal import CLinux
internal import Glibc

/// The open /dev/kvm device (Documentation/virt/kvm/api.rst, "system ioctls").
public final class KVMSystem: Sendable {
    let descriptor: Int32
    /// Bytes of the shared `kvm_run` mapping of a vCPU.
    let runSize: Int

    /// Opens /dev/kvm and checks that it speaks API version 12.
    public init() throws(KVMError) {
        descriptor = open("/dev/kvm", O_RDWR | O_CLOEXEC)
        if descriptor < 0 { throw KVMError(request: "open /dev/kvm", errno: errno) }
        runSize = Int(skerry_ioctl(descriptor, UInt(skerry_KVM_GET_VCPU_MMAP_SIZE), 0))
        if runSize < MemoryLayout<kvm_run>.size {
            close(descriptor)
            throw KVMError(request: "KVM_GET_VCPU_MMAP_SIZE", errno: EINVAL)
        }
        let version = apiVersion
        if version != 12 {
            close(descriptor)
            throw KVMError(request: "KVM_GET_API_VERSION (\(version), not 12)", errno: EPROTO)
        }
    }

    deinit { close(descriptor) }

    /// KVM_GET_API_VERSION.
    public var apiVersion: Int32 { skerry_ioctl(descriptor, UInt(skerry_KVM_GET_API_VERSION), 0) }

    /// KVM_CHECK_EXTENSION: zero when the capability is missing.
    public func checkExtension(_ capability: KVMCapability) -> Int32 {
        max(0, skerry_ioctl(descriptor, UInt(skerry_KVM_CHECK_EXTENSION), UInt(capability.rawValue)))
    }

    /// KVM_CREATE_VM of the default type.
    public func createVirtualMachine() throws(KVMError) -> VirtualMachine {
        // The ioctl is interrupted when a signal arrives while KVM starts its worker.
        var result: Int32
        repeat { result = skerry_ioctl(descriptor, UInt(skerry_KVM_CREATE_VM), 0) } while result == -EINTR
        if result < 0 { throw KVMError(request: "KVM_CREATE_VM", errno: -result) }
        return VirtualMachine(descriptor: result, runSize: runSize)
    }

    /// KVM_GET_SUPPORTED_CPUID.
    public func supportedCPUID() throws(KVMError) -> CPUIDTable {
        var table = CPUIDTable(capacity: 256)
        let result = table.withUnsafeStructure { skerry_ioctl(descriptor, skerry_KVM_GET_SUPPORTED_CPUID, UInt(bitPattern: $0)) }
        if result < 0 { throw KVMError(request: "KVM_GET_SUPPORTED_CPUID", errno: -result) }
        return table
    }
}

/// The capabilities Skerry asks for; raw values are those of `<linux/kvm.h>`.
public enum KVMCapability: Int32, CaseIterable, Sendable {
    /// KVM_CAP_USER_MEMORY.
    case userMemory = 3
    /// KVM_CAP_SET_TSS_ADDR.
    case setTSSAddress = 4
    /// KVM_CAP_NR_VCPUS, the recommended number.
    case recommendedVCPUs = 9
    /// KVM_CAP_NR_MEMSLOTS.
    case memorySlots = 10
    /// KVM_CAP_MAX_VCPUS.
    case maximumVCPUs = 66
    /// KVM_CAP_XSAVE.
    case xsave = 55
    /// KVM_CAP_XCRS.
    case xcrs = 56
    /// KVM_CAP_SYNC_REGS: the register sets that `kvm_run` can carry.
    case syncRegisters = 74
    /// KVM_CAP_IMMEDIATE_EXIT.
    case immediateExit = 136
    /// KVM_CAP_IOEVENTFD.
    case ioEventFD = 36
    /// KVM_CAP_GET_TSC_KHZ.
    case getTSCKHz = 61
    /// KVM_CAP_XSAVE2.
    case xsave2 = 208
    /// KVM_CAP_VM_TYPES, a bit set; bit 4 is SEV-SNP.
    case vmTypes = 235
    /// KVM_CAP_GUEST_MEMFD.
    case guestMemFD = 234
}
