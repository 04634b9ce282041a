internal import CLinux
internal import Glibc

/// The program of scripts/test-private-memory: the private memory of `Confidential` against a KVM that has it. The first process of the emulated machine, or any
/// process on a host whose KVM makes software-protected machines.
@main
enum PrivateMemoryBed {
    static func main() {
        let isFirstProcess = getpid() == 1
        if isFirstProcess, mount("dev", "/dev", "devtmpfs", 0, nil) != 0 { print("the devices cannot be mounted: errno \(errno)") }
        var tally = Tally()
        checkMachines(&tally)
        checkViews(&tally)
        checkRequests(&tally)
        checkAccesses(&tally)
        print("\(tally.passed) passed, \(tally.failed) failed, \(tally.skipped) skipped")
        fflush(nil)
        guard isFirstProcess else { exit(tally.failed == 0 ? 0 : 1) }
        // Ends the emulator, which is told not to start again. The script judges by the last line.
        reboot(RB_AUTOBOOT)
    }
}
