import ConfidentialABI
import Foundation
import Glibc
import GuestHost
import LibraryOS
import Monitor

@testable import Confidential

/// A guest's files in proxy mode and the monitor's library OS behind them, over one ring in this process.
///
/// The tree: "/" is in memory, or a folder of this host, which goes with the bed; "/fixed" is mounted read-only and has "file" (with "fixed") and "folder" in it; "/proc"
/// and "/dev" are what the library OS makes up.
final class ProxyBed {
    enum Storage: CaseIterable { case memory, folder }

    /// A response on its way to the guest.
    struct Response {
        var status: UInt32
        var length: UInt32
        var results: [UInt64]
        var payload: [UInt8]
    }

    let kernel: Kernel
    let service: ProxyService
    /// What the monitor's library OS says itself.
    let truth: TreeHost
    let transport: LoopTransport
    let host: ProxyHost
    /// The folder behind "/", and one beside it that is not granted.
    let folder: URL, outside: URL
    /// What the file that is not granted has in it: nothing that a guest could say by chance, or that is in any name.
    static let secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
    private let holder: URL
    private let spoiler: Spoiler

    /// What a hostile host does to responses of calls.
    final class Spoiler: @unchecked Sendable {
        var spoil: ((ProxyCall, inout Response) -> Void)?
        var calls: [ProxyFunction] = []
    }

    init(_ storage: Storage = .memory, limit: UInt64 = 64 << 20, mostHandles: UInt64 = ProxyFunction.mostHandles) throws {
        holder = FileManager.default.temporaryDirectory.appending(path: "skerry-proxy-\(UUID().uuidString)")
        (folder, outside) = (holder.appending(path: "granted"), holder.appending(path: "outside"))
        for made in [folder, outside] { try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true) }
        try Data(Self.secret).write(to: outside.appending(path: "secret"))
        let linux = try LinuxHost(processors: 1, quiet: true)
        kernel = Kernel(host: linux, physicalMemory: try ServiceMemory(limit: limit), configuration: KernelConfiguration())
        let root: FileSystem =
            storage == .memory
            ? TmpFS(kernel: kernel, permissions: 0o755)
            : try HostFS(host: linux, root: try linux.openGrant(Array(folder.path.utf8)), device: MountTree.device(kernel), readOnly: false)
        let tree = MountTree(kernel: kernel, root: root)
        let fixed = TmpFS(kernel: kernel)
        try tree.mount(fixed, at: Array("/building".utf8))
        try tree.makeFile(Array("/building/file".utf8), Array("fixed".utf8))
        try tree.makeDirectory(Array("/building/folder".utf8))
        try tree.mount(fixed, at: Array("/fixed".utf8), readOnly: true)
        try tree.mount(ProcFS(kernel: kernel), at: Array("/proc".utf8))
        try tree.mount(try DevFS.make(kernel: kernel), at: Array("/dev".utf8))
        truth = try TreeHost(kernel: kernel, root: tree.root)
        let service = ProxyService(files: truth, root: truth.rootDirectory, mostHandles: mostHandles)
        self.service = service
        let ring = RingService(manifest: [], root: nil, proxy: service, counterFrequency: 1_000_000_000)
        let spoiler = Spoiler()
        self.spoiler = spoiler
        transport = LoopTransport { pages in
            let request = RingRequest(pages)
            let call = request.flatMap { pages.read(Int(SKERRY_RING_PAYLOAD), min($0.length, 65536)) }.flatMap(ProxyCall.init(decoding:))
            guard (try? ring.serve(pages)) != nil, request?.operation == skerry_ring_call.rawValue, let call else { return }
            spoiler.calls.append(call.function)
            Self.change(pages, call, spoiler.spoil)
        }
        host = try ProxyHost(ring: Ring(transport))
    }

    deinit {
        kernel.release()
        try? FileManager.default.removeItem(at: holder)
    }

    private static func change(_ pages: RingPages, _ call: ProxyCall, _ spoil: ((ProxyCall, inout Response) -> Void)?) {
        guard let spoil, let head = pages.read(Int(SKERRY_RING_RESPONSE), 48) else { return }
        let length: UInt32 = head.number(at: 12)
        var response = Response(
            status: head.number(at: 8), length: length, results: (0..<4).map { head.number(at: 16 + 8 * $0) }, payload: pages.read(Int(SKERRY_RING_PAYLOAD), Int(length)) ?? [])
        spoil(call, &response)
        if response.length == length { response.length = UInt32(response.payload.count) }
        var bytes = Array(head[..<8])
        bytes += [UInt8](repeating: 0, count: 40)
        bytes.store(response.status, at: 8)
        bytes.store(response.length, at: 12)
        for (index, result) in response.results.enumerated() { bytes.store(result, at: 16 + 8 * index) }
        _ = pages.write(Int(SKERRY_RING_PAYLOAD), response.payload)
        _ = pages.write(Int(SKERRY_RING_RESPONSE), bytes)
    }

    /// From now on, the answers to one function are these.
    func spoil(_ function: ProxyFunction, _ change: @escaping (inout Response) -> Void) {
        spoiler.spoil = { call, response in if call.function == function { change(&response) } }
    }

    var root: HostFile { host.rootDirectory }

    /// Functions that were called since the last look.
    func calls() -> [ProxyFunction] {
        defer { spoiler.calls = [] }
        return spoiler.calls
    }
}

/// Shorthand for what tests do with files of a host.
extension LibraryOS.Host {
    func open(_ path: String, in folder: HostFile, _ flags: OpenFlags = .path, mode: UInt32 = 0o644) throws(Errno) -> HostFile {
        try open(beneath: folder, Array(path.utf8), flags: flags.hostBits, mode: mode)
    }

    func make(_ path: String, in folder: HostFile, _ bytes: [UInt8] = []) throws -> HostFile {
        let file = try open(path, in: folder, [.create, .exclusive, .readWrite])
        if !bytes.isEmpty { _ = try write(bytes, to: file) }
        return file
    }

    func write(_ bytes: [UInt8], to file: HostFile, at offset: Int64 = 0, pieces: Int = 1) throws -> Int {
        var bytes = bytes
        return try bytes.withUnsafeMutableBytes { buffer in try write(file, from: Self.split(buffer, pieces), at: offset) }
    }

    func read(_ file: HostFile, _ count: Int, at offset: Int64 = 0, pieces: Int = 1) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xA5, count: count)
        let moved = try bytes.withUnsafeMutableBytes { buffer in try read(file, into: Self.split(buffer, pieces), at: offset) }
        return Array(bytes[..<moved])
    }

    private static func split(_ buffer: UnsafeMutableRawBufferPointer, _ pieces: Int) -> [UnsafeMutableRawBufferPointer] {
        let size = (buffer.count + pieces - 1) / max(1, pieces)
        return stride(from: 0, to: buffer.count, by: max(1, size)).map { UnsafeMutableRawBufferPointer(rebasing: buffer[$0..<min(buffer.count, $0 + size)]) }
    }

    /// Every name of a folder.
    func names(_ folder: HostFile) throws -> [String] {
        let handle = try reopen(folder, flags: OpenFlags.directory.hostBits)
        var (names, place) = ([String](), Int64(0))
        while true {
            let entries = try readDirectory(handle, from: place)
            guard let last = entries.last else { return names }
            names += entries.map { String(decoding: $0.name, as: UTF8.self) }
            place = last.offset
        }
    }
}
