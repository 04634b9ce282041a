/// A character device that programs can open: what is behind a device node of /dev.
package class CharacterDevice: @unchecked Sendable {
    /// `st_rdev`, in the encoding of `makedev`.
    package let number: UInt64

    /// A device with this number.
    package init(major: UInt32, minor: UInt32) { number = DeviceNumber.make(major: major, minor: minor) }

    /// Opens it; permissions of the node have been checked. Without an override there is nothing behind the node: `ENXIO`.
    func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile { throw .ENXIO }
}

/// The node of a device in /dev.
final class DeviceNode: TmpNode, @unchecked Sendable {
    private let device: CharacterDevice

    init(_ tmpfs: TmpFS, number: UInt64, permissions: UInt32, device: CharacterDevice, owner: FileCredentials) {
        self.device = device
        super.init(
            tmpfs, number: number, kind: .characterDevice, permissions: permissions, owner: owner, deviceNumber: device.number)
    }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try device.open(flags: flags, location: location, task: task)
    }
}
