import LibraryOS

internal import Glibc

/// Names paths that programs looked for in vain and that exist on the host, each once.
final class MissingPaths: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var named: Set<[UInt8]> = []

    /// Enough to see what is wrong; a program that searches everywhere does not flood the terminal.
    private static let limit = 20
    /// What the sandbox has of its own, and what every C library probes for without needing it.
    private static let own = ["/proc/", "/sys/", "/dev/", "/tmp/", "/run/"].map { Array($0.utf8) }
    private static let probes = ["/etc/ld.so.preload", "/etc/ld.so.cache", "/etc/ld.so.nohwcap", "/usr/lib/locale/locale-archive", "/etc/localtime"].map { Array($0.utf8) }

    /// The line to print, or nil when there is none.
    func message(for path: [UInt8]) -> String? {
        if Self.own.contains(where: { path.starts(with: $0) }) || Self.probes.contains(path) || path.contains(0) { return nil }
        let isNew = lock.withLock { named.count < Self.limit && named.insert(path).inserted }
        guard isNew else { return nil }
        var attributes = stat()
        let text = String(decoding: path, as: UTF8.self)
        guard stat(text, &attributes) == 0 else { return nil }
        return "skerry: \(text) exists on the host but was not granted; --ro \(text) would grant it"
    }
}
