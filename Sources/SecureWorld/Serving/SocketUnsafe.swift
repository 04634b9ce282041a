import CLinux
internal import Glibc

/// A descriptor that is closed with the last reference to it.
final class OwnedDescriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
}

/// The system calls of the socket's server: the only place of `Serving` that handles raw memory.
enum SocketCalls {
    /// Descriptors that may come with one frame.
    static let descriptorsMax = 4
    /// `struct cmsghdr` on 64-bit machines: a length of 8 octets, level and type of 4.
    private static let controlHeader = 16

    /// Fills `count` bytes, whatever the socket splits them into; nil at the end of the connection, and when it broke.
    ///
    /// Descriptors that arrive with the bytes are appended to `descriptors`; without it they are dropped. More than `descriptorsMax` end the connection.
    static func receive(_ socket: Int32, count: Int, descriptors: inout [OwnedDescriptor]) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = bytes.withUnsafeMutableBytes { buffer in
                receiveSome(socket, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), &descriptors)
            }
            guard received > 0, descriptors.count <= descriptorsMax else { return nil }
            done += received
        }
        return bytes
    }

    /// As `receive` without descriptors: those that arrive are dropped by the kernel.
    static func receive(_ socket: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress?.advanced(by: done), count - done, 0) }
            if received < 0 && errno == EINTR { continue }
            guard received > 0 else { return nil }
            done += received
        }
        return bytes
    }

    private static func receiveSome(_ socket: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ descriptors: inout [OwnedDescriptor]) -> Int {
        let capacity = controlHeader + descriptorsMax * MemoryLayout<Int32>.size
        return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { control in
            var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
            return withUnsafeMutablePointer(to: &part) { part in
                var message = msghdr()
                message.msg_iov = part
                message.msg_iovlen = 1
                var received = -1
                repeat {
                    message.msg_control = control.baseAddress
                    message.msg_controllen = capacity
                    received = recvmsg(socket, &message, Int32(MSG_CMSG_CLOEXEC))
                } while received < 0 && errno == EINTR
                guard received >= 0 else { return received }
                take(UnsafeRawBufferPointer(rebasing: control[..<min(message.msg_controllen, capacity)]), &descriptors)
                // More than fit: the kernel has dropped the rest.
                return message.msg_flags & Int32(MSG_CTRUNC) == 0 ? received : -1
            }
        }
    }

    private static func take(_ control: UnsafeRawBufferPointer, _ descriptors: inout [OwnedDescriptor]) {
        guard control.count >= controlHeader else { return }
        let length = min(control.loadUnaligned(as: Int.self), control.count)
        let level = control.loadUnaligned(fromByteOffset: 8, as: Int32.self)
        let type = control.loadUnaligned(fromByteOffset: 12, as: Int32.self)
        guard level == SOL_SOCKET, type == Int32(SCM_RIGHTS), length > controlHeader else { return }
        for offset in stride(from: controlHeader, through: length - MemoryLayout<Int32>.size, by: MemoryLayout<Int32>.size) {
            descriptors.append(OwnedDescriptor(control.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
    }

    /// Sends everything; false when the connection broke.
    static func send(_ socket: Int32, _ bytes: [UInt8], flags: Int32 = 0) -> Bool {
        var done = 0
        while done < bytes.count {
            let sent = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL) | flags) }
            if sent < 0 && errno == EINTR { continue }
            guard sent > 0 else { return false }
            done += sent
        }
        return true
    }

    /// Who connected (SO_PEERCRED, SO_PEERGROUPS: the credentials at the time of `connect`); nil when the kernel does not say.
    static func credentials(_ socket: Int32) -> ClientCredentials? {
        // struct ucred: process, user, group.
        var peer: [UInt32] = [0, 0, 0]
        var length = socklen_t(peer.count * MemoryLayout<UInt32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return nil }
        return ClientCredentials(user: peer[1], group: peer[2], groups: groups(socket))
    }

    private static func groups(_ socket: Int32) -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: 64)
        for _ in 0..<2 {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            let failed = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) != 0
            let count = Int(length) / MemoryLayout<UInt32>.size
            if !failed { return Array(groups.prefix(count)) }
            // Linux has at most 65,536 groups per process (NGROUPS_MAX).
            guard errno == ERANGE, count <= 65_536 else { break }
            groups = [UInt32](repeating: 0, count: count)
        }
        return []
    }

    /// A descriptor that programs we start do not inherit; nil for a negative number.
    static func own(_ number: Int32) -> OwnedDescriptor? {
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return OwnedDescriptor(number)
    }

    /// The reading and the writing end of a pipe.
    static func makePipe() -> (OwnedDescriptor, OwnedDescriptor)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let reading = own(ends[0]), let writing = own(ends[1]) else { return nil }
        return (reading, writing)
    }

    /// How long `recv` waits, in seconds; 0: for ever.
    static func setReceiveTimeout(_ socket: Int32, seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        _ = setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The address of a path, or nil when the path does not fit.
    static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    /// `bind` and `connect` with an address of `address`; 0 or the errno.
    static func apply(_ call: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ socket: Int32, _ address: sockaddr_un) -> Int32 {
        withUnsafeBytes(of: address) { bytes in
            let failed = call(socket, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) != 0
            return failed ? errno : 0
        }
    }

    /// A value that is plain bytes, from the start of `bytes`; nil when those are too few.
    static func load<Value: BitwiseCopyable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        guard bytes.count >= MemoryLayout<Value>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }

    /// The bytes of a value.
    static func bytes(of value: some BitwiseCopyable) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// Starts a thread that nobody waits for; false when the system has no more.
    static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        if failed != 0 { argument.release() }
        return failed == 0
    }
}
