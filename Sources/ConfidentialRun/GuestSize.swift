internal import Confidential
internal import Skerry

/// How much RAM a guest gets. It is measured, so that it follows from the command line alone.
enum GuestSize {
    /// Without `--memory`.
    static let standard: UInt64 = 2 << 30

    /// For programs with so much memory: an eighth more, and 8 MiB at least, is the library OS's own (`Workload.memoryLimit` of the guest), in steps of 2 MiB.
    ///
    /// A guest accepts its RAM piece by piece as it needs it: what is never used costs nothing.
    static func ram(memory: UInt64?) throws(SandboxError) -> UInt64 {
        guard let memory else { return standard }
        let most = GuestImage.largestRAM / 8 * 7
        guard memory <= most else { throw SandboxError(usage: "--memory \(memory >> 20)m: a confidential guest has \(most >> 20)m at most") }
        let step = GuestImage.ramStep
        // x - x/8 >= memory, and x - 8 MiB >= memory.
        let wanted = max((memory + 6) / 7 * 8, memory + 8 << 20, 16 << 20)
        return (wanted + step - 1) / step * step
    }
}
