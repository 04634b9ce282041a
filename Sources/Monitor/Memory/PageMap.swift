import LibraryOS

internal import Glibc

/// What the host's kernel says of pages of this process (proc_pid_pagemap(5)). Without privileges the frame numbers are hidden, the flags are not.
enum PageMap {
    private static let descriptor = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)

    /// One entry a page; nil when the host does not say.
    static func entries(of address: UnsafeRawPointer, count: Int) -> [UInt64]? {
        guard descriptor >= 0 else { return nil }
        var entries = [UInt64](repeating: 0, count: count)
        let wanted = count * 8
        let got = entries.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(UInt(bitPattern: address) >> 12) * 8) }
        return got == wanted ? entries : nil
    }
}
