import Confidential
import Foundation
import Glibc
import GuestHost
import LibraryOS

/// A guest's end and an honest (or deviating) host's end of one ring, over files in a temporary folder and pipes, which go with it.
final class RingBed {
    let folder: URL
    let transport: LoopTransport
    let ring: Ring
    /// What the guest's streams lead to: the test writes `input`, and reads `output` and `error`.
    let input: Int32, output: Int32, error: Int32
    let console: [Int32]
    private var closed: Set<Int32> = []
    let status: Box<RingService.Outcome>

    final class Box<Value>: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    /// `root` is the root store's content, `sealedBlocks` the size of a store to write to.
    init(
        root: [UInt8] = [], manifest: [UInt8] = [], sealedBlocks: UInt64? = nil, connector: (any StreamConnector)? = nil, frequency: UInt64 = 1_000_000_000,
        deviations: [RingDeviation] = []
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "skerry-ring-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rootPath = folder.appending(path: "root").path
        try Data(root).write(to: URL(filePath: rootPath))
        var (first, second, third): ([Int32], [Int32], [Int32]) = ([0, 0], [0, 0], [0, 0])
        guard pipe2(&first), pipe2(&second), pipe2(&third) else { throw Errno.EMFILE }
        (input, output, error) = (first[1], second[0], third[0])
        let console = [first[0], second[1], third[1]]
        self.console = console
        let service = RingService(
            manifest: manifest, root: try BlockStore(path: rootPath),
            sealed: try sealedBlocks.map { [folder] in try BlockStore(path: folder.appending(path: "sealed").path, writableBlocks: $0) },
            console: (console[0], console[1], console[2]), connector: connector, counterFrequency: frequency, deviations: deviations)
        let status = Box(RingService.Outcome.goOn)
        self.status = status
        transport = LoopTransport { pages in if let outcome = try? service.serve(pages) { status.value = outcome } }
        ring = Ring(transport)
    }

    deinit {
        for descriptor in Set([input, output, error] + console).subtracting(closed) { close(descriptor) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Closes the guest's side of a console stream, or the test's.
    func hangUp(_ descriptor: Int32) {
        close(descriptor)
        closed.insert(descriptor)
    }
}

private func pipe2(_ ends: inout [Int32]) -> Bool { pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 } }

/// Reads what is there.
func available(_ descriptor: Int32, _ count: Int = 1 << 17) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let read = read(descriptor, &buffer, count)
    return Array(buffer.prefix(max(0, read)))
}
