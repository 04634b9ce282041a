import Testing

@testable import LibraryOS

/// Frames without content, and a record of what was made resident ahead of its use.
private final class CountingMemory: PhysicalMemory, @unchecked Sendable {
    var next: UInt64 = 512
    var touched = 0
    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        defer { next += UInt64(count) }
        return [FrameRange(start: FrameNumber(next), count: count)]
    }
    override func touch(_ frames: FrameRange) { touched += frames.count }
    override func makePageTable() throws(Errno) -> PageTable { PageTable() }
}

/// How page faults in large private ranges bring memory in.
@Suite("Population by faults") struct FaultPopulationTests {
    private let memory = CountingMemory()
    private let space: AddressSpace
    private let start: UInt64

    init() throws {
        space = try AddressSpace(physicalMemory: memory)
        let request = MappingRequest(length: 256 << 20, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: memory))
        start = try space.map(request).value
    }

    private func fault(_ step: UInt64) {
        guard case .resolved = space.fault(GuestAddress(start + step << 21), write: true, execute: false) else {
            Issue.record("a fault in step \(step) was not resolved")
            return
        }
    }

    @Test func aRangeTouchedFromEndToEndIsMadeResidentAhead() {
        for step in 0..<UInt64(10) { fault(step) }
        #expect(memory.touched == 9 * 512)
    }

    @Test func pagesTouchedHereAndThereBringNothingElse() {
        for step in [UInt64(7), 3, 90, 41, 5] { fault(step) }
        #expect(memory.touched == 0)
    }
}
