import LibraryOS
import Monitor
import Synchronization

/// An instance of a trusted application: its own address space, entered for one command at a time.
///
/// Whoever enters it holds `entry` (`claim`). An instance that has panicked stays dead: its sessions answer TARGET_DEAD until they are closed.
final class TAInstance: @unchecked Sendable {
    let uuid: TEEUUID
    private(set) var flags: TAFlags
    /// The secure world it lives in; cut when it ends.
    let world: SecureWorld
    let context: GuestContext
    let memory: TAMemory
    /// Where every entry begins, and where its stack does.
    private(set) var layout: Layout
    /// The images in its memory; `dlopen` adds some.
    var linkMap: TALinkMap
    /// Memory that parameters are copied to.
    var parameterArea = ParameterArea()
    /// The loader that runs in its memory; nil: the TEE has loaded it itself.
    var guestLoader: GuestLoader?
    /// What every command begins with (`SecureWorldConfiguration.snapshotsAfterOpen`); only for whoever has entered.
    var snapshot: TASnapshot?
    /// The debugger that runs it.
    let debuggee: Debuggee?
    /// Whether a processor waits inside for the next command.
    let standby = TAStandby()
    /// Handles of cryptographic objects, operations, enumerators; only for whoever has entered.
    var handles: TAHandles
    /// The next data of `srand`-like kinds: what TEE_GetSystemTime counts from.
    let started: Int64

    /// Addresses in its memory.
    struct Layout: Sendable {
        var entry: UInt64
        /// The end of the stack; the parameters of an entry lie right below.
        var stackTop: UInt64
        /// Zero when a loader of the guest has made the stack.
        var stackSize: UInt64
        /// The word FS points to (stack protector).
        let threadArea: UInt64
        /// Where `EntrySteps` lie.
        let entrySteps: UInt64
        /// Where the parameter area begins; nothing else lies behind it.
        let free: UInt64
        /// Where the instance can read what it is told at its start (`InstanceBootInformation`); zero: nowhere.
        var bootInformation: UInt64 = 0
    }

    private struct State {
        var isDead = false
        /// Dead for good: not even a snapshot revives it.
        var isOver = false
        /// The sessions that are open.
        var sessions: Set<UInt32> = []
        /// Who sleeps on its behalf and is to be woken by its end.
        var wake: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())
    private let turn = ThreadSignal()

    init(uuid: TEEUUID, flags: TAFlags, world: SecureWorld, context: GuestContext, layout: Layout, linkMap: TALinkMap) {
        self.uuid = uuid
        self.flags = flags
        self.world = world
        self.context = context
        memory = TAMemory(context.memory)
        handles = TAHandles(world.machine.memory)
        self.layout = layout
        self.linkMap = linkMap
        started = world.clock.monotonic()
        debuggee = world.configuration.debugger?.debuggee(for: uuid)
        debuggee?.instance = self
    }

    /// A loader of the guest has found out what `layout` and `flags` are to be. Before the first session.
    func settle(_ layout: Layout, _ flags: TAFlags) {
        self.layout = layout
        self.flags = flags
    }

    /// It has panicked or was ended.
    var isDead: Bool { state.withLock { $0.isDead } }
    /// A snapshot is about to be restored: it lives again, unless it is dead for good.
    func revive() -> Bool {
        state.withLock { state in
            if state.isOver { return false }
            state.isDead = false
            return true
        }
    }
    /// Nobody enters it any more, and what sleeps for it wakes. `forGood`: as long as the secure world lasts.
    func markDead(forGood: Bool = false) {
        let wake = state.withLock {
            $0.isDead = true
            if forGood { $0.isOver = true }
            return $0.wake
        }
        wake?()
    }
    /// Who is told by `markDead`, while it sleeps.
    func whenEnded(_ wake: (@Sendable () -> Void)?) { state.withLock { $0.wake = wake } }

    /// How many sessions are open.
    var sessionCount: Int { state.withLock { $0.sessions.count } }
    func add(session id: UInt32) { state.withLock { _ = $0.sessions.insert(id) } }
    /// True when that was the last one.
    func remove(session id: UInt32) -> Bool {
        state.withLock {
            $0.sessions.remove(id)
            return $0.sessions.isEmpty
        }
    }

    /// Waits until nobody else is inside. False when that would be for ever: whoever is inside waits for this thread.
    func claim(_ thread: TAThread) -> Bool {
        while true {
            let seen = turn.count
            switch world.turns.ask(self, thread) {
            case .entered:
                standby.dismiss(context)
                return true
            case .never: return false
            case .wait: turn.wait(after: seen)
            }
        }
    }

    /// As `claim`, when nobody is inside; whoever stands by stays.
    func claimAtOnce(_ thread: TAThread) -> Bool {
        world.turns.askOnce(self, thread)
    }

    /// Lets the next one in.
    func leave() {
        world.turns.leave(self)
        turn.signal()
    }

    /// Gives back everything it has: memory, handles, stored objects.
    /// `killed`: it has not come to its end by itself.
    func end(killed: Bool = false) {
        debuggee?.ended(killed ? .killed(9) : .exited)
        markDead(forGood: true)
        snapshot = nil
        giveProfiles()
        handles.closeAll()
        context.memory.release()
    }
}
