import CLinux
import LibraryOS

internal import Glibc

/// What the host has.
enum HostResources {
    /// Processors this process may run on.
    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
    /// Bytes of memory.
    static var memory: UInt64 { UInt64(max(1, sysconf(Int32(_SC_PHYS_PAGES)))) * 4096 }
    /// Bytes of memory and swap space.
    static var memoryAndSwap: UInt64 { skerry_memory_and_swap() }
    /// This process's umask, which can only be read by setting it. Files of the monitor's own are made with modes that the moment in between does not widen.
    static var umask: UInt32 {
        let mask = Glibc.umask(0o077)
        _ = Glibc.umask(mask)
        return mask
    }
    /// The text of an error number.
    static func text(_ error: Errno) -> String { String(cString: strerror(error.code)) }
}
