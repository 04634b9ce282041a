/// The DN_ bits of fcntl(2), F_NOTIFY.
struct DirectoryEvents: OptionSet {
    let rawValue: UInt32
    static let access = DirectoryEvents(rawValue: 0x1), modify = DirectoryEvents(rawValue: 0x2), create = DirectoryEvents(rawValue: 0x4)
    static let delete = DirectoryEvents(rawValue: 0x8), rename = DirectoryEvents(rawValue: 0x10), attributes = DirectoryEvents(rawValue: 0x20)
    static let multishot = DirectoryEvents(rawValue: 0x8000_0000)

    /// What it is that they ask for.
    var events: InotifyEvents {
        var result: InotifyEvents = []
        if contains(.access) { result.insert(.access) }
        if contains(.modify) { result.insert(.modify) }
        if contains(.create) { result.formUnion([.create, .movedTo]) }
        if contains(.delete) { result.formUnion([.delete, .movedFrom]) }
        if contains(.rename) { result.insert(.renamedInside) }
        if contains(.attributes) { result.insert(.attributes) }
        return result
    }
}

/// What one process asked to hear of a directory through one open file (F_NOTIFY of fcntl(2)): a signal for each event, or for the first one.
final class DirectoryNotification: FileWatch, @unchecked Sendable {
    private let file: OpenFile
    /// The one through which it was asked for last, which the signals name. Under the lock of the file.
    private var descriptor: Int32
    private let kernel: Kernel
    /// Whose close of a descriptor ends it.
    let table: DescriptorTable
    /// Under the lock of the file.
    private var asked: DirectoryEvents

    init(_ file: OpenFile, _ directory: Inode, _ asked: DirectoryEvents, descriptor: Int32, by task: Task) {
        self.file = file
        self.asked = asked
        self.descriptor = descriptor
        kernel = task.kernel
        table = task.descriptors
        super.init(directory)
    }

    /// Asked again: the events add up. Called with the lock of the file held.
    func add(_ more: DirectoryEvents, descriptor: Int32) {
        asked.formUnion(more)
        self.descriptor = descriptor
    }

    override func wants(_ event: InotifyEvents) -> Bool { file.lock.withLock { !asked.events.isDisjoint(with: event) } }

    override func report(_ event: InotifyEvents, name: [UInt8] = [], cookie: UInt32 = 0, isUnlinked: Bool = false) {
        let (signals, descriptor, isOver) = file.lock.withLock { () -> (FileSignals?, Int32, Bool) in
            guard !asked.events.isDisjoint(with: event), file.signals.notifications.contains(where: { $0 === self }) else {
                return (nil, self.descriptor, false)
            }
            let signals = file.signals
            if asked.contains(.multishot) { return (signals, self.descriptor, false) }
            file.signals.notifications.removeAll { $0 === self }
            return (signals, self.descriptor, true)
        }
        if isOver { inode.fileSystem.marks.remove(self) }
        signals?.send(.message, descriptor: descriptor, kernel)
    }
}

extension OpenFile {
    /// F_NOTIFY: `ENOTDIR` but for directories. Without events what the process asked for before is over.
    func notifyOfDirectory(_ asked: DirectoryEvents, descriptor: Int32, by task: Task) throws(Errno) {
        if asked.subtracting(.multishot).isEmpty { return endNotifications(of: task.descriptors) }
        guard let inode, inode.kind == .directory else { throw .ENOTDIR }
        let fresh = DirectoryNotification(self, inode, asked, descriptor: descriptor, by: task)
        let owner = try FileOwner.find(FileOwner.process, task.group.id, for: task)
        lock.withLock {
            if signals.isOver { return }
            if case .nobody = signals.owner.recipient { signals.owner = owner }
            if let known = signals.notifications.first(where: { $0.table === fresh.table }) { return known.add(asked, descriptor: descriptor) }
            signals.notifications.append(fresh)
            // Here, so that whoever takes it away finds it.
            inode.fileSystem.marks.add(fresh)
        }
        // Another thread may have closed the descriptor meanwhile, which is to end it.
        if (try? task.descriptors.file(descriptor)) !== self { endNotifications(of: fresh.table) }
    }

    /// A process has closed a descriptor of the file, or asks for nothing any more.
    func endNotifications(of table: DescriptorTable) {
        let ended = lock.withLock {
            let ended = signals.notifications.filter { $0.table === table }
            if !ended.isEmpty { signals.notifications.removeAll { $0.table === table } }
            return ended
        }
        for notification in ended { notification.inode.fileSystem.marks.remove(notification) }
    }
}
