internal import CLinux
internal import Glibc

/// A kernel that answers as a transcript says, and only as long as it is asked byte for byte what the transcript says.
public final class ReplayingKernel: KernelInterface {
    private let calls: [KernelCall]
    private var position = 0
    private let book = MemoryBook()
    /// Run structures by the descriptor of their processor: KVM_RUN reads and writes them.
    private var runs: [Int32: any HostMemory] = [:]
    /// The first call that was another than the transcript's; everything fails from there on.
    public private(set) var mismatch: String?

    /// Bytes of a run structure that a transcript shows: the exit's part, which the monitor answers in.
    static let shownRun = 32..<104

    /// From the text of a transcript.
    ///
    /// - Throws: `plan` with the number of the first line that is none.
    public init(transcript: String) throws(SNPError) {
        var calls: [KernelCall] = []
        for (number, line) in transcript.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            guard let call = KernelCall(line: String(line)) else { throw SNPError(.plan, "line \(number + 1) of the transcript", "it is no call: \(line.prefix(120))") }
            calls.append(call)
        }
        self.calls = calls
    }

    /// Whether every call of the transcript was made, and no other.
    public var isFinished: Bool { mismatch == nil && position == calls.count }

    /// How many calls were answered.
    public var answered: Int { position }

    /// The answer to a call; nil when it is not the next one of the transcript.
    private func answer(_ verb: String, _ arguments: [String], _ inputs: [KernelCall.Memory] = []) -> KernelCall? {
        guard mismatch == nil else { return nil }
        let asked = KernelCall(verb: verb, arguments: arguments, inputs: inputs).request
        guard position < calls.count else {
            mismatch = "the transcript ends after \(calls.count) calls, but then came\n  \(asked)"
            return nil
        }
        let call = calls[position]
        guard call.request == asked else {
            mismatch = "call \(position + 1) of the transcript is\n  \(call.request)\nbut it was\n  \(asked)"
            return nil
        }
        position += 1
        for memory in call.outputs {
            guard case .all(let bytes) = memory.bytes, book.store(bytes, at: memory.address) else {
                mismatch = "call \(position) of the transcript writes where no memory is: \(memory.text)"
                return nil
            }
        }
        return call
    }

    private func result(_ call: KernelCall?) -> Int32 { call.map { Int32(truncatingIfNeeded: $0.result) } ?? -EPROTO }

    /// open(2) of the transcript.
    public func open(_ path: String, _ flags: Int32) -> Int32 { result(answer("open", [path, UInt32(bitPattern: flags).hexadecimal])) }

    /// close(2) of the transcript.
    public func close(_ descriptor: Int32) { _ = answer("close", [String(descriptor)]) }

    /// ioctl(2) of the transcript.
    public func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 {
        var inputs: [KernelCall.Memory] = []
        if request == UInt32(skerry_KVM_RUN), let run = runs[descriptor] {
            inputs.append(.init(address: run.address + UInt64(Self.shownRun.lowerBound), bytes: .init(run.read(Self.shownRun))))
        }
        for piece in KernelReads.pieces(of: request, argument, load: book.load).read {
            guard let bytes = book.load(piece.address, piece.size) else {
                mismatch = mismatch ?? "the kernel was to read \(piece.size) bytes at \(piece.address.hexadecimal), where no memory is"
                return -EFAULT
            }
            inputs.append(.init(address: piece.address, bytes: .init(bytes)))
        }
        return result(answer("ioctl", [String(descriptor), request.hexadecimal, argument.hexadecimal], inputs))
    }

    /// Memory at the transcript's address.
    public func allocate(_ size: Int) -> (any HostMemory)? { memory(answer("allocate", [size.hexadecimal]), size) }

    /// A mapping at the transcript's address.
    public func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? {
        let made = memory(answer("map", [String(descriptor), size.hexadecimal]), size)
        runs[descriptor] = made
        return made
    }

    private func memory(_ call: KernelCall?, _ size: Int) -> (any HostMemory)? {
        guard let call, call.result > 0 else { return nil }
        let memory = PretendedMemory(address: UInt64(bitPattern: call.result), size: size)
        book.add(memory)
        return memory
    }

    /// fallocate(2) of the transcript.
    public func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 {
        result(answer("punch", [String(descriptor), offset.hexadecimal, length.hexadecimal]))
    }
}
