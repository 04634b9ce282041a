import Glibc
import KVM
import Testing

/// Whether /dev/kvm can be used; without it these tests fail under CI=true and are skipped, with a word, elsewhere.
private let hasKVM: Bool = {
    if access("/dev/kvm", R_OK | W_OK) == 0 { return true }
    if getenv("CI").map({ String(cString: $0) }) == "true" { return true }
    print("skipped: /dev/kvm is not accessible, so the KVM room is not tested")
    return false
}()

@Suite("A refusal by /dev/kvm names the ioctl and the error number", .enabled(if: hasKVM))
struct KVMErrorTests {
    private func failure(_ body: () throws(KVMError) -> Void) -> KVMError? {
        do throws(KVMError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func memorySlotThatIsNotPageAligned() throws {
        let machine = try KVMSystem().createVirtualMachine()
        let page = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 4096)
        defer { page.deallocate() }
        let error = failure { () throws(KVMError) in try machine.setMemory(slot: 0, address: 1, size: 4096, host: page) }
        #expect(error?.request == "KVM_SET_USER_MEMORY_REGION")
        #expect(error?.errno == EINVAL)
        #expect(error?.description == "KVM_SET_USER_MEMORY_REGION failed: errno \(EINVAL)")
    }

    @Test func overlappingMemorySlots() throws {
        let machine = try KVMSystem().createVirtualMachine()
        let page = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
        defer { page.deallocate() }
        try machine.setMemory(slot: 0, address: 0x10000, size: 4096, host: page)
        let error = failure { () throws(KVMError) in try machine.setMemory(slot: 1, address: 0x10000, size: 4096, host: page) }
        #expect(error?.request == "KVM_SET_USER_MEMORY_REGION")
        #expect(error?.errno == EEXIST)
    }

    @Test func virtualCPUWithAnIdentifierInUse() throws {
        let machine = try KVMSystem().createVirtualMachine()
        let first = try machine.createVCPU(id: 7)
        let error = failure { () throws(KVMError) in _ = try machine.createVCPU(id: 7) }
        #expect(error?.request == "KVM_CREATE_VCPU")
        #expect(error?.errno == EEXIST)
        withExtendedLifetime(first) {}
    }

    @Test func modelSpecificRegisterThatDoesNotExistIsNamed() throws {
        let vcpu = try KVMSystem().createVirtualMachine().createVCPU(id: 0)
        let error = failure { () throws(KVMError) in try vcpu.writeMSRs([(0xc000_0081, 0), (0x1234_5678, 1)]) }
        #expect(error?.request == "KVM_SET_MSRS of 12345678")
        #expect(error?.errno == EINVAL)
    }

    @Test func extendedControlRegisterWithoutX87() throws {
        let vcpu = try KVMSystem().createVirtualMachine().createVCPU(id: 0)
        let error = failure { () throws(KVMError) in try vcpu.writeXCR0(2) }
        #expect(error?.request == "KVM_SET_XCRS")
        #expect(error?.errno == EINVAL)
    }
}
