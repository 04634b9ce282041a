package import LibraryOS
import Monitor

internal import Glibc

/// What a program would see in a sandbox, and how it would be started, without anything to run it in: for runs that carry all of it elsewhere.
package final class SandboxView {
    /// The kernel that has the mounts. No program runs in it.
    package let kernel: Kernel
    /// The host whose files are granted.
    package let host: Host
    /// The sandbox's root directory.
    package let root: PathLocation
    /// How the program is started.
    package let request: ProgramRequest
    /// Signals that it starts with ignored, and blocked.
    package let ignoredSignals: UInt64, blockedSignals: UInt64
    private let linuxHost: LinuxHost

    /// Finds the program and mounts what is granted. `memory` is for what is kept in memory; nil: a little, for looking only.
    package init(_ configuration: SandboxConfiguration, memory: PhysicalMemory? = nil) throws(SandboxError) {
        StandardFiles.keepClosed()
        // Before LinuxHost ignores SIGPIPE for itself.
        let inherited = configuration.isForeground ? InheritedSignals() : nil
        (ignoredSignals, blockedSignals) = (inherited?.ignored ?? 0, inherited?.blocked ?? 0)
        let program = try ProgramPath.find(configuration)
        do throws(Errno) { linuxHost = try LinuxHost(processors: 1, quiet: configuration.isQuiet) } catch {
            throw SandboxError(.sandbox, "the host's files cannot be reached: \(HostResources.text(error))")
        }
        host = linuxHost
        kernel = Kernel(host: linuxHost, physicalMemory: memory ?? ProcessMemory(), configuration: configuration.kernelSettings)
        do throws(SandboxError) {
            root = try configuration.mount(program, in: kernel, linuxHost, nil)
            let folder = try WorkingDirectory.choose(configuration, kernel, root)
            var request = ProgramRequest(
                path: Array(program.path(from: folder).utf8), arguments: configuration.words, environment: ProgramEnvironment.build(configuration))
            request.workingDirectory = Array(folder.utf8)
            self.request = request
            let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
            do throws(Errno) {
                let working = try resolver.resolve(request.workingDirectory, from: root, [.followFinal, .mustBeDirectory])
                let file = try resolver.resolve(request.path, from: working, [.followFinal]).inode
                // execve(2): a regular file that somebody may execute.
                if file.kind != .regular { throw .EACCES }
                if try file.attributes().permissions & 0o111 == 0 { throw .EACCES }
            } catch { throw program.failure(error) }
        } catch {
            linuxHost.shutDown()
            kernel.release()
            throw error
        }
    }

    deinit {
        linuxHost.shutDown()
        kernel.release()
    }
}
