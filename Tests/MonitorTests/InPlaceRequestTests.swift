import CLinux
import Foundation
import GuestABI
import Synchronization
import Testing

@testable import Monitor

@Suite("A call published in a mailbox")
struct InPlaceRequestTests {
    private final class Counted: Sendable {
        let executions = Atomic<Int>(0)
        let ends = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
    }

    /// The gate, the runner and the service thread at every distance from each other: the thread leaves while its call is being claimed, runs it, and is back
    /// in the guest with the call still in the mailbox before the claim is made.
    @Test func isRunOnce() {
        let mailbox = UnsafeMutablePointer<skerry_mailbox>.allocate(capacity: 1)
        mailbox.initialize(to: skerry_mailbox())
        defer { mailbox.deallocate() }
        let request = InPlaceRequest()
        request.use(mailbox)
        request.offer()
        let counted = Counted()
        Thread.detachNewThread {
            while !counted.ends.load(ordering: .relaxed) {
                _ = request.serve { _ in
                    counted.executions.add(1, ordering: .relaxed)
                    // Every third answer waits for the thread to leave.
                    return (0, counted.executions.load(ordering: .relaxed) % 3 == 0)
                }
            }
            counted.hasEnded.store(true, ordering: .releasing)
        }
        var generator = SeededGenerator(seed: 7)
        func pause() { for _ in 0..<Int.random(in: 0...12, using: &generator) { skerry_pause() } }
        var executedByRunner = 0
        let rounds: UInt32 = 200_000
        for number in 1...rounds {
            request.enterGuest()
            pause()
            skerry_atomic_store32(&mailbox.pointee.request, number)
            pause()
            request.leaveGuest()
            if request.answer(to: number) == nil { executedByRunner += 1 }
        }
        counted.ends.store(true, ordering: .relaxed)
        while !counted.hasEnded.load(ordering: .acquiring) { usleep(100) }
        #expect(executedByRunner + counted.executions.load(ordering: .relaxed) == Int(rounds))
        #expect(executedByRunner > 0 && counted.executions.load(ordering: .relaxed) > 0, "one side never ran: nothing was shown")
    }
}
