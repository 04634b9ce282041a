/// A character device that another module adds to /dev: the library OS knows nothing of what is behind it.
///
/// Given to `DevFS.make`. The contract is that of system calls (SyscallCall.swift): nothing here blocks, an ioctl that has to wait says on which queue.
open class PluggedDevice: @unchecked Sendable {
    /// Its name in /dev.
    public let name: String
    /// The device number, which stat(2) shows as `st_rdev`.
    public let major: UInt32, minor: UInt32
    /// The permission bits of the node, which belongs to the superuser.
    public let permissions: UInt32

    /// For subclasses.
    public init(name: String, major: UInt32, minor: UInt32, permissions: UInt32) {
        self.name = name
        self.major = major
        self.minor = minor
        self.permissions = permissions
    }

    /// Opens it; the permissions of the node have been checked. Without an override there is nothing behind the node: `ENXIO`.
    open func open(by caller: PluggedCaller, flags: OpenFlags) throws(Errno) -> PluggedFile { throw .ENXIO }
}

/// An open file description of a `PluggedDevice`. Reading, writing and seeking are refused as Linux does for devices without those operations.
open class PluggedFile: @unchecked Sendable {
    /// Wake it whenever what `poll()` says may have changed.
    public let readiness = WaitQueue()

    /// For subclasses.
    public init() {}

    /// ioctl(2), but for the requests that every file knows (FIOCLEX and its like). Runs again, with the same progress, after a wait. `ENOTTY` without an override.
    open func ioctl(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome { throw .ENOTTY }
    /// What mmap(2) maps; nil: `ENODEV`.
    open var mappedMemory: PluggedMemory? { nil }
    /// What is ready now (poll(2)).
    open func poll() -> PollEvents { .always }
    /// Whether epoll(7) may watch it; a device that is always ready cannot be (`EPERM`).
    open var isPollable: Bool { false }
    /// The last descriptor is closed and no call is under way. Called once; must not wait.
    open func release() {}
}

/// The node's side of a plugged device.
package final class PluggedCharacterDevice: CharacterDevice, @unchecked Sendable {
    private let device: PluggedDevice

    init(_ device: PluggedDevice) {
        self.device = device
        super.init(major: device.major, minor: device.minor)
    }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        PluggedOpenFile(try device.open(by: PluggedCaller(task), flags: flags), flags: flags, location: location)
    }
}
