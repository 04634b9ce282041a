/// A file of the host that the library OS holds open: a descriptor when hosted. Closed when the last reference goes.
///
/// Nothing of its host path is ever shown to a program.
open class HostFile: @unchecked Sendable {
    /// The host's descriptor, for the `Host` that made it.
    public let descriptor: Int32
    /// Wraps a descriptor and owns it.
    public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// Which clock to read.
public enum HostClock: Sendable {
    /// CLOCK_REALTIME.
    case realtime
    /// CLOCK_MONOTONIC.
    case monotonic
    /// CLOCK_BOOTTIME.
    case boottime
    /// CLOCK_MONOTONIC_RAW.
    case monotonicRaw
}

/// A directory entry as the host lists it.
public struct HostDirectoryEntry: Sendable {
    /// Its name.
    public let name: [UInt8]
    /// Its inode number.
    public let inode: UInt64
    /// DT_DIR and friends.
    public let type: UInt8
    /// The host's cookie to go on after this entry.
    public let offset: Int64
    /// An entry.
    public init(name: [UInt8], inode: UInt64, type: UInt8, offset: Int64) {
        self.name = name
        self.inode = inode
        self.type = type
        self.offset = offset
    }
}

/// Everything the library OS needs from outside itself: granted files, clocks, randomness, the messages to the user.
///
/// Calls return at once or after disk I/O, never after waiting for another program: reads and writes of streams do not block
/// (`EAGAIN`), readiness comes through `watch`. In a confidential guest `RingHost` submits the same operations over a ring and switches to
/// another task until the answer is there, so that these signatures stay synchronous for the callers. All methods may be called from any thread,
/// and no library-OS lock is held around them. Default implementations answer `ENOSYS` or do nothing.
open class Host: @unchecked Sendable {
    /// For subclasses.
    public init() {}

    // MARK: Clocks, randomness, processors

    /// Reads a clock, in nanoseconds.
    open func now(_ clock: HostClock) -> Int64 { 0 }
    /// CPU time used by the whole sandbox, in nanoseconds (user and system together, as the host counts it).
    open func processCPUTime() -> Int64 { 0 }
    /// Asks that `Kernel.timersExpired(now:)` be called once, from a thread that holds no locks, when CLOCK_MONOTONIC has reached `instant`; replaces what was asked before. Nil: never.
    open func armTimer(at instant: MonotonicInstant?) {}
    /// Whether `memoryBarrier` works.
    open var hasMemoryBarrier: Bool { false }
    /// Makes every running thread of the sandbox, in guest code too, execute a full memory barrier before it returns (membarrier(2) PRIVATE_EXPEDITED of the
    /// monitor: its interrupt takes a vCPU out of the guest and back).
    open func memoryBarrier() {}
    /// Every thread of a process has been stopped by a signal such as SIGTSTP (job control of the terminal outside).
    open func processStopped(by signal: Int32) {}
    /// Fills the buffer with cryptographically strong random bytes.
    open func random(_ buffer: UnsafeMutableRawBufferPointer) {}
    /// How many processors the sandbox may use.
    open var processorCount: Int { 1 }
    /// The text of the host's /proc/cpuinfo, as far as CPUID at CPL 3 shows the same (programs parse it).
    open func processorInformation() -> [UInt8] { [] }

    // MARK: Granted files

    /// openat2(2) below `directory` with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS; `name` is a single component or relative path. O_CLOEXEC is always added. Symbolic links are not followed (O_NOFOLLOW is always added).
    open func open(beneath directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile { throw .ENOSYS }
    /// Opens the same inode again with other flags (an O_PATH handle for reading or writing).
    open func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile { throw .ENOSYS }
    /// fstat(2).
    open func attributes(of file: HostFile) throws(Errno) -> FileAttributes { throw .ENOSYS }
    /// readlinkat(2) of a symbolic link opened with O_PATH.
    open func readLink(_ file: HostFile) throws(Errno) -> [UInt8] { throw .ENOSYS }
    /// The names that lead to an open file from the directory `root` now, after whatever was renamed (/proc/self/fd); none for `root` itself. `ENOENT` when it is
    /// not below it, or has no name any more.
    open func components(of file: HostFile, below root: HostFile) throws(Errno) -> [[UInt8]] { throw .ENOENT }
    /// getdents64(2) from cookie `offset`; an empty result is the end.
    open func readDirectory(_ file: HostFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] { throw .ENOSYS }
    /// preadv(2) into monitor memory or pinned guest memory; `offset` nil reads a stream (the descriptor's own position). Streams: `EAGAIN` instead of waiting.
    open func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int { throw .ENOSYS }
    /// As `read`, but `EAGAIN` when the data is not in the page cache (preadv2 RWF_NOWAIT).
    open func readCached(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64) throws(Errno) -> Int { throw .EAGAIN }
    /// pwritev(2), as `read`.
    open func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int { throw .ENOSYS }
    /// mkdirat(2).
    open func makeDirectory(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) { throw .ENOSYS }
    /// mknodat(2) for FIFOs and sockets' placeholders; devices are refused before.
    open func makeNode(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) { throw .ENOSYS }
    /// symlinkat(2).
    open func makeSymbolicLink(in directory: HostFile, _ name: [UInt8], target: [UInt8]) throws(Errno) { throw .ENOSYS }
    /// linkat(2) of an open file to a new name.
    open func makeLink(to file: HostFile, in directory: HostFile, _ name: [UInt8]) throws(Errno) { throw .ENOSYS }
    /// unlinkat(2); `directory` true removes a directory.
    open func unlink(in parent: HostFile, _ name: [UInt8], directory: Bool) throws(Errno) { throw .ENOSYS }
    /// renameat2(2) with its flags.
    open func rename(from oldParent: HostFile, _ oldName: [UInt8], to newParent: HostFile, _ newName: [UInt8], flags: UInt32) throws(Errno) { throw .ENOSYS }
    /// fchmod(2), through an O_PATH handle too.
    open func setMode(_ file: HostFile, _ mode: UInt32) throws(Errno) { throw .ENOSYS }
    /// fchown(2), through an O_PATH handle too; nil leaves an id alone.
    open func setOwner(_ file: HostFile, user: UInt32?, group: UInt32?) throws(Errno) { throw .ENOSYS }
    /// utimensat(2), nanoseconds since the epoch; nil leaves a time alone.
    open func setTimes(_ file: HostFile, access: Int64?, modification: Int64?) throws(Errno) { throw .ENOSYS }
    /// ftruncate(2).
    open func truncate(_ file: HostFile, to length: Int64) throws(Errno) { throw .ENOSYS }
    /// fallocate(2).
    open func allocate(_ file: HostFile, mode: Int32, offset: Int64, length: Int64) throws(Errno) { throw .ENOSYS }
    /// fsync(2), or fdatasync(2).
    open func sync(_ file: HostFile, dataOnly: Bool) throws(Errno) { throw .ENOSYS }
    /// lseek(2): SEEK_DATA (3) and SEEK_HOLE (4) for granted files, all five for inherited streams that are regular files.
    open func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 { throw .ENOSYS }
    /// fstatfs(2).
    open func fileSystemStatistics(_ file: HostFile) throws(Errno) -> FileSystemStatistics { throw .ENOSYS }
    /// fgetxattr(2) and its family, for granted files.
    open func extendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) -> [UInt8] { throw .ENODATA }
    /// flistxattr(2), through an O_PATH handle too.
    open func extendedAttributeNames(_ file: HostFile) throws(Errno) -> [[UInt8]] { [] }
    /// fsetxattr(2), through an O_PATH handle too; flags XATTR_CREATE 1, XATTR_REPLACE 2.
    open func setExtendedAttribute(_ file: HostFile, _ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) { throw .EOPNOTSUPP }
    /// fremovexattr(2), through an O_PATH handle too.
    open func removeExtendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) { throw .EOPNOTSUPP }

    // MARK: Streams (standard input, output, error)

    /// What poll(2) says of a host descriptor now (POLLIN...).
    open func poll(_ file: HostFile, events: PollEvents) -> PollEvents { events }
    /// From now until `unwatch`, wakes `queue` whenever the readiness of the host descriptor changes.
    open func watch(_ file: HostFile, waking queue: WaitQueue) {}
    /// Ends `watch`.
    open func unwatch(_ file: HostFile, waking queue: WaitQueue) {}
    /// A terminal's settings and size, by the allowed ioctls only: TCGETS, TCSETS(W,F), their successors TCGETS2 and TCSETS2(W,F), TIOCGWINSZ, TIOCSWINSZ, FIONREAD, TIOCOUTQ, TCFLSH, TCSBRK, TCXONC.
    /// `argument` carries the structure in and out, or, for TCFLSH, TCSBRK and TCXONC, the number as a little-endian `int`. Other requests: `ENOTTY`.
    open func terminalControl(_ file: HostFile, request: UInt32, argument: inout [UInt8]) throws(Errno) { throw .ENOTTY }

    // MARK: Connected streams

    /// Opens a stream to what the host has behind a name of its choice; it ends with the last reference, and is read, written, polled and watched as a standard
    /// stream is. Bytes only, which the host may see and change. `ECONNREFUSED` and others: there is nothing, `EMFILE`: as many streams as there may be are open.
    open func connect(_ name: [UInt8]) throws(Errno) -> HostFile { throw .ECONNREFUSED }
    /// Nothing more is written to a connected stream: the other end finds its end behind what was written (SHUT_WR of shutdown(2)).
    open func endOutput(_ stream: HostFile) throws(Errno) { throw .ENOSYS }

    // MARK: Messages

    /// A program looked for an absolute path that does not exist in the sandbox. The host says once when it exists there, with the option that would grant it.
    open func pathMissing(_ path: [UInt8]) {}

    /// One line for the person who runs skerry (standard error, unless quiet).
    open func notice(_ message: String) {}
}
