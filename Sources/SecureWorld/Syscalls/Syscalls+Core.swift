/// Returning, logging, panicking.
extension TEESyscallTable {
    static let coreEntries: [Entry] = [
        Entry(number: 0, name: "return", argumentCount: 1) { call throws(TEEResult) in .returned(TEEResult(rawValue: call.number(0))) },
        entry(1, "log", 2, log),
        Entry(number: 2, name: "panic", argumentCount: 2) { call throws(TEEResult) in .panicked(call.number(0)) },
    ]

    /// What one call may print.
    private static let longestLine: UInt64 = 4096

    @Sendable private static func log(_ call: inout TEECall) throws(TEEResult) {
        let count = min(call.word(1), longestLine)
        call.world.log.printed(call.instance, try call.memory.read(call.word(0), count))
    }
}
