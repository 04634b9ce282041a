/// TEE_GetCancellationFlag, TEE_MaskCancellation, TEE_UnmaskCancellation, TEE_Wait (TEE Internal Core API 4.10 and 7.2.4).
extension TEESyscallTable {
    static let cancellationEntries: [Entry] = [
        entry(9, "get_cancellation_flag", 1, "Says whether the client wants the command cancelled, and the application listens.", getCancellationFlag),
        entry(10, "unmask_cancellation", 1, "Has the application listen to cancellation; answers whether it did not.") { call throws(TEEResult) in
            try setMask(&call, false)
        },
        entry(11, "mask_cancellation", 1, "Has the application not listen to cancellation; answers whether it did not before.") { call throws(TEEResult) in
            try setMask(&call, true)
        },
        entry(12, "wait", 1, "Sleeps some milliseconds, or until the command is cancelled.", wait),
    ]

    @Sendable private static func getCancellationFlag(_ call: inout TEECall) throws(TEEResult) {
        let isSet = call.session.cancellation.isEffective(now: call.world.clock.monotonic())
        try call.memory.writeUInt32(isSet ? 1 : 0, to: call.word(0))
    }

    private static func setMask(_ call: inout TEECall, _ masked: Bool) throws(TEEResult) {
        let before = call.session.cancellation.setMask(masked)
        try call.memory.writeUInt32(before ? 1 : 0, to: call.word(0))
    }

    /// TEE_TIMEOUT_INFINITE.
    private static let infinite: UInt32 = 0xffff_ffff

    @Sendable private static func wait(_ call: inout TEECall) throws(TEEResult) {
        let (clock, cancellation, instance) = (call.world.clock, call.session.cancellation, call.instance)
        let milliseconds = call.number(0)
        let end = milliseconds == infinite ? nil : clock.monotonic() &+ Int64(milliseconds) &* 1_000_000
        let signal = ThreadSignal()
        cancellation.whenRequested { signal.signal() }
        instance.whenEnded { signal.signal() }
        defer {
            cancellation.whenRequested(nil)
            instance.whenEnded(nil)
        }
        while true {
            let seen = signal.count
            let now = clock.monotonic()
            if cancellation.isEffective(now: now) { throw .cancel }
            // The next entry into the guest finds that out.
            if instance.isDead { return }
            if let end, end <= now { return }
            let until = [end, cancellation.deadline].compactMap { $0 }.min()
            signal.wait(after: seen, nanoseconds: until.map { max(1, $0 &- now) } ?? -1)
        }
    }
}
