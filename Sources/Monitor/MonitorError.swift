internal import Glibc

/// Why Skerry itself cannot go on (exit status 125), in words that say what to do.
public struct MonitorError: Error, CustomStringConvertible, Sendable {
    /// The message, without the program's name.
    public let description: String
    /// An error with a message.
    public init(_ description: String) { self.description = description }

    /// The text of an error number.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// Ends the monitor at once with status 125: going on would break isolation.
    static func fatal(_ message: String) -> Never {
        var line = Array("skerry: \(message)\n".utf8)
        write(2, &line, line.count)
        _exit(125)
    }
}

import KVM

extension MonitorError {
    /// A refusal of /dev/kvm, with what can be done about it.
    static func kvm(_ error: KVMError) -> MonitorError {
        switch (error.request, error.errno) {
        case ("open /dev/kvm", ENOENT):
            return MonitorError("/dev/kvm does not exist: load the kernel's kvm module (modprobe kvm_amd or kvm_intel), or enable nested virtualisation; see `skerry doctor`")
        case ("open /dev/kvm", EACCES), ("open /dev/kvm", EPERM):
            return MonitorError("/dev/kvm may not be opened by this user: join the group that owns it (sudo usermod -aG kvm $USER, then log in again); see `skerry doctor`")
        default:
            return MonitorError("the virtual machine could not be made: \(error.request): \(text(error.errno)); see `skerry doctor`")
        }
    }
}
