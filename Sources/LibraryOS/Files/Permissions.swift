/// What somebody wants to do with a file (the R, W and X of access(2)).
package struct FileAccess: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// X_OK: run a file, search a directory.
    package static let execute = FileAccess(rawValue: 1)
    /// W_OK.
    package static let write = FileAccess(rawValue: 2)
    /// R_OK.
    package static let read = FileAccess(rawValue: 4)
}

/// The permission rules of path_resolution(7), in one place for every file system.
///
/// User 0 of the sandbox has all capabilities over files; that says nothing about the host, which checks again with the monitor's own credentials.
package enum Permissions {
    /// Whether the mode bits grant all of `wanted`.
    static func grants(_ attributes: FileAttributes, _ wanted: FileAccess, _ credentials: FileCredentials) -> Bool {
        do throws(Errno) {
            try check(attributes, wanted, credentials)
            return true
        } catch {
            return false
        }
    }

    /// `EACCES` unless the mode bits grant all of `wanted`.
    package static func check(_ attributes: FileAttributes, _ wanted: FileAccess, _ credentials: FileCredentials) throws(Errno) {
        if credentials.user == 0 {
            // CAP_DAC_OVERRIDE does not make a file without any x bit a program.
            if wanted.contains(.execute), attributes.kind != .directory, attributes.permissions & 0o111 == 0 { throw .EACCES }
            return
        }
        let bits: UInt32
        if attributes.user == credentials.user {
            bits = attributes.permissions >> 6
        } else if credentials.isMember(of: attributes.group) {
            bits = attributes.permissions >> 3
        } else {
            bits = attributes.permissions
        }
        if wanted.rawValue & ~bits & 7 != 0 { throw .EACCES }
    }

    /// `check` for a place in the tree; writing to a read-only mount is `EROFS` (devices, FIFOs and sockets excepted: their content is elsewhere).
    package static func check(_ location: PathLocation, _ wanted: FileAccess, _ credentials: FileCredentials) throws(Errno) {
        if wanted.contains(.write), location.mount.readOnly {
            switch location.inode.kind {
            case .regular, .directory, .symbolicLink: throw .EROFS
            case .fifo, .socket, .characterDevice, .blockDevice, .anonymous: break
            }
        }
        if credentials.user == 0, location.inode.kind == .directory || !wanted.contains(.execute) { return }
        try check(try location.inode.attributes(), wanted, credentials)
    }

    /// Whether a name may be made in a directory: write and search permission, and the directory must still exist.
    package static func checkCreation(in directory: PathLocation, _ credentials: FileCredentials) throws(Errno) {
        let attributes = try directory.inode.attributes()
        if attributes.links == 0 { throw .ENOENT }
        if directory.mount.readOnly { throw .EROFS }
        try check(attributes, [.write, .execute], credentials)
    }

    /// Whether the name of `victim` may be taken out of a directory: write and search permission, and in a sticky directory ownership of one of the two (`EPERM`).
    package static func checkRemoval(of victim: Inode, from directory: PathLocation, _ credentials: FileCredentials) throws(Errno) {
        if directory.mount.readOnly { throw .EROFS }
        let attributes = try directory.inode.attributes()
        try check(attributes, [.write, .execute], credentials)
        if attributes.permissions & 0o1000 == 0 || credentials.user == 0 || attributes.user == credentials.user { return }
        if try victim.attributes().user != credentials.user { throw .EPERM }
    }

    /// What owns a file (and user 0) may do: chmod, set times, change ownership; `EPERM` for others.
    package static func isOwner(_ attributes: FileAttributes, _ credentials: FileCredentials) -> Bool {
        credentials.user == 0 || attributes.user == credentials.user
    }
}

extension FileCredentials {
    /// Whether a group is the main group or a supplementary one.
    package func isMember(of other: UInt32) -> Bool { group == other || groups.contains(other) }
}
