import CLinux
import Glibc
package import LibraryOS

extension LinuxHost {
    /// How names inside grants are resolved: nothing leads out, no link of any kind is followed on the way.
    private static let confined = UInt64(RESOLVE_BENEATH) | UInt64(RESOLVE_NO_MAGICLINKS) | UInt64(RESOLVE_NO_SYMLINKS)

    /// Opens a path of the host itself, as the person who runs skerry would: for grants only, never for a name that came from a program.
    package func openGrant(_ path: [UInt8], followingLinks: Bool = true) throws(Errno) -> HostFile {
        LinuxFile(owning: try HostSystemCalls.openat(AT_FDCWD, path, flags: OpenFlags([.path, .closeOnExec]).hostBits | (followingLinks ? 0 : O_NOFOLLOW)))
    }

    func openConfined(_ directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile {
        // openat2 refuses bits that open ignores, and a mode without O_CREAT.
        let creates = flags & OpenFlags([.create, .temporaryBit]).hostBits != 0
        // EAGAIN: a rename elsewhere on the host raced with a "..", which openat2 leaves to be tried again.
        for attempt in 0... {
            do throws(Errno) {
                return LinuxFile(
                    owning: try HostSystemCalls.openat2(
                        directory.descriptor, name, flags: flags | O_CLOEXEC | O_NOFOLLOW, mode: creates ? mode & 0o7777 : 0, resolve: Self.confined))
            } catch {
                if error == .ENOSYS {
                    notice("skerry: this host's kernel has no openat2(2), without which granted folders cannot be confined: Linux 5.6 or later is needed")
                    throw .EACCES
                }
                if error != .EAGAIN || attempt >= 16 { throw error }
            }
        }
        throw .EAGAIN
    }

    /// Opens what an O_PATH handle refers to, through the one magic link that is ours.
    func openAgain(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile {
        // O_NOFOLLOW would refuse the magic link itself; the handle never refers to a symbolic link here, and if it does the kernel answers ELOOP.
        let kept = (flags | O_CLOEXEC | O_NOCTTY) & ~(O_NOFOLLOW | O_CREAT | O_EXCL)
        return LinuxFile(owning: try HostSystemCalls.openat(ownDescriptors.descriptor, Self.decimal(file.descriptor), flags: kept))
    }

    static func decimal(_ number: Int32) -> [UInt8] { Array(String(number).utf8) }

    /// The plain system calls below take a path, so a name with a slash or ".." would lead out of the folder.
    static func component(_ name: [UInt8]) throws(Errno) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        if name.isEmpty || name == [dot] || name == [dot, dot] || name.contains(UInt8(ascii: "/")) || name.contains(0) { throw .EINVAL }
        return name
    }

    static func fileAttributes(_ found: skerry_attributes) -> FileAttributes {
        var result = FileAttributes()
        result.device = found.device
        result.inode = found.inode
        result.kind = FileKind(rawValue: found.mode & 0o170000) ?? .regular
        result.permissions = found.mode & 0o7777
        result.links = found.links
        result.user = found.user
        result.group = found.group
        result.deviceNumber = found.device_number
        result.size = found.size
        result.blockSize = Int64(found.block_size)
        result.blocks = Int64(clamping: found.blocks)
        result.accessTime = found.access_time
        result.modificationTime = found.modification_time
        result.changeTime = found.change_time
        result.birthTime = found.has_birth_time != 0 ? found.birth_time : nil
        return result
    }

    /// The records of getdents64: d_ino (8), d_off (8), d_reclen (2), d_type (1), d_name.
    static func directoryEntries(_ records: [UInt8]) -> [HostDirectoryEntry] {
        let reader = ByteReader(records)
        var result: [HostDirectoryEntry] = []
        var position = 0
        while position + 19 < records.count {
            let length = Int(reader.u16(position + 16))
            if length < 20 || position + length > records.count { break }
            let name = records[(position + 19)..<(position + length)]
            result.append(
                HostDirectoryEntry(
                    name: Array(name.prefix { $0 != 0 }), inode: reader.u64(position), type: reader.u8(position + 18), offset: reader.i64(position + 8)))
            position += length
        }
        return result
    }
}
