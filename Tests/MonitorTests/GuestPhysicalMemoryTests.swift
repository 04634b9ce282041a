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

    private func fill(_ frames: FrameRange, _ byte: UInt8) throws {
        let place = try #require(memory.hostAddress(of: frames.start))
        place.initializeMemory(as: UInt8.self, repeating: byte, count: frames.count * 4096)
    }
    private func firstByte(_ frames: FrameRange) throws -> UInt8 { try #require(memory.hostAddress(of: frames.start)).load(as: UInt8.self) }

    @Test func framesOfADeadAddressSpaceServeForCopiesAndForNothingElse() throws {
        let frames = try #require(try memory.allocate(frames: 20).first)
        try fill(frames, 7)
        memory.recycle([frames])
        let fresh = try #require(try memory.allocate(frames: 20).first)
        #expect(fresh != frames)
        #expect(try firstByte(fresh) == 0, "other memory is handed out zeroed")
        let copies = try memory.allocateForCopy(frames: 12)
        #expect(copies.map(\.count) == [12] && copies.first?.start == frames.start)
        #expect(try memory.allocateForCopy(frames: 30).map(\.count).reduce(0, +) == 30, "the rest is new")
    }

    @Test func framesThatAHostCallMayUseAreNotKept() throws {
        let frames = try #require(try memory.allocate(frames: 4).first)
        let token = memory.pin()
        memory.recycle([frames])
        #expect(try memory.allocateForCopy(frames: 4).first != frames)
        memory.unpin(token)
    }

    @Test func keptFramesAreGivenUpBeforeMemoryRunsOut() throws {
        let all = Int(memory.usage.limit >> 12)
        var runs = try memory.allocate(frames: 800)
        for run in runs { try fill(run, 1) }
        memory.recycle(runs)
        #expect(memory.mayPopulate(frames: all - 500))
        runs = try memory.allocate(frames: all - 500)
        #expect(runs.reduce(0) { $0 + $1.count } == all - 500)
    }

    @Test func copiesAreMadeOfWhatIsLeftBelowTheLimit() throws {
        // Nearly all of it is handed out, but nothing is touched.
        let all = Int(memory.usage.limit >> 12)
        _ = try memory.allocate(frames: all - 300)
        #expect(throws: Errno.ENOMEM) { try memory.allocate(frames: 400) }
        let copies = try memory.allocateForCopy(frames: 400)
        #expect(copies.reduce(0) { $0 + $1.count } == 400)
    }
}
