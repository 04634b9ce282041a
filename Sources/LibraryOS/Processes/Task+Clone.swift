extension Task {
    /// A new thread of the same process, registered and ready to be started.
    private func makeThread(_ request: CloneRequest, machine: TaskMachine) throws(Errno) -> Task {
        let flags = request.flags
        let limit = group.lock.withLock { group.limits[ResourceLimits.processes]?.soft ?? .max }
        if credentials.effectiveUser != 0, UInt64(kernel.taskCount) >= limit { throw .EAGAIN }
        if flags.contains(.setTLS), request.tls >= GuestAddress.userEnd.value { throw .EPERM }
        if flags.contains(.files) { descriptors.users.increment() }
        let identifier: Int32
        do throws(Errno) { identifier = try kernel.allocateID() } catch {
            if flags.contains(.files) { _ = descriptors.users.decrement() }
            throw error
        }
        let child = Task(
            kernel: kernel, id: identifier, group: group, memory: memory, descriptors: flags.contains(.files) ? descriptors : descriptors.copy(),
            fileSystem: flags.contains(.fileSystem) ? fileSystem : fileSystem.copy(), credentials: credentials, parker: machine.makeParker())
        child.registers = registers
        child.registers.rax = 0
        if request.stackPointer != 0 { child.registers.rsp = request.stackPointer }
        let bases = machine.segmentBases() ?? (fs: fsBase, gs: gsBase)
        child.fsBase = flags.contains(.setTLS) ? request.tls : bases.fs
        child.gsBase = bases.gs
        let state = machine.readExtendedState()
        child.extendedState = state.isEmpty ? extendedState : state
        child.name = name
        child.nice = nice
        child.schedulingPolicy = schedulingPolicy
        child.scheduling = scheduling
        child.affinity = affinity
        child.timerSlack = timerSlack
        child.noNewPrivileges = noNewPrivileges
        child.semaphoreUndo = semaphoreUndo(sharing: flags)
        child.signals.mask = signals.mask
        if flags.contains(.childClearTID) { child.clearChildTID = request.childTID }
        return child
    }

    /// clone(2) of a thread; returns its id.
    func clone(_ request: CloneRequest) throws(Errno) -> Int32 {
        try request.validate()
        guard let machine else { throw .EAGAIN }
        let child = try makeThread(request, machine: machine)
        kernel.register(child)
        child.inheritFilters(from: self)
        // As Linux: a bad address is no reason to have no thread.
        func store(_ address: GuestAddress) {
            do throws(Errno) { try memory.writeU32(UInt32(bitPattern: child.id), to: address) } catch {}
        }
        if request.flags.contains(.parentSetTID) { store(request.parentTID) }
        if request.flags.contains(.childSetTID) { store(request.childTID) }
        group.signals.lock.withLock { child.updateAttention() }
        do throws(Errno) { try machine.start(child) } catch {
            child.signals.departed = true
            _ = kernel.unregister(child)
            child.dropDescriptors()
            child.leaveSemaphoreUndo()
            throw error
        }
        return child.id
    }
}
