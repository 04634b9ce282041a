internal import ConfidentialABI
internal import Glibc

/// The host's end of the ring (`ring_abi.h`): serves what the library OS of a confidential guest asks for.
///
/// The guest is no friend either: a request is copied out once, every field is checked, nothing is allocated beyond the 64 KiB of one payload, and what is wrong is answered
/// by `refused`.
public final class RingService {
    /// What a request means for the run.
    public enum Outcome: Sendable, Equatable {
        /// The guest is to be entered again.
        case goOn
        /// The guest has ended with this status.
        case exited(UInt8)
    }

    private let manifest: [UInt8]
    private let stores: [UInt64: BlockStore]
    let streams: RingDescriptors
    private let connector: (any StreamConnector)?
    private let proxy: ProxyService?
    private let counterFrequency: UInt64
    private let deviations: RingDeviations

    /// - Parameters:
    ///   - manifest: the bytes whose SHA-256 is the guest's HOST_DATA.
    ///   - root: the root image; nil in proxy mode.
    ///   - sealed: the store that the guest may write to.
    ///   - console: descriptors for standard input, output and error, which stay the caller's.
    ///   - proxy: who serves the calls of a guest in proxy mode; nil refuses them.
    ///   - counterFrequency: hertz of the guest's time stamp counter.
    ///   - deviations: what this host does wrong, for tests of the guest.
    public init(
        manifest: [UInt8], root: BlockStore?, sealed: BlockStore? = nil, console: (input: Int32, output: Int32, error: Int32) = (0, 1, 2),
        connector: (any StreamConnector)? = nil, proxy: ProxyService? = nil, counterFrequency: UInt64, deviations: [RingDeviation] = []
    ) {
        self.manifest = manifest
        var stores: [UInt64: BlockStore] = [:]
        stores[UInt64(SKERRY_RING_STORE_ROOT)] = root
        stores[UInt64(SKERRY_RING_STORE_SEALED)] = sealed
        self.stores = stores
        streams = RingDescriptors(console: [console.input, console.output, console.error])
        self.connector = connector
        self.proxy = proxy
        self.counterFrequency = counterFrequency
        self.deviations = RingDeviations(deviations)
        // A write to a pipe whose reader is gone has to come back as EPIPE: the signal is for the program inside.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Serves the request in the ring's pages and writes the response there: to be called when the guest has rung the doorbell.
    ///
    /// - Throws: `SNPError` when the pages are not shared with the host.
    public func serve(_ memory: some RingMemory) throws(SNPError) -> Outcome {
        guard let request = RingRequest(memory) else { throw Self.notShared }
        if request.operation == skerry_ring_exit.rawValue, request.fits, !deviations.ignoresExit { return .exited(UInt8(truncatingIfNeeded: request.arguments[0])) }
        var response = RingResponse.failed(skerry_ring_refused)
        if request.fits, let payload = request.length == 0 ? [] : memory.read(Int(SKERRY_RING_PAYLOAD), request.length) { response = answer(request, payload) }
        response.tag = request.tag
        response = deviations.spoil(response, to: request)
        guard response.payload.isEmpty || memory.write(Int(SKERRY_RING_PAYLOAD), response.payload), memory.write(Int(SKERRY_RING_RESPONSE), response.descriptor) else {
            throw Self.notShared
        }
        return .goOn
    }

    private static let notShared = SNPError(.guest, "serving the ring", "the guest has rung its doorbell for pages that it has not shared")

    private func answer(_ request: RingRequest, _ payload: [UInt8]) -> RingResponse {
        let first = request.arguments[0]
        switch skerry_ring_operation(rawValue: request.operation) {
        case skerry_ring_block_read: return readBlocks(request)
        case skerry_ring_block_write: return writeBlocks(request, payload)
        case skerry_ring_block_flush: return flush(request)
        case skerry_ring_console_write: return first == 1 || first == 2 ? streams.write(first, payload) : .failed(skerry_ring_refused)
        case skerry_ring_console_read: return streams.read(0, request.capacity)
        case skerry_ring_stream_open: return open(first, payload)
        case skerry_ring_stream_send: return streams.isConnected(first) ? streams.write(first, payload) : .failed(skerry_ring_refused)
        case skerry_ring_stream_receive: return streams.isConnected(first) ? streams.read(first, request.capacity) : .failed(skerry_ring_refused)
        case skerry_ring_stream_finish: return streams.finish(first) ? .done() : .failed(skerry_ring_refused)
        case skerry_ring_stream_close: return streams.close(first) ? .done() : .failed(skerry_ring_refused)
        case skerry_ring_wall_clock: return .done([RingClocks.wall])
        case skerry_ring_wait: return streams.wait(nanoseconds: first, readable: request.arguments[1], writable: request.arguments[2])
        case skerry_ring_counter_frequency: return .done([counterFrequency])
        case skerry_ring_call: return call(request, payload)
        case skerry_ring_manifest_read: return readManifest(first, request.capacity)
        default: return .failed(skerry_ring_refused)
        }
    }

    private func readBlocks(_ request: RingRequest) -> RingResponse {
        let count = request.arguments[2]
        guard let store = stores[request.arguments[0]], count >= 1, count <= UInt64(SKERRY_RING_BLOCKS), Int(count) * Int(SKERRY_RING_BLOCK) <= request.capacity else {
            return .failed(skerry_ring_refused)
        }
        do throws(BlockStore.Failure) { return .done(payload: try store.read(request.arguments[1], Int(count))) } catch { return .failed(Self.status(error)) }
    }

    private func writeBlocks(_ request: RingRequest, _ payload: [UInt8]) -> RingResponse {
        let count = request.arguments[2]
        guard let store = stores[request.arguments[0]], count >= 1, count <= UInt64(SKERRY_RING_BLOCKS), Int(count) * Int(SKERRY_RING_BLOCK) == payload.count else {
            return .failed(skerry_ring_refused)
        }
        do throws(BlockStore.Failure) { try store.write(request.arguments[1], payload) } catch { return .failed(Self.status(error)) }
        return .done()
    }

    private func flush(_ request: RingRequest) -> RingResponse {
        guard let store = stores[request.arguments[0]] else { return .failed(skerry_ring_refused) }
        do throws(BlockStore.Failure) { try store.flush() } catch { return .failed(Self.status(error)) }
        return .done()
    }

    private static func status(_ failure: BlockStore.Failure) -> skerry_ring_status {
        switch failure {
        case .outside, .input: skerry_ring_failed
        case .full: skerry_ring_full
        case .readOnly: skerry_ring_refused
        }
    }

    private func open(_ number: UInt64, _ name: [UInt8]) -> RingResponse {
        guard let connector, (1...Int(SKERRY_RING_NAME_SIZE)).contains(name.count), streams.isFree(number), let descriptor = connector.connect(name) else {
            return .failed(skerry_ring_refused)
        }
        streams.add(number, descriptor)
        return .done()
    }

    private func call(_ request: RingRequest, _ payload: [UInt8]) -> RingResponse {
        guard let proxy else { return .failed(skerry_ring_refused) }
        let answer = proxy.answer(payload, capacity: request.capacity)
        return .done([UInt64(UInt32(bitPattern: answer.error)), answer.number], payload: answer.bytes)
    }

    private func readManifest(_ offset: UInt64, _ capacity: Int) -> RingResponse {
        let start = Int(min(offset, UInt64(manifest.count)))
        return .done([UInt64(manifest.count)], payload: Array(manifest[start...].prefix(capacity)))
    }
}
