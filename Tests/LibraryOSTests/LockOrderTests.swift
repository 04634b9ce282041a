import CLinux
import Glibc
import Testing

@testable import LibraryOS

/// The order of locks is asserted where the record of the threads' locks is set.
@Suite("Lock order") struct LockOrderTests {
    @Test func locksInOrderNest() {
        TestKernel.assertsLockOrder
        let outer = Lock(.directory)
        let inner = Lock(.inode)
        outer.withLock { inner.withLock {} }
        // Nothing is held now: the outer one may be taken again, after the inner one.
        inner.withLock {}
        outer.withLock {}
    }

    @Test func locksReleasedOutOfOrderAreForgotten() {
        TestKernel.assertsLockOrder
        let outer = Lock(.directory)
        let inner = Lock(.inode)
        outer.lock()
        inner.lock()
        outer.unlock()
        inner.unlock()
        outer.withLock {}
    }

    @Test func anotherThreadsLocksDoNotCount() {
        TestKernel.assertsLockOrder
        let inner = Lock(.leaf)
        inner.lock()
        var thread = pthread_t()
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
            Lock(.kernel).withLock {}
            return nil
        }
        #expect(pthread_create(&thread, nil, body, nil) == 0)
        pthread_join(thread, nil)
        inner.unlock()
    }

    @Test func aLockOutOfOrderStopsADebugBuild() async {
        await #expect(processExitsWith: .failure) {
            TestKernel.assertsLockOrder
            let inner = Lock(.inode)
            inner.withLock { Lock(.directory).withLock {} }
        }
    }

    @Test func twoLocksOfOneRankStopADebugBuild() async {
        await #expect(processExitsWith: .failure) {
            TestKernel.assertsLockOrder
            Lock(.inode).withLock { Lock(.inode).withLock {} }
        }
    }

    @Test func whatIsTriedMayBeOutOfOrder() {
        TestKernel.assertsLockOrder
        let outer = Lock(.directory)
        Lock(.inode).withLock {
            #expect(outer.tryLock())
            outer.unlock()
        }
    }

    @Test func theLastReferenceToAWorkingDirectoryIsDroppedWithoutItsLock() throws {
        let system = TestKernel()
        let task = try system.makeTask()
        let root = system.rootFileSystem.root
        _ = try root.create(Array("gone".utf8), kind: .directory, mode: 0o755, deviceNumber: 0, owner: FileCredentials(user: 0, group: 0))
        task.fileSystem.workingDirectory = try system.locate("/gone")
        try root.rmdir(Array("gone".utf8))
        task.fileSystem.workingDirectory = system.root
        #expect(try system.rootFileSystem.statistics().filesFree == UInt64((1 << 20) - 1))
    }
}
