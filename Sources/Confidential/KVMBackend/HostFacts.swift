internal import CLinux
internal import Glibc

/// What a host says about itself without a device.
public protocol HostFacts: AnyObject {
    /// CPUID of this processor: EAX, EBX, ECX, EDX.
    func cpuid(_ function: UInt32, _ index: UInt32) -> (eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32)
    /// The release in uname(2), such as "6.12.0-13-amd64".
    var kernelRelease: String { get }
    /// The first bytes of a file of sysfs, without the white space around them; nil when it cannot be read.
    func setting(_ path: String) -> String?
}

/// This host.
public final class LinuxHostFacts: HostFacts {
    /// This host.
    public init() {}

    /// CPUID.
    public func cpuid(_ function: UInt32, _ index: UInt32) -> (eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32) {
        var registers: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(function, index, &registers)
        return (registers[0], registers[1], registers[2], registers[3])
    }

    /// uname(2).
    public var kernelRelease: String {
        var information = utsname()
        guard uname(&information) == 0 else { return "" }
        return withUnsafeBytes(of: information.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// A file of sysfs.
    public func setting(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(decoding: bytes.prefix(count).filter { $0 > 0x20 }, as: UTF8.self)
    }
}
