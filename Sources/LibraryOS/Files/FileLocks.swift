import Synchronization

/// Who holds a record lock: a process (its descriptor table) or an open file description (F_OFD_SETLK).
enum RecordLockOwner: Hashable {
    case process(ObjectIdentifier)
    case description(ObjectIdentifier)
}

/// A byte range with inclusive bounds, locked for reading or writing.
struct RecordLock {
    var owner: RecordLockOwner
    /// What F_GETLK reports: the process id, or -1 for OFD locks.
    var process: Int32
    var isWrite: Bool
    var first: Int64
    var last: Int64

    func conflicts(with other: RecordLock) -> Bool {
        owner != other.owner && (isWrite || other.isWrite) && first <= other.last && other.first <= last
    }
}

/// flock(2) and fcntl(2) record locks on one inode, the token that makes appends atomic, and who keeps whom from writing.
package final class FileLocks: @unchecked Sendable {
    private let lock = Lock(.inode)
    private var records: [RecordLock] = []
    /// Who has flock(2)ed the file, by open file description, and from which process.
    private var exclusive: (description: ObjectIdentifier, process: Int32)?
    private var shared: [ObjectIdentifier: Int32] = [:]
    private var appending = false
    private var waiters: WaitQueue?
    /// The kernel's `i_writecount`: how many descriptions are open for writing, or, negative, how many programs run from the file.
    let writers = Atomic<Int>(0)

    package init() {}

    /// Where calls wait for any lock of this inode.
    var queue: WaitQueue {
        lock.withLock {
            if let waiters { return waiters }
            let made = WaitQueue()
            waiters = made
            return made
        }
    }

    // MARK: Record locks

    /// The most record locks one inode may carry (`ENOLCK`).
    static let maximumRecords = 8192

    /// The first lock of another owner that is in the way.
    func conflict(with wanted: RecordLock) -> RecordLock? {
        lock.withLock { records.first { $0.conflicts(with: wanted) } }
    }

    /// Takes the range unless another owner's lock is in the way, which is returned then. `ENOLCK` when there are too many.
    func acquire(_ wanted: RecordLock) throws(Errno) -> RecordLock? {
        lock.lock()
        if let blocker = records.first(where: { $0.conflicts(with: wanted) }) {
            lock.unlock()
            return blocker
        }
        if records.count >= Self.maximumRecords {
            lock.unlock()
            throw .ENOLCK
        }
        // A write lock turned into a read lock may let others in.
        let mayWake = carve(wanted.owner, wanted.first, wanted.last)
        insert(wanted)
        let woken = mayWake ? waiters : nil
        lock.unlock()
        woken?.wakeAll()
        return nil
    }

    /// Frees the owner's locks inside the range.
    func release(_ owner: RecordLockOwner, first: Int64, last: Int64) throws(Errno) {
        lock.lock()
        // Only a cut in the middle of a lock makes one more.
        let splits = records.contains { $0.owner == owner && $0.first < first && last < $0.last }
        if splits, records.count >= Self.maximumRecords {
            lock.unlock()
            throw .ENOLCK
        }
        let changed = carve(owner, first, last)
        let woken = changed ? waiters : nil
        lock.unlock()
        woken?.wakeAll()
    }

    /// Frees everything an owner has here.
    func releaseRecordLocks(of owner: RecordLockOwner) {
        lock.lock()
        if records.isEmpty {
            lock.unlock()
            return
        }
        let before = records.count
        records.removeAll { $0.owner == owner }
        let woken = records.count != before ? waiters : nil
        lock.unlock()
        woken?.wakeAll()
    }

    /// Cuts a range out of the owner's locks; true when anything was there.
    private func carve(_ owner: RecordLockOwner, _ first: Int64, _ last: Int64) -> Bool {
        var result: [RecordLock] = []
        var changed = false
        for record in records {
            guard record.owner == owner, record.first <= last, first <= record.last else {
                result.append(record)
                continue
            }
            changed = true
            // The bounds differ strictly, so neither step leaves the range of offsets.
            if record.first < first {
                var left = record
                left.last = first &- 1
                result.append(left)
            }
            if record.last > last {
                var right = record
                right.first = last &+ 1
                result.append(right)
            }
        }
        records = result
        return changed
    }

    /// Adds a range that is free of the owner's locks, joined with neighbours of the same kind.
    private func insert(_ wanted: RecordLock) {
        var joined = wanted
        records.removeAll { record in
            guard record.owner == wanted.owner, record.isWrite == wanted.isWrite else { return false }
            if record.last < joined.first, record.last &+ 1 == joined.first {
                joined.first = record.first
                return true
            }
            if record.first > joined.last, joined.last &+ 1 == record.first {
                joined.last = record.last
                return true
            }
            return false
        }
        records.append(joined)
    }

    // MARK: flock

    /// Takes the whole file for an open file description; false when another one is in the way. A lock of the other kind that the description had is
    /// given up first, as flock(2) says.
    func tryLock(_ description: ObjectIdentifier, exclusively: Bool, process: Int32) -> Bool {
        lock.lock()
        if exclusively ? exclusive?.description == description : shared[description] != nil {
            lock.unlock()
            return true
        }
        let gaveUp = forget(description)
        let free = exclusive == nil && (!exclusively || shared.isEmpty)
        if free {
            if exclusively { exclusive = (description, process) } else { shared[description] = process }
        }
        let woken = gaveUp ? waiters : nil
        lock.unlock()
        woken?.wakeAll()
        return free
    }

    /// LOCK_UN, or the end of the description.
    func unlock(_ description: ObjectIdentifier) {
        lock.lock()
        let woken = forget(description) ? waiters : nil
        lock.unlock()
        woken?.wakeAll()
    }

    private func forget(_ description: ObjectIdentifier) -> Bool {
        if exclusive?.description == description {
            exclusive = nil
            return true
        }
        return shared.removeValue(forKey: description) != nil
    }

    // MARK: Listing

    /// A lock as /proc shows it.
    struct Listed {
        let record: RecordLock
        /// Of flock(2).
        let isWhole: Bool
    }

    /// The locks of these owners, and the one of a description on the whole file, in the kernel's order.
    func held(by owners: [RecordLockOwner], wholeBy description: ObjectIdentifier) -> [Listed] {
        lock.withLock {
            var result: [Listed] = []
            let process = exclusive?.description == description ? exclusive?.process : shared[description]
            if let process {
                let isWrite = exclusive?.description == description
                let whole = RecordLock(owner: .description(description), process: process, isWrite: isWrite, first: 0, last: .max)
                result.append(Listed(record: whole, isWhole: true))
            }
            for owner in owners {
                for record in records.filter({ $0.owner == owner }).sorted(by: { $0.first < $1.first }) {
                    result.append(Listed(record: record, isWhole: false))
                }
            }
            return result
        }
    }

    // MARK: Appends

    /// One O_APPEND write at a time finds the end and writes there; false: wait on `queue`.
    func claimAppend() -> Bool {
        lock.withLock {
            if appending { return false }
            appending = true
            return true
        }
    }
    func releaseAppend() {
        let woken = lock.withLock {
            appending = false
            return waiters
        }
        woken?.wakeAll()
    }
}

/// Which process waits for which: classic record locks that would wait in a circle fail with `EDEADLK`.
package final class RecordLockWaits: @unchecked Sendable {
    private let lock = Lock(.leaf)
    /// Several threads of one process may wait at once.
    private var waits: [(id: ObjectIdentifier, waiter: RecordLockOwner, holder: RecordLockOwner)] = []
    package init() {}

    /// Notes that call `id` of `waiter` waits for `holder`; false when `holder` waits, directly or through others, for `waiter`.
    func begin(_ id: ObjectIdentifier, _ waiter: RecordLockOwner, for holder: RecordLockOwner) -> Bool {
        lock.withLock {
            var reached = [holder]
            var index = 0
            while index < reached.count {
                if reached[index] == waiter { return false }
                for wait in waits where wait.waiter == reached[index] && !reached.contains(wait.holder) { reached.append(wait.holder) }
                index += 1
            }
            waits.removeAll { $0.id == id }
            waits.append((id, waiter, holder))
            return true
        }
    }
    func end(_ id: ObjectIdentifier) { lock.withLock { waits.removeAll { $0.id == id } } }
}
