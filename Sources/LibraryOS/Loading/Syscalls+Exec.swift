/// execve(2) between its runs: the loaded program, while the other threads end.
private final class Replacement: CallProgress {
    let program: LoadedProgram
    init(_ program: LoadedProgram) { self.program = program }
    override func cancel() { program.memory.release() }
}

extension Syscalls {
    static let execTable: [SyscallEntry] = [
        SyscallEntry(
            59, "execve", [.path, .strings, .strings], .partial,
            note: "set-user-ID and set-group-ID bits count in root and memory file systems, not in granted folders; file capabilities are ignored", execve),
        SyscallEntry(322, "execveat", [.directoryDescriptor, .path, .strings, .strings, .named("at")], .partial, note: "as execve", execveat),
    ]

    /// execve(2).
    @Sendable static func execve(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let replacement = call.progress as? Replacement { return try replace(task, &call, replacement) }
        let path = try task.readPath(call.address(0))
        let location = try task.resolver.resolve(path, from: try task.pathBase(Task.workingDirectoryDescriptor, for: path))
        return try load(task, &call, location, path, arguments: call.address(1), environment: call.address(2))
    }

    /// execveat(2).
    @Sendable static func execveat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let replacement = call.progress as? Replacement { return try replace(task, &call, replacement) }
        let flags = call.uint(4)
        guard flags & ~0x1100 == 0 else { throw .EINVAL }
        let path = try task.readPath(call.address(1), emptyAllowed: flags & 0x1000 != 0)
        let base = try task.pathBase(call.int(0), for: path)
        let location = try task.resolver.resolve(path, from: base, flags & 0x100 != 0 ? .emptyPathAllowed : [.followFinal, .emptyPathAllowed])
        if location.inode.kind == .symbolicLink { throw .ELOOP }
        var shown = path
        var vanishes = false
        if path.isEmpty {
            shown = Array("/dev/fd/\(call.int(0))".utf8)
            vanishes = try task.descriptors.closeOnExec(call.int(0))
        } else if path.first != UInt8(ascii: "/"), call.int(0) != Task.workingDirectoryDescriptor {
            shown = Array("/dev/fd/\(call.int(0))/".utf8) + path
            vanishes = try task.descriptors.closeOnExec(call.int(0))
        }
        return try load(task, &call, location, shown, vanishes: vanishes, arguments: call.address(2), environment: call.address(3))
    }

    private static func load(
        _ task: Task, _ call: inout SyscallCall, _ location: PathLocation, _ path: [UInt8], vanishes: Bool = false, arguments: GuestAddress,
        environment: GuestAddress
    ) throws(Errno) -> Outcome {
        var budget = 6 << 20
        var words = try strings(task, arguments, &budget)
        let variables = try strings(task, environment, &budget)
        // Linux gives a program at least an empty name (since 5.18).
        if words.isEmpty { words = [[]] }
        let program = try ProgramLoader(kernel: task.kernel, task: task).load(
            location, path: path, pathVanishes: vanishes, arguments: words, environment: variables)
        let replacement = Replacement(program)
        call.progress = replacement
        return try replace(task, &call, replacement)
    }

    /// The strings of a vector, together at most `budget` bytes with their pointers.
    private static func strings(_ task: Task, _ vector: GuestAddress, _ budget: inout Int) throws(Errno) -> [[UInt8]] {
        if vector.isNull { return [] }
        var result: [[UInt8]] = []
        var at = vector
        while true {
            let pointer = GuestAddress(try task.memory.readU64(at))
            if pointer.isNull { return result }
            let text = try task.memory.readCString(pointer, limit: InitialStack.maximumString &- 1, tooLong: .E2BIG)
            budget &-= text.count &+ 9
            if budget < 0 { throw .E2BIG }
            result.append(text)
            at = try at.advanced(by: 8)
        }
    }

    /// Waits until the other threads have ended; then the old program is gone.
    private static func replace(_ task: Task, _ call: inout SyscallCall, _ replacement: Replacement) throws(Errno) -> Outcome {
        let alone: Bool
        do throws(Errno) {
            alone = try task.group.dismissOthers(than: task)
            if !alone { return try call.wait(on: [task.group.taskEnded], restart: .ERESTARTNOINTR) }
        } catch {
            replacement.cancel()
            throw error
        }
        task.resetForExecution()
        task.kernel.processes.becomeLeader(task)
        if task.descriptors.users.value > 1 {
            // Shared beyond the process: the new program gets its own.
            let shared = task.descriptors
            task.sharedDescriptors = shared.copy()
            // The others may have gone meanwhile: the last user closes what is left.
            if shared.users.decrement() { shared.closeAll(onlyCloseOnExec: false, by: task) }
        }
        task.descriptors.closeAll(onlyCloseOnExec: true, by: task)
        task.adopt(replacement.program.identity)
        task.adopt(replacement.program)
        return .registersReplaced
    }
}
