import CLinux

/// Who owns the system call that a thread has published in its mailbox: a monitor-private word, never one in guest memory.
final class InPlaceRequest: Sendable {
    /// The answer, when the service thread has claimed the published call; nil: nobody has, and nobody will.
    func settle() -> Int64? { nil }
    /// On the exit path: the answer when the service thread has claimed this call already; nil: the caller runs it.
    func claimOrResult(port registers: kvm_regs) -> Int64? { nil }
}
