import ArgumentParser
import Confidential
import GuestHost

/// `skerry snp manifest`.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Read the manifests of confidential guests.", subcommands: [ManifestShowCommand.self])
}

/// `skerry snp manifest show`.
struct ManifestShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a manifest as JSON, and the HOST_DATA of a guest that was launched with it.",
        discussion: """
            The manifest is what a confidential guest runs: its SHA-256 is HOST_DATA in the guest's report. Bytes of paths, arguments and variables that are no \
            UTF-8 are shown as U+FFFD. Exit status: 0; 125 for a file that is no manifest.
            """)

    @Argument(help: ArgumentHelp("The manifest, such as manifest.bin of `skerry run --confidential --evidence`; - is standard input.", valueName: "FILE"))
    var file: String

    func run() throws {
        let bytes = try InputFile.read(file)
        let manifest: Manifest
        do throws(ManifestError) { manifest = try Manifest(decoding: bytes) } catch { throw Unusable("\(file) is no manifest of this version: \(Self.words(error))") }
        Output.write(try Output.json(ManifestListing(manifest, hostData: bytes.withUnsafeBytes { LibCryptoHasher().digest(domain: nil, $0).bytes })))
    }

    private static func words(_ error: ManifestError) -> String {
        switch error {
        case .tooLong: "it has more than \(Manifest.largest >> 20) MiB"
        case .truncated: "it ends in the middle of a field"
        case .trailing: "it goes on behind its last field"
        case .version: "it does not begin as one"
        case .field: "a field has a value that it may not have"
        }
    }
}

/// A manifest as it is printed.
private struct ManifestListing: Encodable {
    struct Limits: Encodable {
        let memory: UInt64?, tasks: UInt32?, openFiles: UInt32?
    }
    struct RootImage: Encodable {
        let blocks: UInt64
        let root: String
    }
    struct Mount: Encodable {
        let path: String, type: String
    }
    struct SealedStore: Encodable {
        let path: String
        let blocks: UInt64
        let key: String
        let formats: Bool
    }
    struct Secrets: Encodable {
        let stream: String
        let provider: String?
    }

    let mode: String
    let hostData: String
    let rootImage: RootImage?
    let program: String
    let arguments: [String], environment: [String]
    let workingDirectory: String
    let user: UInt32, group: UInt32, groups: [UInt32]
    let limits: Limits
    let hostName: String
    let umask: String
    let ignoredSignals: [Int], blockedSignals: [Int]
    let isQuiet: Bool
    let mounts: [Mount]
    let sealedStore: SealedStore?
    let secrets: Secrets?
    let connections: [String]

    init(_ manifest: Manifest, hostData: [UInt8]) {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        func signals(_ bits: UInt64) -> [Int] { (1...64).filter { bits >> UInt64($0 - 1) & 1 == 1 } }
        mode = manifest.mode == .confidential ? "confidential" : "proxy"
        self.hostData = hostData.hexadecimal
        rootImage = manifest.mode == .proxy ? nil : RootImage(blocks: manifest.rootImage.blocks, root: manifest.rootImage.root.bytes.hexadecimal)
        program = text(manifest.program)
        (arguments, environment) = (manifest.arguments.map(text), manifest.environment.map(text))
        workingDirectory = text(manifest.workingDirectory)
        (user, group, groups) = (manifest.user, manifest.group, manifest.groups)
        let limits = manifest.limits
        self.limits = Limits(
            memory: limits.memory == 0 ? nil : limits.memory, tasks: limits.tasks == 0 ? nil : limits.tasks, openFiles: limits.openFiles == 0 ? nil : limits.openFiles)
        hostName = text(manifest.hostName)
        let digits = String(manifest.umask, radix: 8)
        umask = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        (ignoredSignals, blockedSignals) = (signals(manifest.ignoredSignals), signals(manifest.blockedSignals))
        isQuiet = manifest.isQuiet
        mounts = manifest.mounts.map { mount in
            if case .temporary = mount { return Mount(path: text(mount.path), type: "temporary") }
            return Mount(path: text(mount.path), type: "read-only")
        }
        sealedStore = manifest.sealedStore.map { SealedStore(path: text($0.path), blocks: $0.blocks, key: $0.keyIsReleased ? "released" : "derived", formats: $0.formats) }
        secrets = manifest.secrets.map { Secrets(stream: text($0.stream), provider: $0.provider.isEmpty ? nil : $0.provider.hexadecimal) }
        connections = manifest.connections.map(text)
    }
}
