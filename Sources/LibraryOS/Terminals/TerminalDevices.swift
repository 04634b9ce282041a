/// /dev/ptmx.
package final class MultiplexerDevice: CharacterDevice, @unchecked Sendable {
    private let terminals: PtsFS
    static let number = DeviceNumber.make(major: 5, minor: 2)

    init(_ terminals: PtsFS) {
        self.terminals = terminals
        super.init(major: 5, minor: 2)
    }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try terminals.openMaster(flags: flags, location: location, task: task)
    }
}

/// /dev/tty: the controlling terminal of whoever opens it.
package final class ControllingTerminalDevice: CharacterDevice, @unchecked Sendable {
    init() { super.init(major: 5, minor: 0) }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        guard let terminal = task.kernel.processes.terminal(of: task.group) else { throw .ENXIO }
        return try terminal.open(flags: flags.union(.noControllingTerminal), location: location, task: task)
    }
}

/// /dev/console: the terminal the sandbox was given.
package final class ConsoleDevice: CharacterDevice, @unchecked Sendable {
    private let terminal: HostTerminal

    init(_ terminal: HostTerminal) {
        self.terminal = terminal
        super.init(major: 5, minor: 1)
    }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try terminal.open(flags: flags.union(.noControllingTerminal), location: location, task: task)
    }
}
