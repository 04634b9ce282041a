internal import CLinux
internal import Glibc

/// SEV-SNP on KVM (Linux 6.11 and later; Documentation/virt/kvm/x86/amd-memory-encryption.rst).
///
/// Everything it does goes through a `KernelInterface`, so that the very same code is replayed against transcripts. One thread launches; afterwards each
/// processor is entered by one thread at a time.
public final class KVMBackend: SNPBackend {
    /// "kvm".
    public let name = "kvm"
    let calls: KernelCalls
    /// Gives the certificates that extended guest requests ask for; without it the kernel answers them with none.
    public var certificates: (any CertificateSource)? { didSet { guest?.certificates = certificates } }
    /// How often a call that the kernel puts off (EAGAIN) is repeated without any progress.
    public var patience = 1000

    /// The machine, from `createMachine` on.
    var guest: GuestMachine?
    /// /dev/sev, which the machine gives back.
    var firmware: Int32 = -1
    private var stage = Stage.empty

    enum Stage: Int {
        case empty, machine, launching, running
    }

    /// A back end over a kernel; it opens nothing yet.
    public init(kernel: any KernelInterface = LinuxKernel()) { calls = KernelCalls(kernel) }

    func require(_ expected: Stage, _ step: String) throws(SNPError) {
        guard stage == expected else { throw SNPError(.order, step, "the launch is at another stage (\(stage)); use LaunchSequence") }
    }

    /// The machine, at a stage of the launch.
    func machine(at expected: Stage, _ step: String) throws(SNPError) -> GuestMachine {
        try require(expected, step)
        return try machine(step)
    }

    /// The machine, at whatever stage.
    func machine(_ step: String) throws(SNPError) -> GuestMachine {
        guard let guest else { throw SNPError(.order, step, "there is no machine yet; use LaunchSequence") }
        return guest
    }

    func advance(to next: Stage) { stage = next }

    /// KVM_MEMORY_ENCRYPT_OP: the kernel's result and the firmware's code; a negative result is for the caller to judge.
    func encryptOperation<Structure: BitwiseCopyable>(_ command: SEVCommand, _ structure: inout Structure) throws(SNPError) -> (result: Int32, firmware: UInt32) {
        let machine = try machine(command.name).descriptor
        let page = try calls.argumentPage()
        page.store(structure, at: KernelCalls.Argument.structure)
        let call = skerry_sev_command(
            id: command.rawValue, reserved: 0, data: page.address + UInt64(KernelCalls.Argument.structure), error: 0, sev_fd: UInt32(bitPattern: firmware))
        page.store(call, at: KernelCalls.Argument.command)
        let result = calls.kernel.ioctl(machine, skerry_KVM_MEMORY_ENCRYPT_OP, page.address + UInt64(KernelCalls.Argument.command))
        structure = page.load(Structure.self, at: KernelCalls.Argument.structure)
        return (result, page.load(skerry_sev_command.self, at: KernelCalls.Argument.command).error)
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
}
