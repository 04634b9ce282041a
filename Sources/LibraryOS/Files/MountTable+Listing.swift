/// One line of /proc/mounts and /proc/self/mountinfo (proc(5)).
package struct MountDescription {
    package var id: UInt64
    package var parentID: UInt64
    /// `st_dev` of its files.
    package var device: UInt64
    /// The part of the file system that is mounted: "/", or a path in it for a bind mount.
    package var root: [UInt8]
    package var mountPoint: [UInt8]
    package var readOnly: Bool
    package var typeName: String
    /// Options of the file system itself, after the mount's ("size=65536k").
    package var options: String
    package var fileSystemReadOnly: Bool

    /// The line of /proc/mounts, with its newline.
    package var mountsLine: [UInt8] {
        var line = Array(typeName.utf8) + [UInt8(ascii: " ")] + Self.escaped(mountPoint) + Array(" \(typeName) ".utf8)
        line += Array("\(readOnly ? "ro" : "rw"),relatime\(options.isEmpty ? "" : ",")\(options) 0 0\n".utf8)
        return line
    }

    /// The line of mountinfo, with its newline.
    package var mountInformationLine: [UInt8] {
        var line = Array("\(id) \(parentID) \(DeviceNumber.major(device)):\(DeviceNumber.minor(device)) ".utf8)
        line += Self.escaped(root) + [UInt8(ascii: " ")] + Self.escaped(mountPoint)
        line += Array(" \(readOnly ? "ro" : "rw"),relatime - \(typeName) \(typeName) ".utf8)
        line += Array("\(fileSystemReadOnly ? "ro" : "rw")\(options.isEmpty ? "" : ",")\(options)\n".utf8)
        return line
    }

    /// Blank, tab, newline and backslash as octal, as the kernel's `mangle`.
    private static func escaped(_ path: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in path {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\\"):
                result += [UInt8(ascii: "\\"), 0x30 + (byte >> 6), 0x30 + ((byte >> 3) & 7), 0x30 + (byte & 7)]
            default: result.append(byte)
            }
        }
        return result
    }
}

extension MountTable {
    /// The mounts below `root`, in the order they were made.
    package func descriptions(from root: PathLocation) -> [MountDescription] {
        var result: [MountDescription] = []
        for mount in all {
            let place = mount.rootLocation
            guard place.isSame(as: root) || place.isBelow(root) else { continue }
            result.append(
                MountDescription(
                    id: mount.id, parentID: mount.mountPoint?.mount.id ?? mount.id, device: mount.fileSystem.device, root: mount.root.pathInFileSystem,
                    mountPoint: place.path(from: root), readOnly: mount.readOnly, typeName: mount.fileSystem.typeName, options: mount.fileSystem.mountOptions,
                    fileSystemReadOnly: mount.fileSystem.readOnly))
        }
        return result
    }
}

extension Inode {
    /// The path inside its file system, as far as the file system knows it; "/" else.
    fileprivate var pathInFileSystem: [UInt8] {
        var components: [[UInt8]] = []
        var inode = self
        while let (parent, name) = inode.parentDirectory(), parent !== inode, components.count < 2048 {
            components.append(name)
            inode = parent
        }
        if components.isEmpty { return [UInt8(ascii: "/")] }
        return components.reversed().reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }
}

/// Device numbers in the kernel's encoding of `makedev`.
package enum DeviceNumber {
    package static func make(major: UInt32, minor: UInt32) -> UInt64 {
        let (high, low) = (UInt64(major), UInt64(minor))
        return (low & 0xff) | ((high & 0xfff) << 8) | ((low & ~0xff) << 12) | ((high & ~0xfff) << 32)
    }
    package static func major(_ device: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfff)) }
    package static func minor(_ device: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: (device & 0xff) | ((device >> 12) & ~0xff)) }
}
