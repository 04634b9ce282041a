package import LibraryOS

/// What `--crash-report` prints when a signal ends a program: the signal, registers, the stack by module, the last calls.
package final class CrashReport: CallTracer, @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var lastCalls: [String] = []
    private let write: @Sendable (String) -> Void
    private var printer: TracePrinter?

    /// Lines go to `write`.
    package init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
        printer = TracePrinter(format: .strace) { [weak self] line in self?.remember(line) }
    }

    /// How many calls the report shows.
    private static let callsShown = 12
    /// Words of the stack that are looked at for return addresses, and how many are shown.
    private static let wordsSearched = 2048, framesShown = 24

    private func remember(_ line: String) {
        lock.withLock {
            lastCalls.append(line)
            if lastCalls.count > Self.callsShown { lastCalls.removeFirst() }
        }
    }

    package func started(_ task: Task, _ path: [UInt8], _ arguments: [[UInt8]], environment: Int) {
        printer?.started(task, path, arguments, environment: environment)
    }
    package func entered(_ task: Task, _ call: SyscallCall) { printer?.entered(task, call) }
    package func returned(_ task: Task, _ call: SyscallCall, result: Int64?) { printer?.returned(task, call, result: result) }
    package func ended(_ task: Task) { printer?.ended(task) }
    package func signal(_ task: Task, _ information: SignalInfo) { printer?.signal(task, information) }

    package func crashed(_ task: Task, _ information: SignalInfo) {
        let registers = task.registers
        let regions = task.memory.regions(from: task.fileSystem.root)
        let (name, signal) = (String(decoding: task.sharedName, as: UTF8.self), SignalNames.name(information.number))
        write("skerry: \(name) (thread \(task.id)) was killed by \(signal), code \(information.code), address \(hex(information.address))")
        write("  at \(place(registers.rip, regions))")
        let rows: [[(String, UInt64)]] = [
            [("rax", registers.rax), ("rbx", registers.rbx), ("rcx", registers.rcx), ("rdx", registers.rdx)],
            [("rsi", registers.rsi), ("rdi", registers.rdi), ("rbp", registers.rbp), ("rsp", registers.rsp)],
            [("r8 ", registers.r8), ("r9 ", registers.r9), ("r10", registers.r10), ("r11", registers.r11)],
            [("r12", registers.r12), ("r13", registers.r13), ("r14", registers.r14), ("r15", registers.r15)],
            [("rip", registers.rip), ("flags", registers.rflags)],
        ]
        for row in rows { write("  " + row.map { "\($0.0) \(padded($0.1))" }.joined(separator: "  ")) }
        write("  stack, words that point into code:")
        for address in returnAddresses(task, registers.rsp, regions) { write("    \(place(address, regions))") }
        write("  last calls:")
        for line in lock.withLock({ lastCalls }) { write("    \(line)") }
    }

    /// Words above the stack pointer that lie in executable mappings; without unwind tables some may be stale.
    private func returnAddresses(_ task: Task, _ stack: UInt64, _ regions: [MemoryRegion]) -> [UInt64] {
        var found: [UInt64] = []
        var address = GuestAddress(stack & ~7)
        for _ in 0..<Self.wordsSearched {
            guard found.count < Self.framesShown, let word = try? task.memory.readU64(address), let next = try? address.advanced(by: 8) else { break }
            if regions.contains(where: { $0.protection.contains(.execute) && $0.start.value <= word && word < $0.end.value }) { found.append(word) }
            address = next
        }
        return found
    }

    private func place(_ address: UInt64, _ regions: [MemoryRegion]) -> String {
        guard let region = regions.first(where: { $0.start.value <= address && address < $0.end.value }) else { return "\(hex(address)) (not mapped)" }
        let name = region.name.isEmpty ? "anonymous memory" : String(decoding: region.name, as: UTF8.self)
        return "\(hex(address)) \(name)+\(hex(address - region.start.value + region.offset))"
    }

    private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
    private func padded(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
