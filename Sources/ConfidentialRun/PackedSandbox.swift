internal import CLinux
internal import Confidential
internal import Glibc
internal import GuestHost
internal import LibraryOS
internal import Skerry

/// A sandbox as a guest gets it: the root image in a file without a name, and the manifest.
struct PackedSandbox {
    /// The root image's file, which is gone when this process is.
    let store: BlockStore
    let manifest: Manifest
    /// The bytes whose SHA-256 is HOST_DATA.
    let bytes: [UInt8]
    /// Files that could not be read, and the first of them.
    let unreadable: (count: Int, first: String)

    /// Walks through all that the sandbox sees, and copies it.
    init(_ configuration: SandboxConfiguration) throws(SandboxError) {
        let view = try SandboxView(configuration)
        let mounts = try SandboxMounts(view).list()
        let tree = SandboxTree(view)
        let file = try UnnamedFile()
        let identity: RootImageIdentity
        do throws(RootImageError) {
            identity = try RootImageWriter().write(tree) { bytes throws(RootImageError) in try file.append(bytes) }
        } catch { throw SandboxError(.sandbox, "the sandbox's files cannot be packed: \(error)") }
        unreadable = (tree.unreadable.count, String(decoding: tree.unreadable.first, as: UTF8.self))
        manifest = Self.manifest(configuration, view, identity, mounts)
        do throws(ManifestError) { bytes = try manifest.encoded() } catch {
            throw SandboxError(
                .sandbox,
                error == .tooLong
                    ? "the arguments, variables and mounts have more than \(Manifest.largest >> 20) MiB together: give the program less"
                    : "an argument, variable, path or the host name is too long, or there are too many of them")
        }
        do throws(SNPError) { store = try BlockStore(path: file.path) } catch { throw SandboxError(.sandbox, "the root image: \(error)") }
    }

    /// HOST_DATA.
    var hostData: [UInt8] { bytes.withUnsafeBytes { LibCryptoHasher().digest(domain: nil, $0).bytes } }

    private static func manifest(_ configuration: SandboxConfiguration, _ view: SandboxView, _ identity: RootImageIdentity, _ mounts: [Manifest.Mount]) -> Manifest {
        var manifest = Manifest(mode: .confidential, rootImage: identity, program: view.request.path, arguments: view.request.arguments)
        manifest.environment = view.request.environment
        manifest.workingDirectory = view.request.workingDirectory
        let settings = view.kernel.configuration
        (manifest.user, manifest.group) = (settings.user, settings.group)
        (manifest.umask, manifest.ignoredSignals, manifest.blockedSignals) = (settings.umask, view.ignoredSignals, view.blockedSignals)
        manifest.hostName = settings.hostname
        manifest.mounts = mounts
        manifest.isQuiet = configuration.isQuiet
        manifest.limits.memory = configuration.memory ?? 0
        manifest.limits.tasks = UInt32(clamping: configuration.processes ?? 0)
        manifest.limits.openFiles = UInt32(clamping: configuration.openFiles ?? 0)
        return manifest
    }
}

/// A file of this process alone.
private final class UnnamedFile {
    private let descriptor: Int32

    /// On the disk where temporary files may be large, else in memory.
    init() throws(SandboxError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        // O_TMPFILE of Linux, which Swift does not see.
        let temporaryFile: Int32 = 0o20200000
        let made = open(folder, temporaryFile | O_RDWR | O_CLOEXEC, 0o600)
        descriptor = made >= 0 ? made : skerry_memfd_create("skerry-root-image")
        if descriptor < 0 { throw SandboxError(.sandbox, "no temporary file in \(folder): \(String(cString: strerror(-descriptor))); name another folder by TMPDIR") }
    }

    deinit { close(descriptor) }

    var path: String { "/proc/self/fd/\(descriptor)" }

    func append(_ bytes: UnsafeRawBufferPointer) throws(RootImageError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let written = write(descriptor, piece.baseAddress, piece.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                throw RootImageError([0x2f], "the image cannot be written: \(String(cString: strerror(errno))); TMPDIR names a folder with more space, or grant less")
            }
            rest = rest.dropFirst(written)
        }
    }
}
