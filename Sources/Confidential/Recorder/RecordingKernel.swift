internal import CLinux

/// Another kernel, with a transcript of every call: what a host with SEV-SNP answered can be replayed on one without.
public final class RecordingKernel: KernelInterface {
    private let kernel: any KernelInterface
    private let book = MemoryBook()
    private var runs: [Int32: any HostMemory] = [:]
    /// The transcript so far, for `ReplayingKernel`.
    public private(set) var transcript = ""

    /// Records the calls of a kernel.
    public init(_ kernel: any KernelInterface) { self.kernel = kernel }

    private func record(_ call: KernelCall) { transcript += call.line + "\n" }

    /// open(2).
    public func open(_ path: String, _ flags: Int32) -> Int32 {
        let result = kernel.open(path, flags)
        record(KernelCall(verb: "open", arguments: [path, UInt32(bitPattern: flags).hexadecimal], result: Int64(result)))
        return result
    }

    /// close(2).
    public func close(_ descriptor: Int32) {
        kernel.close(descriptor)
        record(KernelCall(verb: "close", arguments: [String(descriptor)]))
    }

    /// ioctl(2), with what the kernel reads before and writes after it.
    public func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 {
        var call = KernelCall(verb: "ioctl", arguments: [String(descriptor), request.hexadecimal, argument.hexadecimal])
        let run = request == UInt32(skerry_KVM_RUN) ? runs[descriptor] : nil
        var pieces = KernelReads.pieces(of: request, argument, load: book.load)
        if let run {
            let shown = ReplayingKernel.shownRun
            pieces.read.append((run.address + UInt64(shown.lowerBound), shown.count))
            pieces.written.append((run.address, PageSize.bytes))
            pieces.written.append((run.address + UInt64(PageSize.bytes), run.size - PageSize.bytes))
        }
        call.inputs = pieces.read.compactMap { piece in book.load(piece.address, piece.size).map { .init(address: piece.address, bytes: .init($0)) } }
        let before = pieces.written.map { book.load($0.address, $0.size) }
        let result = kernel.ioctl(descriptor, request, argument)
        call.result = Int64(result)
        for (piece, old) in zip(pieces.written, before) {
            guard let old, let new = book.load(piece.address, piece.size) else { continue }
            call.outputs += Self.changes(from: old, to: new, at: piece.address)
        }
        record(call)
        return result
    }

    /// The changed bytes, in pieces of at most 256.
    private static func changes(from old: [UInt8], to new: [UInt8], at address: UInt64) -> [KernelCall.Memory] {
        stride(from: 0, to: new.count, by: 256).compactMap { start in
            let piece = start..<min(start + 256, new.count)
            guard let first = piece.first(where: { old[$0] != new[$0] }), let last = piece.last(where: { old[$0] != new[$0] }) else { return nil }
            return .init(address: address + UInt64(first), bytes: .all(Array(new[first...last])))
        }
    }

    /// Memory of the kernel below.
    public func allocate(_ size: Int) -> (any HostMemory)? { remember(kernel.allocate(size), "allocate", [size.hexadecimal]) }

    /// A mapping of the kernel below.
    public func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? {
        let made = remember(kernel.map(descriptor, size), "map", [String(descriptor), size.hexadecimal])
        runs[descriptor] = made
        return made
    }

    private func remember(_ memory: (any HostMemory)?, _ verb: String, _ arguments: [String]) -> (any HostMemory)? {
        record(KernelCall(verb: verb, arguments: arguments, result: memory.map { Int64(bitPattern: $0.address) } ?? 0))
        if let memory { book.add(memory) }
        return memory
    }

    /// fallocate(2).
    public func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 {
        let result = kernel.punchHole(descriptor, offset: offset, length: length)
        record(KernelCall(verb: "punch", arguments: [String(descriptor), offset.hexadecimal, length.hexadecimal], result: Int64(result)))
        return result
    }
}
