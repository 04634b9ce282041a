import Glibc
import LibraryOS
import Monitor
import Testing

@testable import Skerry

@Suite("The doctor says what is wrong and which command would change it")
struct DoctorTests {
    /// A host on which everything is as it should be.
    private func healthy(_ change: (inout HostFacts) -> Void = { _ in }) -> DoctorReport {
        var facts = HostFacts()
        facts.user = "alice"
        facts.kvmDevice = HostFacts.Device(mode: 0o660, group: "kvm", openError: 0)
        var kvm = HostFacts.KVM()
        kvm.capabilities = [("KVM_CAP_SYNC_REGS", true)]
        kvm.maximumVCPUs = 1024
        kvm.memorySlots = 32764
        kvm.vmTypes = 0x11
        facts.kvm = kvm
        facts.probe = .ran(.hardware)
        facts.processorFlags = ["svm", "sev_snp"]
        facts.sevDevice = HostFacts.Device(mode: 0o600, group: "root", openError: 0)
        facts.processors = 8
        facts.physicalAddressBits = 48
        facts.kernelRelease = "6.12.5-amd64"
        facts.memoryTotal = 32 << 30
        facts.memoryAvailable = 16 << 30
        facts.maximumMapCount = 65530
        facts.overcommit = 0
        facts.clockSource = "tsc"
        facts.descriptorLimit = 1024
        facts.descriptorHardLimit = 1 << 20
        facts.sharedMemoryHugePages = "never"
        change(&facts)
        return DoctorReport(facts)
    }

    private func check(_ name: String, _ change: (inout HostFacts) -> Void) throws -> DoctorCheck {
        try #require(healthy(change).checks.first { $0.name == name })
    }

    @Test func aHealthyHostHasNothingToFix() {
        let report = healthy()
        #expect(report.checks.allSatisfy { $0.status == .ok && $0.fix == nil })
        #expect(report.exitStatus == 0)
        #expect(report.text.hasSuffix("skerry can run programs on this host\n"))
    }

    @Test func withoutTheDeviceTheModuleOfTheProcessorIsNamed() throws {
        #expect(try check("kvm") { $0.kvmDevice = nil }.fix == "sudo modprobe kvm_amd")
        let intel = try check("kvm") {
            $0.kvmDevice = nil
            $0.processorFlags = ["vmx"]
        }
        #expect(intel.fix == "sudo modprobe kvm_intel")
        let container = try check("kvm") {
            $0.kvmDevice = nil
            $0.kvmIsRegistered = true
        }
        #expect(container.fix?.hasPrefix("docker run --device /dev/kvm") == true)
    }

    @Test func aRefusedDeviceNamesItsGroup() throws {
        let refused = try check("kvm") { $0.kvmDevice?.openError = EACCES }
        #expect(refused.status == .missing)
        #expect(refused.fix?.hasPrefix("sudo usermod -aG kvm alice") == true)
        let ownedByRoot = try check("kvm") { $0.kvmDevice = HostFacts.Device(mode: 0o600, group: "root", openError: EACCES) }
        #expect(ownedByRoot.fix == "sudo setfacl -m u:alice:rw /dev/kvm")
    }

    @Test func whatIsMissingMakesTheExitStatusOne() {
        let report = healthy {
            $0.kvm?.capabilities = [("KVM_CAP_SYNC_REGS", false)]
            $0.memfdError = ENOSYS
        }
        #expect(report.exitStatus == 1)
        #expect(report.text.hasSuffix("skerry cannot run programs on this host: capabilities, memfd\n"))
        #expect(report.text.contains("KVM_CAP_SYNC_REGS"))
    }

    @Test func aGuestThatDoesNotRunIsMissingWhateverTheKernelClaims() throws {
        let found = try check("host-kind") { $0.probe = .failed("KVM_RUN failed: errno 22") }
        #expect(found.status == .missing)
        #expect(found.detail.contains("errno 22"))
    }

    @Test func confidentialComputingIsNeverMoreThanANote() throws {
        let old = try check("sev-snp") {
            $0.kvm?.vmTypes = 1
            $0.kernelRelease = "6.1.0-18-amd64"
        }
        #expect(old.status == .note)
        #expect(old.detail.contains("6.11"))
        let switchedOff = try check("sev-snp") { $0.kvm?.vmTypes = 1 }
        #expect(switchedOff.fix?.contains("sev_snp=1") == true)
        let other = try check("sev-snp") {
            $0.kvm?.vmTypes = 1
            $0.processorFlags = ["vmx"]
        }
        #expect(other.status == .note && other.fix == nil)
    }

    @Test func limitsThatAreTooLowComeWithTheCommand() throws {
        #expect(try check("max-map-count") { $0.maximumMapCount = 1000 }.fix == "sudo sysctl -w vm.max_map_count=1048576")
        #expect(try check("overcommit") { $0.overcommit = 2 }.fix == "sudo sysctl -w vm.overcommit_memory=0")
        #expect(try check("descriptors") { $0.descriptorLimit = 256 }.fix == "ulimit -n 65536")
        #expect(try check("address-space") { $0.addressSpaceLimit = 1 << 30 }.fix == "ulimit -v unlimited")
        #expect(try check("openat2") { $0.openat2Error = EPERM }.status == .missing)
        let clock = try check("clocksource") {
            $0.clockSource = "hpet"
            $0.clockSources = "tsc hpet acpi_pm"
        }
        #expect(clock.status == .note && clock.fix?.hasPrefix("echo tsc") == true)
    }

    @Test func thisHostIsGatheredWithoutATrap() {
        let report = DoctorReport.gather()
        #expect(report.facts.processors > 0)
        #expect(!report.facts.kernelRelease.isEmpty)
        #expect(report.json.hasPrefix("{\n  \"canRun\": \(report.canRun)"))
    }
}

@Suite("JSON text")
struct JSONValueTests {
    @Test func stringsAreEscaped() {
        #expect(JSONValue.string("a\"b\\c\n\t\u{1}\u{1f}é😀/").text == "\"a\\\"b\\\\c\\n\\t\\u0001\\u001fé😀/\"")
    }

    @Test func carriageReturnAndNewlineAreTwoCharacters() { #expect(JSONValue.string("\r\n").text == "\"\\r\\n\"") }

    @Test func structuresAreIndented() {
        let value = JSONValue.object([("a", .array([.integer(-1), .null, .bool(true)])), ("b", .object([])), ("c", .array([]))])
        #expect(value.text == "{\n  \"a\": [\n    -1,\n    null,\n    true\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test func extremeNumbersAreWhole() { #expect(JSONValue.integer(.min).text == "-9223372036854775808") }
}

@Suite("The report of system calls comes from the table")
struct SyscallReportTests {
    @Test func namesAreThoseOfTheKernel() {
        let names = Dictionary(uniqueKeysWithValues: KernelCallNames.all.map { ($0.number, $0.name) })
        #expect(names.count == 336 + 39)
        #expect(names[0] == "read" && names[59] == "execve" && names[334] == "rseq" && names[424] == "pidfd_send_signal" && names[435] == "clone3")
        #expect(names[449] == "futex_waitv" && names[462] == "mseal")
        for entry in SyscallTable.shared.entries { #expect(names[entry.number] == entry.name, "call \(entry.number)") }
    }

    @Test func everyCallIsEitherInTheTableOrNotServed() {
        let report = SyscallReport()
        let served = Set(SyscallTable.shared.entries.map(\.number))
        let unserved = Set(report.unserved.map(\.number))
        #expect(served.isDisjoint(with: unserved))
        #expect(served.union(unserved).count == KernelCallNames.all.count)
    }

    @Test func theThreeFormsShowEveryEntry() throws {
        let report = SyscallReport()
        for entry in SyscallTable.shared.entries {
            #expect(report.text.contains("\(entry.number)  \(entry.name) "))
            #expect(report.json.contains("\"name\": \"\(entry.name)\""))
            #expect(report.markdown.contains("| \(entry.number) | `\(entry.name)` | \(entry.support.rawValue) |"))
        }
    }
}
