import CLinux
import ConfidentialABI

@testable import Confidential

/// A kernel that takes every step of a launch, and whose guest is a list of what it does between two exits.
final class GuestKernel: KernelInterface {
    /// One stay of the processor in the guest: it finds the shared side of its memory, whose first byte has this address, and the run structure.
    typealias Stay = (_ shared: PretendedMemory, _ run: PretendedMemory) -> Void

    private var stays: [Stay]
    private var memories: [PretendedMemory] = []
    private var next: UInt64 = 0x7000_0000_0000
    private var run: PretendedMemory?
    /// What KVM_INTERRUPT has raised.
    private(set) var interrupts: [UInt32] = []
    /// The largest piece that was asked for is the guest's memory.
    var shared: PretendedMemory? { memories.max { $0.size < $1.size } }

    init(_ stays: [Stay]) { self.stays = stays }

    func open(_ path: String, _ flags: Int32) -> Int32 { 100 }
    func close(_ descriptor: Int32) {}
    func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 { 0 }

    func allocate(_ size: Int) -> (any HostMemory)? {
        let memory = PretendedMemory(address: next, size: size)
        next += UInt64(size + 0xFFFF) & ~0xFFF
        memories.append(memory)
        return memory
    }

    func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? {
        run = PretendedMemory(address: 0x6000_0000_0000, size: size)
        return run
    }

    private func memory(_ address: UInt64) -> (memory: PretendedMemory, offset: Int)? {
        memories.first { address >= $0.address && address < $0.address + UInt64($0.size) }.map { ($0, Int(address - $0.address)) }
    }

    func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 {
        switch request {
        case UInt32(skerry_KVM_CHECK_EXTENSION): return 1 << 4
        case UInt32(skerry_KVM_GET_VCPU_MMAP_SIZE): return 3 * 4096
        case skerry_KVM_MEMORY_ENCRYPT_OP: return encrypt(argument)
        case UInt32(skerry_KVM_RUN):
            guard !stays.isEmpty, let shared, let run else { return -5 }
            stays.removeFirst()(shared, run)
            return 0
        case UInt32(skerry_KVM_INTERRUPT):
            guard let (memory, offset) = memory(argument) else { return -14 }
            interrupts.append(memory.load(UInt32.self, at: offset))
            return 0
        default: return 101
        }
    }

    /// SNP_LAUNCH_UPDATE is told by the length of what it was given; everything else succeeds as it is. All of a run is loaded at once.
    private func encrypt(_ argument: UInt64) -> Int32 {
        guard let (memory, offset) = memory(argument) else { return -14 }
        let command = memory.load(skerry_sev_command.self, at: offset)
        if command.id == SEVCommand.launchUpdate.rawValue, let (memory, offset) = self.memory(command.data) {
            var update = memory.load(skerry_snp_launch_update.self, at: offset)
            update.gfn_start += update.len / 4096
            if update.uaddr != 0 { update.uaddr += update.len }
            update.len = 0
            memory.store(update, at: offset)
        }
        return 0
    }
}
