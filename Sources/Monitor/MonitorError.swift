internal import Glibc

/// Why Skerry itself cannot go on (exit status 125), in words that say what to do.
public struct MonitorError: Error, CustomStringConvertible, Sendable {
    /// The message, without the program's name.
    public let description: String
    /// An error with a message.
    public init(_ description: String) { self.description = description }

    /// The text of an error number.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// Ends the monitor at once with status 125: going on would break isolation.
    static func fatal(_ message: String) -> Never {
        var line = Array("skerry: \(message)\n".utf8)
        write(2, &line, line.count)
        _exit(125)
    }
}
