import CLinux
import GuestABI

/// A call that code in a `GuestContext` has published in its mailbox. Everything in it is the code's own word, read once.
package struct PublishedCall: Sendable {
    /// Which one it is, counted by the gate.
    package let request: UInt32
    /// rax.
    package let number: UInt64
    /// rdi, rsi, rdx, r10, r8, r9.
    package let arguments: [UInt64]
}

/// The mailbox of a `GuestContext`, by which another thread answers its calls while a vCPU runs it.
///
/// One thread at a time uses this: whoever takes over from another has synchronised with it. What has been answered is kept here, never taken from the mailbox,
/// which is the code's to write.
package final class GuestMailbox: @unchecked Sendable {
    private let mailbox: UnsafeMutablePointer<skerry_mailbox>
    /// The request looked at last.
    private var seen: UInt32 = 0
    private var answered: (request: UInt32, answer: Answer)?

    /// What a call was answered: its result, or that the code goes on elsewhere.
    package enum Answer: Sendable { case result(UInt64), entry }

    /// The mailbox stays the context's as long as this lives: whoever has this has the context.
    init(_ mailbox: UnsafeMutablePointer<skerry_mailbox>) { self.mailbox = mailbox }

    /// Whether the gate waits in the mailbox for answers, and how often it looks before it leaves. The code itself can change that.
    package func setLooks(_ count: UInt32) { skerry_atomic_store32(&mailbox.pointee.spin, count) }

    /// What has been published until now is over. While no vCPU runs the context.
    package func begin() {
        seen = skerry_atomic_load32(&mailbox.pointee.request)
        answered = nil
    }

    /// A call that has been published since the last one, if there is one.
    package func next() -> PublishedCall? {
        let request = skerry_atomic_load32(&mailbox.pointee.request)
        guard request != seen else { return nil }
        seen = request
        // Each word once: the code may be writing them.
        let number = skerry_atomic_load64(&mailbox.pointee.number)
        let arguments = [
            skerry_atomic_load64(&mailbox.pointee.arguments.0), skerry_atomic_load64(&mailbox.pointee.arguments.1), skerry_atomic_load64(&mailbox.pointee.arguments.2),
            skerry_atomic_load64(&mailbox.pointee.arguments.3), skerry_atomic_load64(&mailbox.pointee.arguments.4), skerry_atomic_load64(&mailbox.pointee.arguments.5),
        ]
        return PublishedCall(request: request, number: number, arguments: arguments)
    }

    /// The code goes on behind its call with this in rax.
    package func answer(_ call: PublishedCall, _ result: UInt64) {
        answered = (call.request, .result(result))
        give(call, result)
    }

    /// The code, which has `EntrySteps` in its memory at the address `steps`, does not come back from its call: it is entered with the registers of a block
    /// (`EntrySteps.block`) that lies at the address `block` of its memory.
    package func answer(_ call: PublishedCall, enteringBy steps: UInt64, with block: UInt64) {
        answered = (call.request, .entry)
        mailbox.pointee.rip = steps &+ EntrySteps.byBlock
        give(call, block)
    }

    private func give(_ call: PublishedCall, _ result: UInt64) {
        mailbox.pointee.result = result
        mailbox.pointee.verdict = 0
        skerry_atomic_store32(&mailbox.pointee.response, call.request)
    }

    /// The gate leaves by its port with this call.
    package func refuse(_ call: PublishedCall) {
        mailbox.pointee.verdict = 1
        skerry_atomic_store32(&mailbox.pointee.response, call.request)
    }

    /// What the call was answered that the gate has left with (`GuestContext.Event.published`); nil: it was not.
    package func answer(to request: UInt32) -> Answer? { answered.flatMap { $0.request == request ? $0.answer : nil } }
}
