/// The devices of mem(4), null(4), full(4) and random(4).
package final class MemoryDevice: CharacterDevice, @unchecked Sendable {
    enum Behaviour { case null, zero, full, random }
    private let behaviour: Behaviour

    init(_ behaviour: Behaviour, minor: UInt32) {
        self.behaviour = behaviour
        super.init(major: 1, minor: minor)
    }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        MemoryDeviceFile(behaviour, isRandom: number == DeviceNumber.make(major: 1, minor: 8), flags: flags, location: location)
    }
}

/// An open /dev/null, zero, full, random or urandom.
package final class MemoryDeviceFile: OpenFile, @unchecked Sendable {
    private let behaviour: MemoryDevice.Behaviour
    /// /dev/random and not /dev/urandom.
    private let isRandom: Bool
    /// Bytes answered in place at most; more keeps the service thread from others.
    private static let inPlaceLimit = 65536
    private static let randomChunk = 4096

    init(_ behaviour: MemoryDevice.Behaviour, isRandom: Bool, flags: OpenFlags, location: PathLocation) {
        self.behaviour = behaviour
        self.isRandom = isRandom
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    /// Of all of them only /dev/random, which had to be waited for once.
    override var supportsEpoll: Bool { isRandom }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if inPlace, buffers.remaining > Self.inPlaceLimit { throw .EAGAIN }
        switch behaviour {
        case .null: return 0
        case .zero, .full: return try buffers.copyOutZeros(buffers.remaining)
        case .random: return try readRandom(&buffers, task)
        }
    }

    private func readRandom(_ buffers: inout UserBuffers, _ task: Task) throws(Errno) -> Int {
        var done = 0
        while buffers.remaining > 0 {
            var chunk = [UInt8](repeating: 0, count: min(buffers.remaining, Self.randomChunk))
            chunk.withUnsafeMutableBytes { task.kernel.host.random($0) }
            let copied: Int
            do throws(Errno) { copied = try buffers.copyOut(chunk) } catch {
                if done > 0 { return done }
                throw error
            }
            done += copied
            if copied < chunk.count || task.hasPendingWork { break }
        }
        return done
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        if behaviour == .full { throw .ENOSPC }
        // Written bytes go nowhere: into the bit bucket, or into an entropy pool that is the host's and takes none from a sandbox.
        let count = buffers.remaining
        buffers.skip(count)
        return count
    }

    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? {
        // null_lseek of the kernel: any seek leads to 0.
        lock.withLock { position = 0 }
        return 0
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        guard behaviour == .random else { throw .ENOTTY }
        // RNDGETENTCNT; everything else changes the pool.
        guard request == 0x8004_5200 else { throw .EPERM }
        try task.memory.writeU32(256, to: GuestAddress(argument))
        return 0
    }

    override func mappingSource() -> MappingSource? { behaviour == .zero ? .anonymous : nil }
}
