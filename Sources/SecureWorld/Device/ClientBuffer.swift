internal import LibraryOS

/// A part of a client's shared memory that a command refers to.
final class ClientBuffer: TEEBuffer, @unchecked Sendable {
    private let memory: PluggedMemory
    private let start: UInt64

    /// `size` bytes from `start`, which the caller has found to be inside.
    init(_ memory: PluggedMemory, at start: UInt64, size: UInt64) {
        self.memory = memory
        self.start = start
        super.init(size: size)
    }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        let place = try place(offset, count)
        do throws(Errno) { return try memory.read(at: place, count: count) } catch { throw Self.result(of: error) }
    }

    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        let place = try place(offset, bytes.count)
        do throws(Errno) { try memory.write(bytes, at: place) } catch { throw Self.result(of: error) }
    }

    private func place(_ offset: UInt64, _ count: Int) throws(TEEResult) -> UInt64 {
        guard let length = UInt64(exactly: count), offset <= size, length <= size &- offset else { throw .accessDenied }
        return start &+ offset
    }

    private static func result(of error: Errno) -> TEEResult { error == .ENOMEM || error == .ENOSPC ? .outOfMemory : .accessDenied }
}
