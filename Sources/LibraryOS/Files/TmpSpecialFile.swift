/// A FIFO, the name of a socket, or a device node of a `TmpFS`.
///
/// Device nodes that programs make have no device behind them, whatever their number: they can be listed and removed, and opening one is `ENXIO`.
final class TmpSpecialFile: TmpNode, @unchecked Sendable {
    init(_ tmpfs: TmpFS, number: UInt64, kind: FileKind, permissions: UInt32, owner: FileCredentials, deviceNumber: UInt64) {
        super.init(tmpfs, number: number, kind: kind, permissions: permissions, owner: owner, deviceNumber: deviceNumber)
    }
}

/// A symbolic link of a `TmpFS`.
final class TmpSymbolicLink: TmpNode, @unchecked Sendable {
    let target: [UInt8]

    init(_ tmpfs: TmpFS, number: UInt64, target: [UInt8], owner: FileCredentials) {
        self.target = target
        super.init(tmpfs, number: number, kind: .symbolicLink, permissions: 0o777, owner: owner)
    }

    override var extent: (size: Int64, blocks: Int64) { (Int64(target.count), 0) }
    package override func readLink() throws(Errno) -> [UInt8] {
        touchAccess()
        return target
    }
}
