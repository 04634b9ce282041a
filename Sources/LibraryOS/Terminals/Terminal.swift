/// A terminal that can control a session (credentials(7)): a pseudo-terminal of the sandbox, or the one that was inherited.
package class Terminal: @unchecked Sendable {
    /// What /proc/PID/stat calls `tty_nr`.
    package let deviceNumber: UInt64
    let processes: ProcessTable
    /// The session it controls, and the process group that may read; zero: none. Guarded by the lock of `processes`.
    final var session: Int32 = 0
    final var foregroundGroup: Int32 = 0

    init(deviceNumber: UInt64, processes: ProcessTable) {
        self.deviceNumber = deviceNumber
        self.processes = processes
    }

    /// Opens it by another name than its own (/dev/tty).
    func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile { throw .EIO }

    /// What Ctrl-C, Ctrl-Z and a new window size send.
    package final func signalForeground(_ number: Int32) { processes.signalForeground(of: self, number) }
}

/// Requests of ioctl_tty(2).
enum TerminalRequest {
    static let getSettings: UInt32 = 0x5401, setSettings: UInt32 = 0x5402, setSettingsDrain: UInt32 = 0x5403, setSettingsFlush: UInt32 = 0x5404
    static let getOld: UInt32 = 0x5405, setOld: UInt32 = 0x5406, setOldDrain: UInt32 = 0x5407, setOldFlush: UInt32 = 0x5408
    static let getSpeeds: UInt32 = 0x802c_542a, setSpeeds: UInt32 = 0x402c_542b, setSpeedsDrain: UInt32 = 0x402c_542c, setSpeedsFlush: UInt32 = 0x402c_542d
    static let getLockedSettings: UInt32 = 0x5456, setLockedSettings: UInt32 = 0x5457
    static let sendBreak: UInt32 = 0x5409, flowControl: UInt32 = 0x540a, flush: UInt32 = 0x540b, sendLongBreak: UInt32 = 0x5425
    static let setExclusive: UInt32 = 0x540c, clearExclusive: UInt32 = 0x540d, getExclusive: UInt32 = 0x8004_5440
    static let takeControl: UInt32 = 0x540e, giveUpControl: UInt32 = 0x5422, getSession: UInt32 = 0x5429
    static let getForegroundGroup: UInt32 = 0x540f, setForegroundGroup: UInt32 = 0x5410
    static let outputQueue: UInt32 = 0x5411, simulateInput: UInt32 = 0x5412
    static let getWindowSize: UInt32 = 0x5413, setWindowSize: UInt32 = 0x5414
    static let getCarrier: UInt32 = 0x5419, setCarrier: UInt32 = 0x541a
    static let setPacketMode: UInt32 = 0x5420, getPacketMode: UInt32 = 0x8004_5438
    static let setDiscipline: UInt32 = 0x5423, getDiscipline: UInt32 = 0x5424
    static let startBreak: UInt32 = 0x5427, stopBreak: UInt32 = 0x5428
    static let getDevice: UInt32 = 0x8004_5432, hangUp: UInt32 = 0x5437
    // Of the master side only:
    static let getNumber: UInt32 = 0x8004_5430, setLock: UInt32 = 0x4004_5431, getLock: UInt32 = 0x8004_5439, openPeer: UInt32 = 0x5441
    static let signal: UInt32 = 0x4004_5436
}

extension Terminal {
    /// The requests about sessions and process groups; nil for others. `fromMaster`: on the other side of a pseudo-terminal, which is nobody's
    /// controlling terminal.
    final func controlJobs(
        _ request: UInt32, _ argument: UInt64, task: Task, fromMaster: Bool = false, canRead: Bool
    ) throws(Errno) -> Int64? {
        let address = GuestAddress(argument)
        switch request {
        case TerminalRequest.takeControl:
            // What another session has can be stolen by CAP_SYS_ADMIN only, which nobody has.
            try processes.acquire(self, by: task.group, canRead: canRead)
        case TerminalRequest.giveUpControl:
            if fromMaster { throw .ENOTTY }
            try processes.giveUp(self, by: task.group)
        case TerminalRequest.getForegroundGroup:
            let group = try processes.foregroundGroup(of: self, asking: fromMaster ? nil : task.group)
            try task.memory.writeU32(UInt32(bitPattern: group), to: address)
        case TerminalRequest.setForegroundGroup:
            do throws(Errno) { try checkBackground(task, Signal.SIGTTOU) } catch { throw error == .EIO ? .ENOTTY : error }
            let group = Int32(bitPattern: try task.memory.readU32(address))
            if group < 0 { throw .EINVAL }
            try processes.setForegroundGroup(of: self, to: group, by: task.group)
        case TerminalRequest.getSession:
            let session = try processes.session(of: self, asking: fromMaster ? nil : task.group)
            try task.memory.writeU32(UInt32(bitPattern: session), to: address)
        default: return nil
        }
        return 0
    }

    /// Job control (the kernel's `__tty_check_change`): a process in the background of its controlling terminal that reads (SIGTTIN) or changes it
    /// (SIGTTOU) is stopped with its process group, and the call made again when it goes on. `EIO` when nobody could continue it, or when it does not
    /// want to hear of SIGTTIN.
    final func checkBackground(_ task: Task, _ number: Int32) throws(Errno) {
        guard let group = processes.backgroundGroup(of: task.group, on: self) else { return }
        let isBlocked = task.group.signals.lock.withLock { task.signals.mask.contains(number) }
        if isBlocked || task.group.signals.actions[number].isIgnore {
            if number == Signal.SIGTTIN { throw .EIO }
            return
        }
        if processes.isOrphaned(task.group) { throw .EIO }
        for member in processes.members(of: group) { member.send(SignalInfo(number, code: SignalInfo.kernel)) }
        throw .ERESTARTSYS
    }
}
