/// What open(2) with O_PATH gives: a place in the tree, of which nothing is open. Descriptor calls answer `EBADF` for it
/// (`Task.file`), those that only need a place take it.
package final class PathFile: OpenFile, @unchecked Sendable {
    init(flags: OpenFlags, location: PathLocation) {
        super.init(flags: flags.intersection([.path, .directory, .noFollow]), location: location)
    }
    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EBADF }
    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int { throw .EBADF }
    override func truncate(to length: Int64) throws(Errno) { throw .EBADF }
    override func allocate(mode: Int32, offset: Int64, length: Int64, task: Task) throws(Errno) { throw .EBADF }
    override func sync(dataOnly: Bool) throws(Errno) { throw .EBADF }
    override func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) { throw .EBADF }
    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 { throw .EBADF }
}
