import CLinux
import Glibc
import LibraryOS

/// The monitor's own raw system calls on files, streams and clocks: thin, typed, nothing decided here. The jail's filter is checked against this file.
///
/// A call that a signal interrupted before it did anything is made again, except on streams, where the caller turns `EINTR` into `EAGAIN` so that
/// the task looks at what the signal was about.
enum HostSystemCalls {
    @discardableResult
    private static func checked<Value: SignedInteger>(_ result: Value) throws(Errno) -> Value {
        if result < 0 { throw Errno(Int32(truncatingIfNeeded: -Int64(result))) }
        return result
    }

    /// For calls of glibc, which leave their error in `errno`.
    @discardableResult
    private static func glibc<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw Errno(errno) }
        }
    }

    /// For the wrappers of `CLinux`, which return the negated error.
    @discardableResult
    private static func retrying<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
        while true {
            let result = call()
            if Int64(result) != -Int64(EINTR) { return try checked(result) }
        }
    }

    /// A zero inside a path would silently cut it.
    private static func withPath<Value>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) throws(Errno) -> Value) throws(Errno) -> Value {
        if path.contains(0) { throw .EINVAL }
        var terminated = path.map { CChar(bitPattern: $0) }
        terminated.append(0)
        return try terminated.withUnsafeBytesTyped { buffer throws(Errno) in
            guard let start = buffer.baseAddress else { throw .EINVAL }
            return try body(start.assumingMemoryBound(to: CChar.self))
        }
    }

    // MARK: Opening

    static func openat2(_ directory: Int32, _ path: [UInt8], flags: Int32, mode: UInt32, resolve: UInt64) throws(Errno) -> Int32 {
        try withPath(path) { path throws(Errno) in
            try retrying { skerry_openat2(directory, path, UInt64(UInt32(bitPattern: flags)), UInt64(mode), resolve) }
        }
    }

    static func openat(_ directory: Int32, _ path: [UInt8], flags: Int32, mode: UInt32 = 0) throws(Errno) -> Int32 {
        try withPath(path) { path throws(Errno) in try retrying { skerry_openat(directory, path, flags, mode) } }
    }

    /// Errors of close say nothing that could still be acted on; Linux frees the number in any case.
    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    // MARK: What a file is

    static func attributes(_ descriptor: Int32) throws(Errno) -> skerry_attributes {
        var result = skerry_attributes()
        try checked(skerry_fstat(descriptor, &result))
        return result
    }

    static func statistics(_ descriptor: Int32) throws(Errno) -> skerry_statistics {
        var result = skerry_statistics()
        try retrying { skerry_fstatfs(descriptor, &result) }
        return result
    }

    static func readLink(_ descriptor: Int32) throws(Errno) -> [UInt8] {
        try readLink(descriptor, [])
    }

    /// readlinkat(2).
    static func readLink(_ directory: Int32, _ name: [UInt8]) throws(Errno) -> [UInt8] {
        try withPath(name) { name throws(Errno) in
            try bytes(capacity: 4096) { buffer throws(Errno) in
                guard let target = buffer.assumingMemoryBound(to: CChar.self).baseAddress else { throw .ENOMEM }
                return try glibc { readlinkat(directory, name, target, buffer.count) }
            }
        }
    }

    /// By way of /proc/self/fd, which serves O_PATH handles too; `ENOSYS` before Linux 6.13.
    static func extendedAttribute(_ descriptors: Int32, _ number: [UInt8], _ name: [UInt8]) throws(Errno) -> [UInt8] {
        try withPath(name) { name throws(Errno) in
            try withPath(number) { number throws(Errno) in
                try bytes(capacity: 65536) { buffer throws(Errno) in
                    Int(try retrying { skerry_getxattr_at(descriptors, number, name, buffer.baseAddress, buffer.count) })
                }
            }
        }
    }

    static func extendedAttributeNames(_ descriptors: Int32, _ number: [UInt8]) throws(Errno) -> [UInt8] {
        try withPath(number) { number throws(Errno) in
            try bytes(capacity: 65536) { buffer throws(Errno) in
                Int(try retrying { skerry_listxattr_at(descriptors, number, buffer.assumingMemoryBound(to: CChar.self).baseAddress, buffer.count) })
            }
        }
    }

    static func extendedAttribute(_ descriptor: Int32, _ name: [UInt8]) throws(Errno) -> [UInt8] {
        try withPath(name) { name throws(Errno) in
            try bytes(capacity: 65536) { buffer throws(Errno) in
                Int(try retrying { skerry_fgetxattr(descriptor, name, buffer.baseAddress, buffer.count) })
            }
        }
    }

    static func extendedAttributeNames(_ descriptor: Int32) throws(Errno) -> [UInt8] {
        try bytes(capacity: 65536) { buffer throws(Errno) in
            Int(try retrying { skerry_flistxattr(descriptor, buffer.assumingMemoryBound(to: CChar.self).baseAddress, buffer.count) })
        }
    }

    static func setExtendedAttribute(_ descriptor: Int32, _ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in
            try value.withUnsafeBytesTyped { value throws(Errno) in try retrying { skerry_fsetxattr(descriptor, name, value.baseAddress, value.count, flags) } }
        }
    }

    static func removeExtendedAttribute(_ descriptor: Int32, _ name: [UInt8]) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in try retrying { skerry_fremovexattr(descriptor, name) } }
    }

    private static func bytes(capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let result = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            do throws(Errno) {
                count = try fill(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: capacity))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return result
    }

    // MARK: Bytes

    /// At most IOV_MAX segments are handed over: a shorter transfer is a correct one.
    private static func vectors(_ segments: [UnsafeMutableRawBufferPointer]) -> [skerry_segment] {
        segments.prefix(1024).map { skerry_segment(base: $0.baseAddress, length: $0.count) }
    }

    /// preadv2(2); offset -1 reads at the descriptor's own position. Not restarted: see the type's comment.
    static func read(_ descriptor: Int32, _ segments: [UnsafeMutableRawBufferPointer], at offset: Int64, flags: Int32 = 0) throws(Errno) -> Int {
        let vectors = vectors(segments)
        return Int(try checked(skerry_preadv2(descriptor, vectors, Int32(vectors.count), offset, flags)))
    }

    static func write(_ descriptor: Int32, _ segments: [UnsafeMutableRawBufferPointer], at offset: Int64, flags: Int32 = 0) throws(Errno) -> Int {
        let vectors = vectors(segments)
        return Int(try checked(skerry_pwritev2(descriptor, vectors, Int32(vectors.count), offset, flags)))
    }

    static func receive(_ descriptor: Int32, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        var vectors = vectors(segments)
        return Int(try checked(skerry_receive(descriptor, &vectors, Int32(vectors.count))))
    }

    static func send(_ descriptor: Int32, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        var vectors = vectors(segments)
        return Int(try checked(skerry_send(descriptor, &vectors, Int32(vectors.count))))
    }

    static func directoryEntries(_ descriptor: Int32, from offset: Int64) throws(Errno) -> [UInt8] {
        try glibc { lseek(descriptor, Int(offset), SEEK_SET) }
        return try bytes(capacity: 32768) { buffer throws(Errno) in
            Int(try retrying { skerry_getdents64(descriptor, buffer.baseAddress, buffer.count) })
        }
    }

    static func seek(_ descriptor: Int32, _ offset: Int64, _ whence: Int32) throws(Errno) -> Int64 {
        Int64(try glibc { lseek(descriptor, Int(offset), whence) })
    }

    // MARK: Changes

    static func makeDirectory(_ directory: Int32, _ name: [UInt8], _ mode: UInt32) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in try glibc { mkdirat(directory, name, mode) } }
    }

    static func makeNode(_ directory: Int32, _ name: [UInt8], _ mode: UInt32) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in try glibc { mknodat(directory, name, mode, 0) } }
    }

    static func makeSymbolicLink(_ directory: Int32, _ name: [UInt8], target: [UInt8]) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in
            try withPath(target) { target throws(Errno) in try glibc { symlinkat(target, directory, name) } }
        }
    }

    static func makeLink(_ oldDirectory: Int32, _ oldPath: [UInt8], _ directory: Int32, _ name: [UInt8], flags: Int32) throws(Errno) {
        _ = try withPath(oldPath) { oldPath throws(Errno) in
            try withPath(name) { name throws(Errno) in try glibc { linkat(oldDirectory, oldPath, directory, name, flags) } }
        }
    }

    static func unlink(_ directory: Int32, _ name: [UInt8], flags: Int32) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in try glibc { unlinkat(directory, name, flags) } }
    }

    static func rename(_ oldDirectory: Int32, _ oldName: [UInt8], _ newDirectory: Int32, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        _ = try withPath(oldName) { oldName throws(Errno) in
            try withPath(newName) { newName throws(Errno) in try retrying { skerry_renameat2(oldDirectory, oldName, newDirectory, newName, flags) } }
        }
    }

    static func changeMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) { try retrying { skerry_change_mode(descriptor, mode) } }

    /// fchmodat(2), which follows the magic links of /proc/self/fd.
    static func changeMode(_ directory: Int32, _ name: [UInt8], _ mode: UInt32) throws(Errno) {
        _ = try withPath(name) { name throws(Errno) in try glibc { fchmodat(directory, name, mode, 0) } }
    }

    static func changeOwner(_ descriptor: Int32, user: UInt32, group: UInt32) throws(Errno) {
        let empty: [CChar] = [0]
        try glibc { fchownat(descriptor, empty, user, group, 0x1000 /* AT_EMPTY_PATH */) }
    }

    static func setTimes(_ descriptor: Int32, access: Int64?, modification: Int64?) throws(Errno) {
        try retrying { skerry_set_times(descriptor, access ?? 0, access == nil ? 1 : 0, modification ?? 0, modification == nil ? 1 : 0) }
    }

    static func truncate(_ descriptor: Int32, _ length: Int64) throws(Errno) { try glibc { ftruncate(descriptor, Int(length)) } }

    static func allocate(_ descriptor: Int32, mode: Int32, offset: Int64, length: Int64) throws(Errno) {
        try retrying { skerry_fallocate(descriptor, mode, offset, length) }
    }

    static func sync(_ descriptor: Int32, dataOnly: Bool) throws(Errno) { try glibc { dataOnly ? fdatasync(descriptor) : fsync(descriptor) } }

    // MARK: Streams

    /// poll(2) without waiting.
    static func poll(_ descriptor: Int32, events: Int16) -> Int16 {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        while Glibc.poll(&entry, 1, 0) < 0 && errno == EINTR {}
        return entry.revents
    }

    /// ioctl(2) with a structure.
    static func control(_ descriptor: Int32, _ request: UInt32, _ argument: UnsafeMutableRawPointer) throws(Errno) {
        try retrying { skerry_ioctl(descriptor, UInt(request), UInt(bitPattern: argument)) }
    }

    /// ioctl(2) with a plain number.
    static func control(_ descriptor: Int32, _ request: UInt32, value: UInt) throws(Errno) {
        try retrying { skerry_ioctl(descriptor, UInt(request), value) }
    }

    static func makeEpoll() throws(Errno) -> Int32 { try checked(skerry_epoll_create()) }
    static func makeEvent() throws(Errno) -> Int32 { try checked(skerry_make_event()) }
    /// A timer on CLOCK_MONOTONIC that makes its descriptor readable.
    static func makeTimer() throws(Errno) -> Int32 { try checked(skerry_make_timer()) }
    /// When the timer goes off, in nanoseconds of CLOCK_MONOTONIC; nil: never.
    static func setTimer(_ descriptor: Int32, at due: Int64?) { skerry_set_timer(descriptor, due.map { max(0, $0) } ?? -1) }
    static func addToEpoll(_ epoll: Int32, _ descriptor: Int32) throws(Errno) { try checked(skerry_epoll_add_edges(epoll, descriptor)) }
    static func removeFromEpoll(_ epoll: Int32, _ descriptor: Int32) { _ = skerry_epoll_remove(epoll, descriptor) }
    /// The descriptors that have news; empty after an interruption.
    static func waitEpoll(_ epoll: Int32) -> [Int32] {
        var descriptors = [Int32](repeating: -1, count: 64)
        let count = skerry_epoll_wait(epoll, &descriptors, 64)
        return count <= 0 ? [] : Array(descriptors[..<Int(count)])
    }
    static func signalEvent(_ descriptor: Int32) { skerry_signal_event(descriptor) }

    // MARK: Clocks, barriers, randomness

    /// membarrier(2); false when the kernel refuses.
    static func memoryBarrier(command: Int32) -> Bool { skerry_membarrier(command) >= 0 }

    static func clock(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// How often the calling thread has lost its processor to another thread (getrusage(2), `ru_nivcsw`).
    static func involuntarySwitches() -> Int { skerry_involuntary_switches() }

    /// getrandom(2); blocks only before the host's generator is seeded at boot.
    static func random(_ buffer: UnsafeMutableRawBufferPointer) {
        var done = 0
        while done < buffer.count, let start = buffer.baseAddress {
            let count = skerry_random(start + done, buffer.count - done)
            // Out of a program's reach: only a host without a working getrandom(2) ends here, where going on would mean predictable keys.
            if count > 0 { done += Int(count) } else if count != -Int64(EINTR) { fatalError("getrandom fails with error \(-count)") }
        }
    }
}

extension Array where Element: FixedWidthInteger {
    /// `withUnsafeBytes` that keeps the error's type.
    func withUnsafeBytesTyped<Value>(_ body: (UnsafeRawBufferPointer) throws(Errno) -> Value) throws(Errno) -> Value {
        var outcome: Result<Value, Errno> = .failure(.EIO)
        withUnsafeBytes { buffer in
            do throws(Errno) { outcome = .success(try body(buffer)) } catch { outcome = .failure(error) }
        }
        return try outcome.get()
    }
}
