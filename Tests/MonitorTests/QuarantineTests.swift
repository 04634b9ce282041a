import CLinux
import KVM
import LibraryOS
import Testing

@testable import Monitor

/// Decision 9: a page-table-based KVM keeps the children of every table it has walked, so that a recycled table shows one process the pages of another.
@Suite("Table frames of a dead address space", .enabled(if: KVMAccess.available), .serialized)
struct QuarantineTests {
    /// mov (%rdi),%rax; out %al,$0xf9
    private static let readWord: [UInt8] = [0x48, 0x8b, 0x07, 0xe6, 0xf9]
    private static let address: UInt64 = 0x7000_0000_0000
    private static let generations = 160

    private struct Finding {
        var foreign = 0
        var recycledRoots = 0
        var kind: HostKind
    }

    /// An address space whose page at `address` holds `mark`. The page itself outlives it, as a shared page does.
    private func makeSpace(_ machine: Machine, _ vcpu: VCPU, mark: UInt64) throws -> ProbeGuest {
        let probe = try ProbeGuest(machine: machine, vcpu: vcpu, code: Self.readWord)
        let frame = try #require(try machine.memory.allocate(frames: 1).first)
        let place = try #require(machine.memory.hostAddress(of: frame.start))
        place.storeBytes(of: mark, as: UInt64.self)
        try probe.pageTable.map(GuestAddress(Self.address), to: frame, [.read, .write])
        return probe
    }

    private func read(_ probe: ProbeGuest) throws -> UInt64 {
        let exit = try probe.run(argument: Self.address)
        guard case .portOut(0xf9) = exit.reason else {
            Issue.record("the guest left with \(exit.reason) at \(String(exit.registers.rip, radix: 16)), cr2 \(String(exit.special.cr2, radix: 16))")
            return 0
        }
        return exit.registers.rax
    }

    /// Two address spaces live at any time; the older one ends and its frames go to the next. Each reads its own page, twice.
    private func recycle(quarantines: Bool) throws -> Finding {
        let machine = try Machine(memoryLimit: 64 << 20, quarantinesTables: quarantines)
        var finding = Finding(kind: try machine.probeKind())
        let vcpu = try machine.takeVCPU().vcpu
        var roots = Set<UInt64>()
        var previous = try makeSpace(machine, vcpu, mark: 1)
        for generation in 2...UInt64(Self.generations) {
            let next = try makeSpace(machine, vcpu, mark: generation)
            if !roots.insert(next.root).inserted { finding.recycledRoots += 1 }
            for (probe, mark) in [(next, generation), (previous, generation - 1), (next, generation)] where try read(probe) != mark { finding.foreign += 1 }
            previous.release()
            previous = next
        }
        return finding
    }

    @Test func recycledThroughQuarantineTheyShowNoForeignPage() throws {
        let finding = try recycle(quarantines: true)
        #expect(finding.recycledRoots > 0, "the test must recycle what it tests")
        #expect(finding.foreign == 0)
    }

    @Test func recycledWithoutItTheyShowForeignPagesOnAPageTableBasedKVM() throws {
        let finding = try recycle(quarantines: false)
        #expect(finding.recycledRoots > 0)
        if finding.kind == .pageTable { #expect(finding.foreign > 0, "if this KVM has learnt to see changed tables, the quarantine can go") }
    }
}
