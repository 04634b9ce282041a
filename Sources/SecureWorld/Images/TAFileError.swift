/// Why a trusted-application file was refused: a sentence that says what is wrong and what to do, and the result OP-TEE would give for it.
public struct TAFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a client that opens a session with the application gets.
    public let result: TEEResult
    /// What is wrong and what to do, for the developer.
    public let message: String

    /// An error with that result and that explanation.
    public init(_ result: TEEResult, _ message: String) {
        self.result = result
        self.message = message
    }

    /// The explanation, and the name of the result.
    public var description: String { "\(message) (\(result))" }

    static func security(_ message: String) -> TAFileError { TAFileError(.security, message) }
    static func badFormat(_ message: String) -> TAFileError { TAFileError(.badFormat, message) }
    static func notSupported(_ message: String) -> TAFileError { TAFileError(.notSupported, message) }
}
