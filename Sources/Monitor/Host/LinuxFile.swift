import Glibc
package import LibraryOS
import Synchronization

/// A host descriptor the monitor holds. Closes it in the end, unless it was inherited (standard input, output and error belong to the process).
package final class LinuxFile: HostFile, @unchecked Sendable {
    /// How a stream is read and written without ever waiting and without changing flags that other processes share.
    enum Transfer {
        /// Files and block devices: never wait for another program.
        case direct
        /// Pipes and FIFOs: RWF_NOWAIT, or poll and at most PIPE_BUF bytes where the kernel is too old for it.
        case pipe
        /// recvmsg and sendmsg with MSG_DONTWAIT.
        case socket
        /// Terminals: a second open file description of the monitor's own, with O_NONBLOCK, when the terminal can be opened again; nil: poll first.
        case terminal(LinuxFile?)
        /// Other character devices: poll first.
        case device
    }

    private let closes: Bool
    let transfer: Transfer
    /// Serialises lseek and getdents64, which go by the descriptor's one position.
    let directoryPosition = Mutex<Void>(())

    init(owning descriptor: Int32) {
        closes = true
        transfer = .direct
        super.init(descriptor: descriptor)
    }

    init(stream descriptor: Int32, transfer: Transfer, closes: Bool) {
        self.closes = closes
        self.transfer = transfer
        super.init(descriptor: descriptor)
    }

    deinit { if closes { HostSystemCalls.close(descriptor) } }
}
