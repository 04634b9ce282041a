import CLinux

@testable import LibraryOS

/// A store in the test's memory: with a capacity, with failures when a test asks for them, and with a durable copy, so that a crash is a new store over that.
///
/// It is as strict as a store may be. What is written takes a place of its own until the commit, for which room must have been reserved, and what was there before
/// keeps its place until then, too; and it may only be called with locks held that are allowed.
final class MemoryFileStore: FileStore, @unchecked Sendable {
    struct File: Equatable {
        var record: [UInt8]?
        var blocks: [UInt64: [UInt8]] = [:]
        var size: Int { blocks.count + (record == nil ? 0 : 1) }
    }
    private struct Place: Hashable {
        let file: UInt64
        /// nil: the record.
        let block: UInt64?
    }
    struct Failures {
        var reads = false, writes = false, commits = false
        /// So many writes succeed before.
        var writesAfter = 0
    }

    private let lock = Lock(.leaf)
    private let capacity: Int
    private var files: [UInt64: File]
    private var durable: [UInt64: File]
    private var written: Set<Place> = []
    private var reserved = 0
    private var _failures = Failures()
    private var _reads = 0, _blocksRead = 0, _blocksWritten = 0, _commits = 0
    private var _complaints: [String] = []
    private var _afterReading: (@Sendable () -> Void)?

    init(capacity: Int = 1 << 20, holding files: [UInt64: File] = [:]) {
        self.capacity = capacity
        self.files = files
        durable = files
    }

    /// What is found after a crash.
    func afterCrash(capacity: Int? = nil) -> MemoryFileStore { lock.withLock { MemoryFileStore(capacity: capacity ?? self.capacity, holding: durable) } }

    // MARK: For tests

    /// What happens once between the next reading of blocks and their arrival.
    func afterReading(_ body: @escaping @Sendable () -> Void) { lock.withLock { _afterReading = body } }

    var failures: Failures {
        get { lock.withLock { _failures } }
        set { lock.withLock { _failures = newValue } }
    }
    var reads: Int { lock.withLock { _reads } }
    var blocksRead: Int { lock.withLock { _blocksRead } }
    var blocksWritten: Int { lock.withLock { _blocksWritten } }
    var commits: Int { lock.withLock { _commits } }
    /// What nobody should have done.
    var complaints: [String] { lock.withLock { _complaints } }
    /// What is durable.
    var durableFiles: [UInt64: File] { lock.withLock { durable } }
    var durableSize: Int { lock.withLock { size(durable) } }

    private func size(_ files: [UInt64: File]) -> Int { files.values.reduce(0) { $0 + $1.size } }

    /// Only locks that nobody needs who is waited for may be held.
    private func enter(_ name: String, allowed: Lock.Rank = .inode) {
        let held = skerry_lock_order(255, 1)
        if held > Int32(allowed.rawValue) { lock.withLock { _complaints.append("\(name) with a lock of rank \(held) held") } }
    }

    private func take(_ place: Place) throws(Errno) {
        if _failures.writes {
            if _failures.writesAfter == 0 { throw .EIO }
            _failures.writesAfter -= 1
        }
        guard written.insert(place).inserted else { return }
        if reserved == 0 {
            written.remove(place)
            _complaints.append("\(place) is written without room")
            throw .ENOSPC
        }
        reserved -= 1
    }

    // MARK: FileStore

    override func files(from first: UInt64) throws(Errno) -> [UInt64] {
        enter("files")
        return try lock.withLock { () throws(Errno) in
            if _failures.reads { throw .EIO }
            return Array(files.filter { $0.value.record != nil && $0.key >= first }.keys.sorted().prefix(100))
        }
    }
    override func record(of file: UInt64) throws(Errno) -> [UInt8]? {
        enter("record")
        return try lock.withLock { () throws(Errno) in
            if _failures.reads { throw .EIO }
            return files[file]?.record
        }
    }
    override func setRecord(_ record: [UInt8], of file: UInt64) throws(Errno) {
        enter("setRecord")
        try lock.withLock { () throws(Errno) in
            if record.count > FileStore.recordSize { _complaints.append("a record of \(record.count) bytes") }
            try take(Place(file: file, block: nil))
            _blocksWritten += 1
            files[file, default: File()].record = record
        }
    }
    override func remove(file: UInt64) throws(Errno) {
        enter("remove")
        try lock.withLock { () throws(Errno) in
            if _failures.writes, _failures.writesAfter == 0 { throw .EIO }
            files[file] = nil
        }
    }
    override func readBlocks(of file: UInt64, from first: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        enter("readBlocks")
        try lock.withLock { () throws(Errno) in
            if _failures.reads { throw .EIO }
            if buffer.count % 4096 != 0 || buffer.isEmpty { _complaints.append("\(buffer.count) bytes are read") }
            _reads += 1
            _blocksRead += buffer.count / 4096
            for index in 0..<buffer.count / 4096 {
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[index * 4096..<index * 4096 + 4096])
                target.copyBytes(from: files[file]?.blocks[first + UInt64(index)] ?? [UInt8](repeating: 0, count: 4096))
            }
        }
        let body = lock.withLock {
            defer { _afterReading = nil }
            return _afterReading
        }
        body?()
    }
    override func writeBlocks(of file: UInt64, from first: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) {
        enter("writeBlocks")
        try lock.withLock { () throws(Errno) in
            if buffer.count % 4096 != 0 || buffer.isEmpty { _complaints.append("\(buffer.count) bytes are written") }
            for index in 0..<buffer.count / 4096 {
                try take(Place(file: file, block: first + UInt64(index)))
                _blocksWritten += 1
                files[file, default: File()].blocks[first + UInt64(index)] = Array(buffer[index * 4096..<index * 4096 + 4096])
            }
        }
    }
    override func removeBlocks(of file: UInt64, from first: UInt64, count: UInt64) throws(Errno) {
        enter("removeBlocks")
        try lock.withLock { () throws(Errno) in
            if _failures.writes, _failures.writesAfter == 0 { throw .EIO }
            guard let blocks = files[file]?.blocks else { return }
            files[file]?.blocks = blocks.filter { $0.key < first || $0.key >= first + count }
        }
    }
    override func blocks(of file: UInt64, from first: UInt64) throws(Errno) -> Range<UInt64>? {
        enter("blocks")
        return try lock.withLock { () throws(Errno) in
            if _failures.reads { throw .EIO }
            guard let blocks = files[file]?.blocks, let start = blocks.keys.filter({ $0 >= first }).min() else { return nil }
            var end = start + 1
            while blocks[end] != nil { end += 1 }
            return start..<end
        }
    }
    override func blockCount(of file: UInt64) throws(Errno) -> UInt64 { lock.withLock { UInt64(files[file]?.blocks.count ?? 0) } }

    override func reserve(_ count: Int) -> Bool {
        enter("reserve", allowed: .reservations)
        return lock.withLock {
            if count > free { return false }
            reserved += count
            return true
        }
    }
    override func unreserve(_ count: Int) { lock.withLock { reserved -= min(reserved, count) } }
    /// Lock held.
    private var free: Int { capacity - size(durable) - written.count - reserved }
    override var usage: (total: UInt64, free: UInt64) { lock.withLock { (UInt64(capacity), UInt64(max(0, free))) } }

    override func commit() throws(Errno) {
        enter("commit", allowed: .reservations)
        try lock.withLock { () throws(Errno) in
            if _failures.commits { throw .EIO }
            durable = files
            written = []
            reserved = 0
            _commits += 1
        }
    }
}
