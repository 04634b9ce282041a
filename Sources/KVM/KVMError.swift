/// A failed request to /dev/kvm: which one, and the error number.
public struct KVMError: Error, CustomStringConvertible, Sendable {
    /// The ioctl's name, or "open /dev/kvm", "mmap kvm_run".
    public let request: String
    /// errno(3).
    public let errno: Int32

    /// An error of `request`.
    public init(request: String, errno: Int32) {
        self.request = request
        self.errno = errno
    }

    /// "KVM_CREATE_VM failed: errno 12".
    public var description: String { "\(request) failed: errno \(errno)" }
}
