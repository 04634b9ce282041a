/// What a confidential guest is to run, as its owner wrote it down: the bytes whose SHA-256 is the guest's HOST_DATA, so that a report vouches for all of it.
public struct Manifest: Sendable, Equatable {
    /// Who runs the library OS.
    public enum Mode: Sendable, Equatable, CaseIterable {
        /// The guest.
        case confidential
        /// The host: results of system calls are the host's to choose.
        case proxy

        /// The words in the manifest.
        public var text: String { self == .confidential ? "mode=confidential" : "mode=proxy" }
    }

    /// A store that can be written to, sealed by the guest.
    public struct SealedStore: Sendable, Equatable {
        /// Where it is mounted: absolute, and not the root.
        public var path: [UInt8]
        /// Blocks of 4 KiB.
        public var blocks: UInt64
        /// The key comes with the secrets; otherwise it is derived from the chip, the measurement and this manifest (`sealingIdentity`).
        public var keyIsReleased: Bool
        /// The guest makes an empty store of it, whatever is there.
        public var formats = false
        /// A store that is there already.
        public init(path: [UInt8], blocks: UInt64, keyIsReleased: Bool) { (self.path, self.blocks, self.keyIsReleased) = (path, blocks, keyIsReleased) }

        /// How many blocks a store may have.
        public static let allowedBlocks: ClosedRange<UInt64> = SealedStoreLayout.sizes
    }

    /// Secrets that a relying party releases once it has verified a report.
    public struct Secrets: Sendable, Equatable {
        /// The name by which the host connects the stream to the relying party, 1 to 255 bytes.
        public var stream: [UInt8]
        /// The relying party's public key, an uncompressed P-384 point of 97 bytes; empty: whoever answers.
        public var provider: [UInt8]
        /// Secrets from there.
        public init(stream: [UInt8], provider: [UInt8] = []) { (self.stream, self.provider) = (stream, provider) }
    }

    /// Bounds of the run; 0 is no bound beyond the machine's.
    public struct Limits: Sendable, Equatable {
        /// Bytes of memory for programs.
        public var memory: UInt64 = 0
        /// Tasks.
        public var tasks: UInt32 = 0
        /// Descriptors of a process.
        public var openFiles: UInt32 = 0
        /// None.
        public init() {}
    }

    /// Something that is mounted over the root image; what has to be there in every sandbox (/proc, /dev, /tmp...) comes before and is not named.
    public enum Mount: Sendable, Equatable {
        /// What the image has at this path, which nobody can change.
        case readOnly([UInt8])
        /// A file system in memory, with the folders and links that the image has at this path.
        case temporary([UInt8])

        /// Where: absolute, and not the root.
        public var path: [UInt8] {
            switch self {
            case .readOnly(let path), .temporary(let path): path
            }
        }
    }

    /// Who runs the library OS.
    public var mode: Mode
    /// The root file system; in proxy mode `RootImageIdentity.none`.
    public var rootImage: RootImageIdentity
    /// The program's path in it; absolute, or relative to the working directory.
    public var program: [UInt8]
    /// `argv`, and the environment as "NAME=value".
    public var arguments: [[UInt8]] = [], environment: [[UInt8]] = []
    /// Absolute.
    public var workingDirectory: [UInt8] = [0x2f]
    /// User, group and supplementary groups of the program.
    public var user: UInt32 = 0, group: UInt32 = 0, groups: [UInt32] = []
    /// Bounds.
    public var limits = Limits()
    /// uname(2)'s node name, 1 to 64 bytes.
    public var hostName: [UInt8] = Array("skerry".utf8)
    /// The umask of the program, and the signals that it starts with ignored and blocked (bit N - 1: signal N), as execve(2) passes them on.
    public var umask: UInt32 = 0o022, ignoredSignals: UInt64 = 0, blockedSignals: UInt64 = 0
    /// No lines of Skerry's own on standard error, but for a program that cannot be started.
    public var isQuiet = false
    /// What is mounted, in this order.
    public var mounts: [Mount] = []
    /// A store to write to.
    public var sealedStore: SealedStore?
    /// Where secrets come from.
    public var secrets: Secrets?
    /// Paths of sockets whose connections lead outside, absolute; each is also the name of their streams.
    public var connections: [[UInt8]] = []

    /// A manifest with everything else as it usually is.
    public init(mode: Mode, rootImage: RootImageIdentity, program: [UInt8], arguments: [[UInt8]]) {
        (self.mode, self.rootImage, self.program, self.arguments) = (mode, rootImage, program, arguments)
    }

    /// A manifest of a run in proxy mode: files are the host's, so that there is no image to name.
    public init(proxyRunning program: [UInt8], arguments: [[UInt8]]) {
        self.init(mode: .proxy, rootImage: .none, program: program, arguments: arguments)
    }

    /// The most bytes a manifest has.
    public static let largest = 1 << 20
    /// The secret that is the key of a store whose key is released: 32 bytes.
    public static let storeKeySecret = Array("skerry-store-key".utf8)
    /// The most bytes of a path, and of an argument (MAX_ARG_STRLEN less its zero).
    static let path = 4095, string = 131_071
    /// The most arguments, and the most variables; supplementary groups (NGROUPS_MAX); mounts.
    static let strings = 65536, groups = 65536, mostMounts = 65536
    /// The most bytes of a socket's path (`struct sockaddr_un` less its zero), and the most such sockets.
    static let socketPath = 107, mostConnections = 1024
    /// "SKRYMAN1".
    static let magic: UInt64 = 0x314E_414D_5952_4B53
}

/// Why bytes are no manifest, or a manifest has no bytes.
public enum ManifestError: Error, Sendable, Equatable {
    /// More than a mebibyte.
    case tooLong
    /// It ends in the middle of something, or goes on behind its end.
    case truncated, trailing
    /// It is of another version, or nothing of the kind.
    case version
    /// A field has a value that it may not have.
    case field
}
