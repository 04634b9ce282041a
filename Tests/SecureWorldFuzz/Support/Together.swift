import Foundation

/// Runs `body` on that many threads of its own at a time, and waits for all of them. (Dispatch has as many threads as the machine has processors: whoever waits for another
/// may wait for ever.)
func together(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchSemaphore(value: 0)
    for index in 0..<count {
        Thread {
            body(index)
            done.signal()
        }.start()
    }
    for _ in 0..<count { done.wait() }
}
