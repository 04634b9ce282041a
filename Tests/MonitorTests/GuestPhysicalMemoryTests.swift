import KVM
import LibraryOS
import Testing

@testable import Monitor

/// Guest memory over a real virtual machine.
@Suite("Guest-physical memory", .enabled(if: KVMAccess.available)) struct GuestPhysicalMemoryTests {
    private let machine: Machine
    private var memory: GuestPhysicalMemory { machine.memory }

    init() throws { machine = try Machine(memoryLimit: 256 << 20) }

    @Test func aRefusalByTheHostIsKeptForTheMessage() throws {
        #expect(memory.refusal == nil)
        // Somebody's slot in the way: KVM refuses the one that would overlap it.
        let taken = GuestMemoryLayout.ramStart + GuestMemoryLayout.chunk
        try machine.virtualMachine.setMemory(slot: 30000, address: taken, size: 4096, host: memory.base + Int(taken))
        #expect(throws: Errno.ENOMEM) { try memory.allocate(frames: Int(GuestMemoryLayout.chunk >> 11)) }
        let text = try #require(memory.refusal)
        #expect(text.contains("KVM_SET_USER_MEMORY_REGION"))
        #expect(text.contains("File exists"))
        // Then the limit is what says no.
        #expect(throws: Errno.ENOMEM) { try memory.allocate(frames: 1 << 17) }
        #expect(memory.refusal == nil)
    }
}
