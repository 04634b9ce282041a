internal import GuestHost
internal import LibraryOS

/// Bytes of files, through memory of the monitor that nothing else uses.
extension ProxyService {
    func read(_ call: ProxyCall, _ capacity: Int) throws(Errno) -> Answer {
        let (file, offset) = (try file(call.arguments.0), try Self.offset(call.arguments.1))
        // The ring bounds the capacity.
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = try Self.withSegment(&bytes) { segment throws(Errno) in
            call.function == .read ? try files.read(file, into: [segment], at: offset) : try files.readCached(file, into: [segment], at: offset)
        }
        if count < 0 || count > capacity { throw .EIO }
        bytes.removeLast(capacity - count)
        return Answer(bytes: bytes)
    }

    func write(_ call: ProxyCall) throws(Errno) -> Answer {
        let (file, offset) = (try file(call.arguments.0), try Self.offset(call.arguments.1))
        var bytes = call.first
        if bytes.isEmpty { throw .EINVAL }
        let count = try Self.withSegment(&bytes) { segment throws(Errno) in try files.write(file, from: [segment], at: offset) }
        // A file that takes nothing and says nothing is no file a guest can go on with.
        if count < 1 || count > bytes.count { throw .EIO }
        return Answer(number: UInt64(count))
    }

    private static func withSegment(_ bytes: inout [UInt8], _ body: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int) throws(Errno) -> Int {
        let result: Result<Int, Errno> = bytes.withUnsafeMutableBytes { segment in
            do throws(Errno) { return .success(try body(segment)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
