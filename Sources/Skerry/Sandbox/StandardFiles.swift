import LibraryOS
import Monitor

internal import Glibc

/// Descriptors 0, 1 and 2 of the program: those of this process, never changed.
enum StandardFiles {
    static func open(_ kernel: Kernel, _ host: LinuxHost, root: PathLocation, terminal: HostTerminal?) throws(SandboxError) -> [OpenFile?] {
        let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
        let console = try? resolver.resolve(Array("/dev/console".utf8), from: root, .followFinal)
        var files: [OpenFile?] = []
        for descriptor in Int32(0)..<3 {
            let flags = fcntl(descriptor, F_GETFL)
            do throws(Errno) {
                if flags < 0 {
                    // Closed here, so closed there.
                    files.append(nil)
                } else {
                    let access = OpenFlags(rawValue: UInt32(flags) & 0o2003)
                    files.append(try HostStreamFile(try host.inherited(descriptor), flags: access, kernel: kernel, terminal: terminal, console: console))
                }
            } catch {
                throw SandboxError(.sandbox, "descriptor \(descriptor) cannot be given to the program: \(HostResources.text(error))")
            }
        }
        return files
    }

    /// The terminal that one of the standard descriptors is; nil when none is one.
    static func terminal(_ kernel: Kernel, _ host: LinuxHost) -> HostTerminal? {
        guard let descriptor = (Int32(0)..<3).first(where: { isatty($0) == 1 }), let file = try? host.inherited(descriptor) else { return nil }
        return HostTerminal(file, kernel: kernel)
    }
}
