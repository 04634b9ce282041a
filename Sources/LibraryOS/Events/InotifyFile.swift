/// One watch of an inotify instance.
final class InotifyWatch: FileWatch, @unchecked Sendable {
    let file: InotifyFile
    let descriptor: Int32
    /// Under the lock of `file`.
    var mask: InotifyEvents
    var isOver = false

    init(_ file: InotifyFile, _ inode: Inode, _ descriptor: Int32, _ mask: InotifyEvents) {
        self.file = file
        self.descriptor = descriptor
        self.mask = mask
        super.init(inode)
    }

    override func wants(_ event: InotifyEvents) -> Bool { file.wants(self, event) }
    override func report(_ event: InotifyEvents, name: [UInt8] = [], cookie: UInt32 = 0, isUnlinked: Bool = false) {
        file.report(self, event, name: name, cookie: cookie, isUnlinked: isUnlinked)
    }
    override func fileIsGone() { file.end(self) }
}

/// How many watches and instances a sandbox has (fs.inotify).
package final class InotifyLimits: @unchecked Sendable {
    static let queuedEvents = 16384, instances = 128, watches = 65536
    private let lock = Lock(.leaf)
    private var instancesUsed = 0, watchesUsed = 0
    private var nextCookie: UInt32 = 0

    package init() {}
    func takeInstance() -> Bool {
        lock.withLock {
            if instancesUsed >= Self.instances { return false }
            instancesUsed += 1
            return true
        }
    }
    func takeWatch() -> Bool {
        lock.withLock {
            if watchesUsed >= Self.watches { return false }
            watchesUsed += 1
            return true
        }
    }
    func giveBack(instances: Int = 0, watches: Int = 0) {
        lock.withLock {
            instancesUsed -= instances
            watchesUsed -= watches
        }
    }
    /// What the two events of a rename have in common.
    func takeCookie() -> UInt32 {
        lock.withLock {
            nextCookie = nextCookie &+ 1
            return nextCookie
        }
    }
}

/// An inotify(7) instance.
package final class InotifyFile: OpenFile, @unchecked Sendable {
    private struct Event: Equatable {
        var watch: Int32
        var mask: InotifyEvents
        var cookie: UInt32
        var name: [UInt8]

        /// The name is padded with zeros, one at least, to a multiple of the header's size.
        var nameSize: Int { name.isEmpty ? 0 : (name.count + 16) & ~15 }
        var size: Int { 16 + nameSize }
    }
    private let stateLock = Lock(.inode)
    private struct Key: Hashable {
        let fileSystem: ObjectIdentifier
        let number: UInt64

        init(_ inode: Inode) {
            fileSystem = ObjectIdentifier(inode.fileSystem)
            number = inode.number
        }
    }
    private var watches: [Int32: InotifyWatch] = [:]
    private var byInode: [Key: InotifyWatch] = [:]
    private var nextDescriptor: Int32 = 1
    private var queue: [Event] = []
    private var head = 0
    private let limits: InotifyLimits
    private let account: BufferAccount
    private let ownInode: Inode
    /// What an event costs beside its name, and a watch.
    private static let eventCost = 64, watchCost = 1024

    init(flags: OpenFlags, inode: Inode, kernel: Kernel) {
        ownInode = inode
        limits = kernel.inotify
        account = kernel.buffers
        super.init(flags: flags, location: nil)
    }

    package override var inode: Inode? { ownInode }
    override func displayName(_ task: Task) -> [UInt8] { Array("anon_inode:inotify".utf8) }
    /// noop_llseek of the kernel.
    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { 0 }

    override var signalledEvents: PollEvents? { .input }

    // MARK: Watches

    /// inotify_add_watch(2), of a file that was found and may be read.
    func watch(_ inode: Inode, _ mask: InotifyEvents) throws(Errno) -> Int32 {
        let kept = mask.intersection([.all, .excludeUnlinked, .oneShot])
        if !limits.takeWatch() { throw .ENOSPC }
        if !account.charge(Self.watchCost) {
            limits.giveBack(watches: 1)
            throw .ENOMEM
        }
        let (watch, existed) = stateLock.withLock {
            if let existing = byInode[Key(inode)] {
                if !mask.contains(.maskCreate) { existing.mask = mask.contains(.maskAdd) ? existing.mask.union(kept) : kept }
                return (existing, true)
            }
            let watch = InotifyWatch(self, inode, nextDescriptor, kept)
            nextDescriptor = nextDescriptor == .max ? 1 : nextDescriptor + 1
            watches[watch.descriptor] = watch
            byInode[Key(inode)] = watch
            return (watch, false)
        }
        if existed {
            limits.giveBack(watches: 1)
            account.refund(Self.watchCost)
            if mask.contains(.maskCreate) { throw .EEXIST }
            return watch.descriptor
        }
        inode.fileSystem.marks.add(watch)
        return watch.descriptor
    }

    /// inotify_rm_watch(2).
    func unwatch(_ descriptor: Int32) throws(Errno) {
        guard let watch = stateLock.withLock({ watches[descriptor] }) else { throw .EINVAL }
        end(watch)
    }

    /// Takes a watch away and says so.
    func end(_ watch: InotifyWatch) {
        let isFirst = stateLock.withLock {
            if watch.isOver { return false }
            watch.isOver = true
            watches[watch.descriptor] = nil
            byInode[Key(watch.inode)] = nil
            enqueue(Event(watch: watch.descriptor, mask: .ignored, cookie: 0, name: []))
            return true
        }
        if !isFirst { return }
        forget(watch)
        readiness.wake(for: [.input, .readNormal])
    }

    private func forget(_ watch: InotifyWatch) {
        watch.inode.fileSystem.marks.remove(watch)
        limits.giveBack(watches: 1)
        account.refund(Self.watchCost)
    }

    func wants(_ watch: InotifyWatch, _ event: InotifyEvents) -> Bool {
        stateLock.withLock { !watch.isOver && !watch.mask.intersection(event).isDisjoint(with: .all) }
    }

    // MARK: Events

    /// Queues an event if the watch asks for it.
    func report(_ watch: InotifyWatch, _ event: InotifyEvents, name: [UInt8], cookie: UInt32, isUnlinked: Bool) {
        // What happens to a directory itself does not say that it is one.
        let shown = event.isDisjoint(with: [.moveSelf, .deleteSelf]) ? event : event.subtracting(.isDirectory)
        var isLast = false
        let isQueued = stateLock.withLock {
            if watch.isOver || watch.mask.intersection(event).isDisjoint(with: .all) { return false }
            if isUnlinked, watch.mask.contains(.excludeUnlinked) { return false }
            isLast = watch.mask.contains(.oneShot)
            enqueue(Event(watch: watch.descriptor, mask: shown, cookie: cookie, name: name))
            return true
        }
        if !isQueued { return }
        readiness.wake(for: [.input, .readNormal])
        if isLast { end(watch) }
    }

    /// Equal events that follow each other are one; a full queue ends in one event that says so. Under the lock.
    private func enqueue(_ event: Event) {
        let count = queue.count - head
        if count > 0, let last = queue.last, last == event, !event.mask.contains(.ignored) { return }
        let isFull = count >= InotifyLimits.queuedEvents || !account.charge(Self.eventCost + event.nameSize)
        if !isFull {
            queue.append(event)
            return
        }
        let overflow = Event(watch: -1, mask: .overflow, cookie: 0, name: [])
        if let last = queue.last, count > 0, last == overflow { return }
        account.chargeBeyondLimit(Self.eventCost)
        queue.append(overflow)
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        stateLock.lock()
        defer { stateLock.unlock() }
        var writer = ByteWriter(capacity: 256)
        var taken = head
        var refund = 0
        while taken < queue.count, writer.bytes.count + queue[taken].size <= buffers.remaining {
            let event = queue[taken]
            writer.i32(event.watch)
            writer.u32(event.mask.rawValue)
            writer.u32(event.cookie)
            writer.u32(UInt32(event.nameSize))
            writer.raw(event.name)
            writer.zeros(event.nameSize - event.name.count)
            refund += Self.eventCost + event.nameSize
            taken += 1
        }
        if head == queue.count { throw .EAGAIN }
        if taken == head { throw .EINVAL }
        let copied = try buffers.copyOut(writer.bytes)
        account.refund(refund)
        head = taken
        if head == queue.count || (head > 64 && head * 2 > queue.count) {
            queue.removeFirst(head)
            head = 0
        }
        return copied
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        guard request == Ioctl.bytesAvailable else { throw .ENOTTY }
        let size = stateLock.withLock { queue[head...].reduce(0) { $0 + $1.size } }
        try task.memory.writeU32(UInt32(clamping: size), to: GuestAddress(argument))
        return 0
    }

    override func describe(_ writer: inout TextWriter, _ reader: Task) {
        let all = stateLock.withLock { watches.values.map { (watch: $0, mask: $0.mask) } }
        // The kernel lists the newest first.
        for (watch, mask) in all.sorted(by: { $0.watch.descriptor > $1.watch.descriptor }) {
            writer.text("inotify wd:")
            writer.hex(UInt64(UInt32(bitPattern: watch.descriptor)))
            writer.text(" ")
            writer.place(watch.inode)
            writer.text(" mask:")
            writer.hex(UInt64(mask.rawValue))
            // No file handle follows: there are none here (name_to_handle_at).
            writer.text(" ignored_mask:0 \n")
        }
    }

    override var supportsEpoll: Bool { true }
    package override func poll() -> PollEvents { stateLock.withLock { head < queue.count ? [.input, .readNormal] : [] } }

    package override func release() {
        let (left, cost) = stateLock.withLock {
            let left = Array(watches.values)
            let cost = queue[head...].reduce(0) { $0 + Self.eventCost + $1.nameSize }
            for watch in left { watch.isOver = true }
            watches = [:]
            byInode = [:]
            queue = []
            head = 0
            return (left, cost)
        }
        for watch in left { forget(watch) }
        account.refund(cost)
        limits.giveBack(instances: 1)
    }
}
