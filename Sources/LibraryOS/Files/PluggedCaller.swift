/// Who makes a call on a plugged device: all that such a device may do with a task.
public struct PluggedCaller {
    private let task: Task

    init(_ task: Task) { self.task = task }

    // MARK: Memory of the program

    /// Copies bytes from the program, which may change them at any time: read them once. `EFAULT`. The caller of this has bounded `count`.
    public func read(_ address: UInt64, count: Int) throws(Errno) -> [UInt8] { try task.memory.readBytes(GuestAddress(address), count: count) }
    /// Copies bytes to the program; `EFAULT`.
    public func write(_ bytes: [UInt8], to address: UInt64) throws(Errno) { try task.memory.writeBytes(bytes, to: GuestAddress(address)) }

    // MARK: Credentials

    /// The effective user id (credentials(7)).
    public var effectiveUser: UInt32 { task.credentials.effectiveUser }
    /// The effective group id.
    public var effectiveGroup: UInt32 { task.credentials.effectiveGroup }
    /// The supplementary groups.
    public var supplementaryGroups: [UInt32] { task.credentials.groups }

    // MARK: Memory that both sides see

    /// New memory of zeros, rounded up to whole pages; a descriptor to map it by comes from `install`. `ENOMEM` for nothing at all, and beyond the sandbox's limit.
    public func allocateMemory(size: UInt64) throws(Errno) -> PluggedMemory {
        let rounded = try GuestLength(size).roundedUpToPage()
        let physical = task.kernel.physicalMemory
        guard rounded > 0, rounded <= physical.usage.limit, let length = Int64(exactly: rounded) else { throw .ENOMEM }
        return try PluggedMemory(.allocated(MemoryObject(physicalMemory: physical, size: length)), size: rounded, physical)
    }

    /// A range of the program's own memory, which all of it may write to: `EFAULT` otherwise. `ENOMEM` for nothing at all, and beyond the sandbox's limit.
    /// What the program maps there later is what is seen then.
    public func memory(at address: UInt64, length: UInt64) throws(Errno) -> PluggedMemory {
        let start = GuestAddress(address)
        try task.checkRange(start, GuestLength(length))
        let physical = task.kernel.physicalMemory
        guard length > 0, length <= physical.usage.limit else { throw .ENOMEM }
        guard task.memory.isWritable(start, length: length) else { throw .EFAULT }
        return try PluggedMemory(.program(task.memory, start), size: length, physical)
    }

    /// The content of a memory file (memfd_create(2), tmpfs(5)) or of memory that `install` gave a descriptor, as large as it is now. `EBADF`; `EINVAL` for
    /// other files, empty ones, and those that this descriptor or a seal does not let anybody write to.
    public func memory(ofDescriptor descriptor: Int32) throws(Errno) -> PluggedMemory {
        let file = try task.file(descriptor)
        let physical = task.kernel.physicalMemory
        if let known = file as? PluggedMemoryFile, let object = known.memory.object {
            return try PluggedMemory(.file(object, nil), size: known.memory.size, physical)
        }
        guard let known = file as? TmpOpenFile, known.access.canRead, known.access.canWrite else { throw .EINVAL }
        guard let size = UInt64(exactly: known.file.object.size), size > 0 else { throw .EINVAL }
        guard known.file.seals.isDisjoint(with: [.write, .futureWrite]) else { throw .EINVAL }
        return try PluggedMemory(.file(known.file.object, known.file), size: size, physical)
    }

    /// Gives memory a descriptor that stays open over execve(2), "anon_inode:NAME" in /proc/self/fd; allocated memory can be mapped by it. Once for each memory.
    /// `whenGone` is called, perhaps with locks held that are below `Lock.Rank.leaf`, when that descriptor and its copies are closed and no program has the
    /// memory mapped; at once when there is no room for the descriptor (`EMFILE`).
    public func install(_ memory: PluggedMemory, name: String, whenGone: @escaping @Sendable () -> Void) throws(Errno) -> Int32 {
        let files = task.kernel.anonymousFiles
        let inode = files.inode(in: files.others, kind: .anonymous, permissions: 0o600, task: task)
        return try task.install(PluggedMemoryFile(memory, name: name, inode: inode, whenGone: whenGone), closeOnExec: false)
    }
}

extension AddressSpace {
    /// Whether the program may write to all of a range (`pin_user_pages` of the kernel with FOLL_WRITE). The stack grows for it.
    func isWritable(_ address: GuestAddress, length: UInt64) -> Bool {
        let (end, overflow) = address.value.addingReportingOverflow(length)
        if overflow { return false }
        lock.lock()
        defer { lock.unlock() }
        if areas.area(at: address.value) == nil { _ = growStack(to: address.value) }
        var position = address.value
        for slice in areas.slices(address.value, end) {
            guard slice.start == position, slice.protection.contains(.write) else { return false }
            position = slice.end
        }
        return position == end
    }
}
