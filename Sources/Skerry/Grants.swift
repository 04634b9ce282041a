package import LibraryOS

/// What of the host a sandbox may see. Paths are the host's, absolute and without "." and "..".
package struct Grants: Sendable {
    /// A folder or file of the host at a path of the sandbox.
    package struct Path: Sendable, Equatable {
        package var host: [UInt8]
        package var guest: [UInt8]
        package var writable: Bool
        package init(host: [UInt8], guest: [UInt8], writable: Bool) {
            self.host = host
            self.guest = guest
            self.writable = writable
        }
    }
    /// `--ro` and `--rw`, in the order given.
    package var paths: [Path] = []
    /// `--root`: a root file system, read-only below a private layer unless `rootIsWritable`.
    package var root: [UInt8]?
    package var rootIsWritable = false
    /// `--tmpfs`.
    package var temporary: [[UInt8]] = []
    /// `--system`.
    package var system = false
    /// The program whose file, interpreter and libraries are granted; nil when it comes from `root`.
    package var program: [UInt8]?
    /// Who runs it, for the synthesised passwd and group.
    package var user: UInt32 = 0, group: UInt32 = 0
    package var userName: [UInt8] = Array("user".utf8)
    package var home: [UInt8] = [UInt8(ascii: "/")]
    /// Devices of other modules in /dev.
    package var devices: [PluggedDevice] = []
    package init() {}
}

/// A grant that cannot be given, and why.
package struct GrantError: Error, CustomStringConvertible {
    package let path: [UInt8]
    package let error: Errno
    package var description: String { "cannot grant \(String(decoding: path, as: UTF8.self)): error \(error.code)" }
}
