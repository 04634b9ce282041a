internal import Glibc

/// Which kind of KVM the host has, found by looking at how `syscall` behaves, never by being told.
package enum HostKind: UInt8, Sendable {
    /// Hardware virtualisation: `syscall` arrives at CPL 0.
    case hardware = 1
    /// Page-table-based: `syscall` stays at CPL 3, CPL 0 code is emulated.
    case pageTable = 2
}
