/// The terminal behind the standard streams, as the sandbox sees it. The host's kernel has the line discipline; which of the sandbox's processes it controls
/// and who is in the foreground is the library OS's own business: process ids of the sandbox never reach the host.
package final class HostTerminal: Terminal, @unchecked Sendable {
    private let file: HostFile

    /// The terminal an inherited descriptor refers to.
    package init(_ file: HostFile, kernel: Kernel) {
        self.file = file
        super.init(deviceNumber: Self.number, processes: kernel.processes)
    }
    /// That of /dev/console, where it can be found.
    private static let number = DeviceNumber.make(major: 5, minor: 1)

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        let opened = try HostStreamFile(file, flags: flags, kernel: task.kernel, terminal: self, console: location)
        if !flags.contains(.noControllingTerminal) { processes.acquireByOpening(self, by: task.group, canRead: flags.canRead) }
        return opened
    }

    /// What stands between a program in the background and its reading.
    func checkRead(_ task: Task) throws(Errno) { try checkBackground(task, Signal.SIGTTIN) }

    /// TOSTOP is the host's to know: asked only for a program in the background.
    func checkWrite(_ task: Task, _ file: HostFile) throws(Errno) {
        guard processes.backgroundGroup(of: task.group, on: self) != nil else { return }
        if try settings(of: file, task.kernel.host).local.contains(.stopBackgroundOutput) { try checkBackground(task, Signal.SIGTTOU) }
    }

    // MARK: ioctl_tty(2)

    /// What is passed on to the host, and what is answered here.
    func control(_ request: UInt32, _ argument: UInt64, _ file: HostFile, task: Task, canRead: Bool) throws(Errno) -> Int64 {
        if let result = try controlJobs(request, argument, task: task, canRead: canRead) { return result }
        let address = GuestAddress(argument)
        switch request {
        case TerminalRequest.getSettings, TerminalRequest.getSpeeds, TerminalRequest.getOld:
            try task.memory.writeBytes(try read(request, file, task.kernel.host), to: address)
        case TerminalRequest.setSettings...TerminalRequest.setSettingsFlush, TerminalRequest.setSpeeds...TerminalRequest.setSpeedsFlush,
            TerminalRequest.setOld...TerminalRequest.setOldFlush:
            try checkBackground(task, Signal.SIGTTOU)
            try write(request, address, file, task)
        case TerminalRequest.getWindowSize: try pass(request, address, file, size: 8, out: true, task)
        case TerminalRequest.setWindowSize: try pass(request, address, file, size: 8, out: false, task)
        case Ioctl.bytesAvailable, TerminalRequest.outputQueue: try pass(request, address, file, size: 4, out: true, task)
        case TerminalRequest.sendBreak, TerminalRequest.flowControl, TerminalRequest.flush:
            try checkBackground(task, Signal.SIGTTOU)
            var value = ByteWriter(capacity: 8)
            value.u64(argument)
            var bytes = value.bytes
            try task.kernel.host.terminalControl(file, request: request, argument: &bytes)
        case TerminalRequest.getDevice: try task.memory.writeU32(UInt32(truncatingIfNeeded: deviceNumber), to: address)
        case TerminalRequest.simulateInput: throw .EIO
        default: throw .ENOTTY
        }
        return 0
    }

    private func settings(of file: HostFile, _ host: Host) throws(Errno) -> Termios {
        var bytes = [UInt8](repeating: 0, count: Termios.Form.plain.size)
        try host.terminalControl(file, request: TerminalRequest.getSettings, argument: &bytes)
        return Termios.standard.replaced(by: bytes, .plain)
    }

    private func read(_ request: UInt32, _ file: HostFile, _ host: Host) throws(Errno) -> [UInt8] {
        if request == TerminalRequest.getOld { return try settings(of: file, host).bytes(.old) }
        let size = request == TerminalRequest.getSpeeds ? Termios.Form.speeds.size : Termios.Form.plain.size
        var bytes = [UInt8](repeating: 0, count: size)
        try host.terminalControl(file, request: request, argument: &bytes)
        return Array(bytes.prefix(size))
    }

    private func write(_ request: UInt32, _ address: GuestAddress, _ file: HostFile, _ task: Task) throws(Errno) {
        if request >= TerminalRequest.setSpeeds {
            return try pass(request, address, file, size: Termios.Form.speeds.size, out: false, task)
        }
        if request <= TerminalRequest.setSettingsFlush {
            return try pass(request, address, file, size: Termios.Form.plain.size, out: false, task)
        }
        // The host is told in the newer form: TCSETA lies four above TCSETS.
        let old = try task.memory.readBytes(address, count: Termios.Form.old.size)
        var bytes = try settings(of: file, task.kernel.host).replaced(by: old, .old).bytes(.plain)
        try task.kernel.host.terminalControl(file, request: request &- 4, argument: &bytes)
    }

    private func pass(_ request: UInt32, _ address: GuestAddress, _ file: HostFile, size: Int, out: Bool, _ task: Task) throws(Errno) {
        var bytes = out ? [UInt8](repeating: 0, count: size) : try task.memory.readBytes(address, count: size)
        try task.kernel.host.terminalControl(file, request: request, argument: &bytes)
        if out { try task.memory.writeBytes(Array(bytes.prefix(size)), to: address) }
    }
}
