internal import CLinux
internal import Confidential
internal import Glibc
internal import GuestHost
internal import LibraryOS
internal import Skerry

/// A sandbox as a guest gets it: the root image in a file without a name, and the manifest. In proxy mode there is no image: the library OS of this process serves the
/// files.
struct PackedSandbox {
    /// The root image's file, which is gone when this process is; nil in proxy mode.
    let store: BlockStore?
    /// The file of the store that the guest writes to.
    let sealed: StoreFile?
    /// Who serves the files in proxy mode.
    let proxy: ProxyService?
    let manifest: Manifest
    /// The bytes whose SHA-256 is HOST_DATA.
    let bytes: [UInt8]
    /// Files that could not be read, and the first of them.
    let unreadable: (count: Int, first: String)

    /// Holds what `proxy` serves.
    private let view: SandboxView?

    /// Walks through all that the sandbox sees, and copies it; in proxy mode nothing is copied.
    init(_ configuration: SandboxConfiguration, _ settings: ConfidentialRun.Settings) throws(SandboxError) {
        let memory = settings.isProxy ? try Self.memory(for: configuration) : nil
        let place = settings.store.map { StorePlace($0) }
        var configuration = configuration
        if let place { configuration = try place.added(to: configuration, settings) }
        let view = try SandboxView(configuration, memory: memory)
        try GuestSockets.check(settings.connections, view)
        // Refuses what a guest makes itself, whoever serves the rest.
        var mounts = try SandboxMounts(view).list()
        if let place { mounts = try place.removed(from: mounts) }
        // Before anything is packed, and behind what may be wrong with the words.
        if let store = settings.store, !settings.isPrediction { sealed = try StoreFile(store) } else { sealed = nil }
        var manifest: Manifest
        if settings.isProxy {
            do throws(SNPError) { proxy = try ProxyService(kernel: view.kernel, root: view.root) } catch { throw ConfidentialRun.failure(error) }
            manifest = Manifest(proxyRunning: view.request.path, arguments: view.request.arguments)
            store = nil
            unreadable = (0, "")
            self.view = view
        } else {
            let image = try Self.pack(view)
            manifest = Manifest(mode: .confidential, rootImage: image.identity, program: view.request.path, arguments: view.request.arguments)
            manifest.mounts = mounts
            store = image.store
            unreadable = image.unreadable
            proxy = nil
            self.view = nil
        }
        Self.describe(configuration, view, in: &manifest)
        manifest.secrets = settings.secrets.map { Manifest.Secrets(stream: GuestSockets.secrets, provider: $0.provider ?? []) }
        manifest.connections = settings.connections.map { Array($0.path.utf8) }
        if let store = settings.store { manifest.sealedStore = try Self.describe(store, sealed) }
        do throws(ManifestError) { bytes = try manifest.encoded() } catch {
            throw SandboxError(
                .sandbox,
                error == .tooLong
                    ? "the arguments, variables and mounts have more than \(Manifest.largest >> 20) MiB together: give the program less"
                    : "an argument, variable, path or the host name is too long, or there are too many of them")
        }
        self.manifest = manifest
    }

    private static func pack(_ view: SandboxView) throws(SandboxError) -> (store: BlockStore, identity: RootImageIdentity, unreadable: (count: Int, first: String)) {
        let tree = SandboxTree(view)
        let file = try UnnamedFile()
        let identity: RootImageIdentity
        do throws(RootImageError) {
            identity = try RootImageWriter().write(tree) { bytes throws(RootImageError) in try file.append(bytes) }
        } catch { throw SandboxError(.sandbox, "the sandbox's files cannot be packed: \(error)") }
        do throws(SNPError) {
            return (try BlockStore(path: file.path), identity, (tree.unreadable.count, String(decoding: tree.unreadable.first, as: UTF8.self)))
        } catch { throw SandboxError(.sandbox, "the root image: \(error)") }
    }

    /// For what a sandbox in proxy mode keeps in memory: the layer over a root that stays as it is, /tmp.
    private static func memory(for configuration: SandboxConfiguration) throws(SandboxError) -> ServiceMemory {
        do throws(SNPError) { return try ServiceMemory(limit: configuration.memory ?? GuestSize.standard) } catch { throw ConfidentialRun.failure(error) }
    }

    /// HOST_DATA.
    var hostData: [UInt8] { bytes.withUnsafeBytes { LibCryptoHasher().digest(domain: nil, $0).bytes } }

    private static func describe(_ store: ConfidentialRun.Store, _ file: StoreFile?) throws(SandboxError) -> Manifest.SealedStore {
        let blocks: UInt64
        if let file { blocks = file.blocks } else { blocks = try StoreFile.predictedBlocks(store) }
        var described = Manifest.SealedStore(path: Array(store.path.utf8), blocks: blocks, keyIsReleased: store.keyIsReleased)
        described.formats = store.isNew
        return described
    }

    private static func describe(_ configuration: SandboxConfiguration, _ view: SandboxView, in manifest: inout Manifest) {
        manifest.environment = view.request.environment
        manifest.workingDirectory = view.request.workingDirectory
        let settings = view.kernel.configuration
        (manifest.user, manifest.group) = (settings.user, settings.group)
        (manifest.umask, manifest.ignoredSignals, manifest.blockedSignals) = (settings.umask, view.ignoredSignals, view.blockedSignals)
        manifest.hostName = settings.hostname
        manifest.isQuiet = configuration.isQuiet
        manifest.limits.memory = configuration.memory ?? 0
        manifest.limits.tasks = UInt32(clamping: configuration.processes ?? 0)
        manifest.limits.openFiles = UInt32(clamping: configuration.openFiles ?? 0)
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
