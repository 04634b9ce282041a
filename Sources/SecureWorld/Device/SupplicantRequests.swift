internal import LibraryOS
internal import Synchronization

/// What the secure world asks of the supplicant that has /dev/teepriv0 open, if there is one (drivers/tee/optee/supp.c of Linux).
///
/// A supplicant is a program of the normal world: its answers are as little to be trusted as a client's commands, and may never come.
final class SupplicantRequests: Sendable {
    private struct State {
        var supplicant: SupplicantFile?
        var waiting: [(number: UInt64, request: SupplicantRequest)] = []
        var given: [UInt64: SupplicantRequest] = [:]
        /// The one that was given to a supplicant that asked for no name.
        var unnamed: UInt64?
        var latest: UInt64 = 0
    }
    private let state = Mutex(State())
    /// Woken when there is something to receive.
    let queue = WaitQueue()

    /// The most requests without an answer, so that a supplicant that gives none costs no more.
    private static let most = 256

    // MARK: The side of the supplicant

    /// A supplicant is there.
    func attach(_ supplicant: SupplicantFile) { state.withLock { $0.supplicant = supplicant } }

    /// It is gone; nobody answers any more.
    func detach() {
        let left = state.withLock { state in
            defer { (state.supplicant, state.waiting, state.given, state.unnamed) = (nil, [], [:], nil) }
            return (state.supplicant, state.waiting.map { $0.request } + state.given.values)
        }
        for request in left.1 { request.finish(.communication, request.parameters) }
    }

    /// The oldest request that nobody has taken; nil: none. `EINVAL` when it has more parameters than there is room for: it stays.
    func take(room: Int, isNamed: Bool) throws(Errno) -> (number: UInt64, request: SupplicantRequest)? {
        let (next, fits) = state.withLock { state -> ((number: UInt64, request: SupplicantRequest)?, Bool) in
            guard let next = state.waiting.first else { return (nil, true) }
            guard next.request.parameters.count <= room else { return (nil, false) }
            state.waiting.removeFirst()
            state.given[next.number] = next.request
            if !isNamed { state.unnamed = next.number }
            return (next, true)
        }
        if !fits { throw .EINVAL }
        return next
    }

    /// Nobody was told of it after all.
    func putBack(_ number: UInt64) {
        state.withLock { state in
            guard let request = state.given.removeValue(forKey: number) else { return }
            if state.unnamed == number { state.unnamed = nil }
            state.waiting.insert((number, request), at: 0)
        }
    }

    /// The number of the request that was given without one; `EINVAL` when there is none.
    func unnamed() throws(Errno) -> UInt64 {
        guard let number = state.withLock({ $0.unnamed }) else { throw .EINVAL }
        return number
    }

    /// Answers a request. `ENOENT` when there is none of that number, `EINVAL` for another number of parameters: it stays.
    func answer(_ number: UInt64, _ result: TEEResult, _ answers: ArraySlice<IoctlParameter>) throws(Errno) {
        let (request, isRight) = state.withLock { state -> (SupplicantRequest?, Bool) in
            guard let request = state.given[number] else { return (nil, false) }
            guard request.parameters.count == answers.count else { return (request, false) }
            state.given[number] = nil
            if state.unnamed == number { state.unnamed = nil }
            return (request, true)
        }
        guard let request else { throw .ENOENT }
        if !isRight { throw .EINVAL }
        request.finish(result, zip(request.parameters, answers).map { $0.answered($1) })
    }

    // MARK: The side of the secure world

    /// Memory that the supplicant has made known on its device; `badParameters` for a number that is not one of that.
    func memory(_ id: UInt64) throws(TEEResult) -> PluggedMemory {
        guard let supplicant = state.withLock({ $0.supplicant }) else { throw .communication }
        guard let number = Int32(exactly: id) else { throw .badParameters }
        do throws(Errno) { return try supplicant.memories.memory(number, owner: supplicant.number) } catch { throw .badParameters }
    }

    /// Makes a request that nobody waits for the answer of.
    func send(_ function: SupplicantFunction, _ parameters: [SupplicantParameter]) throws(TEEResult) {
        _ = try enter(function, parameters)
    }

    /// Makes a request and waits for the answer.
    ///
    /// Errors: `itemNotFound` without a supplicant, `outOfMemory` for too many requests, `cancel` and `targetDead` as `SocketWait`; `communication` is the answer of a
    /// supplicant that is gone.
    func call(_ function: SupplicantFunction, _ parameters: [SupplicantParameter], for session: PseudoSession) throws(TEEResult) -> SupplicantRequest.Answer {
        let (number, request) = try enter(function, parameters)
        do throws(TEEResult) { try SocketWait(session, milliseconds: SocketWait.infinite).wait(until: .readable, request.bell) } catch {
            // What the supplicant has already it may still answer; nobody hears that.
            state.withLock { $0.waiting.removeAll { $0.number == number } }
            throw error
        }
        guard let answer = request.answer else { throw .communication }
        return answer
    }

    private func enter(_ function: SupplicantFunction, _ parameters: [SupplicantParameter]) throws(TEEResult) -> (number: UInt64, request: SupplicantRequest) {
        let request = try SupplicantRequest(function, parameters)
        let (number, refusal) = state.withLock { state -> (UInt64, TEEResult?) in
            if state.supplicant == nil { return (0, .itemNotFound) }
            if state.waiting.count + state.given.count >= Self.most { return (0, .outOfMemory) }
            state.latest &+= 1
            state.waiting.append((state.latest, request))
            return (state.latest, nil)
        }
        if let refusal { throw refusal }
        queue.wakeAll()
        return (number, request)
    }
}
