/// The flags of open(2).
public struct OpenFlags: OptionSet, Hashable, Sendable {
    /// The bits, x86-64 values.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let writeOnly = OpenFlags(rawValue: 0o1)
    package static let readWrite = OpenFlags(rawValue: 0o2)
    package static let create = OpenFlags(rawValue: 0o100)
    package static let exclusive = OpenFlags(rawValue: 0o200)
    package static let noControllingTerminal = OpenFlags(rawValue: 0o400)
    package static let truncate = OpenFlags(rawValue: 0o1000)
    package static let append = OpenFlags(rawValue: 0o2000)
    package static let nonBlocking = OpenFlags(rawValue: 0o4000)
    package static let dataSync = OpenFlags(rawValue: 0o10000)
    package static let async = OpenFlags(rawValue: 0o20000)
    package static let direct = OpenFlags(rawValue: 0o40000)
    package static let largeFile = OpenFlags(rawValue: 0o100000)
    package static let directory = OpenFlags(rawValue: 0o200000)
    package static let noFollow = OpenFlags(rawValue: 0o400000)
    package static let noAccessTime = OpenFlags(rawValue: 0o1000000)
    package static let closeOnExec = OpenFlags(rawValue: 0o2000000)
    package static let sync = OpenFlags(rawValue: 0o4010000)
    package static let path = OpenFlags(rawValue: 0o10000000)
    /// O_TMPFILE's own bit (it also contains O_DIRECTORY).
    package static let temporaryBit = OpenFlags(rawValue: 0o20000000)

    /// O_ACCMODE is O_RDONLY or O_RDWR.
    package var canRead: Bool { rawValue & 3 == 0 || rawValue & 3 == 2 }
    /// O_ACCMODE is O_WRONLY or O_RDWR.
    package var canWrite: Bool { rawValue & 3 == 1 || rawValue & 3 == 2 }
}

/// An open file description (open(2)): what descriptors refer to. Shared by dup and fork.
///
/// `read` and `write` never block: they move what can be moved now and throw `EAGAIN` when that is nothing; the system call layer waits on `readiness`
/// unless O_NONBLOCK is set. The default implementations refuse as Linux does for files without that operation.
open class OpenFile: @unchecked Sendable {
    /// Protects `statusFlags` and `position`.
    package let lock = Lock(.openFile)
    /// O_APPEND, O_NONBLOCK and the access mode; changed by F_SETFL.
    package var statusFlags: OpenFlags
    /// The file offset. Read and written under `positionLock` semantics of the system call layer (`read`, `write` and `lseek` are atomic to each other, as since Linux 3.14).
    package var position: Int64 = 0
    /// Where it was found; nil for pipes, eventfds and their like.
    package let location: PathLocation?
    /// Woken whenever what `poll()` says may have changed.
    /// Replaced only by initialisers of files that share one queue between several descriptions (the ends of a pipe).
    package internal(set) var readiness: WaitQueue
    /// The access mode and O_PATH of the open, which never change (readable without the lock).
    package let access: OpenFlags
    /// `position` is in use by a call; see `claimPosition`. Under `lock`.
    var positionIsClaimed = false
    var positionWaiters: WaitQueue?
    /// The epoll entries that watch this description. Under `lock`.
    var watchers: [EpollItem] = []
    /// It is counted as a writer of the file it was found as. Set before anyone else knows it.
    var isCountedWriter = false
    /// F_SETOWN, F_SETSIG, O_ASYNC and F_NOTIFY. Under `lock`.
    var signals = FileSignals()

    /// They do not stay with the description.
    private static let flagsOfTheOpen: OpenFlags = [.create, .exclusive, .noControllingTerminal, .truncate, .closeOnExec]

    init(flags: OpenFlags, location: PathLocation?) {
        readiness = WaitQueue()
        access = flags.intersection([.writeOnly, .readWrite, .path])
        statusFlags = flags.subtracting(Self.flagsOfTheOpen)
        self.location = location
    }

    /// For files that share one queue between several descriptions (the ends of a pipe).
    init(flags: OpenFlags, location: PathLocation?, readiness: WaitQueue) {
        self.readiness = readiness
        access = flags.intersection([.writeOnly, .readWrite, .path])
        statusFlags = flags.subtracting(Self.flagsOfTheOpen)
        self.location = location
    }

    /// The inode behind it; anonymous files have one of the anonymous file system.
    open var inode: Inode? { location?.inode }
    /// What /proc/self/fd/N shows; overridden by pipes and anonymous files ("pipe:[12]").
    func displayName(_ task: Task) -> [UInt8] { location.map { $0.displayPath(from: task.fileSystem.root) } ?? Array("anon_inode:[unknown]".utf8) }
    /// False for pipes, sockets, terminals: `lseek`, `pread` and `pwrite` answer `ESPIPE`.
    var isSeekable: Bool { false }
    /// Reads at `offset` (seekable files: always given; streams: nil) and advances the buffers. Zero is the end of the file.
    func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EINVAL }
    /// Writes at `offset`; `appending` means at the end, atomically, and returns where that was through `position` of the caller's next offset.
    func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int { throw .EINVAL }
    /// Where O_APPEND writes go: the size now.
    func endOfFile() throws(Errno) -> Int64 { 0 }
    /// What O_ASYNC sends signals for; nil: nothing (regular files and others without `fasync` in the kernel).
    var signalledEvents: PollEvents? { nil }
    /// Asked when one about room to write is to be sent: false when nobody has looked for room in vain since the last one (sockets).
    func takesOutputSignal() -> Bool { true }
    /// Who gets them when F_SETOWN has named nobody.
    func defaultOwner(_ task: Task) -> FileOwner? { nil }
    /// What is ready now.
    open func poll() -> PollEvents { .always }
    /// What is ready for `task`; differs from `poll()` where it depends on who asks (signalfd).
    func poll(by task: Task) -> PollEvents { poll() }
    /// Where `task` hears that what it would find ready may have changed.
    func waitQueues(for task: Task) -> [WaitQueue] { [readiness] }
    /// Whether its state can be waited for at all: what cannot is always ready, and nothing epoll(7) watches (`EPERM`).
    var supportsEpoll: Bool {
        switch inode?.kind {
        case .regular, .directory: false
        default: true
        }
    }
    /// What its kind adds to /proc/PID/fdinfo/N.
    func describe(_ writer: inout TextWriter, _ reader: Task) {}
    /// Called once when a task begins to wait on `readiness` (host streams register with the reactor here).
    func prepareToWait() {}
    /// ioctl(2) other than the generic FIONBIO, FIOCLEX, FIONCLEX, FIOASYNC.
    func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 { throw .ENOTTY }
    /// Streams of bytes: a blocking write goes on until everything is written.
    var isByteStream: Bool { false }
    /// The position is kept elsewhere (by the host, for inherited standard streams): `read` and `write` get no offset, `seek` answers every lseek.
    var keepsOwnPosition: Bool { false }
    /// A write to a stream answered in place: everything at once, or `EAGAIN` with nothing changed.
    func writeInPlace(_ buffers: inout UserBuffers, task: Task) throws(Errno) -> Int { throw .EAGAIN }
    /// Whether a write that fails with `EPIPE` after `moved` bytes sends SIGPIPE.
    func signalsBrokenPipe(moved: Int) -> Bool { true }
    /// SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds; nil: wait for ever.
    var readTimeout: Int64? { nil }
    var writeTimeout: Int64? { nil }
    /// Job control: asked once, when a read or a write begins and not while it waits (terminals).
    func checkForeground(reading: Bool, _ task: Task) throws(Errno) {}
    /// When a read that began at `started` and waits takes what there is (VTIME of terminals), asked again at every look; nil: not yet.
    func readDeadline(started: MonotonicInstant) -> MonotonicInstant? { nil }
    /// What a read gets whose deadline has passed or that a signal ends: less than it waits for, or nothing at the deadline. `EAGAIN`: nothing.
    func readRemainder(_ buffers: inout UserBuffers, task: Task) throws(Errno) -> Int { throw .EAGAIN }
    /// The other end has gone while a read waited, which fails with `EIO`; later ones find an end of file (terminals).
    var isHungUp: Bool { false }
    /// lseek(2) for SEEK_DATA and SEEK_HOLE, and for files whose position means something else (directories, /proc). nil: the generic rule.
    func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? { nil }
    /// getdents64: entries from `position` on, given to `emit` until it returns false; `position` is advanced past each accepted entry.
    func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) { throw .ENOTDIR }
    /// ftruncate(2).
    func truncate(to length: Int64) throws(Errno) { throw .EINVAL }
    /// fallocate(2); `EINTR` when it takes long and the task has something else to do.
    func allocate(mode: Int32, offset: Int64, length: Int64, task: Task) throws(Errno) { throw .ENODEV }
    /// fsync(2), fdatasync(2).
    func sync(dataOnly: Bool) throws(Errno) { throw .EINVAL }
    /// What a mapping maps; nil: `ENODEV`.
    func mappingSource() -> MappingSource? { nil }
    /// F_GET_SEALS (memfd_create(2)); `EINVAL` for files that cannot be sealed.
    func seals() throws(Errno) -> FileSeals { throw .EINVAL }
    /// F_ADD_SEALS.
    func addSeals(_ seals: FileSeals) throws(Errno) { throw .EINVAL }
    /// A descriptor that referred to it was closed by a process (fcntl locks go, epoll forgets it when it was the last).
    func descriptorClosed(by task: Task) {}
    /// The last reference is gone; called by the descriptor layer exactly once.
    open func release() {}

    private let references = ReferenceCount()
    /// One more descriptor, mapping or message in flight refers to it.
    package func retain() { references.increment() }
    /// How many refer to it now.
    var currentReferences: Int { references.value }
    /// One reference less; the last one calls `release`.
    package func drop() {
        guard references.decrement() else { return }
        lastReferenceIsGone()
        release()
    }
    /// As `retain`, false when the description has been released already (another thread closed the last descriptor).
    package func retainIfReferenced() -> Bool { references.incrementIfReferenced() }
}

/// One entry that getdents64 gives.
package struct DirectoryEntry {
    package var name: [UInt8]
    package var inode: UInt64
    package var type: UInt8
    /// The position after this entry (`d_off`).
    package var next: Int64
    package init(name: [UInt8], inode: UInt64, type: UInt8, next: Int64) {
        self.name = name
        self.inode = inode
        self.type = type
        self.next = next
    }
}

/// What a file gives to mmap(2).
package enum MappingSource {
    /// A memory object in guest RAM (tmpfs, memfd, shared memory): mapped without a copy.
    case object(MemoryObject)
    /// A granted host file, mapped from the host's page cache. `writable`: the handle allows shared writable mappings.
    case hostFile(HostFile, writable: Bool)
    /// /dev/zero: anonymous memory.
    case anonymous
}
