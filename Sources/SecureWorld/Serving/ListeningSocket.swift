internal import Glibc

/// How the server's socket comes to its place in the file system.
enum ListeningSocket {
    static func make(path: String, mode: UInt32) throws(TEEResult) -> OwnedDescriptor {
        guard let address = SocketCalls.address(path) else { throw .badParameters }
        let listener = try socket()
        // Linux gives the file these permissions from the moment it exists.
        guard fchmod(listener.number, mode_t(truncatingIfNeeded: mode & 0o777)) == 0 else { throw .generic }
        var failure = SocketCalls.apply(bind, listener.number, address)
        if failure == EADDRINUSE, try isAbandoned(path, address) {
            unlink(path)
            failure = SocketCalls.apply(bind, listener.number, address)
        }
        switch failure {
        case 0: break
        case EADDRINUSE: throw .accessConflict
        default: throw .accessDenied
        }
        guard listen(listener.number, 64) == 0 else {
            unlink(path)
            throw .generic
        }
        return listener
    }

    private static func socket() throws(TEEResult) -> OwnedDescriptor {
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .outOfMemory }
        return OwnedDescriptor(number)
    }

    private static func isAbandoned(_ path: String, _ address: sockaddr_un) throws(TEEResult) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = try socket()
        return withExtendedLifetime(probe) { SocketCalls.apply(connect, probe.number, address) == ECONNREFUSED }
    }
}
