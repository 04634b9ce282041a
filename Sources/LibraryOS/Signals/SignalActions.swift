/// What a program asked to happen on a signal: struct kernel_sigaction of x86-64.
package struct SignalAction: Equatable, Sendable {
    package var handler: UInt64 = 0
    package var flags: UInt64 = 0
    package var restorer: UInt64 = 0
    package var mask = SignalSet()

    package init() {}
    package init(handler: UInt64, flags: UInt64 = 0, restorer: UInt64 = 0, mask: SignalSet = SignalSet()) {
        self.handler = handler
        self.flags = flags
        self.restorer = restorer
        self.mask = mask
    }

    package static let size = 32
    package static let noChildStop: UInt64 = 1, noChildWait: UInt64 = 2, information: UInt64 = 4, restorerGiven: UInt64 = 0x0400_0000
    package static let onStack: UInt64 = 0x0800_0000, restart: UInt64 = 0x1000_0000, noDefer: UInt64 = 0x4000_0000
    package static let resetHandler: UInt64 = 0x8000_0000
    /// The flags the kernel keeps; the others read back as zero, which is how programs probe for them.
    package static let knownFlags: UInt64 =
        noChildStop | noChildWait | information | 0x800 | restorerGiven | onStack | restart | noDefer | resetHandler

    package var isDefault: Bool { handler == 0 }
    /// SIG_IGN.
    package var isIgnore: Bool { handler == 1 }

    package init(_ bytes: [UInt8]) {
        let reader = ByteReader(bytes)
        handler = reader.u64(0)
        flags = reader.u64(8) & Self.knownFlags
        restorer = reader.u64(16)
        mask = SignalSet(bits: reader.u64(24)).subtracting(.unblockable)
    }

    package var encoded: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.u64(handler)
        writer.u64(flags)
        writer.u64(restorer)
        writer.u64(mask.bits)
        return writer.bytes
    }
}

/// The signal actions of a process. Their table is shared with the processes that were made with CLONE_SIGHAND.
package final class SignalActions: @unchecked Sendable {
    private final class Table {
        let lock = Lock(.leaf)
        var actions = [SignalAction](repeating: SignalAction(), count: Int(Signal.last) + 1)
    }
    /// Which table is in force changes once, at execve(2); also taken around the table's own lock.
    private let lock = Lock(.leaf)
    private var table: Table

    package init() { table = Table() }
    /// Actions of a program whose caller ignored these signals.
    package convenience init(ignoring ignored: SignalSet) {
        self.init()
        let numbers = ignored.subtracting(.unblockable)
        for number in 1...Signal.last where numbers.contains(number) { self[number] = SignalAction(handler: 1) }
    }
    private init(_ table: Table) { self.table = table }

    private var current: Table { lock.withLock { table } }

    package subscript(number: Int32) -> SignalAction {
        get {
            let table = current
            return table.lock.withLock { Signal.isValid(number) ? table.actions[Int(number)] : SignalAction() }
        }
        set {
            let table = current
            table.lock.withLock { if Signal.isValid(number) { table.actions[Int(number)] = newValue } }
        }
    }

    /// True when the signal would do nothing.
    package func ignores(_ number: Int32) -> Bool {
        let action = self[number]
        return action.isIgnore || (action.isDefault && Signal.defaultAction(number) == .ignore)
    }

    /// execve(2): handlers are gone, ignored signals stay ignored; other processes keep what was shared with them.
    package func resetForExecution() {
        let fresh = copy(clearingHandlers: true).current
        lock.withLock { table = fresh }
    }

    /// fork(2); `clearingHandlers` is CLONE_CLEAR_SIGHAND.
    package func copy(clearingHandlers: Bool = false) -> SignalActions {
        let old = current
        let result = Table()
        result.actions = old.lock.withLock { old.actions }
        if clearingHandlers {
            for index in result.actions.indices { result.actions[index] = result.actions[index].isIgnore ? SignalAction(handler: 1) : SignalAction() }
        }
        return SignalActions(result)
    }

    /// CLONE_SIGHAND: what one process sets is set for both.
    package func shared() -> SignalActions { SignalActions(current) }
}
