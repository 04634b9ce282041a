/// membarrier(2) of the monitor itself: its interrupt takes every vCPU that runs guest code out of the guest and back.
enum MemoryBarrier {
    /// MEMBARRIER_CMD_PRIVATE_EXPEDITED and its registration, which `<linux/membarrier.h>` has as an enumeration.
    private static let expedited: Int32 = 8, registerExpedited: Int32 = 16

    /// Registers the process at the first look.
    static let isAvailable: Bool = HostSystemCalls.memoryBarrier(command: registerExpedited)

    static func execute() {
        if isAvailable { _ = HostSystemCalls.memoryBarrier(command: expedited) }
    }
}
