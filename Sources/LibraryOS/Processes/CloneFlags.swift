/// The flags of clone(2) and clone3(2).
struct CloneFlags: OptionSet {
    let rawValue: UInt64
    static let newTime = CloneFlags(rawValue: 0x80)
    static let memory = CloneFlags(rawValue: 0x100)
    static let fileSystem = CloneFlags(rawValue: 0x200)
    static let files = CloneFlags(rawValue: 0x400)
    static let signalHandlers = CloneFlags(rawValue: 0x800)
    static let processDescriptor = CloneFlags(rawValue: 0x1000)
    static let vfork = CloneFlags(rawValue: 0x4000)
    static let parent = CloneFlags(rawValue: 0x8000)
    static let thread = CloneFlags(rawValue: 0x1_0000)
    static let newMounts = CloneFlags(rawValue: 0x2_0000)
    static let semaphores = CloneFlags(rawValue: 0x4_0000)
    static let setTLS = CloneFlags(rawValue: 0x8_0000)
    static let parentSetTID = CloneFlags(rawValue: 0x10_0000)
    static let childClearTID = CloneFlags(rawValue: 0x20_0000)
    static let detached = CloneFlags(rawValue: 0x40_0000)
    static let childSetTID = CloneFlags(rawValue: 0x100_0000)
    static let newUser = CloneFlags(rawValue: 0x1000_0000)
    static let newPID = CloneFlags(rawValue: 0x2000_0000)
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    static let namespaces = CloneFlags(rawValue: 0x7e02_0000)
    /// CLONE_CLEAR_SIGHAND and CLONE_INTO_CGROUP exist in clone3 only.
    static let clearHandlers = CloneFlags(rawValue: 0x1_0000_0000)
    static let intoControlGroup = CloneFlags(rawValue: 0x2_0000_0000)
    /// CSIGNAL: the exit signal of clone(2).
    static let signalMask: UInt64 = 0xff
}

/// What clone(2) or clone3(2) was asked, in one form.
struct CloneRequest {
    var flags: CloneFlags
    /// Zero: the caller's.
    var stackPointer: UInt64 = 0
    var parentTID = GuestAddress(0)
    var childTID = GuestAddress(0)
    var tls: UInt64 = 0
    var exitSignal: UInt64 = 0
    /// CLONE_PIDFD: where the descriptor's number goes.
    var descriptorPlace = GuestAddress(0)

    /// fork(2), or vfork(2) with its flags.
    init(fork flags: CloneFlags) {
        self.flags = flags
        exitSignal = UInt64(Signal.SIGCHLD)
    }

    /// clone(2): flags, stack, parent_tid, child_tid, tls. CLONE_NEWTIME's bit is part of the signal here.
    init(_ call: SyscallCall) throws(Errno) {
        let raw = UInt64(call.uint(0))
        flags = CloneFlags(rawValue: raw & ~CloneFlags.signalMask)
        exitSignal = raw & CloneFlags.signalMask
        stackPointer = call.raw(1)
        parentTID = call.address(2)
        childTID = call.address(3)
        tls = call.raw(4)
        descriptorPlace = parentTID
        // Both would be stored at the same address.
        if flags.isSuperset(of: [.processDescriptor, .parentSetTID]) { throw .EINVAL }
    }

    /// clone3(2): a structure that has grown over time; what lies behind the known part must be zero.
    init(_ task: Task, structure: GuestAddress, size: GuestLength) throws(Errno) {
        if size.value < 64 { throw .EINVAL }
        if size.value > 4096 { throw .E2BIG }
        let reader = ByteReader(try task.memory.readBytes(structure, count: Int(size.value)))
        if reader.bytes.dropFirst(88).contains(where: { $0 != 0 }) { throw .E2BIG }
        let raw = reader.u64(0)
        flags = CloneFlags(rawValue: raw & ~CloneFlags.newTime.rawValue)
        descriptorPlace = GuestAddress(reader.u64(8))
        childTID = GuestAddress(reader.u64(16))
        parentTID = GuestAddress(reader.u64(24))
        exitSignal = reader.u64(32)
        tls = reader.u64(56)
        let (stack, stackSize) = (reader.u64(40), reader.u64(48)), (setTID, setTIDCount) = (reader.u64(64), reader.u64(72))
        if setTIDCount > 32 || (setTID == 0) != (setTIDCount == 0) || exitSignal > UInt64(Signal.last) { throw .EINVAL }
        let known: UInt64 = 0xffff_ffff | CloneFlags.clearHandlers.rawValue | CloneFlags.intoControlGroup.rawValue
        if raw & ~known != 0 || raw & (CloneFlags.detached.rawValue | 0x7f) != 0 { throw .EINVAL }
        if flags.isSuperset(of: [.signalHandlers, .clearHandlers]) { throw .EINVAL }
        if !flags.isDisjoint(with: [.thread, .parent]), exitSignal != 0 { throw .EINVAL }
        if (stack == 0) != (stackSize == 0) { throw .EINVAL }
        let top = try GuestAddress(stack).advanced(by: stackSize)
        if top > GuestAddress.userEnd { throw .EINVAL }
        stackPointer = top.value
        if flags.contains(.intoControlGroup) {
            guard let descriptor = Int32(exactly: reader.bytes.count >= 88 ? reader.u64(80) : 0) else { throw .EINVAL }
            _ = try task.descriptors.file(descriptor)
        }
        // Choosing the id, a control group or a time namespace takes privileges that nobody has here.
        if setTIDCount != 0 || flags.contains(.intoControlGroup) || raw & CloneFlags.newTime.rawValue != 0 { throw .EPERM }
    }

    /// The combinations that `copy_process` of the kernel refuses.
    func validate() throws(Errno) {
        if flags.contains(.fileSystem), !flags.isDisjoint(with: [.newMounts, .newUser]) { throw .EINVAL }
        if flags.contains(.thread), !flags.contains(.signalHandlers) { throw .EINVAL }
        if flags.contains(.signalHandlers), !flags.contains(.memory) { throw .EINVAL }
        if flags.contains(.thread), !flags.isDisjoint(with: [.newUser, .newPID]) { throw .EINVAL }
        if flags.contains(.processDescriptor), !flags.isDisjoint(with: [.detached, .thread]) { throw .EINVAL }
        if !flags.isDisjoint(with: .namespaces) { throw .EPERM }
    }

    /// Sent to the parent when the process ends; zero for numbers that are no signal.
    var parentSignal: Int32 { exitSignal <= UInt64(Signal.last) ? Int32(exitSignal) : 0 }
}
