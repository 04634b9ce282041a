import Synchronization

/// Done when a task made with CLONE_VFORK no longer uses its maker's memory: it has a program of its own, or is over.
final class VforkCompletion: @unchecked Sendable {
    private let done = Atomic<Bool>(false)
    let queue = WaitQueue()

    var isComplete: Bool { done.load(ordering: .acquiring) }
    func complete() {
        done.store(true, ordering: .releasing)
        queue.wakeAll()
    }
}

/// A clone(2) or vfork(2) whose child runs in the caller's memory.
final class VforkWait: CallProgress {
    private let child: Int32
    private let completion: VforkCompletion

    init(child: Int32, completion: VforkCompletion) {
        self.child = child
        self.completion = completion
    }

    /// Signals wait until the child is done; only death ends this earlier.
    var outcome: Outcome {
        completion.isComplete ? .done(Int64(child)) : .wait(Wait(queues: [completion.queue], deadline: nil, isKillable: true))
    }
}
