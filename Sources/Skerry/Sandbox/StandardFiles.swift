import LibraryOS
import Monitor

internal import Glibc

/// Descriptors 0, 1 and 2 of the program: those of this process, never changed.
enum StandardFiles {
    /// Standard descriptors that are closed are given to nothing else: what this process opens would be taken for the program's input or output otherwise.
    /// Making a sandbox does it, before anything is opened.
    static func keepClosed() {
        for descriptor in Int32(0)..<3 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number, so this one. O_PATH: whoever reads or writes it is told EBADF, as before.
            _ = Glibc.open("/", OpenFlags.path.hostBits | O_CLOEXEC)
        }
    }

    /// F_GETFL of a descriptor; nil when it is closed.
    private static func flags(_ descriptor: Int32) -> Int32? {
        let flags = fcntl(descriptor, F_GETFL)
        return flags < 0 || flags & OpenFlags.path.hostBits != 0 ? nil : flags
    }

    static func open(_ kernel: Kernel, _ host: LinuxHost, root: PathLocation, terminal: HostTerminal?) throws(SandboxError) -> [OpenFile?] {
        let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
        let console = try? resolver.resolve(Array("/dev/console".utf8), from: root, .followFinal)
        var files: [OpenFile?] = []
        var known: [(device: UInt64, inode: UInt64, shown: Inode)] = []
        for descriptor in Int32(0)..<3 {
            do throws(Errno) {
                guard let flags = flags(descriptor) else {
                    // Closed here, so closed there.
                    files.append(nil)
                    continue
                }
                let access = OpenFlags(rawValue: UInt32(flags) & 0o102003)
                let file = try host.inherited(descriptor)
                let attributes = try host.attributes(of: file)
                let earlier = known.first { $0.device == attributes.device && $0.inode == attributes.inode }?.shown
                let stream = try HostStreamFile(
                    file, flags: access, kernel: kernel, terminal: terminal, console: console, twin: earlier ?? twin(of: file, attributes, kernel, resolver, root))
                if attributes.kind == .regular, let shown = stream.inode { known.append((attributes.device, attributes.inode, shown)) }
                files.append(stream)
            } catch {
                throw SandboxError(.sandbox, "descriptor \(descriptor) cannot be given to the program: \(HostResources.text(error))")
            }
        }
        return files
    }

    /// The inode by which the program can reach the same file: in a granted folder, or a memory device in /dev.
    private static func twin(of file: HostFile, _ attributes: FileAttributes, _ kernel: Kernel, _ resolver: PathResolver, _ root: PathLocation) -> Inode? {
        if attributes.kind == .regular {
            for fileSystem in kernel.mounts.hostFileSystems { if let inode = fileSystem.inode(ofOpen: file) { return inode } }
        }
        guard attributes.kind == .characterDevice, attributes.deviceNumber >> 8 == 1 else { return nil }
        let names = [3: "null", 5: "zero", 7: "full", 8: "random", 9: "urandom"]
        guard let name = names[Int(attributes.deviceNumber & 0xff)] else { return nil }
        return try? resolver.resolve(Array("/dev/\(name)".utf8), from: root, .followFinal).inode
    }

    /// The terminal that one of the standard descriptors is; nil when none is one.
    static func terminal(_ kernel: Kernel, _ host: LinuxHost) -> HostTerminal? {
        guard let descriptor = (Int32(0)..<3).first(where: { isatty($0) == 1 }), let file = try? host.inherited(descriptor) else { return nil }
        return HostTerminal(file, kernel: kernel)
    }
}
