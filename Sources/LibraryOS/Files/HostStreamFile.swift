import Synchronization

/// An inherited standard stream: a pipe, terminal, socket, device or regular file of the host. Nothing of its host path or identity shows, but a granted
/// file is the same file by either way.
package final class HostStreamFile: OpenFile, @unchecked Sendable {
    private let kernel: Kernel
    private let file: HostFile
    private let shown: HostStreamInode
    private let terminal: HostTerminal?
    private let isWatched = Atomic<Bool>(false)

    /// Takes over `file`. `flags` are the access mode and O_APPEND of the host's description; `terminal` is shared by all streams of one terminal, and
    /// `console` is the place of its name: what fstat, /proc/self/fd and ttyname(3) say of it, and where it can be opened again. `twin` is the inode by which
    /// the program knows the same file already: of a granted folder, of /dev, or of another stream.
    package init(
        _ file: HostFile, flags: OpenFlags, kernel: Kernel, terminal: HostTerminal?, console: PathLocation? = nil, twin: Inode? = nil
    ) throws(Errno) {
        self.kernel = kernel
        self.file = file
        let attributes = try kernel.host.attributes(of: file)
        var settings = [UInt8](repeating: 0, count: Termios.Form.plain.size)
        var isTerminal = false
        if attributes.kind == .characterDevice {
            do throws(Errno) {
                try kernel.host.terminalControl(file, request: TerminalRequest.getSettings, argument: &settings)
                isTerminal = true
            } catch {}
        }
        self.terminal = isTerminal ? terminal : nil
        shown = HostStreamInode(file, kernel: kernel, attributes, access: flags, twin: twin)
        super.init(flags: flags, location: isTerminal ? console : nil)
    }

    /// A stream opened once more by its /proc/self/fd name.
    fileprivate init(_ file: HostFile, flags: OpenFlags, as shown: HostStreamInode, kernel: Kernel) {
        self.kernel = kernel
        self.file = file
        self.shown = shown
        terminal = nil
        super.init(flags: flags, location: nil)
    }

    package override var inode: Inode? { location?.inode ?? shown }
    override var isSeekable: Bool { shown.kind == .regular || shown.isMemoryDevice }
    override var keepsOwnPosition: Bool { true }
    override var isByteStream: Bool { true }
    /// Not when the host gave /dev/null or its like, but for /dev/random.
    override var supportsEpoll: Bool { super.supportsEpoll && (shown.deviceNumber >> 8 != 1 || shown.deviceNumber & 0xff == 8) }
    override var signalledEvents: PollEvents? { isSeekable ? nil : access.canRead ? .input : .output }

    override func displayName(_ task: Task) -> [UInt8] {
        if location != nil { return super.displayName(task) }
        return switch shown.kind {
        case .fifo: Array("pipe:[\(shown.number)]".utf8)
        case .socket: Array("socket:[\(shown.number)]".utf8)
        case .characterDevice: terminal != nil ? Array("/dev/console".utf8) : shown.deviceNumber == 0x103 ? Array("/dev/null".utf8) : Array("/dev/stream".utf8)
        default: Array("/memfd:stream-\(shown.number) (deleted)".utf8)
        }
    }

    override func checkForeground(reading: Bool, _ task: Task) throws(Errno) {
        if reading { try terminal?.checkRead(task) } else { try terminal?.checkWrite(task, file) }
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        // Another process of the host may share the description: only the exit path may take the time.
        if inPlace { throw .EAGAIN }
        if shown.kind == .directory { throw .EISDIR }
        return try buffers.withHostSegments(limit: buffers.remaining, writing: true) { segments throws(Errno) in
            try kernel.host.read(file, into: segments, at: offset)
        }
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        try buffers.withHostSegments(limit: buffers.remaining, writing: false) { segments throws(Errno) in
            try kernel.host.write(file, from: segments, at: offset)
        }
    }

    override func endOfFile() throws(Errno) -> Int64 { try kernel.host.attributes(of: file).size }

    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? {
        // null_lseek of the kernel: the position of a memory device stays where it is.
        if shown.isMemoryDevice { return 0 }
        return isSeekable ? try kernel.host.seek(file, offset: offset, whence: whence) : nil
    }

    override func truncate(to length: Int64) throws(Errno) {
        if length < 0 || shown.kind != .regular || !access.canWrite { throw .EINVAL }
        try kernel.host.truncate(file, to: length)
    }

    override func mappingSource() -> MappingSource? {
        shown.kind == .regular ? .hostFile(file, writable: access.canRead && access.canWrite) : shown.isZero ? .anonymous : nil
    }

    override func sync(dataOnly: Bool) throws(Errno) {
        guard shown.kind == .regular else { throw .EINVAL }
        try kernel.host.sync(file, dataOnly: dataOnly)
    }

    package override func poll() -> PollEvents {
        if isSeekable { return .always }
        return kernel.host.poll(
            file, events: [.input, .output, .priority, .readNormal, .writeNormal, .error, .hangUp, .readHangUp])
    }

    override func prepareToWait() {
        if isSeekable || isWatched.exchange(true, ordering: .acquiringAndReleasing) { return }
        kernel.host.watch(file, waking: readiness)
    }

    package override func release() {
        if isWatched.load(ordering: .acquiring) { kernel.host.unwatch(file, waking: readiness) }
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        if let terminal { return try terminal.control(request, argument, file, task: task, canRead: access.canRead) }
        guard request == Ioctl.bytesAvailable, shown.kind == .fifo || shown.kind == .socket else { throw .ENOTTY }
        var count = [UInt8](repeating: 0, count: 4)
        try kernel.host.terminalControl(file, request: request, argument: &count)
        try task.memory.writeBytes(Array(count.prefix(4)), to: GuestAddress(argument))
        return 0
    }
}

/// What fstat shows of an inherited stream: what it is under another name, or its kind with the size, mode and times of a regular file; everything else is
/// the sandbox's own.
private final class HostStreamInode: Inode, @unchecked Sendable {
    private let file: HostFile
    private let kernel: Kernel
    private let time: Int64
    let deviceNumber: UInt64
    /// What the inherited description allows: opening it again never allows more.
    private let access: OpenFlags
    private let twin: Inode?
    /// /dev/null, zero, full, random, urandom.
    let isMemoryDevice: Bool
    var isZero: Bool { isMemoryDevice && deviceNumber & 0xff == 5 }

    init(_ file: HostFile, kernel: Kernel, _ attributes: FileAttributes, access: OpenFlags, twin: Inode?) {
        self.file = file
        self.access = access
        self.kernel = kernel
        time = kernel.time.realtimeNow()
        // /dev/null, zero, full, random: programs compare these; of other devices only that they are some (major 240, for local use).
        isMemoryDevice = attributes.kind == .characterDevice && attributes.deviceNumber >> 8 == 1
        deviceNumber = attributes.kind == .characterDevice ? (isMemoryDevice ? attributes.deviceNumber : 240 << 8) : 0
        self.twin = twin
        super.init(
            fileSystem: twin?.fileSystem ?? kernel.anonymousFiles.hostStreams, number: twin?.number ?? kernel.inodeNumbers.take(), kind: attributes.kind,
            locks: twin?.locks ?? FileLocks())
    }

    /// What a grant allows; a file that came as a stream only is not the program's to change but for its content.
    override func change(_ change: AttributeChange) throws(Errno) {
        guard let twin else { throw .EPERM }
        try twin.change(change)
    }

    /// A description of its own, as open(2) of /proc/self/fd/N makes one: /dev/stdin, /dev/stdout.
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if flags.canRead && !access.canRead || flags.canWrite && !access.canWrite { throw .EACCES }
        // Waiting is the library OS's own business, so that the host never waits.
        let nonBlocking: Int32 = 0o4000
        let opened = try kernel.host.reopen(file, flags: Int32(flags.rawValue & 0o2003) | nonBlocking)
        return HostStreamFile(opened, flags: flags, as: self, kernel: kernel)
    }

    override var opensPipe: Bool { false }

    override func truncate(to length: Int64) throws(Errno) {
        guard kind == .regular else { throw .EINVAL }
        if !access.canWrite { throw .EACCES }
        try kernel.host.truncate(file, to: length)
    }

    override func attributes() throws(Errno) -> FileAttributes {
        if let twin { return try twin.attributes() }
        var result = FileAttributes()
        result.device = fileSystem.device
        result.inode = number
        result.kind = kind
        result.permissions = kind == .characterDevice ? 0o620 : 0o600
        result.user = kernel.configuration.user
        result.group = kernel.configuration.group
        result.deviceNumber = deviceNumber
        result.accessTime = time
        result.modificationTime = time
        result.changeTime = time
        if kind == .regular {
            let known = try kernel.host.attributes(of: file)
            result.size = known.size
            result.blocks = known.size / 512 + (known.size % 512 == 0 ? 0 : 1)
            result.permissions = known.permissions & 0o777
            (result.accessTime, result.modificationTime, result.changeTime) = (known.accessTime, known.modificationTime, known.changeTime)
        }
        return result
    }
}
