/// TEE_GetSystemTime, TEE_GetTAPersistentTime, TEE_SetTAPersistentTime, TEE_GetREETime (TEE Internal Core API 7).
extension TEESyscallTable {
    static let timeEntries: [Entry] = [
        entry(
            13, "get_time", 2, "Reads the system time, the application's persistent time, or the time of the normal world.",
            limits: "all are clocks of the host (protection level 100)", getTime),
        entry(
            14, "set_ta_time", 1, "Sets the application's persistent time.",
            limits: "without trusted storage it lasts as long as the secure world", setApplicationTime),
    ]

    private enum Category: UInt64 {
        case system = 0
        case persistent = 1
        case ree = 2
    }

    @Sendable private static func getTime(_ call: inout TEECall) throws(TEEResult) {
        guard let category = Category(rawValue: call.word(0)) else { throw .badParameters }
        let world = call.world
        // Before the clock is asked: a persistent time that is not set is told by the result, and the place is looked at nevertheless.
        try call.require(1, count: 8, write: true)
        switch category {
        case .system: try write(world.clock.monotonic() &- world.started &+ TEETime.second, to: call.word(1), call.memory)
        case .ree: try write(world.clock.realtime(), to: call.word(1), call.memory)
        case .persistent:
            let (now, status) = try world.persistentTimes.now(of: call.instance.uuid, world.clock)
            try write(now, to: call.word(1), call.memory)
            if status != .success { throw status }
        }
    }

    /// A TEE_Time: seconds and milliseconds, 32 bits each.
    private static func write(_ nanoseconds: Int64, to address: UInt64, _ memory: TAMemory) throws(TEEResult) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: TEETime.second)
        try memory.writeUInt32(UInt32(truncatingIfNeeded: seconds), to: address)
        try memory.writeUInt32(UInt32(truncatingIfNeeded: rest / 1_000_000), to: address &+ 4)
        // The seconds do not fit any more: the low bits are there, and the caller is told (7.2.3).
        if seconds > Int64(UInt32.max) || seconds < 0 { throw .overflow }
    }

    @Sendable private static func setApplicationTime(_ call: inout TEECall) throws(TEEResult) {
        try call.require(0, count: 8, write: false)
        let seconds = try call.memory.readUInt32(call.word(0))
        let milliseconds = try call.memory.readUInt32(call.word(0) &+ 4)
        guard milliseconds < 1000 else { throw .badParameters }
        let time = Int64(seconds) &* TEETime.second &+ Int64(milliseconds) &* 1_000_000
        try call.world.persistentTimes.set(time, of: call.instance.uuid, call.world.clock)
    }
}

/// Units of time.
enum TEETime {
    /// Nanoseconds.
    static let second: Int64 = 1_000_000_000
}
