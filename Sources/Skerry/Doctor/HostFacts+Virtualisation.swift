import Monitor

internal import Glibc

/// The judgement of /dev/kvm and of confidential computing.
extension HostFacts {
    private var hasHardware: Bool { processorFlags.contains("svm") || processorFlags.contains("vmx") }

    var virtualisationChecks: [DoctorCheck] {
        guard let kvmDevice else { return [absentDevice] }
        if kvmDevice.openError != 0 { return [refusedDevice(kvmDevice)] }
        let permissions = "/dev/kvm (mode \(String(kvmDevice.mode, radix: 8)), group \(kvmDevice.group)) can be opened"
        guard let kvm else { return [DoctorCheck("kvm", .missing, kvmError ?? "/dev/kvm does not answer")] }
        var checks = [
            DoctorCheck("kvm", .ok, permissions),
            kvm.apiVersion == 12
                ? DoctorCheck("kvm-api", .ok, "version 12") : DoctorCheck("kvm-api", .missing, "version \(kvm.apiVersion), and every KVM since Linux 2.6.22 has 12"),
        ]
        let absent = kvm.capabilities.filter { !$0.present }.map(\.name)
        checks.append(
            absent.isEmpty
                ? DoctorCheck("capabilities", .ok, kvm.capabilities.map(\.name).joined(separator: ", "))
                : DoctorCheck("capabilities", .missing, "this kernel (\(kernelRelease)) lacks \(absent.joined(separator: ", "))", fix: Self.newKernel))
        checks.append(kindCheck)
        checks.append(DoctorCheck("vcpus", kvm.maximumVCPUs >= 64 ? .ok : .note, "\(kvm.maximumVCPUs) at most, \(kvm.recommendedVCPUs) recommended"))
        // 256 GiB in pieces of 64 MiB, and one for flushing.
        checks.append(
            kvm.memorySlots >= 4097
                ? DoctorCheck("memory-slots", .ok, "\(kvm.memorySlots)")
                : DoctorCheck("memory-slots", .note, "\(kvm.memorySlots): large sandboxes need 4,097", fix: Self.newKernel))
        return checks
    }

    static let newKernel = "sudo apt-get install linux-image-amd64 && sudo reboot"

    private var absentDevice: DoctorCheck {
        if kvmIsRegistered {
            return DoctorCheck(
                "kvm", .missing, "the kernel has KVM, but /dev/kvm is not in this /dev (a container?): give the container the device, or make the node",
                fix: "docker run --device /dev/kvm ...   or: sudo mknod -m 660 /dev/kvm c 10 232")
        }
        if processorFlags.contains("svm") { return DoctorCheck("kvm", .missing, "/dev/kvm does not exist: the module is not loaded", fix: "sudo modprobe kvm_amd") }
        if processorFlags.contains("vmx") { return DoctorCheck("kvm", .missing, "/dev/kvm does not exist: the module is not loaded", fix: "sudo modprobe kvm_intel") }
        return DoctorCheck(
            "kvm", .missing,
            "/dev/kvm does not exist and the processor shows neither svm nor vmx: switch virtualisation on in the firmware, or nested virtualisation on in the cloud; "
                + "with a kernel that has page-table-based KVM, load that",
            fix: "sudo modprobe kvm_pvm")
    }

    private func refusedDevice(_ device: Device) -> DoctorCheck {
        let mode = String(device.mode, radix: 8)
        switch device.openError {
        case EACCES where device.mode & 0o060 == 0o060 && device.group != "root":
            return DoctorCheck(
                "kvm", .missing, "/dev/kvm (mode \(mode)) belongs to the group \(device.group), which \(user) is not in",
                fix: "sudo usermod -aG \(device.group) \(user)   and log in again")
        case EACCES:
            return DoctorCheck(
                "kvm", .missing, "/dev/kvm (mode \(mode), group \(device.group)) may not be opened by \(user)", fix: "sudo setfacl -m u:\(user):rw /dev/kvm")
        case EPERM:
            return DoctorCheck(
                "kvm", .missing, "a device filter (a container's cgroup) forbids /dev/kvm: give the container the device", fix: "docker run --device /dev/kvm ...")
        case ENODEV, ENXIO:
            return DoctorCheck(
                "kvm", .missing, "/dev/kvm exists, but no KVM module stands behind it",
                fix: hasHardware ? "sudo modprobe \(processorFlags.contains("svm") ? "kvm_amd" : "kvm_intel")" : "sudo modprobe kvm_pvm")
        case EBUSY:
            return DoctorCheck(
                "kvm", .missing, "/dev/kvm is busy: another hypervisor holds the processor's virtualisation", fix: "sudo modprobe -r vboxdrv vmmon")
        default: return DoctorCheck("kvm", .missing, "/dev/kvm cannot be opened: \(String(cString: strerror(device.openError)))")
        }
    }

    private var kindCheck: DoctorCheck {
        let shown = modules.contains("kvm_pvm") && !hasHardware ? "kvm_pvm" : processorFlags.contains("svm") ? "svm" : processorFlags.contains("vmx") ? "vmx" : "unknown"
        switch probe {
        case .ran(.hardware): return DoctorCheck("host-kind", .ok, "hardware virtualisation (\(shown)); found by running a guest")
        case .ran(.pageTable):
            return DoctorCheck("host-kind", .ok, "page-table-based KVM (\(shown)): a system call that leaves the guest costs about 25 us; found by running a guest")
        case .failed(let reason): return DoctorCheck("host-kind", .missing, "a guest of one instruction did not run: \(reason)")
        case .notTried: return DoctorCheck("host-kind", .missing, "not known: no guest could be tried")
        }
    }

    // MARK: Confidential computing

    /// SEV-SNP is needed by confidential runs only: whatever is not there is a note.
    var confidentialChecks: [DoctorCheck] {
        let name = "sev-snp"
        if let kvm, kvm.vmTypes & 1 << 4 != 0 {
            guard let sevDevice else {
                return [DoctorCheck(name, .note, "KVM offers SEV-SNP, but /dev/sev does not exist: the secure processor's driver is not loaded", fix: "sudo modprobe ccp")]
            }
            if sevDevice.openError != 0 {
                return [DoctorCheck(name, .note, "KVM offers SEV-SNP, but \(user) may not open /dev/sev", fix: "sudo setfacl -m u:\(user):rw /dev/sev")]
            }
            return [DoctorCheck(name, .ok, "KVM offers it and /dev/sev can be opened")]
        }
        let types = kvm.map { " (VM types 0x\(String($0.vmTypes, radix: 16)))" } ?? ""
        guard processorFlags.contains("sev_snp") else {
            return [DoctorCheck(name, .note, "not here\(types): the processor shows no sev_snp; confidential runs need a bare-metal EPYC of the third generation or later")]
        }
        if kernelVersion < (6, 11) {
            return [DoctorCheck(name, .note, "the processor has it, but Linux \(kernelRelease) cannot start such guests: 6.11 or later is needed", fix: Self.newKernel)]
        }
        return [
            DoctorCheck(
                name, .note, "the processor has it, but kvm_amd does not offer it\(types)",
                fix: "echo 'options kvm_amd sev=1 sev_es=1 sev_snp=1' | sudo tee /etc/modprobe.d/kvm-amd.conf && sudo modprobe -r kvm_amd && sudo modprobe kvm_amd")
        ]
    }
}
