internal import Glibc

/// A descriptor of the host's for sockets, closed with the last reference to it.
final class HostDescriptor: Sendable {
    let number: Int32
    /// What has to be held as long as it is open.
    private let place: SocketBudget.Place?

    init(_ number: Int32, place: SocketBudget.Place? = nil) {
        self.number = number
        self.place = place
    }

    deinit { _ = close(number) }

    /// Two that are connected to each other and never block. `socketOutOfResources`.
    static func pair() throws(TEEResult) -> (HostDescriptor, HostDescriptor) {
        var numbers: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &numbers) == 0 else { throw .socketOutOfResources }
        return (HostDescriptor(numbers[0]), HostDescriptor(numbers[1]))
    }

    /// Makes the other one of a pair readable.
    func signal() { _ = withUnsafeBytes(of: UInt8(1)) { send(number, $0.baseAddress, 1, Int32(MSG_NOSIGNAL)) } }

    /// Takes signals of the other one of a pair back.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(number, &bytes, bytes.count, 0) > 0 {}
    }
}
