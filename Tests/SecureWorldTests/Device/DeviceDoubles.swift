import SecureWorld
import Synchronization
import Testing
@testable import LibraryOS

/// A secure world without applications: it remembers what it was asked, and answers at once or when a test says so.
final class TEEServiceDouble: TEEService, @unchecked Sendable {
    private struct State {
        var requests: [TEERequest] = []
        var held: [(request: TEERequest, completion: @Sendable () -> Void)] = []
        var holds = false
        var nextSession: UInt32 = 77
        var command: (@Sendable (_ command: UInt32, _ parameters: [TEEParameter]) -> (TEEResult, [TEEParameter]))?
        var opening: (@Sendable ([TEEParameter]) -> (TEEResult, [TEEParameter]))?
    }
    private let state = Mutex(State())

    /// All requests in the order they came.
    var requests: [TEERequest] { state.withLock { $0.requests } }
    /// The sessions it was asked to close.
    var closed: [UInt32] { requests.compactMap { if case .close(let session) = $0.kind { session } else { nil } } }
    /// Requests that wait for `answerNext`.
    var heldCount: Int { state.withLock { $0.held.count } }

    /// Keeps requests until `answerNext`.
    func hold(_ on: Bool = true) { state.withLock { $0.holds = on } }
    /// What an application does with a command.
    func onCommand(_ body: @escaping @Sendable (_ command: UInt32, _ parameters: [TEEParameter]) -> (TEEResult, [TEEParameter])) {
        state.withLock { $0.command = body }
    }
    /// What it does when a session is opened.
    func onOpen(_ body: @escaping @Sendable ([TEEParameter]) -> (TEEResult, [TEEParameter])) { state.withLock { $0.opening = body } }

    override func submit(_ request: TEERequest, completion: @escaping @Sendable () -> Void) {
        let isHeld = state.withLock { state in
            state.requests.append(request)
            if state.holds { state.held.append((request, completion)) }
            return state.holds
        }
        if isHeld { return }
        answer(request)
        completion()
    }

    /// Answers the request that has waited longest; false when none waits.
    @discardableResult func answerNext() -> Bool {
        guard let next = state.withLock({ $0.held.isEmpty ? nil : $0.held.removeFirst() }) else { return false }
        answer(next.request)
        next.completion()
        return true
    }

    private func answer(_ request: TEERequest) {
        switch request.kind {
        case .open:
            let (result, parameters) = state.withLock({ $0.opening })?(request.parameters) ?? (.success, request.parameters)
            let session: UInt32 = state.withLock { state in
                defer { state.nextSession += 1 }
                return state.nextSession
            }
            let isOpen = result == .success
            request.finish(result, .trustedApplication, session: isOpen ? session : 0, parameters: parameters)
        case .invoke(_, let command):
            let (result, parameters) = state.withLock({ $0.command })?(command, request.parameters) ?? (.success, request.parameters)
            request.finish(result, .trustedApplication, parameters: parameters)
        case .close: request.finish(.success, .tee)
        }
    }
}

/// What a client's thread does while a call of it sleeps: one step a sleep. Without steps nobody would ever wake it, and it is ended.
final class DeviceParker: TaskParker, @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var steps: [() throws -> Void] = []
    private var count = 0
    /// Ends the sleeper.
    var whenStuck: (() -> Void)?

    /// How often it has slept.
    var sleeps: Int { lock.withLock { count } }
    /// What happens during the next sleep that has no step yet.
    func whileAsleep(_ step: @escaping () throws -> Void) { lock.withLock { steps.append(step) } }

    override func park(until deadline: MonotonicInstant?) -> Bool {
        let step: (() throws -> Void)? = lock.withLock {
            count += 1
            return steps.isEmpty ? whenStuck : steps.removeFirst()
        }
        do { try step?() } catch { Issue.record(error) }
        return true
    }
}

/// A host with a clock that stands still.
final class DeviceHost: Host, @unchecked Sendable {
    override func now(_ clock: HostClock) -> Int64 { 1_700_000_000_000_000_000 }
}

/// Guest-physical memory in one block of the test's own; frame 0 is never handed out. Counts what the library OS charges for its objects.
final class DeviceMemory: PhysicalMemory, @unchecked Sendable {
    private let lock = Lock(.frames)
    private let base: UnsafeMutableRawPointer
    private static let frameCount = 4096
    private var free: [UInt64] = (1..<UInt64(DeviceMemory.frameCount)).reversed()
    private var chargedBytes = 0

    override init() { base = UnsafeMutableRawPointer.allocate(byteCount: Self.frameCount * 4096, alignment: 4096) }
    deinit { base.deallocate() }

    /// Frames that somebody owns.
    var framesInUse: Int { lock.withLock { Self.frameCount - 1 - free.count } }
    /// Bytes of objects that are charged now.
    var charged: Int { lock.withLock { chargedBytes } }

    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        let taken: [UInt64]? = lock.withLock {
            if free.count < count { return nil }
            defer { free.removeLast(count) }
            return free.suffix(count)
        }
        guard let taken else { throw .ENOMEM }
        return taken.map { frame in
            (base + Int(frame) * 4096).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
            return FrameRange(start: FrameNumber(frame), count: 1)
        }
    }
    override func free(_ frames: FrameRange) { lock.withLock { for index in 0..<frames.count { free.append(frames[index].value) } } }
    override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { base + Int(frame.value) * 4096 }
    override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        destination.copyMemory(from: source, byteCount: count)
    }
    override func charge(_ bytes: Int) -> Bool {
        lock.withLock { chargedBytes += bytes }
        return true
    }
    override func chargeBeyondLimit(_ bytes: Int) { _ = charge(bytes) }
    override func refund(_ bytes: Int) { lock.withLock { chargedBytes -= bytes } }
    override var usage: (resident: UInt64, limit: UInt64) { (UInt64(framesInUse) * 4096, UInt64(Self.frameCount) * 4096) }
    override func makePageTable() throws(Errno) -> PageTable { PageTable() }
}

extension LibraryOS.Task {
    /// Makes a call, with all its sleeps; the result, an errno negated.
    func call(_ number: UInt64, _ arguments: UInt64...) -> Int64 {
        func at(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
        var call = SyscallCall(number: number, at(0), at(1), at(2), at(3), at(4), at(5))
        if case .value(let value) = execute(&call) { return value }
        return .min
    }
}

/// The system calls that these tests make.
enum DeviceCall {
    static let read: UInt64 = 0, close: UInt64 = 3, fstat: UInt64 = 5, lseek: UInt64 = 8, mmap: UInt64 = 9, mprotect: UInt64 = 10, munmap: UInt64 = 11
    static let ioctl: UInt64 = 16, dup: UInt64 = 32, fcntl: UInt64 = 72, ftruncate: UInt64 = 77, epollControl: UInt64 = 233, prlimit: UInt64 = 302
    static let epollCreate: UInt64 = 291, pipe: UInt64 = 22, memfd: UInt64 = 319
}

/// A failed call's result.
func failed(_ errno: Errno) -> Int64 { errno.syscallResult }
