import CLinux
import Glibc
package import LibraryOS

extension LinuxHost {
    /// RWF_NOWAIT, which glibc's headers hide behind a macro Swift does not import.
    static let noWait: Int32 = 8
    /// POSIX's promise: a pipe that poll calls writable takes this many bytes at once.
    private static let pipeBuffer = 4096

    /// Standard input, output or error, or another descriptor that was inherited: never closed, its flags never changed.
    package func inherited(_ descriptor: Int32) throws(Errno) -> HostFile {
        let mode = try HostSystemCalls.attributes(descriptor).mode
        let transfer: LinuxFile.Transfer =
            switch FileKind(rawValue: mode & 0o170000) {
            case .fifo: .pipe
            case .socket: .socket
            case .characterDevice: isatty(descriptor) == 1 ? .terminal(ownDescription(of: descriptor)) : .device
            default: .direct
            }
        return LinuxFile(stream: descriptor, transfer: transfer, closes: false)
    }

    private func ownDescription(of terminal: Int32) -> LinuxFile? {
        let access = fcntl(terminal, F_GETFL) & O_ACCMODE
        let flags = access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        guard let descriptor = try? HostSystemCalls.openat(ownDescriptors.descriptor, Self.decimal(terminal), flags: flags) else { return nil }
        return LinuxFile(owning: descriptor)
    }

    func readStream(_ file: HostFile, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        try uninterrupted { () throws(Errno) in
            switch (file as? LinuxFile)?.transfer ?? .direct {
            case .direct: return try HostSystemCalls.read(file.descriptor, segments, at: -1)
            case .socket: return try HostSystemCalls.receive(file.descriptor, segments)
            case .terminal(let twin?): return try HostSystemCalls.read(twin.descriptor, segments, at: -1)
            case .pipe:
                do throws(Errno) {
                    return try HostSystemCalls.read(file.descriptor, segments, at: -1, flags: Self.noWait)
                } catch { if error != .EOPNOTSUPP { throw error } }
                fallthrough
            case .device, .terminal(nil):
                // What another process takes between the two calls would make this thread wait; a signal to it ends that.
                try requireReadiness(file, Int16(POLLIN))
                return try HostSystemCalls.read(file.descriptor, segments, at: -1)
            }
        }
    }

    func writeStream(_ file: HostFile, _ segments: [UnsafeMutableRawBufferPointer]) throws(Errno) -> Int {
        try uninterrupted { () throws(Errno) in
            switch (file as? LinuxFile)?.transfer ?? .direct {
            case .direct: return try HostSystemCalls.write(file.descriptor, segments, at: -1)
            case .socket: return try HostSystemCalls.send(file.descriptor, segments)
            case .terminal(let twin?): return try HostSystemCalls.write(twin.descriptor, segments, at: -1)
            case .pipe:
                do throws(Errno) {
                    return try HostSystemCalls.write(file.descriptor, segments, at: -1, flags: Self.noWait)
                } catch { if error != .EOPNOTSUPP { throw error } }
                fallthrough
            case .device, .terminal(nil):
                try requireReadiness(file, Int16(POLLOUT))
                return try HostSystemCalls.write(file.descriptor, Self.prefix(segments, Self.pipeBuffer), at: -1)
            }
        }
    }

    /// An interrupted stream call has moved nothing; the task looks at its signals and comes back.
    private func uninterrupted(_ transfer: () throws(Errno) -> Int) throws(Errno) -> Int {
        do throws(Errno) { return try transfer() } catch { throw error == .EINTR ? .EAGAIN : error }
    }

    private func requireReadiness(_ file: HostFile, _ events: Int16) throws(Errno) {
        if HostSystemCalls.poll(file.descriptor, events: events) == 0 { throw .EAGAIN }
    }

    static func prefix(_ segments: [UnsafeMutableRawBufferPointer], _ limit: Int) -> [UnsafeMutableRawBufferPointer] {
        var result: [UnsafeMutableRawBufferPointer] = []
        var left = limit
        for segment in segments where left > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: segment.prefix(left))
            result.append(part)
            left -= part.count
        }
        return result
    }
}
