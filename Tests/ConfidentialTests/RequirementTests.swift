import CLinux
import Glibc
import Testing

@testable import Confidential

/// A host as a test describes it.
private final class PretendedHost: HostFacts, KernelInterface {
    var leaf: UInt32 = 1 << 4 | 3
    var kernelRelease = "6.12.0-13-amd64"
    var parameter: String? = "Y"
    var devices: [String: Int32] = ["/dev/kvm": 3, "/dev/sev": 4]
    var capabilities: [UInt64: Int32] = [235: 0x11, 234: 1, 231: 1, 232: 1, 201: 0x1000]
    var status: [UInt8] = [1, 55, 1, 1, 40, 0, 0, 0] + [UInt8](repeating: 0, count: 24)
    var statusResult: Int32 = 0
    private var memories: [PretendedMemory] = []

    func cpuid(_ function: UInt32, _ index: UInt32) -> (eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32) {
        switch function {
        case 0x8000_0000: (0x8000_001F, 0, 0, 0)
        case 0x8000_001F: (leaf, 51, 0, 0)
        default: (0, 0x6874_7541, 0x444D_4163, 0x6974_6E65)
        }
    }
    func setting(_ path: String) -> String? { path == "/sys/module/kvm_amd/parameters/sev_snp" ? parameter : nil }
    func open(_ path: String, _ flags: Int32) -> Int32 { devices[path] ?? -ENOENT }
    func close(_ descriptor: Int32) {}
    func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 {
        if request == 0xAE03 { return capabilities[argument] ?? 0 }
        guard request == skerry_SEV_ISSUE_CMD, descriptor == 4, let memory = memories.first(where: { $0.address == argument }) else { return -ENOTTY }
        #expect(memory.read(0..<16) == [9, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: (argument + 64) >> (8 * $0)) } + [0, 0, 0, 0])
        memory.write(status, at: 64)
        return statusResult
    }
    func allocate(_ size: Int) -> (any HostMemory)? {
        memories.append(PretendedMemory(address: 0x1000_0000 * UInt64(memories.count + 1), size: size))
        return memories.last
    }
    func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? { nil }
    func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 { -ENOTTY }
}

@Suite("A host that cannot launch encrypted guests is told which requirement is missing")
struct RequirementTests {
    private func unmet(_ change: (PretendedHost) -> Void = { _ in }) -> [String] {
        let host = PretendedHost()
        change(host)
        return SNPRequirements(facts: host, kernel: host).check().filter { $0.isMet == false }.map(\.name)
    }

    @Test func nothingIsMissing() { #expect(unmet() == []) }

    @Test func eachByItself() {
        let cases: [(String, (PretendedHost) -> Void)] = [
            ("CPU with SEV-SNP", { $0.leaf = 3 }), ("Linux 6.11", { $0.kernelRelease = "6.10.9" }), ("Linux 6.11", { $0.kernelRelease = "" }),
            ("Linux 6.11", { $0.kernelRelease = "5.99" }),
            ("kvm_amd.sev_snp", { $0.parameter = "N" }), ("kvm_amd.sev_snp", { $0.parameter = nil }), ("/dev/kvm", { $0.devices["/dev/kvm"] = -EACCES }),
            ("SNP type", { $0.capabilities[235] = 1 }), ("private memory", { $0.capabilities[234] = 0 }), ("page conversions", { $0.capabilities[201] = 1 }),
            ("/dev/sev", { $0.devices["/dev/sev"] = nil }), ("firmware", { $0.status[1] = 50 }), ("firmware", { $0.status[2] = 0 }), ("firmware", { $0.statusResult = -EIO }),
        ]
        for (text, change) in cases {
            let names = unmet(change)
            #expect(names.count == 1 && names[0].contains(text), "\(text): \(names)")
        }
    }

    @Test func laterKernelsDo() { for release in ["6.11.0", "6.18.44-fc-v657", "7.0.0-rc1", "10.1"] { #expect(unmet { $0.kernelRelease = release } == []) } }

    @Test func whatCannotBeToldIsNotSaidToBeMissing() {
        let host = PretendedHost()
        host.devices = [:]
        let list = SNPRequirements(facts: host, kernel: host).check()
        #expect(list.filter { $0.isMet == nil }.count == 3 && list.filter { $0.isMet == false }.count == 2)
    }

    @Test func thisHostIsAskedWithoutHarm() { #expect(SNPRequirements().check().count >= 7) }
}

@Suite("Answers to the guest go where it waits for them")
struct PortTests {
    @Test func aPortIsAnswered() throws {
        let section = try TranscriptBook.launches.section("run-ports")
        let backend = KVMBackend(kernel: try ReplayingKernel(transcript: section.text))
        _ = try LaunchSequence(TranscriptTests().plan(section.name)).launch(on: backend)
        #expect(try backend.enter(0) == .portOut(port: 0xFF, bytes: [0x44, 0x33, 0x22, 0x11]))
        #expect(failure { try backend.answerPortIn(0, bytes: [1, 2]) }?.kind == .order, "it wrote to a port")
        #expect(try backend.enter(0) == .portIn(port: 0x60, size: 2))
        #expect(failure { try backend.answerPortIn(0, bytes: [1]) }?.kind == .order, "it waits for two bytes")
        #expect(failure { try backend.answerPortIn(1, bytes: [1, 2]) }?.kind == .order, "there is one processor")
        try backend.answerPortIn(0, bytes: [1, 2])
        #expect(backend.guest?.processors[0].run.read(0x1000..<0x1002) == [1, 2])
    }
}
