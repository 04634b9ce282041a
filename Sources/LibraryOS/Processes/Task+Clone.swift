extension Task {
    /// clone(2): a thread or a process; returns its id, after the child is done with this memory when CLONE_VFORK asks for that.
    func clone(_ request: CloneRequest, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try request.validate()
        guard let machine else { throw .EAGAIN }
        try checkProcessLimit()
        if request.flags.contains(.setTLS), request.tls >= GuestAddress.userEnd.value { throw .EPERM }
        let id = try kernel.processes.reserveID()
        let child: Task
        do throws(Errno) {
            child = try request.flags.contains(.thread) ? makeThread(request, id, machine) : makeProcess(request, id, machine)
        } catch {
            kernel.processes.abandonID(id)
            throw error
        }
        let completion = request.flags.contains(.vfork) ? VforkCompletion() : nil
        child.vforkCompletion = completion
        child.inheritFilters(from: self)
        storeIDs(request, child)
        do throws(Errno) { try machine.start(child) } catch {
            child.signals.departed = true
            child.vforkCompletion = nil
            if child.group === group { _ = kernel.processes.remove(child) } else { kernel.processes.retract(child) }
            child.giveUp()
            throw error
        }
        guard let completion else { return .done(Int64(id)) }
        let waiting = VforkWait(child: id, completion: completion)
        call.progress = waiting
        return waiting.outcome
    }

    /// RLIMIT_NPROC: how many tasks the real user may have; not for user 0, nor with CAP_SYS_RESOURCE.
    private func checkProcessLimit() throws(Errno) {
        let limit = self.limit(ResourceLimits.processes)
        guard UInt64(kernel.taskCount) >= limit, credentials.realUser != 0, !credentials.has(.resources) else { return }
        if UInt64(kernel.processes.count(of: credentials.realUser)) >= limit { throw .EAGAIN }
    }

    /// As Linux: a bad address is no reason to have no child.
    private func storeIDs(_ request: CloneRequest, _ child: Task) {
        func store(_ memory: AddressSpace, _ address: GuestAddress) {
            do throws(Errno) { try memory.writeU32(UInt32(bitPattern: child.id), to: address) } catch {}
        }
        if request.flags.contains(.parentSetTID) { store(memory, request.parentTID) }
        if request.flags.contains(.childSetTID) { store(child.memory, request.childTID) }
    }

    /// A new thread of the same process, findable and ready to be started.
    private func makeThread(_ request: CloneRequest, _ id: Int32, _ machine: TaskMachine) throws(Errno) -> Task {
        let child = makeTask(request, id, machine, machine.segmentBases() ?? (fs: fsBase, gs: gsBase), group: group, memory: memory)
        do throws(Errno) { try kernel.processes.add(child) } catch {
            child.leaveSemaphoreUndo()
            child.dropDescriptors()
            throw error
        }
        group.signals.lock.withLock { child.updateAttention() }
        return child
    }

    /// A new process with one thread, findable and ready to be started.
    private func makeProcess(_ request: CloneRequest, _ id: Int32, _ machine: TaskMachine) throws(Errno) -> Task {
        // A signal that is pending is for both or for the parent alone, never lost between them: it is delivered first.
        if hasPendingWork { throw .ERESTARTNOINTR }
        let flags = request.flags
        let bases = machine.segmentBases() ?? (fs: fsBase, gs: gsBase)
        let space: AddressSpace
        if flags.contains(.memory) {
            memory.users.increment()
            space = memory
        } else {
            space = try memory.fork(usedNow: [GuestAddress(registers.rsp), GuestAddress(bases.fs)])
        }
        let actions = group.signals.actions
        let process = ThreadGroup(
            id: id, startTime: kernel.time.monotonicNow(),
            signals: ProcessSignals(actions: flags.contains(.signalHandlers) ? actions.shared() : actions.copy(clearingHandlers: flags.contains(.clearHandlers))))
        process.inherit(from: group)
        if flags.contains(.memory) { process.begins(in: memory) }
        process.links.exitSignal = request.parentSignal
        let child = makeTask(request, id, machine, bases, group: process, memory: space)
        // A stack of its own has no use for the parent's alternate one.
        if !flags.contains(.memory) || flags.contains(.vfork) { child.signals.alternateStack = signals.alternateStack }
        var descriptor: Int32?
        do throws(Errno) {
            if flags.contains(.processDescriptor) { descriptor = try installDescriptor(of: process, request) }
            try kernel.processes.add(child, madeBy: self, asSibling: flags.contains(.parent))
        } catch {
            if let descriptor { try? descriptors.close(descriptor, by: self) }
            child.giveUp()
            throw error
        }
        if child.limit(ResourceLimits.cpu) != .max { process.watchProcessorTime(kernel) }
        return child
    }

    /// CLONE_PIDFD: the number is stored before the child exists; a bad address refuses the call.
    private func installDescriptor(of process: ThreadGroup, _ request: CloneRequest) throws(Errno) -> Int32 {
        let descriptor = try install(ProcessFile.make(process, nonBlocking: false, task: self), closeOnExec: true)
        do throws(Errno) {
            try memory.writeU32(UInt32(bitPattern: descriptor), to: request.descriptorPlace)
        } catch {
            try? descriptors.close(descriptor, by: self)
            throw error
        }
        return descriptor
    }

    /// A task that never ran: what it would have dropped at its end.
    private func giveUp() {
        leaveSemaphoreUndo()
        dropDescriptors()
        if group.liveTasks.isEmpty { memory.leave() }
    }

    private func makeTask(
        _ request: CloneRequest, _ id: Int32, _ machine: TaskMachine, _ bases: (fs: UInt64, gs: UInt64), group: ThreadGroup, memory: AddressSpace
    ) -> Task {
        let flags = request.flags
        if flags.contains(.files) { descriptors.users.increment() }
        let child = Task(
            kernel: kernel, id: id, group: group, memory: memory, descriptors: flags.contains(.files) ? descriptors : descriptors.copy(),
            fileSystem: flags.contains(.fileSystem) ? fileSystem : fileSystem.copy(), credentials: credentials, parker: machine.makeParker())
        child.registers = registers
        child.registers.rax = 0
        if request.stackPointer != 0 { child.registers.rsp = request.stackPointer }
        child.fsBase = flags.contains(.setTLS) ? request.tls : bases.fs
        child.gsBase = bases.gs
        let state = machine.readExtendedState()
        child.extendedState = state.isEmpty ? extendedState : state
        child.name = name
        let isReset = scheduling.resetsOnFork
        child.nice = isReset ? max(0, nice) : nice
        child.schedulingPolicy = isReset && schedulingPolicy != 3 && schedulingPolicy != 5 ? 0 : schedulingPolicy
        child.scheduling = isReset ? SchedulingExtras() : scheduling
        child.affinity = affinity
        child.timerSlack = timerSlack
        child.isFlusher = isFlusher
        child.noNewPrivileges = noNewPrivileges
        child.semaphoreUndo = semaphoreUndo(sharing: flags)
        child.signals.mask = signals.savedMask ?? signals.mask
        if flags.contains(.childClearTID) { child.clearChildTID = request.childTID }
        return child
    }
}
