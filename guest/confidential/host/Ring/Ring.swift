internal import ConfidentialABI
internal import LibraryOS
internal import Synchronization

/// The guest's end of the ring (`ring_abi.h`): one method for each operation.
///
/// The host is an adversary. A response is copied out once; its tag has to be the request's, its status one the operation has, its length at most what was asked for,
/// each result in its range. Anything else is a violation, which ends the guest. What the host answers within these rules is still the host's choice: blocks are verified
/// by `RootImage`, and everything else is not to be trusted.
public final class Ring: @unchecked Sendable {
    /// The most bytes one request moves.
    public static let largestTransfer = Int(SKERRY_RING_PAYLOAD_SIZE)

    let transport: RingTransport
    /// One request at a time. No `Lock`: those are never held around what the host does, which may be a library OS itself.
    private let isBusy = Atomic<Bool>(false)
    private var isDead = false

    /// A ring over shared pages.
    public init(_ transport: RingTransport) { self.transport = transport }

    /// The host has cheated: nothing is read from it any more.
    public func violate(_ violation: RingViolation) {
        let isFirst = alone {
            defer { isDead = true }
            return !isDead
        }
        if isFirst { transport.violate(violation) }
    }

    private func alone<Value>(_ body: () -> Value) -> Value {
        while !isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {}
        defer { isBusy.store(false, ordering: .releasing) }
        return body()
    }

    /// What an operation asks for beside its payload.
    struct Request {
        var operation: skerry_ring_operation
        var arguments: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        /// What the answer may be, beside done, refused and failed.
        var mayAlsoEnd: Statuses = []
        /// The answer is done, whatever comes of it.
        var isAlwaysDone = false
    }

    /// Sets of statuses, by their numbers.
    struct Statuses: OptionSet {
        let rawValue: UInt32
        static let usual: Statuses = [Statuses(skerry_ring_done), Statuses(skerry_ring_refused), Statuses(skerry_ring_failed)]
        static let wouldBlock = Statuses(skerry_ring_would_block)
        static let broken = Statuses(skerry_ring_broken)
        static let full = Statuses(skerry_ring_full)

        init(rawValue: UInt32) { self.rawValue = rawValue }
        private init(_ status: skerry_ring_status) { rawValue = 1 << UInt32(status.rawValue) }
        func contains(number: UInt32) -> Bool { number < 32 && rawValue >> number & 1 == 1 }
    }

    /// What came back, with done.
    struct Answer {
        var length: Int
        var results: (UInt64, UInt64, UInt64, UInt64)
    }

    /// Sends a request with its payload and takes the response with its, which is copied to the beginning of `buffer`.
    func perform(
        _ request: Request, sending payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        into buffer: UnsafeMutableRawBufferPointer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    ) throws(Errno) -> Answer {
        if payload.count > Self.largestTransfer || buffer.count > Self.largestTransfer { throw .EINVAL }
        let (response, violation) = alone { () -> (skerry_ring_response?, RingViolation?) in
            if isDead { return (nil, nil) }
            let (response, tag) = exchange(request, payload, capacity: buffer.count)
            if let violation = Self.violation(response, request, tag: tag, capacity: buffer.count) { return (nil, violation) }
            // The length was checked: nothing behind the buffer is written, and nothing of the buffer behind the length.
            if response.length > 0 { transport.read(Int(SKERRY_RING_PAYLOAD), into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(response.length)])) }
            return (response, nil)
        }
        if let violation { violate(violation) }
        guard let response else { throw .EIO }
        if let error = Self.error(response.status) { throw error }
        return Answer(length: Int(response.length), results: response.results)
    }

    /// The request out, the response in.
    private func exchange(_ request: Request, _ payload: UnsafeRawBufferPointer, capacity: Int) -> (skerry_ring_response, tag: UInt64) {
        var descriptor = skerry_ring_request()
        withUnsafeMutableBytes(of: &descriptor.tag) { transport.random($0) }
        descriptor.operation = UInt32(request.operation.rawValue)
        descriptor.length = UInt32(truncatingIfNeeded: payload.count)
        descriptor.capacity = UInt32(truncatingIfNeeded: capacity)
        descriptor.arguments = request.arguments
        if !payload.isEmpty { transport.write(Int(SKERRY_RING_PAYLOAD), from: payload) }
        withUnsafeBytes(of: &descriptor) { transport.write(Int(SKERRY_RING_REQUEST), from: $0) }
        transport.exchange()
        var response = skerry_ring_response()
        withUnsafeMutableBytes(of: &response) { transport.read(Int(SKERRY_RING_RESPONSE), into: $0) }
        return (response, descriptor.tag)
    }

    private static func violation(_ response: skerry_ring_response, _ request: Request, tag: UInt64, capacity: Int) -> RingViolation? {
        if response.tag != tag { return .tag }
        guard Statuses.usual.union(request.mayAlsoEnd).contains(number: response.status) else { return .status }
        if request.isAlwaysDone && response.status != skerry_ring_done.rawValue { return .status }
        if Int(response.length) > capacity || response.status != skerry_ring_done.rawValue && response.length != 0 { return .length }
        return nil
    }

    private static func error(_ status: UInt32) -> Errno? {
        switch skerry_ring_status(rawValue: status) {
        case skerry_ring_done: nil
        case skerry_ring_would_block: .EAGAIN
        case skerry_ring_broken: .EPIPE
        case skerry_ring_refused: .EACCES
        case skerry_ring_full: .ENOSPC
        default: .EIO
        }
    }
}
