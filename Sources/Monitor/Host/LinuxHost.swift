import CLinux
import Glibc
package import LibraryOS
import Synchronization

/// What the library OS needs from outside, over the system calls of the Linux host that the monitor runs on.
package final class LinuxHost: Host, @unchecked Sendable {
    /// The descriptors of this process as a folder: the way from an O_PATH handle to one that reads. Held open so that it works inside the jail too.
    let ownDescriptors: LinuxFile
    let reactor = Reactor()
    /// Settings of the terminals that were changed, as they were before.
    let terminals = TerminalSettings()
    let timekeeping = Timekeeping()
    private let processors: Int
    private let quiet: Bool
    private let missingPaths = MissingPaths()
    private let stopsWithProgram: Bool

    /// `processors`: how many the sandbox may use. `quiet` suppresses notices.
    package init(processors: Int, quiet: Bool = false, stopsWithProgram: Bool = false) throws(Errno) {
        self.stopsWithProgram = stopsWithProgram
        self.processors = max(1, processors)
        self.quiet = quiet
        ownDescriptors = LinuxFile(
            owning: try HostSystemCalls.openat(AT_FDCWD, Array("/proc/self/fd".utf8), flags: OpenFlags([.path, .directory, .closeOnExec]).hostBits))
        super.init()
        // A write to a pipe whose reader is gone must come back as EPIPE: the signal is for the program inside, not for the monitor.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Stops the reactor's thread and puts terminals back as they were found.
    package func shutDown() {
        reactor.stop()
        timekeeping.stop()
        terminals.restore()
    }

    deinit { shutDown() }

    // MARK: Clocks, randomness, processors

    package override func now(_ clock: HostClock) -> Int64 { timekeeping.now(clock) }
    package override func armTimer(at instant: MonotonicInstant?) { timekeeping.arm(at: instant, on: reactor) }
    package override var hasMemoryBarrier: Bool { MemoryBarrier.isAvailable }
    package override func memoryBarrier() { MemoryBarrier.execute() }
    package override func processCPUTime() -> Int64 { HostSystemCalls.clock(CLOCK_PROCESS_CPUTIME_ID) }
    package override func random(_ buffer: UnsafeMutableRawBufferPointer) { HostSystemCalls.random(buffer) }
    package override var processorCount: Int { processors }

    package override func processorInformation() -> [UInt8] {
        guard let descriptor = try? HostSystemCalls.openat(AT_FDCWD, Array("/proc/cpuinfo".utf8), flags: O_RDONLY | O_CLOEXEC) else { return [] }
        let file = LinuxFile(owning: descriptor)
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while text.count < 16 << 20 {
            let count = chunk.withUnsafeMutableBytes { (try? HostSystemCalls.read(file.descriptor, [$0], at: Int64(text.count))) ?? 0 }
            if count <= 0 { break }
            text.append(contentsOf: chunk[..<count])
        }
        return Self.processorBlocks(text, count: processors)
    }

    /// The first `count` blocks of a cpuinfo text; a block ends with an empty line.
    static func processorBlocks(_ text: [UInt8], count: Int) -> [UInt8] {
        var blocks = 0
        let newline = UInt8(ascii: "\n")
        for index in text.indices.dropFirst() where text[index] == newline && text[index - 1] == newline {
            blocks += 1
            if blocks == count { return Array(text[...index]) }
        }
        return text
    }

    // MARK: Granted files

    package override func open(beneath directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile {
        try openConfined(directory, name, flags: flags, mode: mode)
    }

    package override func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile { try openAgain(file, flags: flags) }

    package override func attributes(of file: HostFile) throws(Errno) -> FileAttributes {
        Self.fileAttributes(try HostSystemCalls.attributes(file.descriptor))
    }

    package override func readLink(_ file: HostFile) throws(Errno) -> [UInt8] { try HostSystemCalls.readLink(file.descriptor) }

    package override func components(of file: HostFile, below root: HostFile) throws(Errno) -> [[UInt8]] {
        let top = try HostSystemCalls.readLink(ownDescriptors.descriptor, Self.decimal(root.descriptor)).split(separator: 0x2f)
        let path = try HostSystemCalls.readLink(ownDescriptors.descriptor, Self.decimal(file.descriptor)).split(separator: 0x2f)
        guard path.count >= top.count, zip(top, path).allSatisfy({ $0 == $1 }) else { throw .ENOENT }
        return path.dropFirst(top.count).map(Array.init)
    }

    package override func readDirectory(_ file: HostFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] {
        guard let folder = file as? LinuxFile else { throw .EBADF }
        let outcome: Result<[UInt8], Errno> = folder.directoryPosition.withLock { _ in
            do throws(Errno) { return .success(try HostSystemCalls.directoryEntries(folder.descriptor, from: offset)) } catch { return .failure(error) }
        }
        return Self.directoryEntries(try outcome.get())
    }

    package override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        guard let offset else { return try readStream(file, segments) }
        return try retried { () throws(Errno) in try HostSystemCalls.read(file.descriptor, segments, at: offset) }
    }

    package override func readCached(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64) throws(Errno) -> Int {
        do throws(Errno) {
            return try HostSystemCalls.read(file.descriptor, segments, at: offset, flags: Self.noWait)
        } catch {
            // A file system without RWF_NOWAIT: the call is made again where it may take its time.
            throw error == .EOPNOTSUPP || error == .EINTR ? .EAGAIN : error
        }
    }

    package override func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        guard let offset else { return try writeStream(file, segments) }
        return try retried { () throws(Errno) in try HostSystemCalls.write(file.descriptor, segments, at: offset) }
    }

    /// Regular files are interrupted only on file systems over a network, and only before anything was moved.
    private func retried(_ transfer: () throws(Errno) -> Int) throws(Errno) -> Int {
        while true {
            do throws(Errno) { return try transfer() } catch { if error != .EINTR { throw error } }
        }
    }

    package override func makeDirectory(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        try HostSystemCalls.makeDirectory(directory.descriptor, try Self.component(name), mode & 0o7777)
    }

    package override func makeNode(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        guard let kind = FileKind(rawValue: mode & 0o170000), kind == .fifo || kind == .socket || kind == .regular else { throw .EPERM }
        try HostSystemCalls.makeNode(directory.descriptor, try Self.component(name), mode)
    }

    package override func makeSymbolicLink(in directory: HostFile, _ name: [UInt8], target: [UInt8]) throws(Errno) {
        try HostSystemCalls.makeSymbolicLink(directory.descriptor, try Self.component(name), target: target)
    }

    package override func makeLink(to file: HostFile, in directory: HostFile, _ name: [UInt8]) throws(Errno) {
        try HostSystemCalls.makeLink(
            ownDescriptors.descriptor, Self.decimal(file.descriptor), directory.descriptor, try Self.component(name), flags: AT_SYMLINK_FOLLOW)
    }

    package override func unlink(in parent: HostFile, _ name: [UInt8], directory: Bool) throws(Errno) {
        try HostSystemCalls.unlink(parent.descriptor, try Self.component(name), flags: directory ? AT_REMOVEDIR : 0)
    }

    package override func rename(
        from oldParent: HostFile, _ oldName: [UInt8], to newParent: HostFile, _ newName: [UInt8], flags: UInt32
    ) throws(Errno) {
        try HostSystemCalls.rename(oldParent.descriptor, try Self.component(oldName), newParent.descriptor, try Self.component(newName), flags: flags)
    }

    package override func setMode(_ file: HostFile, _ mode: UInt32) throws(Errno) {
        do throws(Errno) {
            try HostSystemCalls.changeMode(file.descriptor, mode & 0o7777)
        } catch {
            if error != .ENOSYS { throw error }
            try HostSystemCalls.changeMode(ownDescriptors.descriptor, Self.decimal(file.descriptor), mode & 0o7777)
        }
    }

    package override func setOwner(_ file: HostFile, user: UInt32?, group: UInt32?) throws(Errno) {
        try HostSystemCalls.changeOwner(file.descriptor, user: user ?? .max, group: group ?? .max)
    }

    package override func setTimes(_ file: HostFile, access: Int64?, modification: Int64?) throws(Errno) {
        try HostSystemCalls.setTimes(file.descriptor, access: access, modification: modification)
    }

    package override func truncate(_ file: HostFile, to length: Int64) throws(Errno) { try HostSystemCalls.truncate(file.descriptor, length) }

    package override func allocate(_ file: HostFile, mode: Int32, offset: Int64, length: Int64) throws(Errno) {
        try HostSystemCalls.allocate(file.descriptor, mode: mode, offset: offset, length: length)
    }

    package override func sync(_ file: HostFile, dataOnly: Bool) throws(Errno) { try HostSystemCalls.sync(file.descriptor, dataOnly: dataOnly) }

    package override func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        try HostSystemCalls.seek(file.descriptor, offset, whence)
    }

    package override func fileSystemStatistics(_ file: HostFile) throws(Errno) -> FileSystemStatistics {
        let found = try HostSystemCalls.statistics(file.descriptor)
        var result = FileSystemStatistics()
        result.type = found.type
        result.blockSize = found.block_size
        result.blocks = found.blocks
        result.blocksFree = found.blocks_free
        result.blocksAvailable = found.blocks_available
        result.files = found.files
        result.filesFree = found.files_free
        result.identifier = found.identifier
        result.nameLength = found.name_length
        result.flags = found.flags
        return result
    }

    // MARK: Extended attributes

    package override func extendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) -> [UInt8] {
        do throws(Errno) {
            return try HostSystemCalls.extendedAttribute(ownDescriptors.descriptor, Self.decimal(file.descriptor), name)
        } catch {
            if error != .ENOSYS { throw error }
            return try withReadable(file) { descriptor throws(Errno) in try HostSystemCalls.extendedAttribute(descriptor, name) }
        }
    }

    package override func extendedAttributeNames(_ file: HostFile) throws(Errno) -> [[UInt8]] {
        let list: [UInt8]
        do throws(Errno) {
            list = try HostSystemCalls.extendedAttributeNames(ownDescriptors.descriptor, Self.decimal(file.descriptor))
        } catch {
            if error != .ENOSYS { throw error }
            list = try withReadable(file) { descriptor throws(Errno) in try HostSystemCalls.extendedAttributeNames(descriptor) }
        }
        return list.split(separator: 0).map { Array($0) }
    }

    package override func setExtendedAttribute(_ file: HostFile, _ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        try withReadable(file) { descriptor throws(Errno) in try HostSystemCalls.setExtendedAttribute(descriptor, name, value, flags: flags) }
    }

    package override func removeExtendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) {
        try withReadable(file) { descriptor throws(Errno) in try HostSystemCalls.removeExtendedAttribute(descriptor, name) }
    }

    /// A readable descriptor of the file, open until `body` returns.
    private func withReadable<Result>(_ file: HostFile, _ body: (Int32) throws(Errno) -> Result) throws(Errno) -> Result {
        let readable = try openAgain(file, flags: O_RDONLY | O_NONBLOCK)
        defer { withExtendedLifetime(readable) {} }
        return try body(readable.descriptor)
    }

    // MARK: Streams

    package override func poll(_ file: HostFile, events: PollEvents) -> PollEvents {
        PollEvents(rawValue: UInt32(UInt16(bitPattern: HostSystemCalls.poll(file.descriptor, events: Int16(truncatingIfNeeded: events.rawValue)))))
    }

    package override func watch(_ file: HostFile, waking queue: WaitQueue) { reactor.watch(file, waking: queue) }
    package override func unwatch(_ file: HostFile, waking queue: WaitQueue) { reactor.unwatch(file, waking: queue) }

    package override func terminalControl(_ file: HostFile, request: UInt32, argument: inout [UInt8]) throws(Errno) {
        try terminals.control(file, request: request, argument: &argument)
    }

    // MARK: Messages

    /// A stop of the program stops this process too, so that the shell that started it takes the terminal back; SIGCONT reaches the program through the forwarding of signals.
    package override func processStopped(by signal: Int32) { if stopsWithProgram { kill(getpid(), SIGSTOP) } }

    package override func pathMissing(_ path: [UInt8]) {
        if !quiet, let message = missingPaths.message(for: path) { notice(message) }
    }

    package override func notice(_ message: String) {
        if quiet { return }
        var line = Array(message.utf8)
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeMutableBytes { _ = try? HostSystemCalls.write(STDERR_FILENO, [$0], at: -1) }
    }
}
