public import LibraryOS

/// What a sandbox is granted and how much it may use. The defaults grant the program file and what it needs to be loaded, and nothing else.
public struct SandboxConfiguration: Sendable {
    /// A host path shown inside the sandbox.
    public struct Grant: Sendable {
        /// The path on the host.
        public var host: String
        /// The path inside the sandbox.
        public var guest: String
        /// Whether programs may change what lies there.
        public var writable: Bool
        /// A grant of one path.
        public init(host: String, guest: String? = nil, writable: Bool = false) {
            self.host = host
            self.guest = guest ?? host
            self.writable = writable
        }
    }
    /// Where the record of system calls goes.
    public enum Trace: Sendable {
        /// strace's own format.
        case strace
        /// One JSON object a line.
        case json
    }

    /// The program as the user named it: a path, or a name looked up in PATH.
    public var program: String
    /// Its arguments without the program's name.
    public var arguments: [String]
    /// The program's name and its arguments, as it gets them.
    var words: [[UInt8]] { ([program] + arguments).map { Array($0.utf8) } }
    /// Environment variables beside PATH, HOME and TERM; later ones win.
    public var environment: [(name: String, value: String)] = []
    /// Granted paths.
    public var grants: [Grant] = []
    /// A folder that becomes the root file system.
    public var root: String?
    /// Changes below the root reach the host's folder.
    public var rootIsWritable = false
    /// Further private in-memory file systems.
    public var temporary: [String] = []
    /// Grants the host's /usr, /bin, /sbin, /lib* and the few files of /etc that programs need, read-only.
    public var grantsSystem = false
    /// The working directory; nil: the host's when it is granted, else "/".
    public var workingDirectory: String?
    /// The host name programs see.
    public var hostname = "skerry"
    /// The umask programs start with; nil: this process's.
    public var umask: UInt32?
    /// User and group ids; nil: the caller's, or 0 with a root.
    public var user: (user: UInt32, group: UInt32)?
    /// The most resident memory of all programs together, in bytes; nil: three quarters of the host's.
    public var memory: UInt64?
    /// How many processors programs see, and keep busy at most; nil: those this process may use.
    public var processors: Int?
    /// The most processes and threads there may be, ended ones that nobody has waited for included (`EAGAIN` beyond); nil: 4,096.
    public var processes: Int?
    /// The most descriptors a process may have (`EMFILE` beyond); nil: 1,024, which a program may raise, as usual on Linux.
    public var openFiles: Int?
    /// Ends the sandbox after this many seconds.
    public var timeout: Double?
    /// Devices of other modules in /dev.
    public var devices: [PluggedDevice] = []
    /// Records system calls.
    public var trace: Trace?
    /// The file the record goes to; nil: standard error.
    public var traceFile: String?
    /// Answers system calls without leaving the guest while a second core is free; off only to measure what that brings.
    public var answersInPlace = true
    /// Prints registers, stack and last calls to standard error when a fault of its own ends a program.
    public var reportsCrashes = false
    /// Signals sent to this process (Ctrl-C, hang-up, termination, window size) go to the program, and a stop of the program stops this process: what a
    /// command wants. Off for applications that hold sandboxes.
    public var isForeground = false
    /// The caller ends its process as soon as the program has ended: what the host takes back by itself is not taken apart before.
    public var endsWithProcess = false
    /// No lines of Skerry's own on standard error.
    public var isQuiet = false

    /// A sandbox for one program.
    public init(program: String, arguments: [String] = []) {
        self.program = program
        self.arguments = arguments
    }
}

/// How a program ended.
public enum ProgramResult: Sendable, Equatable {
    /// It exited with this status.
    case exited(Int32)
    /// This signal killed it.
    case killed(signal: Int32)
    /// The time was over.
    case timedOut
    /// The memory limit was reached and it was killed; the reason when the limit would have allowed more but the host's KVM did not.
    case outOfMemory(reason: String?)

    /// The exit status of a command that ran it: its own; 128 plus the signal; 124 after a time-out; 137 (SIGKILL) at the memory limit.
    public var exitStatus: Int32 {
        switch self {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        case .timedOut: 124
        case .outOfMemory: 137
        }
    }
}

/// Counts of what a sandbox did.
public struct SandboxStatistics: Sendable {
    /// Times a virtual processor left the guest.
    public let exits: UInt64
    /// System calls served on the exit path.
    public let exitCalls: UInt64
    /// System calls answered in place, without an exit.
    public let inPlaceCalls: UInt64
    /// Page faults served.
    public let pageFaults: UInt64
    /// Bytes of guest memory that are resident.
    public let residentMemory: UInt64
}

/// A limit of a sandbox that programs ran into.
public struct LimitReached: Sendable, Equatable {
    /// Which one.
    public enum Limit: Sendable {
        /// `SandboxConfiguration.processes`: a process or thread was refused.
        case processes
        /// `SandboxConfiguration.openFiles`: a descriptor was refused.
        case openFiles
        /// `SandboxConfiguration.memory`: a process was killed, and not the first one.
        case memory
    }
    /// Which one.
    public let limit: Limit
    /// How often.
    public let count: UInt64
    /// How much it allows: tasks, descriptors, bytes.
    public let value: UInt64
}

/// Why a program did not run.
public struct SandboxError: Error, CustomStringConvertible, Sendable {
    /// Whose fault it is, as the exit status of a command that runs programs says it.
    public enum Kind: Int32, Sendable {
        /// Skerry or the host (125).
        case sandbox = 125
        /// The file cannot be run (126).
        case notExecutable = 126
        /// There is no such program (127).
        case notFound = 127
    }
    /// Which of these.
    public let kind: Kind
    /// What happened and what to do.
    public let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// An option or value that cannot be used.
    public init(usage description: String) { self.init(.sandbox, description) }
}
