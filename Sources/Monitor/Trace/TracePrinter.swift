package import LibraryOS

/// Prints system calls as strace does, or as one JSON object a line.
///
/// A call's line is written when the call returns; when something else is to be written first, the line is broken with `<unfinished ...>` and taken up
/// again with `<... resumed>`. Methods may be called from any thread; the program's memory is read without the printer's lock.
package final class TracePrinter: @unchecked Sendable {
    /// How lines look.
    package enum Format: Sendable {
        case strace
        case json
    }

    /// A call between its start and its return.
    private struct Pending {
        var entry: SyscallEntry?
        var arguments: [TraceArgument]
        var name: String
        /// What strace would have written at once: the name and the arguments up to the first that the call fills.
        var prefix: String
        var known: Int
        var isUnfinished = false
    }

    private let lock = Lock(.trace)
    private let format: Format
    private let write: @Sendable (String) -> Void
    private var pending: [Int32: Pending] = [:]
    /// The task whose call is begun on the line being written.
    private var current: Int32?
    /// Tasks seen and not yet gone: with several, every line says whose it is.
    private var alive: Set<Int32> = []
    /// Processes whose last line is written, until their number is somebody else's.
    private var over: Set<Int32> = []

    /// `write` gets whole lines without their newline, one at a time.
    package init(format: Format = .strace, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        self.write = write
    }

    /// The first program starts: the execve(2) that strace would have seen. Where its environment lies is not told by an address of the sandbox.
    package func started(_ task: Task, _ path: [UInt8], _ arguments: [[UInt8]], environment: Int) {
        let words = arguments.prefix(TraceText.longestString).map { TraceText.quoted(Array($0.prefix(TraceText.longestString)), more: $0.count > TraceText.longestString) }
        let more = arguments.count > TraceText.longestString ? ", ..." : ""
        let texts = [TraceText.quoted(path), "[" + words.joined(separator: ", ") + more + "]", TraceText.variables(environment)]
        lock.withLock {
            alive.insert(task.id)
            if format == .json { return write(jsonLine(task.id, "execve", texts, 0)) }
            write(Self.aligned("execve(" + texts.joined(separator: ", ") + ") ") + "= 0")
        }
    }

    /// A call is about to be served.
    package func entered(_ task: Task, _ call: SyscallCall) {
        let entry = SyscallTable.shared.entry(call.number)
        let arguments = TraceReader(task: task, call: call).arguments(entry)
        let name = entry?.name ?? "syscall_\(TraceText.hex(call.number))"
        var known: [String] = []
        for case .now(let text) in arguments.prefix(while: { if case .now = $0 { true } else { false } }) { known.append(text) }
        let more = known.count < arguments.count && !known.isEmpty ? ", " : ""
        let prefix = "\(name)(" + known.joined(separator: ", ") + more
        let record = Pending(entry: entry, arguments: arguments, name: name, prefix: prefix, known: known.count)
        lock.withLock {
            alive.insert(task.id)
            over.remove(task.id)
            interrupt(for: task.id)
            pending[task.id] = record
            current = task.id
        }
    }

    /// A call has returned; nil when it does not return to the program (`exit`) or replaced the registers.
    package func returned(_ task: Task, _ call: SyscallCall, result: Int64?) {
        let record = lock.withLock { pending.removeValue(forKey: task.id) }
        guard let record else { return }
        let reader = TraceReader(task: task, call: call)
        let texts = record.arguments.map { argument in
            switch argument {
            case .now(let text): text
            case .later(let make): make(result ?? 0)
            }
        }
        let outcome = result.map { reader.result(record.entry, $0) } ?? "?"
        lock.withLock {
            if format == .json {
                write(jsonLine(task.id, record.name, texts, result))
                return
            }
            // It may have been broken off between the two sections.
            let broken = record.isUnfinished || current != task.id
            var line = leader(task.id)
            if broken {
                if !record.isUnfinished { interruptedLine(task.id, record) }
                interrupt(for: task.id)
                line += "<... \(record.name) resumed>" + (record.known == texts.count ? "" : texts[record.known...].joined(separator: ", "))
            } else {
                line += record.prefix + texts[record.known...].joined(separator: ", ")
            }
            current = nil
            write(Self.aligned(line + ") ") + "= " + outcome)
        }
    }

    /// A signal is about to be delivered (or to kill).
    package func signal(_ task: Task, _ information: SignalInfo) {
        let reader = TraceReader(task: task, call: SyscallCall(number: 0))
        let text = reader.information(ByteReader(information.encoded))
        lock.withLock {
            if format == .json {
                write("{\"pid\":\(task.id),\"signal\":\(TraceText.json(SignalNames.name(information.number))),\"info\":\(TraceText.json(text))}")
                return
            }
            interrupt(for: nil)
            write(leader(task.id) + "--- \(SignalNames.name(information.number)) \(text) ---")
        }
    }

    /// A task's runner has ended. The line about a process's first thread comes when its last one has ended, as strace gets to know it.
    package func ended(_ task: Task) {
        let (id, process) = (task.id, task.group.id)
        let status = task.exitCode ?? task.group.exitStatus ?? 0
        let isLast = !task.group.liveTasks.contains { $0 !== task }
        lock.withLock {
            if id == process { dropPending(id) } else { writeEnd(id, status) }
            if isLast, over.insert(process).inserted { writeEnd(process, task.group.exitStatus ?? status) }
        }
    }

    /// The first process is over; `status` as wait(2) encodes it.
    package func exited(_ task: Task, status: Int32) {
        let id = task.id
        lock.withLock { if over.insert(id).inserted { writeEnd(id, status) } }
    }

    // MARK: Lines, under the lock

    private func writeEnd(_ id: Int32, _ status: Int32) {
        dropPending(id)
        let killed = status & 0x7f != 0
        if format == .json {
            write("{\"pid\":\(id)," + (killed ? "\"killed\":\"\(SignalNames.name(status & 0x7f))\"}" : "\"exited\":\((status >> 8) & 0xff)}"))
        } else {
            interrupt(for: nil)
            let core = status & 0x80 != 0 ? " (core dumped)" : ""
            let text = killed ? "killed by \(SignalNames.name(status & 0x7f))\(core)" : "exited with \((status >> 8) & 0xff)"
            write(leader(id) + "+++ \(text) +++")
        }
        alive.remove(id)
    }

    /// A call that never came back: its task died in it.
    private func dropPending(_ id: Int32) {
        guard let record = pending.removeValue(forKey: id) else { return }
        if format == .json {
            write(jsonLine(id, record.name, record.arguments.map { if case .now(let text) = $0 { text } else { "?" } }, nil))
            return
        }
        if current == id { current = nil } else { interrupt(for: nil) }
        let start = record.isUnfinished ? "<... \(record.name) resumed>" : record.prefix
        write(Self.aligned(leader(id) + start + (record.known == record.arguments.count ? ") " : " <unfinished ...>) ")) + "= ?")
    }

    private func leader(_ id: Int32) -> String { alive.count > 1 ? "[pid \(id)] " : "" }

    /// Breaks off the line that another task has begun.
    private func interrupt(for id: Int32?) {
        guard format == .strace, let other = current, other != id else { return }
        current = nil
        guard let record = pending[other], !record.isUnfinished else { return }
        interruptedLine(other, record)
        pending[other]?.isUnfinished = true
    }
    private func interruptedLine(_ id: Int32, _ record: Pending) { write(leader(id) + record.prefix + " <unfinished ...>") }

    /// Results begin in column 40, as strace puts them.
    private static func aligned(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 40 - text.unicodeScalars.count))
    }

    private func jsonLine(_ id: Int32, _ name: String, _ arguments: [String], _ result: Int64?) -> String {
        var line = "{\"pid\":\(id),\"call\":\(TraceText.json(name)),\"args\":[" + arguments.map(TraceText.json).joined(separator: ",") + "]"
        if let result {
            if result < 0 && result >= -4095 {
                line += ",\"result\":-1,\"errno\":\(TraceText.json(ErrnoNames.name(Int32(-result))))"
            } else {
                line += ",\"result\":\(result)"
            }
        } else {
            line += ",\"result\":null"
        }
        return line + "}"
    }
}
