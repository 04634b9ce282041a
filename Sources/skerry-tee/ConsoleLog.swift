import LibraryOS
import Monitor
import SecureWorld

internal import Glibc

/// Tells the person at the terminal what applications do, on standard error.
final class ConsoleLog: TEELog, @unchecked Sendable {
    private let traces: Bool
    /// Nothing but what was asked for.
    private let isQuiet: Bool
    /// Where the trace goes, too.
    private let traceFile: Int32?

    /// Whether a terminal would obey what applications write.
    private let isTerminal = isatty(2) == 1

    /// Where raw profiles go.
    private let profileFile: Int32?

    /// The files are made anew.
    init(traces: Bool, isQuiet: Bool = false, traceFile: String? = nil, profileFile: String? = nil) throws {
        self.traces = traces
        self.isQuiet = isQuiet
        self.traceFile = try traceFile.map { try Self.make($0) }
        self.profileFile = try profileFile.map { try Self.make($0) }
        super.init()
    }

    private static func make(_ path: String) throws -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if file < 0 { throw HostFile.Failure(description: "\(path) cannot be made: \(String(cString: strerror(errno)))") }
        return file
    }

    deinit {
        if let traceFile { close(traceFile) }
        if let profileFile { close(profileFile) }
    }

    override var wantsTrace: Bool { traces || traceFile != nil }

    private func write(_ text: String, to file: Int32 = 2) { write(Array(text.utf8), to: file) }

    private func write(_ bytes: [UInt8], to file: Int32) {
        var rest = (isTerminal && file == 2 ? VisibleText.escaping(bytes) : bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    /// What belongs to the trace, too.
    private func tell(_ text: String) {
        if !isQuiet || traces { write(text) }
        if let traceFile { write(text, to: traceFile) }
    }

    override func printed(application: TEEUUID, _ bytes: [UInt8]) { if !isQuiet { write(bytes, to: 2) } }

    override func refused(application: TEEUUID, _ reason: String) { if !isQuiet { write("skerry: \(application) was not loaded: \(reason)\n") } }

    override func remarked(application: TEEUUID, _ text: String) { write("skerry: \(application) \(text)\n") }

    override func failed(_ error: MonitorError) { write("skerry: \(error.description)\n") }

    override func panicked(application: TEEUUID, _ reason: TAPanicReason) {
        let words: String
        switch reason {
        case .call(let code): words = "it called TEE_Panic(0x\(String(code, radix: 16)))"
        case .exception(let vector, _, let address, let registers):
            let place = vector == 14 ? " at address 0x\(String(address, radix: 16))" : ""
            words = "exception \(vector)\(place), instruction 0x\(String(registers.rip, radix: 16))"
        case .ended: words = "its time was over"
        case .outOfMemory: words = "the memory limit leaves it no more memory"
        case .stopped(let what): words = "its processor stopped (\(what))"
        }
        tell("skerry: \(application) panicked: \(words)\n")
    }

    override func faulted(application: TEEUUID, _ point: FaultPlan.Point, call: String) { tell("skerry: fault \(point): \(call) of \(application)\n") }

    override var wantsProfiles: Bool { profileFile != nil }

    override func profiled(application: TEEUUID, _ profile: [UInt8]) { if let profileFile { write(profile, to: profileFile) } }

    override func unprofiled(application: TEEUUID, _ reason: String) { write("skerry: no profile of \(application): \(reason)\n") }

    override func traced(application: TEEUUID, session: UInt32, _ line: String) {
        if traces { write(line + "\n") }
        if let traceFile { write(line + "\n", to: traceFile) }
    }
}
