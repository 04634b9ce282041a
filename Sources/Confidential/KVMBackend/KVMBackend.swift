internal import CLinux
internal import Glibc

/// SEV-SNP on KVM (Linux 6.11 and later; Documentation/virt/kvm/x86/amd-memory-encryption.rst).
///
/// Everything it does goes through a `KernelInterface`, so that the very same code is replayed against transcripts. One thread launches; afterwards each
/// processor is entered by one thread at a time.
public final class KVMBackend: SNPBackend {
    /// Where in the page of arguments which structure lies. Their addresses are what the kernel is given.
    enum Argument {
        static let command = 0x000
        static let structure = 0x040
        static let value = 0x200
        static let identityBlock = 0x300
        static let identityAuthentication = 0x1000
        static let cpuid = 0x2000
        static let size = 0x6000
    }

    /// Memory of the guest with its two sides: the private one in a guest_memfd, the shared one in the monitor.
    struct Slot {
        let region: GuestRegion
        let privateSide: Int32
        let sharedSide: any HostMemory
    }

    /// A virtual processor.
    struct Processor {
        let descriptor: Int32
        let run: any HostMemory
        var conversions = ConversionGuard()
    }

    /// "kvm".
    public let name = "kvm"
    let kernel: any KernelInterface
    /// Gives the certificates that extended guest requests ask for; without it the kernel answers them with none.
    public var certificates: (any CertificateSource)?
    /// How often a call that the kernel puts off (EAGAIN) is repeated without any progress.
    public var patience = 1000

    private(set) var descriptors: (kvm: Int32, machine: Int32, firmware: Int32) = (-1, -1, -1)
    private var arguments: (any HostMemory)?
    private(set) var slots: [Slot] = []
    var processors: [Processor] = []
    private var stage = Stage.empty

    enum Stage: Int {
        case empty, machine, launching, running
    }

    /// A back end over a kernel; it opens nothing yet.
    public init(kernel: any KernelInterface = LinuxKernel()) { self.kernel = kernel }

    deinit {
        for processor in processors { kernel.close(processor.descriptor) }
        for slot in slots { kernel.close(slot.privateSide) }
        for descriptor in [descriptors.firmware, descriptors.machine, descriptors.kvm] where descriptor >= 0 { kernel.close(descriptor) }
    }

    func require(_ expected: Stage, _ step: String) throws(SNPError) {
        guard stage == expected else { throw SNPError(.order, step, "the launch is at another stage (\(stage)); use LaunchSequence") }
    }

    func advance(to next: Stage) { stage = next }

    /// The page of arguments.
    func argumentPage() throws(SNPError) -> any HostMemory {
        if let arguments { return arguments }
        guard let made = kernel.allocate(Argument.size) else { throw SNPError(.kernel(ENOMEM), "memory for arguments", "free some memory") }
        arguments = made
        return made
    }

    /// An ioctl(2) that a signal may interrupt; the result, never negative.
    @discardableResult
    func control(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64, _ step: String, _ advice: String = "see the kernel's log") throws(SNPError) -> Int32 {
        var result: Int32
        repeat { result = kernel.ioctl(descriptor, request, argument) } while result == -EINTR
        guard result >= 0 else { throw SNPError(.kernel(-result), step, advice) }
        return result
    }

    /// An ioctl(2) with a structure, which is returned as the kernel left it.
    @discardableResult
    func control<Structure: BitwiseCopyable>(_ descriptor: Int32, _ request: UInt32, with structure: Structure, _ step: String, _ advice: String = "see the kernel's log")
        throws(SNPError) -> (result: Int32, structure: Structure)
    {
        let page = try argumentPage()
        page.store(structure, at: Argument.structure)
        let result = try control(descriptor, request, page.address + UInt64(Argument.structure), step, advice)
        return (result, page.load(Structure.self, at: Argument.structure))
    }

    /// KVM_MEMORY_ENCRYPT_OP: the kernel's result and the firmware's code; a negative result is for the caller to judge.
    func encryptOperation<Structure: BitwiseCopyable>(_ command: SEVCommand, _ structure: inout Structure) throws(SNPError) -> (result: Int32, firmware: UInt32) {
        let page = try argumentPage()
        page.store(structure, at: Argument.structure)
        let call = skerry_sev_command(
            id: command.rawValue, reserved: 0, data: page.address + UInt64(Argument.structure), error: 0, sev_fd: UInt32(bitPattern: descriptors.firmware))
        page.store(call, at: Argument.command)
        let result = kernel.ioctl(descriptors.machine, skerry_KVM_MEMORY_ENCRYPT_OP, page.address + UInt64(Argument.command))
        structure = page.load(Structure.self, at: Argument.structure)
        return (result, page.load(skerry_sev_command.self, at: Argument.command).error)
    }

    /// What a failed KVM_MEMORY_ENCRYPT_OP means. The firmware's code only counts with EIO: otherwise the kernel did not get so far.
    func failure(_ step: String, _ outcome: (result: Int32, firmware: UInt32), _ advice: String) -> SNPError {
        if outcome.result == -EIO, outcome.firmware != 0, outcome.firmware != KVMConstants.noFirmwareCall {
            guard let error = FirmwareError(rawValue: outcome.firmware) else {
                return SNPError(.kernel(EIO), step, "the firmware answers with the unknown status \(outcome.firmware.hexadecimal); see AMD 56860 for it")
            }
            return SNPError(.firmware(error), step, error.advice)
        }
        return SNPError(.kernel(-outcome.result), step, advice)
    }

    func setDescriptors(kvm: Int32? = nil, machine: Int32? = nil, firmware: Int32? = nil) {
        descriptors = (kvm ?? descriptors.kvm, machine ?? descriptors.machine, firmware ?? descriptors.firmware)
    }

    func append(_ slot: Slot) { slots.append(slot) }
}
