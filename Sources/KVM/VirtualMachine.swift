internal import CLinux
internal import Glibc

/// One virtual machine (api.rst, "VM ioctls").
public final class VirtualMachine: Sendable {
    let descriptor: Int32
    let runSize: Int

    init(descriptor: Int32, runSize: Int) {
        self.descriptor = descriptor
        self.runSize = runSize
    }

    deinit { close(descriptor) }

    /// KVM_SET_USER_MEMORY_REGION: guest-physical `[address, address + size)` is the monitor's memory at `host`. A size of zero removes the slot.
    public func setMemory(slot: UInt32, address: UInt64, size: UInt64, host: UnsafeMutableRawPointer) throws(KVMError) {
        var region = kvm_userspace_memory_region(
            slot: slot, flags: 0, guest_phys_addr: address, memory_size: size, userspace_addr: UInt64(UInt(bitPattern: host)))
        let result = withUnsafeMutablePointer(to: &region) { skerry_ioctl(descriptor, skerry_KVM_SET_USER_MEMORY_REGION, UInt(bitPattern: $0)) }
        if result < 0 { throw KVMError(request: "KVM_SET_USER_MEMORY_REGION", errno: -result) }
    }

    /// KVM_SET_TSS_ADDR and KVM_SET_IDENTITY_MAP_ADDR, which Intel needs before the first vCPU: four pages below 4 GiB that no slot covers.
    public func reserveRealModePages(at address: UInt64) throws(KVMError) {
        var identity = address
        var result = withUnsafeMutablePointer(to: &identity) { skerry_ioctl(descriptor, skerry_KVM_SET_IDENTITY_MAP_ADDR, UInt(bitPattern: $0)) }
        if result < 0 && result != -ENOTTY { throw KVMError(request: "KVM_SET_IDENTITY_MAP_ADDR", errno: -result) }
        result = skerry_ioctl(descriptor, UInt(skerry_KVM_SET_TSS_ADDR), UInt(address + 4096))
        if result < 0 && result != -ENOTTY && result != -EINVAL { throw KVMError(request: "KVM_SET_TSS_ADDR", errno: -result) }
    }

    /// KVM_SET_NR_MMU_PAGES: how many shadow tables a page-table-based KVM keeps before it throws old ones away. Its own choice follows the size of the
    /// memory slots, which says nothing about the number of threads. Without effect, and no failure, where there are no shadow tables.
    public func keepShadowTables(_ count: Int) { _ = skerry_ioctl(descriptor, UInt(skerry_KVM_SET_NR_MMU_PAGES), UInt(count)) }

    /// KVM_CAP_SPLIT_IRQCHIP without an interrupt controller in user space: nothing ever interrupts these machines, but KVM makes a vCPU in half the time when
    /// its local APIC is in the kernel (a vCPU without one makes it patch its own code).
    ///
    /// Only together with KVM_X86_DISABLE_EXITS_HLT: else KVM waits for a page of the host that cannot be had by halting the vCPU (asynchronous page faults),
    /// and KVM_RUN never reports the EFAULT of a truncated file. False when this KVM lacks either; machines run without, too.
    public func useKernelLocalAPICs() -> Bool { enable(capability: 143, 2) && enable(capability: 121, 0) }

    private func enable(capability number: UInt32, _ argument: UInt64) -> Bool {
        var capability = kvm_enable_cap()
        capability.cap = number
        capability.args.0 = argument
        return withUnsafeMutablePointer(to: &capability) { skerry_ioctl(descriptor, skerry_KVM_ENABLE_CAP, UInt(bitPattern: $0)) } == 0
    }

    /// KVM_CREATE_VCPU.
    public func createVCPU(id: UInt32) throws(KVMError) -> VCPU {
        let result = skerry_ioctl(descriptor, UInt(skerry_KVM_CREATE_VCPU), UInt(id))
        if result < 0 { throw KVMError(request: "KVM_CREATE_VCPU", errno: -result) }
        guard let pointer = mmap(nil, runSize, PROT_READ | PROT_WRITE, MAP_SHARED, result, 0), pointer != MAP_FAILED else {
            let failure = errno
            close(result)
            throw KVMError(request: "mmap kvm_run", errno: failure)
        }
        return VCPU(descriptor: result, run: pointer.assumingMemoryBound(to: kvm_run.self), runSize: runSize)
    }
}
