/// fd/ and fdinfo/ of a task.
final class ProcDescriptors: GeneratedDirectory, @unchecked Sendable {
    private let task: Task
    private let information: Bool
    private let owner: FileCredentials

    /// `user`: whose the process is; `owner`: whose its entries in /proc are.
    init(fileSystem: FileSystem, number: UInt64, task: Task, user: FileCredentials, owner: FileCredentials, information: Bool) {
        self.task = task
        self.owner = owner
        self.information = information
        super.init(fileSystem: fileSystem, number: number, permissions: information ? 0o555 : 0o500, owner: information ? user : owner)
    }

    /// A process always sees its own descriptors, even when it is not dumpable and /proc/PID is root's; fdinfo/ is for those who may inspect it.
    override func admits(_ reader: Task) throws(Errno) -> Bool {
        if information, !reader.mayInspect(task, asFileSystemUser: true) { throw .EACCES }
        return !information && reader.group === task.group
    }

    override func names() throws(Errno) -> [Name] {
        if task.hasDeparted { return [] }
        return task.sharedDescriptors.openDescriptors.map {
            Name(TextWriter.decimal(UInt64($0)), information ? .regular : .symbolicLink, place: Int64($0))
        }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        guard let descriptor = ProcText.number(name), let number = Int32(exactly: descriptor) else { throw .ENOENT }
        let task = task
        let find: @Sendable () throws(Errno) -> OpenFile = { () throws(Errno) in
            if task.hasDeparted { throw .ENOENT }
            do throws(Errno) { return try task.sharedDescriptors.file(number) } catch { throw .ENOENT }
        }
        let file = try find()
        if information {
            return GeneratedFile(fileSystem: fileSystem, number: self.number(of: name), permissions: 0o444, owner: owner) { reader throws(Errno) in
                let table = task.sharedDescriptors
                return try ProcText.descriptorInformation(try find(), table.closeOnExec(number), in: table, reader)
            }
        }
        let permissions: UInt32 = (file.statusFlags.canRead ? 0o500 : 0) | (file.statusFlags.canWrite ? 0o300 : 0)
        return GeneratedLink(
            fileSystem: fileSystem, number: self.number(of: name), permissions: permissions, owner: owner,
            jump: { reader throws(Errno) in
                try ProcTask.checkInspection(of: task, by: reader)
                let file = try find()
                if let place = file.location { return place }
                // Pipes and anonymous files have no name: the place is the inode alone.
                guard let inode = file.inode else { throw .ENXIO }
                return PathLocation(mount: task.kernel.mounts.detached(inode.fileSystem), inode: inode, parent: nil, name: [])
            },
            target: { reader throws(Errno) in
                try ProcTask.checkInspection(of: task, by: reader)
                return try find().displayName(reader)
            })
    }
}
