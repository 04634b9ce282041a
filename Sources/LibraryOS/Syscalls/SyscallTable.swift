/// How far a system call is served; printed by `skerry doctor --syscalls` and on the documentation page.
public enum SyscallSupport: String, Sendable {
    /// As Linux does it, for all flags.
    case full
    /// Some flags or cases answer an error that Linux would not give; the note says which.
    case partial
    /// Always refused, as an unprivileged container sees it; the note says why.
    case refused
}

/// What an argument is, for `--trace`. The kinds are those strace distinguishes.
public enum ArgumentFormat: Sendable, Equatable {
    /// A C `int` or `long`, decimal.
    case signed
    /// Unsigned decimal.
    case unsigned
    /// Hexadecimal, or octal with a leading zero for modes.
    case hex
    /// A file mode.
    case octal
    /// A descriptor.
    case descriptor
    /// A directory descriptor, AT_FDCWD by name.
    case directoryDescriptor
    /// A pointer, printed as an address (NULL by name).
    case pointer
    /// A zero-terminated string in the program's memory.
    case path
    /// Bytes the program passes, whose length is argument `length`.
    case input(length: Int)
    /// Bytes the call returns, as many as the result says.
    case output
    /// A set of flags or an enumeration with a name known to the trace printer ("open", "prot", "map", "signal"...).
    case named(String)
    /// A structure with a name known to the trace printer ("stat", "timespec", "iovec"...), filled by the program.
    case structureIn(String)
    /// A structure filled by the call.
    case structureOut(String)
    /// An array of strings (argv, envp).
    case strings
}

/// The type of every handler: never blocks, runs again after a wait.
public typealias SyscallHandler = @Sendable (_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome

/// One line of the table: the single source of dispatch, support level, notes and trace format.
public struct SyscallEntry: Sendable {
    /// The x86-64 number.
    public let number: Int
    /// The name in the kernel's syscall_64.tbl.
    public let name: String
    /// Support level.
    public let support: SyscallSupport
    /// What is missing or why it is refused; empty for full support.
    public let note: String
    /// What the arguments are.
    public let arguments: [ArgumentFormat]
    /// May be tried on the service thread (the handler honours `call.inPlace`).
    public let inPlace: Bool
    /// Serves it.
    public let handler: SyscallHandler

    package init(
        _ number: Int, _ name: String, _ arguments: [ArgumentFormat] = [], _ support: SyscallSupport = .full, note: String = "", inPlace: Bool = false,
        _ handler: @escaping SyscallHandler
    ) {
        self.number = number
        self.name = name
        self.support = support
        self.note = note
        self.arguments = arguments
        self.inPlace = inPlace
        self.handler = handler
    }

    /// A call that is served in full: the handler may follow the arguments directly.
    package init(_ number: Int, _ name: String, _ arguments: [ArgumentFormat] = [], inPlace: Bool = false, _ handler: @escaping SyscallHandler) {
        self.init(number, name, arguments, .full, note: "", inPlace: inPlace, handler)
    }
    /// A call without arguments that is served in full.
    package init(_ number: Int, _ name: String, _ handler: @escaping SyscallHandler) {
        self.init(number, name, [], .full, note: "", inPlace: false, handler)
    }
}

/// The namespace of the handlers; each area extends it in its own file (`Syscalls+Files.swift`...).
package enum Syscalls {}

/// The table from number to handler.
public final class SyscallTable: Sendable {
    /// The one table.
    public static let shared = SyscallTable(areas: Syscalls.areas)

    private let byNumber: [SyscallEntry?]

    /// Builds a table from the areas' lists; a number that occurs twice is a programming error found by a test.
    package init(areas: [[SyscallEntry]]) {
        var table = [SyscallEntry?](repeating: nil, count: 512)
        for entry in areas.joined() where entry.number < table.count { table[entry.number] = entry }
        byNumber = table
    }

    /// The entry of a number, nil when the call is not served (`ENOSYS`).
    @inline(__always)
    public func entry(_ number: UInt64) -> SyscallEntry? { number < UInt64(byNumber.count) ? byNumber[Int(number)] : nil }

    /// All entries in order of number.
    public var entries: [SyscallEntry] { byNumber.compactMap { $0 } }
}
