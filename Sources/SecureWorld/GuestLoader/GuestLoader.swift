import LibraryOS
import Monitor

/// A loader that runs in the instance's memory, as OP-TEE's `ldelf` does, and loads the application there with calls of its own (`LoaderCallTable`; ldelf/include/ldelf.h,
/// core/kernel/ldelf_loader.c).
///
/// It is trusted as much as the application: whatever it says about the application is only what that will be entered with. It has registers of its own, so that
/// an application that opens a library goes on with those it had. Only for whoever has entered the instance.
final class GuestLoader: @unchecked Sendable {
    let memory: TAMemory
    /// What it has had mapped.
    let mappings: ApplicationMappings
    /// Parts of files that were mapped without LDELF_MAP_FLAG_WRITEABLE: they stay read-only.
    var readOnly = MappedRanges()
    /// The files it has open.
    var files = LoaderFiles()
    private let context: GuestContext
    /// Where its stack ends, and FS points to.
    private let layout: TAInstance.Layout
    /// What it said is to be called for `dlopen` and `dlsym`.
    private var libraryEntry: UInt64 = 0

    /// Bytes of its stack. OP-TEE's has 8 KiB, which the name of a symbol could fill.
    static let stackSize: UInt32 = 64 << 10
    /// The longest name that is looked for.
    private static let longestName = 16 << 10
    /// How long it may take at a time, in nanoseconds, however long commands may: others wait for it.
    private static let patience: Int64 = 10_000_000_000
    /// RTLD_NOW, RTLD_GLOBAL and RTLD_NODELETE.
    private static let libraryFlags: UInt32 = 0x1102
    private static let area: UInt64 = 0x5700_0000_0000

    /// For a loader that lies in memory as `layout` says.
    init(_ context: GuestContext, _ layout: TAInstance.Layout, memoryLimit: UInt64) {
        self.context = context
        self.layout = layout
        memory = TAMemory(context.memory)
        let start = Self.area &+ TAPlacement.random(pages: 1 << 24)
        mappings = ApplicationMappings(memory, in: start..<start &+ (1 << 40), limit: memoryLimit)
    }

    /// From any thread: it does not go on.
    func interrupt() { context.interrupt() }

    // MARK: Loading

    /// `struct ldelf_arg`, whose uuid goes in and the rest comes out.
    private enum Argument {
        static let size: UInt64 = 80
        static let is32Bit: UInt64 = 16, flags: UInt64 = 20, entry: UInt64 = 24
        /// Since OP-TEE 4.0 a `load_addr` lies before the stack pointer, and what follows moves.
        static let stackPointers: [UInt64] = [40, 32]
        static let libraryEntryBehindStack: UInt64 = 24
    }

    /// Has it load the application; returns where that is to be entered.
    ///
    /// Errors: what it returns itself; `generic` when it panics; `badFormat` for an answer that no application fits; `targetDead` when it takes too long.
    func start(_ instance: TAInstance, on thread: TAThread) throws(TEEResult) -> (layout: TAInstance.Layout, flags: TAFlags) {
        let argument = layout.stackTop &- Argument.size
        try memory.write(instance.uuid.structure + [UInt8](repeating: 0, count: Int(Argument.size) - 16), to: argument)
        let result = try run(instance, Entry(address: layout.entry, argument: argument, second: layout.bootInformation, stack: argument), on: thread, panic: .generic)
        guard result == .success else { throw result }
        let flags = TAFlags(rawValue: try memory.readUInt32(argument &+ Argument.flags))
        guard flags.isSubset(of: .known), try memory.readUInt32(argument &+ Argument.is32Bit) == 0 else { throw .badFormat }
        var found = layout
        found.entry = try memory.readUInt64(argument &+ Argument.entry)
        for offset in Argument.stackPointers {
            // The end of a stack, of which at least the parameters can be written; a load address or an entry point is none.
            let end = try memory.readUInt64(argument &+ offset) & ~15
            guard end > 80, memory.allows(write: true, end &- 80, 80) else { continue }
            found.stackTop = end
            found.stackSize = 0
            libraryEntry = try memory.readUInt64(argument &+ offset &+ Argument.libraryEntryBehindStack)
            return (found, flags)
        }
        throw .badFormat
    }

    // MARK: Libraries

    /// `struct dl_entry_arg`: command, result, then for `dlopen` UUID and flags, for `dlsym` UUID, address and name.
    private enum LibraryArgument {
        static let open: UInt32 = 0, symbol: UInt32 = 1
        static let result: UInt64 = 4, address: UInt64 = 24
    }

    /// `dlopen`. Errors: what it answers; `targetDead` when it panics (ldelf_dlopen); `notSupported` when it has no entry for that.
    func open(_ library: TEEUUID, in instance: TAInstance) throws(TEEResult) {
        _ = try callLibraryEntry(LibraryArgument.open, library, Self.libraryFlags.littleEndianBytes + [0, 0, 0, 0], instance)
    }

    /// `dlsym`. Errors: as `open`, and `outOfMemory` for a name that its stack has no room for.
    func symbol(_ name: [UInt8], of library: TEEUUID?, in instance: TAInstance) throws(TEEResult) -> UInt64 {
        guard name.count <= Self.longestName else { throw .outOfMemory }
        let argument = try callLibraryEntry(LibraryArgument.symbol, library ?? .null, UInt64(0).littleEndianBytes + name + [0], instance)
        return try memory.readUInt64(argument &+ LibraryArgument.address)
    }

    /// Returns where the argument lies.
    private func callLibraryEntry(_ command: UInt32, _ library: TEEUUID, _ rest: [UInt8], _ instance: TAInstance) throws(TEEResult) -> UInt64 {
        guard libraryEntry != 0 else { throw .notSupported }
        let bytes = command.littleEndianBytes + UInt32(0).littleEndianBytes + library.structure + rest
        let argument = (layout.stackTop &- UInt64(bytes.count)) & ~15
        try memory.write(bytes, to: argument)
        // A function, hence the room of a return address.
        let entry = Entry(address: libraryEntry, argument: argument, second: 0, stack: argument &- 8)
        let ended = try run(instance, entry, on: TAThread(instance.world.processors), panic: .targetDead)
        guard ended == .success else { throw ended }
        let result = TEEResult(rawValue: try memory.readUInt32(argument &+ LibraryArgument.result))
        guard result == .success else { throw result }
        return argument
    }

    // MARK: Running

    private struct Entry {
        let address: UInt64
        let argument: UInt64
        let second: UInt64
        let stack: UInt64
    }

    /// Enters it and serves its calls until it returns; throws `panic` when it does not. Whatever files it has left open are closed.
    private func run(_ instance: TAInstance, _ entry: Entry, on thread: TAThread, panic: TEEResult) throws(TEEResult) -> TEEResult {
        let watch = Watchdog.shared.watch(instance, for: min(instance.world.configuration.timeLimit ?? Self.patience, Self.patience))
        defer {
            watch.end()
            files = LoaderFiles()
        }
        var registers = RegisterFile()
        registers.rip = entry.address
        registers.rdi = entry.argument
        registers.rsi = entry.second
        registers.rsp = entry.stack
        context.fsBase = layout.threadArea
        context.load(registers)
        let processor = try thread.takeProcessor()
        defer { thread.giveBack(processor) }
        while true {
            let event = context.run(on: processor)
            switch event {
            case .call, .published:
                let call = LoaderCall(context.registers, self, instance)
                switch LoaderCallTable.execute(call) {
                case .result(let result): context.answer(UInt64(result.rawValue))
                case .returned(let result): return result
                case .panicked(let code): throw report(instance, .call(code), panic)
                }
            case .interrupted: if instance.isDead { throw report(instance, .ended, .targetDead) }
            case .exception, .outOfMemory, .stopped:
                instance.world.log.ended(instance, by: event, context.registers)
                throw panic
            case .failed:
                instance.world.log.ended(instance, by: event, context.registers)
                throw .targetDead
            }
        }
    }

    private func report(_ instance: TAInstance, _ reason: TAPanicReason, _ result: TEEResult) -> TEEResult {
        instance.world.log.panicked(instance, reason)
        return result
    }
}

extension FixedWidthInteger {
    /// As the processor has numbers.
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
