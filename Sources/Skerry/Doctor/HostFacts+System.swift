internal import Glibc

/// The judgement of memory, limits and the kernel.
extension HostFacts {
    private static func size(_ bytes: UInt64) -> String { bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB" }

    var memoryChecks: [DoctorCheck] {
        [addressWidthCheck, memoryCheck, mapCountCheck, overcommitCheck, addressSpaceCheck, hugePageCheck]
    }

    private var addressWidthCheck: DoctorCheck {
        // Guest-physical addresses end at 256 GiB.
        physicalAddressBits >= 38
            ? DoctorCheck("address-bits", .ok, "\(physicalAddressBits) physical address bits; the guest uses 38")
            : DoctorCheck("address-bits", .missing, "\(physicalAddressBits) physical address bits, and the guest needs 38")
    }

    private var memoryCheck: DoctorCheck {
        let text = "\(Self.size(memoryTotal)), \(Self.size(memoryAvailable)) available"
        return memoryAvailable >= 64 << 20 ? DoctorCheck("memory", .ok, text) : DoctorCheck("memory", .note, text + ": only the smallest programs fit")
    }

    private var mapCountCheck: DoctorCheck {
        guard let maximumMapCount else { return DoctorCheck("max-map-count", .note, "vm.max_map_count cannot be read") }
        let text = "vm.max_map_count is \(maximumMapCount); half of it is for mappings of host files"
        return maximumMapCount >= 65530
            ? DoctorCheck("max-map-count", .ok, text)
            : DoctorCheck("max-map-count", .note, text + ", beyond which files are copied", fix: "sudo sysctl -w vm.max_map_count=1048576")
    }

    private var overcommitCheck: DoctorCheck {
        guard let overcommit else { return DoctorCheck("overcommit", .note, "vm.overcommit_memory cannot be read") }
        return overcommit == 2
            ? DoctorCheck(
                "overcommit", .note, "vm.overcommit_memory is 2: private file mappings are charged in full, and large programs may not start",
                fix: "sudo sysctl -w vm.overcommit_memory=0")
            : DoctorCheck("overcommit", .ok, "vm.overcommit_memory is \(overcommit)")
    }

    private var addressSpaceCheck: DoctorCheck {
        guard let addressSpaceLimit else { return DoctorCheck("address-space", .ok, "no limit") }
        // The monitor reserves 256 GiB of addresses for the guest.
        return addressSpaceLimit >= 300 << 30
            ? DoctorCheck("address-space", .ok, "limit \(Self.size(addressSpaceLimit))")
            : DoctorCheck("address-space", .missing, "limited to \(Self.size(addressSpaceLimit)); the monitor reserves 256 GiB of addresses", fix: "ulimit -v unlimited")
    }

    private var hugePageCheck: DoctorCheck {
        sharedMemoryHugePages.isEmpty
            ? DoctorCheck("huge-pages", .note, "this kernel has no transparent huge pages for shared memory")
            : DoctorCheck("huge-pages", .ok, "transparent huge pages for shared memory: \(sharedMemoryHugePages)")
    }

    var kernelChecks: [DoctorCheck] {
        [
            DoctorCheck("processors", processors > 1 ? .ok : .note, "\(processors) (\(processorModel))" + (processors > 1 ? "" : ": no calls are answered in place")),
            openat2Check,
            memfdError == 0
                ? DoctorCheck("memfd", .ok, "memfd_create works")
                : DoctorCheck("memfd", .missing, "memfd_create fails: \(String(cString: strerror(memfdError)))"),
            descriptorCheck,
            clockCheck,
        ]
    }

    private var openat2Check: DoctorCheck {
        switch openat2Error {
        case 0: return DoctorCheck("openat2", .ok, "with RESOLVE_BENEATH")
        case ENOSYS where kernelVersion >= (5, 6), EPERM:
            return DoctorCheck(
                "openat2", .missing, "a system call filter (an old container engine's?) forbids openat2", fix: "docker run --security-opt seccomp=unconfined ...")
        case ENOSYS: return DoctorCheck("openat2", .missing, "Linux \(kernelRelease) has no openat2: 5.6 or later is needed", fix: Self.newKernel)
        default: return DoctorCheck("openat2", .missing, "openat2 fails: \(String(cString: strerror(openat2Error)))")
        }
    }

    private var descriptorCheck: DoctorCheck {
        func text(_ value: UInt64) -> String { value == UInt64(rlim_t.max) ? "unlimited" : "\(value)" }
        let detail = "\(text(descriptorLimit)) descriptors, at most \(text(descriptorHardLimit))"
        if descriptorLimit < 64 { return DoctorCheck("descriptors", .missing, detail, fix: "ulimit -n 1024") }
        if descriptorLimit >= 1024 { return DoctorCheck("descriptors", .ok, detail) }
        return DoctorCheck(
            "descriptors", .note, detail + ": programs with many open files will see EMFILE early",
            fix: descriptorHardLimit >= 1024 ? "ulimit -n \(min(descriptorHardLimit, 65536))" : "sudo prlimit --pid $$ --nofile=65536:65536")
    }

    private var clockCheck: DoctorCheck {
        if clockSource == "tsc" { return DoctorCheck("clocksource", .ok, "tsc: programs read clocks without leaving the guest") }
        let available = clockSources.split(separator: " ").contains("tsc")
        return DoctorCheck(
            "clocksource", .note, "\(clockSource.isEmpty ? "unknown" : clockSource): every clock_gettime leaves the guest",
            fix: available ? "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource" : nil)
    }
}
