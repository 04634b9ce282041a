import Monitor
import Synchronization

/// The thread that carries a request through the secure world: one processor for each application it is inside of (an application may call another).
///
/// Made by `SecureWorld` for the time of a request, and handed down to whoever needs it; there is no thread-local "current".
final class TAThread {
    private let processors: ProcessorPool
    /// The instances this thread is inside of, the outermost first.
    var inside: [TAInstance] = []
    /// The sessions it entered them in.
    var sessions: [TASession] = []
    /// Whether its processor may wait inside the application for another command afterwards (`TAStandby`).
    var mayStandBy = false
    /// The instance its processor is to wait in.
    var standsBy: TAInstance?
    /// How deep applications may call each other.
    static let deepest = 8

    init(_ processors: ProcessorPool) { self.processors = processors }

    func takeProcessor() throws(TEEResult) -> GuestProcessor {
        do throws(MonitorError) {
            let processor = try processors.take()
            processor.beginUse()
            return processor
        } catch { throw .outOfMemory }
    }

    func giveBack(_ processor: GuestProcessor) {
        processor.endUse()
        processors.giveBack(processor)
    }
}

/// The machine's processors for applications that nobody uses now, each with the thread that used it last.
final class ProcessorPool: Sendable {
    private struct Idle {
        let processor: GuestProcessor
        let thread: UInt64
    }
    private let idle = Mutex<[Idle]>([])
    private let machine: Machine
    /// More than these are given back to the machine.
    private static let mostIdle = 16

    init(_ machine: Machine) { self.machine = machine }

    /// One for the calling thread: the one it used last, if nobody has taken it.
    func take() throws(MonitorError) -> GuestProcessor {
        let own = HostThreadIdentity.current
        let found = idle.withLock { list -> GuestProcessor? in
            if let index = list.lastIndex(where: { $0.thread == own }) { return list.remove(at: index).processor }
            // One of another thread has to move, which is slow; a new one is slower only while there are few.
            return list.count >= Self.mostIdle ? list.removeFirst().processor : nil
        }
        if let found { return found }
        return try GuestProcessor(machine: machine)
    }

    func giveBack(_ processor: GuestProcessor) {
        let surplus: Idle? = idle.withLock { list in
            list.append(Idle(processor: processor, thread: HostThreadIdentity.current))
            return list.count > Self.mostIdle ? list.removeFirst() : nil
        }
        withExtendedLifetime(surplus) {}
    }
}
