/// A capability number of capabilities(7), of those the library OS asks about.
package enum Capability: UInt64, Sendable {
    case chown = 0, overrideAccess = 1, readSearch = 2, fileOwner = 3, keepSetID = 4, kill = 5, setGroupID = 6, setUserID = 7, setCapabilities = 8
    case bindService = 10, administerNetwork = 12, rawNetwork = 13, chroot = 18, nice = 23, resources = 24, makeNodes = 27, auditWrite = 29, setFileCapabilities = 31

    package var bit: UInt64 { 1 << rawValue }
    /// CAP_CHECKPOINT_RESTORE, the last one Linux 6.1 knows.
    package static let last: UInt64 = 40
}

/// The five sets of capabilities(7). User 0 of a sandbox may do inside it what a container's root may; nothing reaches the host.
package struct CapabilitySets: Sendable, Equatable {
    package var effective: UInt64
    package var permitted: UInt64
    package var inheritable: UInt64 = 0
    package var bounding: UInt64
    package var ambient: UInt64 = 0
    /// PR_SET_KEEPCAPS.
    package var keepsPermitted = false

    /// The bounding set: what container engines leave to root by default, and the two that only concern the sandbox's own scheduling and limits.
    package static let containerSet: UInt64 = [
        Capability.chown, .overrideAccess, .fileOwner, .keepSetID, .kill, .setGroupID, .setUserID, .setCapabilities, .bindService, .rawNetwork,
        .chroot, .nice, .resources, .makeNodes, .auditWrite, .setFileCapabilities,
    ].reduce(0) { $0 | $1.bit }

    /// The capabilities that act on files and follow the file-system user id (CAP_FS_SET of the kernel).
    private static let fileSet: UInt64 =
        [
            Capability.chown, .overrideAccess, .readSearch, .fileOwner, .keepSetID, .makeNodes,
        ].reduce(0) { $0 | $1.bit } | (1 << 9) | (1 << 32)

    package init(user: UInt32) {
        bounding = Self.containerSet
        permitted = user == 0 ? Self.containerSet : 0
        effective = permitted
    }

    package func has(_ capability: Capability) -> Bool { effective & capability.bit != 0 }

    /// What changes of the real, effective and saved user do ("Effect of user ID changes on capabilities").
    package mutating func userChanged(from old: IdentitySet, to new: IdentitySet) {
        let hadRoot = old.real == 0 || old.effective == 0 || old.saved == 0
        let hasRoot = new.real == 0 || new.effective == 0 || new.saved == 0
        if hadRoot && !hasRoot {
            if !keepsPermitted {
                permitted = 0
                effective = 0
            }
            ambient = 0
        }
        if old.effective == 0 && new.effective != 0 { effective = 0 }
        if old.effective != 0 && new.effective == 0 { effective = permitted }
    }

    /// What setfsuid(2) does.
    package mutating func fileSystemUserChanged(from old: UInt32, to new: UInt32) {
        if old == 0 && new != 0 { effective &= ~Self.fileSet }
        if old != 0 && new == 0 { effective |= permitted & Self.fileSet }
    }

    /// execve(2) of a file without capabilities of its own.
    package mutating func programReplaced(realUser: UInt32, effectiveUser: UInt32) {
        if effectiveUser == 0 || realUser == 0 {
            permitted = inheritable | bounding
            effective = effectiveUser == 0 ? permitted : ambient
        } else {
            permitted = ambient
            effective = ambient
        }
        keepsPermitted = false
    }
}
