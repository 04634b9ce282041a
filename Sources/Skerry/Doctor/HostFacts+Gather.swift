import CLinux
import KVM
import Monitor

internal import Glibc

extension HostFacts {
    /// Looks at this host. Reads files, opens devices and runs a guest of one instruction; changes nothing.
    package static func gather() -> HostFacts {
        var facts = HostFacts()
        facts.user = getenv("USER").map { String(cString: $0) } ?? getpwuid(getuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? "\(getuid())"
        facts.kvmDevice = device("/dev/kvm")
        facts.sevDevice = device("/dev/sev")
        facts.readProcessor()
        facts.readKernel()
        facts.readLimits()
        facts.askKVM()
        return facts
    }

    private static func device(_ path: String) -> Device? {
        var attributes = stat()
        guard stat(path, &attributes) == 0 else { return nil }
        let group = getgrgid(attributes.st_gid).flatMap { $0.pointee.gr_name }.map { String(cString: $0) } ?? "\(attributes.st_gid)"
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        let code = descriptor < 0 ? errno : 0
        if descriptor >= 0 { close(descriptor) }
        return Device(mode: attributes.st_mode & 0o7777, group: group, openError: code)
    }

    private mutating func readProcessor() {
        for line in Self.read("/proc/cpuinfo").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { Self.trimmed(String($0)) }
            guard let key = parts.first else { continue }
            if key == "processor" { processors += 1 }
            guard parts.count > 1 else { continue }
            if key == "flags", processorFlags.isEmpty { processorFlags = Set(parts[1].split(separator: " ").map(String.init)) }
            if key == "model name" { processorModel = parts[1] }
        }
        var leaf: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(0x8000_0000, 0, &leaf)
        if leaf[0] >= 0x8000_0008 {
            skerry_cpuid(0x8000_0008, 0, &leaf)
            physicalAddressBits = Int(leaf[0] & 0xff)
        }
    }

    private mutating func readKernel() {
        kernelRelease = Self.trimmed(Self.read("/proc/sys/kernel/osrelease"))
        for module in ["kvm", "kvm_amd", "kvm_intel", "kvm_pvm"] where access("/sys/module/\(module)", F_OK) == 0 { modules.insert(module) }
        kvmIsRegistered = Self.read("/proc/misc").split(separator: "\n").contains { $0.hasSuffix(" kvm") }
        maximumMapCount = UInt64(Self.trimmed(Self.read("/proc/sys/vm/max_map_count")))
        overcommit = UInt64(Self.trimmed(Self.read("/proc/sys/vm/overcommit_memory")))
        clockSource = Self.trimmed(Self.read("/sys/devices/system/clocksource/clocksource0/current_clocksource"))
        clockSources = Self.trimmed(Self.read("/sys/devices/system/clocksource/clocksource0/available_clocksource"))
        let hugePages = Self.read("/sys/kernel/mm/transparent_hugepage/shmem_enabled")
        sharedMemoryHugePages = hugePages.split(separator: "[").last.flatMap { $0.split(separator: "]").first }.map(String.init) ?? ""
        for line in Self.read("/proc/meminfo").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 1, let kilobytes = UInt64(words[1]) else { continue }
            if words[0] == "MemTotal:" { memoryTotal = kilobytes << 10 }
            if words[0] == "MemAvailable:" { memoryAvailable = kilobytes << 10 }
        }
        let opened = skerry_openat2(AT_FDCWD, ".", UInt64(O_DIRECTORY | O_CLOEXEC), 0, UInt64(RESOLVE_BENEATH))
        if opened < 0 { openat2Error = -opened } else { close(opened) }
        let memory = skerry_memfd_create("skerry-doctor")
        if memory < 0 { memfdError = -memory } else { close(memory) }
    }

    private mutating func readLimits() {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            descriptorLimit = UInt64(limit.rlim_cur)
            descriptorHardLimit = UInt64(limit.rlim_max)
        }
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max {
            addressSpaceLimit = UInt64(limit.rlim_cur)
        }
    }

    /// What Skerry cannot do without, by the names of `<linux/kvm.h>`.
    private static let needed: [(String, KVMCapability)] = [
        ("KVM_CAP_USER_MEMORY", .userMemory), ("KVM_CAP_SYNC_REGS", .syncRegisters), ("KVM_CAP_IMMEDIATE_EXIT", .immediateExit),
        ("KVM_CAP_XSAVE", .xsave), ("KVM_CAP_XCRS", .xcrs),
    ]

    private mutating func askKVM() {
        do throws(KVMError) {
            let system = try KVMSystem()
            var answers = KVM()
            answers.apiVersion = system.apiVersion
            answers.capabilities = Self.needed.map { ($0.0, system.checkExtension($0.1) > 0) }
            answers.maximumVCPUs = system.checkExtension(.maximumVCPUs)
            answers.recommendedVCPUs = system.checkExtension(.recommendedVCPUs)
            answers.memorySlots = system.checkExtension(.memorySlots)
            answers.vmTypes = system.checkExtension(.vmTypes)
            kvm = answers
        } catch {
            kvmError = error.description
            return
        }
        do throws(MonitorError) {
            probe = .ran(try Machine(memoryLimit: 64 << 20).probeKind())
        } catch { probe = .failed(error.description) }
    }

    private static func read(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16384)
        while case let count = Glibc.read(file, &part, part.count), count > 0, content.count < 16 << 20 { content += part[..<count] }
        return String(decoding: content, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        func isSpace(_ character: Character) -> Bool { character.isWhitespace }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
