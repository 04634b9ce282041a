import LibraryOS
import Monitor

internal import Glibc

/// What every kind of run makes of a configuration: who the program runs as, and the tree of files it sees.
extension SandboxConfiguration {
    /// User and group of the first program.
    package var owner: (user: UInt32, group: UInt32) { user ?? (root == nil ? (getuid(), getgid()) : (0, 0)) }

    /// A kernel's settings, as far as they do not depend on what runs it.
    var kernelSettings: KernelConfiguration {
        var settings = KernelConfiguration()
        settings.hostname = Array(hostname.utf8)
        (settings.user, settings.group) = owner
        settings.umask = umask ?? HostResources.umask
        return settings
    }

    /// Mounts what is granted; the result is the sandbox's root directory.
    func mount(_ program: ProgramPath, in kernel: Kernel, _ host: LinuxHost, _ terminal: HostTerminal?) throws(SandboxError) -> PathLocation {
        var grants = Grants()
        grants.paths = self.grants.map { Grants.Path(host: Array($0.host.utf8), guest: Array($0.guest.utf8), writable: $0.writable) }
        grants.root = root.map { Array($0.utf8) }
        grants.rootIsWritable = rootIsWritable
        grants.temporary = temporary.map { Array($0.utf8) }
        grants.system = grantsSystem
        grants.program = root == nil ? program.hostPath.map { Array($0.utf8) } : nil
        (grants.user, grants.group) = owner
        grants.home = Array("/".utf8)
        grants.devices = devices
        do throws(GrantError) {
            return try grants.mount(in: kernel, host: host, terminal: terminal)
        } catch { throw SandboxError(.sandbox, error.description) }
    }
}
