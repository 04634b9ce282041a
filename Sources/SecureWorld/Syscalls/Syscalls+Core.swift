/// Returning, logging, panicking.
extension TEESyscallTable {
    static let coreEntries: [Entry] = [
        Entry(number: 0, name: "return", argumentCount: 1, summary: "Ends the entry with a result.") { call throws(TEEResult) in
            .returned(TEEResult(rawValue: call.number(0)))
        },
        entry(
            1, "log", 2, "Prints bytes to the log of the secure world.",
            limits: "of one call 4,096 bytes are printed", log),
        Entry(number: 2, name: "panic", argumentCount: 2, summary: "Ends the instance: its sessions answer TEE_ERROR_TARGET_DEAD from then on.") { call throws(TEEResult) in
            .panicked(call.number(0))
        },
    ]

    /// What one call may print.
    private static let longestLine: UInt64 = 4096

    @Sendable private static func log(_ call: inout TEECall) throws(TEEResult) {
        let count = min(call.word(1), longestLine)
        call.world.log.printed(call.instance, try call.memory.read(call.word(0), count))
    }
}
