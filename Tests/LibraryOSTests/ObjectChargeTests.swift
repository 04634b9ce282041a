import Testing

@testable import LibraryOS

/// A limit that only counts.
private final class Ledger: PhysicalMemory, @unchecked Sendable {
    var charged = 0
    let limit: Int
    init(limit: Int) {
        self.limit = limit
        super.init()
    }
    override func charge(_ bytes: Int) -> Bool {
        if charged + bytes > limit { return false }
        charged += bytes
        return true
    }
    override func chargeBeyondLimit(_ bytes: Int) { charged += bytes }
    override func refund(_ bytes: Int) { charged -= bytes }
    override func makePageTable() throws(Errno) -> PageTable { PageTable() }
}

/// What the library OS keeps for a program counts against the memory limit, and is given back.
@Suite("Charges for objects") struct ObjectChargeTests {
    private func cover(_ charge: inout ObjectCharge, _ count: Int) -> Bool { charge.cover(count) }

    @Test func objectsArePaidInStepsAndRefused() {
        let ledger = Ledger(limit: 20000)
        var charge = ObjectCharge(ledger, cost: 100)
        #expect(cover(&charge, 1))
        #expect(ledger.charged == 6400)
        #expect(cover(&charge, 64))
        #expect(ledger.charged == 6400)
        #expect(cover(&charge, 192))
        #expect(ledger.charged == 19200)
        #expect(!cover(&charge, 193))
        #expect(ledger.charged == 19200)
        charge.settle(3)
        #expect(ledger.charged == 12800)
        charge.refundAll()
        #expect(ledger.charged == 0)
    }

    @Test func manyAreasRunIntoTheLimitAndComeBack() throws {
        let ledger = Ledger(limit: 40 << 10)
        let space = try AddressSpace(physicalMemory: ledger)
        var made = 0
        #expect(throws: Errno.ENOMEM) {
            while made < 1000 {
                let backing = AnonymousBacking(physicalMemory: ledger)
                var request = MappingRequest(length: 4096, protection: [], backing: backing)
                request.address = UInt64(0x100000 + made * 8192)
                request.placement = .fixed
                _ = try space.map(request)
                made += 1
            }
        }
        #expect(made > 60 && made < 200)
        let paid = ledger.charged
        try space.unmap(GuestAddress(0x100000), length: 8192 * 1000)
        #expect(ledger.charged < paid)
        space.release()
        #expect(ledger.charged == 0)
    }

    @Test func descriptorsAreChargedWhileTheyAreOpen() throws {
        let system = TestKernel()
        let task = try system.makeTask()
        let ledger = Ledger(limit: 1 << 20)
        let table = DescriptorTable(memory: ledger)
        let file = try DescriptorTable.anyFile(task)
        for _ in 0..<100 { _ = try table.install(file, closeOnExec: false, limit: 1000) }
        let paid = ledger.charged
        #expect(paid >= 100 * 256)
        let copy = table.copy()
        let both = ledger.charged
        #expect(both > paid)
        copy.closeAll(onlyCloseOnExec: false, by: task)
        for number in 0..<100 { try table.close(Int32(number), by: task) }
        #expect(ledger.charged < both)
    }

    @Test func fullMemoryRefusesAPipesPageAndADescriptorOnItsWay() throws {
        let ledger = Ledger(limit: 5000)
        let account = BufferAccount(ledger)
        #expect(account.charge(4096))
        #expect(!account.charge(4096))
        #expect(!account.chargeDescriptors(4, limit: 100))
        account.refund(4096)
        #expect(account.chargeDescriptors(4, limit: 100))
        account.refundDescriptors(4)
        #expect(account.isIdle && ledger.charged == 0)
    }
}

extension DescriptorTable {
    /// Some open file.
    fileprivate static func anyFile(_ task: LibraryOS.Task) throws -> OpenFile {
        var call = SyscallCall(number: 290, 0, 0)
        guard case .value(let number) = task.execute(&call) else { throw Errno.EIO }
        return try task.descriptors.file(Int32(number))
    }
}
