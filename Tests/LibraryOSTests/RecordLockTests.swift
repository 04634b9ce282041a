import Testing

@testable import LibraryOS

@Suite struct RecordLockTests {
    private let locks = FileLocks()
    private let tables = [DescriptorTable(), DescriptorTable()]

    private func lock(_ owner: Int, _ first: Int64, _ last: Int64, write: Bool = true) -> RecordLock {
        RecordLock(owner: .process(ObjectIdentifier(tables[owner])), process: Int32(owner), isWrite: write, first: first, last: last)
    }

    @Test func readersShareAndWritersExclude() throws {
        #expect(try locks.acquire(lock(0, 0, 9, write: false)) == nil)
        #expect(try locks.acquire(lock(1, 5, 20, write: false)) == nil)
        #expect(try locks.acquire(lock(1, 8, 8)) != nil)
        #expect(try locks.acquire(lock(1, 10, 30)) == nil)
    }

    @Test func unlockingTheMiddleLeavesBothSides() throws {
        #expect(try locks.acquire(lock(0, 0, .max)) == nil)
        try locks.release(lock(0, 0, 0).owner, first: 100, last: 199)
        #expect(locks.conflict(with: lock(1, 100, 199)) == nil)
        #expect(locks.conflict(with: lock(1, 50, 50))?.last == 99)
        #expect(locks.conflict(with: lock(1, 200, 200))?.first == 200)
        // Locked again, the three parts are one.
        #expect(try locks.acquire(lock(0, 100, 199)) == nil)
        let whole = locks.conflict(with: lock(1, 150, 150))
        #expect(whole?.first == 0 && whole?.last == .max)
    }

    @Test func closingADescriptorOfTheProcessFreesItsLocks() throws {
        #expect(try locks.acquire(lock(0, 0, 9)) == nil)
        locks.releaseRecordLocks(of: lock(0, 0, 0).owner)
        #expect(try locks.acquire(lock(1, 0, 9)) == nil)
    }

    @Test func waitingInACircleIsADeadlock() {
        let waits = RecordLockWaits()
        let (one, other) = (lock(0, 0, 0).owner, lock(1, 0, 0).owner)
        let call = DescriptorTable(), second = DescriptorTable()
        #expect(waits.begin(ObjectIdentifier(call), one, for: other))
        #expect(!waits.begin(ObjectIdentifier(second), other, for: one))
        waits.end(ObjectIdentifier(call))
        #expect(waits.begin(ObjectIdentifier(second), other, for: one))
    }

    @Test func flockConvertsAndExcludes() {
        let (one, other) = (ObjectIdentifier(tables[0]), ObjectIdentifier(tables[1]))
        #expect(locks.tryLock(one, exclusively: false, process: 1))
        #expect(locks.tryLock(other, exclusively: false, process: 1))
        #expect(!locks.tryLock(one, exclusively: true, process: 1))
        // A failed conversion has given the shared lock up.
        #expect(locks.tryLock(other, exclusively: true, process: 1))
        locks.unlock(other)
        #expect(locks.tryLock(one, exclusively: true, process: 1))
    }
}
