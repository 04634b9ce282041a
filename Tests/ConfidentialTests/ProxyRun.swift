import ConfidentialABI
import Foundation
import GuestHost
import LibraryOS
import Monitor
import Skerry

@testable import Confidential

/// A program in a simulated guest in proxy mode: files are this host's, as a sandbox with `--system` and two folders grants them. /data can be written to, /fixed not.
final class ProxyRun {
    /// How it ended and what it wrote.
    struct Outcome {
        var end: GuestEnd
        var status: UInt8?
        var output: String, errors: String
    }

    static let warning = "skerry: proxy mode: the results of system calls are host-controlled, and nothing about this run is confidential\n"

    let folder: URL, data: URL, fixed: URL
    var input: [UInt8] = []
    var deviations: [RingDeviation] = []
    /// The guest of the latest run.
    private(set) var evidence: GuestEvidence?
    private(set) var manifest: [UInt8] = []

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "skerry-proxy-run-\(UUID().uuidString)")
        (data, fixed) = (folder.appending(path: "data"), folder.appending(path: "fixed"))
        for made in [data, fixed] { try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func tree(_ kernel: Kernel, _ host: LinuxHost) throws -> PathLocation {
        var grants = Grants()
        grants.system = true
        grants.paths = [
            Grants.Path(host: Array(data.path.utf8), guest: Array("/data".utf8), writable: true),
            Grants.Path(host: Array(fixed.path.utf8), guest: Array("/fixed".utf8), writable: false),
        ]
        return try grants.mount(in: kernel, host: host)
    }

    private func plan() throws -> (LaunchPlan, PSPPlatform) {
        let page = CPUIDPage.ofThisProcessor()
        var platform = PSPPlatform(.genoa)
        platform.cpuid = CPUIDRules(reference: page)
        var plan = try GuestLaunch.image().plan(for: GuestPlatform.simulation(), cpuid: page, ram: 192 << 20)
        plan.hostData = manifest.withUnsafeBytes { LibCryptoHasher().digest(domain: nil, $0).bytes }
        return (plan, platform)
    }

    /// Runs a program, found by its absolute path, to its end.
    func run(_ words: String...) throws -> Outcome {
        var manifest = Manifest(proxyRunning: Array((words.first ?? "").utf8), arguments: words.map { Array($0.utf8) })
        manifest.environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/", "LC_ALL=C"].map { Array($0.utf8) }
        manifest.workingDirectory = Array("/data".utf8)
        self.manifest = try manifest.encoded()
        let host = try LinuxHost(processors: 1, quiet: true)
        defer { host.shutDown() }
        let kernel = Kernel(host: host, physicalMemory: try ServiceMemory(limit: 64 << 20), configuration: KernelConfiguration())
        defer { kernel.release() }
        let proxy = try ProxyService(kernel: kernel, root: try tree(kernel, host))
        let files = ["input", "output", "errors"].map { folder.appending(path: $0) }
        for (file, content) in zip(files, [input, [], []]) { try Data(content).write(to: file) }
        let streams = try [FileHandle(forReadingFrom: files[0]), FileHandle(forWritingTo: files[1]), FileHandle(forWritingTo: files[2])]
        let service = RingService(
            manifest: self.manifest, root: nil, console: (streams[0].fileDescriptor, streams[1].fileDescriptor, streams[2].fileDescriptor), proxy: proxy,
            counterFrequency: 2_500_000_000, deviations: deviations)
        let (plan, platform) = try plan()
        let backend = SoftwareBackend(try SoftwarePSP(platform, endorsement: try Authorities.genoa.endorse(platform)))
        _ = try LaunchSequence(plan).launch(on: backend)
        let guest = try SimulatedGuest(plan, on: backend, challenge: GuestLaunch.challenge, ring: service)
        let end = try guest.run()
        evidence = guest.evidence
        func text(_ file: URL) throws -> String { String(decoding: try Data(contentsOf: file), as: UTF8.self) }
        return Outcome(end: end, status: guest.exitStatus, output: try text(files[1]), errors: try text(files[2]))
    }

    /// What the host's own run of the program writes, in the folder that is /data to the guest.
    func expected(_ words: String...) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: words.first ?? "")
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = data
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "LC_ALL": "C"]
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
