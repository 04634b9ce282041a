extension PseudoTerminal {
    /// ioctl_tty(2) as far as both sides know the same requests; `fromMaster` where they differ.
    func control(_ request: UInt32, _ argument: UInt64, task: Task, fromMaster: Bool, canRead: Bool) throws(Errno) -> Int64 {
        if let result = try controlJobs(request, argument, task: task, fromMaster: fromMaster, canRead: canRead) { return result }
        if let form = Self.formOfGet(request) {
            try task.memory.writeBytes(lock.withLock { line.settings.bytes(form) }, to: GuestAddress(argument))
            return 0
        }
        if let (form, flushes) = Self.formOfSet(request) {
            try checkBackground(task, Signal.SIGTTOU)
            try setSettings(from: try task.memory.readBytes(GuestAddress(argument), count: form.size), form, flushing: flushes)
            return 0
        }
        if request == TerminalRequest.getLockedSettings || request == TerminalRequest.setLockedSettings {
            // Only CAP_SYS_ADMIN locks settings, which nobody has: none are.
            if request == TerminalRequest.setLockedSettings { throw .EPERM }
            try task.memory.writeBytes([UInt8](repeating: 0, count: Termios.Form.plain.size), to: GuestAddress(argument))
            return 0
        }
        if let result = try controlQueues(request, argument, task: task, fromMaster: fromMaster) { return result }
        return try controlRest(request, GuestAddress(argument), task: task, fromMaster: fromMaster)
    }

    // MARK: Settings

    private static func formOfGet(_ request: UInt32) -> Termios.Form? {
        switch request {
        case TerminalRequest.getSettings: .plain
        case TerminalRequest.getSpeeds: .speeds
        case TerminalRequest.getOld: .old
        default: nil
        }
    }

    /// Output never has to be waited for: it is with the master at once.
    private static func formOfSet(_ request: UInt32) -> (form: Termios.Form, flushes: Bool)? {
        switch request {
        case TerminalRequest.setSettings, TerminalRequest.setSettingsDrain: (.plain, false)
        case TerminalRequest.setSettingsFlush: (.plain, true)
        case TerminalRequest.setSpeeds, TerminalRequest.setSpeedsDrain: (.speeds, false)
        case TerminalRequest.setSpeedsFlush: (.speeds, true)
        case TerminalRequest.setOld, TerminalRequest.setOldDrain: (.old, false)
        case TerminalRequest.setOldFlush: (.old, true)
        default: nil
        }
    }

    private func setSettings(from bytes: [UInt8], _ form: Termios.Form, flushing: Bool) throws(Errno) {
        try change { line throws(Errno) in
            if flushing { line.flushInput() }
            line.set(line.settings.replaced(by: bytes, form))
        }
        // VMIN or ICANON may have changed what is worth reading.
        queue.wakeAll()
    }

    // MARK: Queues

    private func controlQueues(_ request: UInt32, _ argument: UInt64, task: Task, fromMaster: Bool) throws(Errno) -> Int64? {
        let number = UInt32(truncatingIfNeeded: argument)
        switch request {
        case Ioctl.bytesAvailable:
            let count = lock.withLock { fromMaster ? min(line.output.count, LineDiscipline.readerShare) : line.available }
            try task.memory.writeU32(UInt32(clamping: count), to: GuestAddress(argument))
        case TerminalRequest.outputQueue: try task.memory.writeU32(0, to: GuestAddress(argument))
        case TerminalRequest.flush:
            if !fromMaster { try checkBackground(task, Signal.SIGTTOU) }
            // TCIFLUSH, TCOFLUSH, TCIOFLUSH.
            guard number <= 2 else { throw .EINVAL }
            try flush(input: number != 1, output: number != 0, fromMaster: fromMaster)
        case TerminalRequest.flowControl:
            if !fromMaster { try checkBackground(task, Signal.SIGTTOU) }
            guard number <= 3 else { throw .EINVAL }
            try controlFlow(number, fromMaster: fromMaster)
        case TerminalRequest.sendBreak, TerminalRequest.sendLongBreak, TerminalRequest.startBreak, TerminalRequest.stopBreak:
            // There is no line that could break.
            if !fromMaster { try checkBackground(task, Signal.SIGTTOU) }
        default: return nil
        }
        return 0
    }

    private func flush(input: Bool, output: Bool, fromMaster: Bool) throws(Errno) {
        try change { line throws(Errno) in
            if fromMaster {
                // What is input to one side is output of the other.
                if input { line.output.removeAll() }
                if output { line.flushArriving() }
            } else {
                if input {
                    line.flushArriving()
                    line.flushInput()
                }
                if output { line.flushOutput() }
            }
        }
        if fromMaster { queue.wakeAll() } else { masterQueue.wakeAll() }
    }

    /// tcflow(3): TCOOFF, TCOON, TCIOFF, TCION. The last two send VSTOP and VSTART to the other side.
    private func controlFlow(_ action: UInt32, fromMaster: Bool) throws(Errno) {
        try change { line throws(Errno) in
            if action < 2 {
                if !fromMaster { line.holdByCall(action == 0) }
                return
            }
            let character: SpecialCharacter = action == 2 ? .stop : .start
            if fromMaster {
                if line.arrivingSpace > 0 { line.type([Termios.transparent[character]]) }
            } else if line.settings[character] != 0, line.outputSpace > 0 {
                line.output.append(line.settings[character])
            }
        }
    }

    // MARK: Window size, exclusive use and the rest

    private func controlRest(_ request: UInt32, _ address: GuestAddress, task: Task, fromMaster: Bool) throws(Errno) -> Int64 {
        switch request {
        case TerminalRequest.getWindowSize: try task.memory.writeBytes(lock.withLock { windowSize }, to: address)
        case TerminalRequest.setWindowSize:
            let size = try task.memory.readBytes(address, count: 8)
            let isNew = lock.withLock {
                defer { windowSize = size }
                return windowSize != size
            }
            if isNew { signalForeground(Signal.SIGWINCH) }
        case TerminalRequest.setExclusive, TerminalRequest.clearExclusive:
            let on = request == TerminalRequest.setExclusive
            lock.withLock { if fromMaster { isMasterExclusive = on } else { isExclusive = on } }
        case TerminalRequest.getExclusive:
            try task.memory.writeU32(lock.withLock { fromMaster ? isMasterExclusive : isExclusive } ? 1 : 0, to: address)
        case TerminalRequest.getDevice: try task.memory.writeU32(UInt32(truncatingIfNeeded: deviceNumber), to: address)
        case TerminalRequest.getDiscipline: try task.memory.writeU32(0, to: address)
        case TerminalRequest.setDiscipline:
            if try task.memory.readU32(address) != 0 { throw .EINVAL }
        case TerminalRequest.getCarrier:
            try task.memory.writeU32(lock.withLock { line.settings.control } & Termios.isLocal == 0 ? 0 : 1, to: address)
        case TerminalRequest.setCarrier:
            let isLocal = try task.memory.readU32(address) != 0
            try change { line throws(Errno) in
                var settings = line.settings
                settings.control = settings.control & ~Termios.isLocal | (isLocal ? Termios.isLocal : 0)
                line.set(settings)
            }
        // Since Linux 6.2 nobody without CAP_SYS_ADMIN types for others.
        case TerminalRequest.simulateInput: throw .EIO
        case TerminalRequest.hangUp: throw .EPERM
        default: throw .ENOTTY
        }
        return 0
    }
}
