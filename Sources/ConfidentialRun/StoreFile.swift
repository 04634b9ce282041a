internal import Confidential
internal import Glibc
internal import GuestHost
internal import Skerry

/// The host's file of a sealed store. It belongs to one run at a time, and what is in it is never overwritten by making a store.
final class StoreFile {
    /// What the guest's requests are served from.
    let store: BlockStore
    /// How many blocks of 4 KiB it has.
    let blocks: UInt64
    /// It is locked (flock(2)) until this process ends, or closes it.
    private let descriptor: Int32

    /// Without a size, and without a file that has one: on the disk it takes what is written to it.
    private static let standardSize: UInt64 = 1 << 30
    private static let block: UInt64 = 4096
    /// Less leaves no room for files beside what removals always find.
    private static let least: UInt64 = 16 << 20

    /// Opens the file, or makes it.
    ///
    /// - Throws: 125, with what to do.
    init(_ settings: ConfidentialRun.Store) throws(SandboxError) {
        let path = settings.file
        func refuse(_ reason: String) -> SandboxError { SandboxError(usage: "--store \(path): \(reason)") }
        // Nothing is made for a size that no store has.
        let new = settings.isNew ? try Self.newBlocks(settings) : nil
        descriptor = open(path, (settings.isNew ? O_RDWR | O_CREAT : O_RDWR) | O_CLOEXEC | O_NOCTTY, 0o600)
        if descriptor < 0 { throw refuse(Self.reason(errno)) }
        do throws(SandboxError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw refuse("a store is a regular file; name another one") }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw refuse(errno == EWOULDBLOCK ? "another run has it now; wait for its end, or name another file" : Self.reason(errno))
            }
            // Only now nobody else changes it.
            guard fstat(descriptor, &status) == 0 else { throw refuse(Self.reason(errno)) }
            let isEmpty = Self.isEmpty(descriptor, status)
            if settings.isNew, !isEmpty {
                throw refuse("there is something in it, which --store-new does not overwrite; leave --store-new out to open it, or remove the file first")
            }
            if !settings.isNew, isEmpty { throw refuse("there is nothing in it yet; --store-new makes a store of it") }
            let found = UInt64(max(0, status.st_size))
            if !settings.isNew, let size = settings.size, size != found {
                throw refuse("it has \(found) bytes, and not \(size); leave the size out, a store keeps the one that it was made with")
            }
            if let new { blocks = new } else { blocks = try Self.blocks(found, settings) }
            // By another name: what is mounted over the path meanwhile makes no difference.
            do throws(SNPError) { store = try BlockStore(path: "/proc/self/fd/\(descriptor)", writableBlocks: blocks) } catch { throw refuse("\(error)") }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    private static func newBlocks(_ settings: ConfidentialRun.Store) throws(SandboxError) -> UInt64 {
        let size = settings.size ?? standardSize
        guard size >= least else { throw SandboxError(usage: "--store \(settings.file): \(size) bytes are too few for a new store; it has \(least >> 20)m at least") }
        return try blocks(size, settings)
    }

    /// How many blocks a run would find, for a prediction: as many as are asked for, else as many as the file has, if there is one on this machine.
    static func predictedBlocks(_ settings: ConfidentialRun.Store) throws(SandboxError) -> UInt64 {
        var status = stat()
        let isThere = stat(settings.file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
        return try blocks(settings.size ?? (isThere ? UInt64(status.st_size) : standardSize), settings)
    }

    private static func blocks(_ size: UInt64, _ settings: ConfidentialRun.Store) throws(SandboxError) -> UInt64 {
        let allowed = Manifest.SealedStore.allowedBlocks
        guard size % block == 0 else { throw SandboxError(usage: "--store \(settings.file): \(size) bytes are no store; its size is a multiple of 4096") }
        guard allowed.contains(size / block) else {
            let range = "\((allowed.lowerBound * block) >> 10)k to \((allowed.upperBound * block) >> 30)g"
            throw SandboxError(usage: "--store \(settings.file): a store has \(range), and not \(size) bytes")
        }
        return size / block
    }

    /// Nothing was ever written to it: it has no bytes, or they are all a hole, as a run leaves it that has ended before its guest began.
    private static func isEmpty(_ descriptor: Int32, _ status: stat) -> Bool {
        // SEEK_DATA of Linux, which Swift does not see.
        status.st_size == 0 || lseek(descriptor, 0, 3) < 0 && errno == ENXIO
    }

    private static func reason(_ error: Int32) -> String {
        switch error {
        case ENOENT: "there is no such file, or no such folder; --store-new makes a store in a folder that exists"
        case EACCES, EPERM: "you may not read and write it"
        case EISDIR: "a store is a regular file, and this is a folder; name a file in it"
        default: String(cString: strerror(error))
        }
    }
}
