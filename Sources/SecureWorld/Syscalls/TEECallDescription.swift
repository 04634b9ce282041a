/// A system call of trusted applications, described: what `skerry tee calls` and the documentation's page of TEE calls are made of. It comes from the table that
/// dispatches the calls.
public struct TEECallDescription: Sendable {
    /// TEE_SCN_* (OP-TEE's tee_syscall_numbers.h).
    public let number: Int
    /// The name in lower case, without TEE_SCN_.
    public let name: String
    /// How many arguments it takes.
    public let argumentCount: Int
    /// What it is for, in a line.
    public let summary: String
    /// What differs from OP-TEE, and limits; empty when there is nothing to say.
    public let limits: String

    /// Every call that is served, in the order of the numbers.
    public static let all: [TEECallDescription] = TEESyscallTable.entries.sorted { $0.number < $1.number }.map {
        TEECallDescription(number: $0.number, name: $0.name, argumentCount: $0.argumentCount, summary: $0.summary, limits: $0.limits)
    }
}
