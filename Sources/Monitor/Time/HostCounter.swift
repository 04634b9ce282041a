import CLinux
import LibraryOS

internal import Glibc

/// Whether the time stamp counter of the host tells the time.
///
/// The host's kernel knows best: when `tsc` is its clock source, it has checked the counters of all processors against each other and against another
/// clock, and goes on doing so. A virtual machine's kernel may prefer the hypervisor's clock (`kvm-clock`, Hyper-V's page), which is itself a line over
/// the counter: then the counter must be invariant (constant rate, never stopped), and on KVM the hypervisor must say that all processors agree
/// (KVM_FEATURE_CLOCKSOURCE_STABLE_BIT). Any other clock source (hpet, acpi_pm, jiffies) means that the counter was found wanting. What all this
/// misses, the comparisons with the host's clocks while the sandbox runs find out (`ClockParameters.synchronise`).
enum HostCounter {
    /// Reads the host's choice and the processor's flags.
    static var isReliable: Bool {
        switch clockSource() {
        case "tsc": true
        case "kvm-clock": isInvariant && isStableUnderKVM
        case "hyperv_clocksource_tsc_page": isInvariant
        // No sysfs here: the processor's word.
        case nil: isInvariant
        default: false
        }
    }

    /// No processor virtualisation, so nothing can give guest code another counter than the host's: a page-table-based KVM.
    static var cannotBeOffset: Bool { leaf(1)[2] & 1 << 5 == 0 && leaf(0x8000_0001)[2] & 1 << 2 == 0 }

    /// The counter's frequency as CPUID leaf 0x15 gives it; nil when it does not.
    static var listedFrequency: UInt64? {
        guard leaf(0)[0] >= 0x15 else { return nil }
        let ratio = leaf(0x15)
        guard ratio[0] != 0, ratio[1] != 0, ratio[2] != 0 else { return nil }
        return UInt64(ratio[2]) * UInt64(ratio[1]) / UInt64(ratio[0])
    }

    private static var isInvariant: Bool { leaf(0x8000_0000)[0] >= 0x8000_0007 && leaf(0x8000_0007)[3] & 1 << 8 != 0 }

    private static var isStableUnderKVM: Bool {
        let signature = leaf(0x4000_0000)
        // "KVMKVMKVM"
        guard signature[1] == 0x4b4d_564b, signature[2] == 0x564b_4d56, signature[3] == 0x4d else { return false }
        return leaf(0x4000_0001)[0] & 1 << 24 != 0
    }

    private static func leaf(_ number: UInt32) -> [UInt32] {
        var registers: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(number, 0, &registers)
        return registers
    }

    private static func clockSource() -> String? {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        guard let descriptor = try? HostSystemCalls.openat(AT_FDCWD, Array(path.utf8), flags: O_RDONLY | O_CLOEXEC) else { return nil }
        defer { HostSystemCalls.close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = text.withUnsafeMutableBytes { (try? HostSystemCalls.read(descriptor, [$0], at: -1)) ?? 0 }
        return String(decoding: text[..<max(0, count)].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
