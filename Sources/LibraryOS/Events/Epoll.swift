/// What one descriptor is watched for by one epoll instance.
final class EpollItem: WaitQueueWaiter, @unchecked Sendable {
    let epoll: EpollFile
    let file: OpenFile
    let descriptor: Int32
    /// Where it hears of the file.
    fileprivate let queues: [WaitQueue]
    // Everything below is protected by the lock of `epoll`.
    var events: UInt32
    var data: UInt64
    var isQueued = false
    var isRemoved = false

    init(_ epoll: EpollFile, _ file: OpenFile, _ descriptor: Int32, events: UInt32, data: UInt64, _ task: Task) {
        queues = file.waitQueues(for: task)
        self.epoll = epoll
        self.file = file
        self.descriptor = descriptor
        self.events = events
        self.data = data
    }

    override func wake(from queue: WaitQueue) { epoll.itemMayBeReady(self, nil) }
    override func wake(from queue: WaitQueue, events: PollEvents) { epoll.itemMayBeReady(self, events) }
    override func wakeExclusively(from queue: WaitQueue, events: PollEvents) -> Bool { epoll.itemMayBeReady(self, events) }
    /// The watched description has ended.
    func remove() { epoll.forget(self) }
}

/// The flag bits of `struct epoll_event.events`.
enum EpollFlags {
    static let exclusive: UInt32 = 1 << 28, wakeUp: UInt32 = 1 << 29, oneShot: UInt32 = 1 << 30, edgeTriggered: UInt32 = 1 << 31
    static let all = exclusive | wakeUp | oneShot | edgeTriggered
}

/// An epoll(7) instance.
///
/// Watched files put their item on the ready list when their queue is woken; epoll_wait looks only at that list. Level-triggered items go back to its end
/// after each delivery and fall off when they are found not ready.
package final class EpollFile: OpenFile, @unchecked Sendable {
    private struct Key: Hashable {
        let file: ObjectIdentifier
        let descriptor: Int32
    }
    private let itemsLock = Lock(.inode)
    private var items: [Key: EpollItem] = [:]
    private var ready: [EpollItem] = []
    /// What an epoll_wait looks at now; one at a time does, so that nobody misses an item that goes back to the ready list.
    private var collecting: [EpollItem]?
    /// Somebody came meanwhile and waits for its end.
    private var isAwaited = false
    private let ownInode: Inode

    init(inode: Inode) {
        ownInode = inode
        super.init(flags: .readWrite, location: nil)
    }

    package override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:[eventpoll]".utf8) }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        let all = itemsLock.withLock { items.values.map { (file: $0.file, descriptor: $0.descriptor, events: $0.events, data: $0.data) } }
        for item in all.sorted(by: { $0.descriptor < $1.descriptor }) {
            writer.text("tfd: ")
            writer.unsigned(UInt64(UInt32(bitPattern: item.descriptor)), width: 8)
            writer.text(" events: ")
            writer.hex(UInt64(item.events), width: 8, fill: 0x20)
            writer.text(" data: ")
            writer.hex(item.data, width: 16, fill: 0x20)
            writer.text("  pos:")
            writer.signed(item.file.lock.withLock { item.file.position })
            writer.text(" ")
            if let inode = item.file.inode { writer.place(inode) }
            writer.newline()
        }
    }

    override var supportsEpoll: Bool { true }
    package override func poll() -> PollEvents {
        isReady { $0.poll() } ? [.input, .readNormal] : []
    }
    override func poll(by task: Task) -> PollEvents { isReady { $0.poll(by: task) } ? [.input, .readNormal] : [] }

    private func isReady(_ poll: (OpenFile) -> PollEvents) -> Bool {
        let candidates = itemsLock.withLock { (ready + (collecting ?? [])).map { ($0.file, $0.events) } }
        return candidates.contains { file, events in poll(file).rawValue & events & ~EpollFlags.all != 0 }
    }

    package override func release() {
        let all = itemsLock.withLock {
            let result = Array(items.values)
            items = [:]
            ready = []
            for item in result { item.isRemoved = true }
            return result
        }
        for item in all { detach(item) }
    }

    // MARK: Watching

    /// EPOLL_CTL_ADD. `EEXIST` when the descriptor is watched already.
    func add(_ file: OpenFile, _ descriptor: Int32, events: UInt32, data: UInt64, _ task: Task) throws(Errno) {
        let item = EpollItem(self, file, descriptor, events: events, data: data, task)
        let key = Key(file: ObjectIdentifier(file), descriptor: descriptor)
        itemsLock.lock()
        if items[key] != nil {
            itemsLock.unlock()
            throw .EEXIST
        }
        items[key] = item
        itemsLock.unlock()
        file.lock.withLock { file.watchers.append(item) }
        for queue in item.queues { queue.add(item, exclusively: events & EpollFlags.exclusive != 0) }
        file.prepareToWait()
        queueIfReady(item, task)
    }

    /// EPOLL_CTL_MOD. `ENOENT` when it is not watched, `EINVAL` for an exclusive item.
    func modify(_ file: OpenFile, _ descriptor: Int32, events: UInt32, data: UInt64, _ task: Task) throws(Errno) {
        let key = Key(file: ObjectIdentifier(file), descriptor: descriptor)
        itemsLock.lock()
        guard let item = items[key] else {
            itemsLock.unlock()
            throw .ENOENT
        }
        if (item.events | events) & EpollFlags.exclusive != 0 {
            itemsLock.unlock()
            throw .EINVAL
        }
        item.events = events
        item.data = data
        itemsLock.unlock()
        queueIfReady(item, task)
    }

    /// EPOLL_CTL_DEL.
    func remove(_ file: OpenFile, _ descriptor: Int32) throws(Errno) {
        let item = itemsLock.withLock { items[Key(file: ObjectIdentifier(file), descriptor: descriptor)] }
        guard let item else { throw .ENOENT }
        forget(item)
        file.lock.withLock { file.watchers.removeAll { $0 === item } }
    }

    /// Ends an item; its file forgets it by itself.
    func forget(_ item: EpollItem) {
        itemsLock.withLock {
            item.isRemoved = true
            items[Key(file: ObjectIdentifier(item.file), descriptor: item.descriptor)] = nil
            ready.removeAll { $0 === item }
        }
        for queue in item.queues { queue.remove(item) }
    }

    private func detach(_ item: EpollItem) {
        for queue in item.queues { queue.remove(item) }
        item.file.lock.withLock { item.file.watchers.removeAll { $0 === item } }
    }

    private func queueIfReady(_ item: EpollItem, _ task: Task) {
        let wanted = itemsLock.withLock { item.events }
        if item.file.poll(by: task).rawValue & wanted & ~EpollFlags.all != 0 { itemMayBeReady(item, nil) }
    }

    /// A watched file's queue was woken; `events` is what became ready, when the waker knows. True when that got somebody to look who was
    /// asleep: who waits in epoll_wait(2) and has not been woken yet.
    @discardableResult
    func itemMayBeReady(_ item: EpollItem, _ events: PollEvents?) -> Bool {
        let queued = itemsLock.withLock {
            let wanted = item.events & ~EpollFlags.all
            // Disarmed by EPOLLONESHOT, or ready for something nobody asked for.
            if item.isRemoved || wanted == 0 { return false }
            if let events, events.rawValue & wanted == 0 { return false }
            if !item.isQueued {
                item.isQueued = true
                ready.append(item)
            }
            return true
        }
        if !queued { return false }
        let finds = readiness.hasSleepers
        readiness.wake(for: [.input, .readNormal])
        return finds
    }

    /// Every file watched here, for the search for loops.
    var watchedInstances: [EpollFile] { itemsLock.withLock { items.values.compactMap { $0.file as? EpollFile } } }

    // MARK: Collecting

    /// One `struct epoll_event`.
    struct Event {
        let events: UInt32
        let data: UInt64
    }

    /// Up to `limit` events; nil while another thread collects.
    func collect(limit: Int, _ task: Task) -> [Event]? {
        let taken: [EpollItem]? = itemsLock.withLock {
            if collecting != nil {
                isAwaited = true
                return nil
            }
            let list = ready
            collecting = list
            ready = []
            for item in list { item.isQueued = false }
            return list
        }
        guard let taken else { return nil }
        var result: [Event] = []
        var again: [EpollItem] = []
        var rest = taken[...]
        while result.count < limit, let item = rest.popFirst() {
            // Without the lock: it asks the file, perhaps the host, perhaps another epoll instance.
            let found = item.file.poll(by: task).rawValue
            itemsLock.withLock {
                let events = found & item.events & ~EpollFlags.all
                if item.isRemoved || events == 0 { return }
                result.append(Event(events: events, data: item.data))
                if item.events & EpollFlags.oneShot != 0 {
                    item.events &= EpollFlags.all
                } else if item.events & EpollFlags.edgeTriggered == 0 {
                    again.append(item)
                }
            }
        }
        let othersWait = itemsLock.withLock {
            // What was not looked at stays in front, what was delivered goes behind what came meanwhile.
            let unseen = rest.filter { !$0.isRemoved && !$0.isQueued }
            for item in unseen { item.isQueued = true }
            ready = unseen + ready
            for item in again where !item.isRemoved && !item.isQueued {
                item.isQueued = true
                ready.append(item)
            }
            collecting = nil
            defer { isAwaited = false }
            return isAwaited
        }
        if othersWait { collectors.wakeAll() }
        return result
    }

    /// Where epoll_wait waits while another thread collects.
    let collectors = WaitQueue()
}
