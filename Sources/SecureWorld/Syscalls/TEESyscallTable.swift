/// The system calls of trusted applications (OP-TEE's tee_syscall_numbers.h; tee.md 1.4).
enum TEESyscallTable {
    /// One call: its name and what it does, for applications and for the documentation (`TEECallDescription`).
    struct Entry: Sendable {
        let number: Int
        /// As in `TEE_SCN_...`, in lower case.
        let name: String
        let argumentCount: Int
        /// What it is for, in a line.
        let summary: String
        /// What differs from OP-TEE, and limits; empty when there is nothing to say.
        var limits = ""
        let handler: @Sendable (inout TEECall) throws(TEEResult) -> TEECallOutcome
    }

    /// TEE_SCN_MAX.
    static let largestNumber = 70

    /// All live calls, in the order of their numbers.
    static let entries: [Entry] =
        coreEntries + propertyEntries + sessionEntries + cancellationEntries + timeEntries + operationEntries + objectEntries + storageEntries + memoryEntries

    private static let byNumber: [Entry?] = {
        var result = [Entry?](repeating: nil, count: largestNumber + 1)
        for entry in entries { result[entry.number] = entry }
        return result
    }()

    /// The entry of a number, nil when there is none.
    static func entry(_ number: UInt64) -> Entry? { number <= UInt64(largestNumber) ? byNumber[Int(number)] : nil }

    /// Runs a call. Numbers of the former secure element API answer NOT_SUPPORTED, and so do those beyond the table, as OP-TEE's do.
    static func execute(_ call: inout TEECall) -> TEECallOutcome {
        guard let entry = entry(call.number) else {
            if call.world.log.wantsTrace { call.trace("call \(call.number)() = \(TEEResult.notSupported)") }
            return .result(.notSupported)
        }
        let log = call.world.log
        let trace = log.wantsTrace ? CallTrace(entry, call) : nil
        let outcome: TEECallOutcome
        if let faults = call.world.configuration.faults, let fault = call.faulted(faults, entry) {
            outcome = fault
        } else {
            do throws(TEEResult) { outcome = try entry.handler(&call) } catch { outcome = .result(error) }
            if let faults = call.world.configuration.faults { call.noteStorageFaults(faults, entry) }
        }
        if let trace { call.trace(trace.line(call, outcome)) }
        log.called(entry, call, outcome)
        return outcome
    }

    /// An entry whose handler only gives results.
    static func entry(
        _ number: Int, _ name: String, _ argumentCount: Int, _ summary: String, limits: String = "",
        _ handler: @escaping @Sendable (inout TEECall) throws(TEEResult) -> Void
    ) -> Entry {
        Entry(number: number, name: name, argumentCount: argumentCount, summary: summary, limits: limits) { call throws(TEEResult) in
            try handler(&call)
            return .result(.success)
        }
    }
}
