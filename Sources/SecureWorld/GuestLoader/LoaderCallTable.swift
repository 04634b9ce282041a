import LibraryOS

/// A system call of a loader of the guest, in the registers of a TEE call. Everything in it is the loader's word.
struct LoaderCall {
    /// LDELF_*.
    let number: UInt64
    private let arguments: [UInt64]
    let loader: GuestLoader
    let instance: TAInstance

    init(_ registers: RegisterFile, _ loader: GuestLoader, _ instance: TAInstance) {
        number = registers.rax
        arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9, registers.r12, registers.r13]
        self.loader = loader
        self.instance = instance
    }

    func word(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
    var memory: TAMemory { loader.memory }
}

/// The system calls of a loader of the guest (OP-TEE's ldelf/include/ldelf.h, core/kernel/ldelf_syscalls.c; tee.md 1.3).
///
/// As OP-TEE's, but that files may be read in any order, and that parts of one file may be mapped in any way together.
enum LoaderCallTable {
    struct Entry: Sendable {
        /// As in `LDELF_...`, in lower case.
        let name: String
        let argumentCount: Int
        let handler: @Sendable (LoaderCall) throws(TEEResult) -> TEECallOutcome
    }

    /// In the order of their numbers.
    static let entries: [Entry] = [
        Entry(name: "return", argumentCount: 1) { call throws(TEEResult) in .returned(TEEResult(rawValue: UInt32(truncatingIfNeeded: call.word(0)))) },
        entry("log", 2, log),
        Entry(name: "panic", argumentCount: 1) { call throws(TEEResult) in .panicked(UInt32(truncatingIfNeeded: call.word(0))) },
        entry("map_zi", 5, mapZeroed),
        entry("unmap", 2, unmap),
        entry("open_bin", 3, openFile),
        entry("close_bin", 1) { call throws(TEEResult) in try call.loader.files.close(call.word(0)) },
        entry("map_bin", 7, mapFile),
        entry("cp_from_bin", 4, copyFromFile),
        entry("set_prot", 3, setProtection),
        entry("remap", 5, remap),
        entry("gen_rnd_num", 2, generateRandom),
    ]

    private static func entry(_ name: String, _ count: Int, _ handler: @escaping @Sendable (LoaderCall) throws(TEEResult) -> Void) -> Entry {
        Entry(name: name, argumentCount: count) { call throws(TEEResult) in
            try handler(call)
            return .result(.success)
        }
    }

    /// Runs a call; `notSupported` for numbers beyond the table (scall_handle_ldelf).
    static func execute(_ call: LoaderCall) -> TEECallOutcome {
        guard call.number < UInt64(entries.count) else { return .result(.notSupported) }
        let entry = entries[Int(call.number)]
        let outcome: TEECallOutcome
        do throws(TEEResult) { outcome = try entry.handler(call) } catch { outcome = .result(error) }
        let log = call.instance.world.log
        if log.wantsCalls {
            let result: TEEResult? = if case .result(let value) = outcome { value } else { nil }
            log.called(application: call.instance.uuid, name: "ldelf_" + entry.name, arguments: (0..<entry.argumentCount).map { call.word($0) }, result: result)
        }
        return outcome
    }

    // MARK: Talking

    /// What one call may print.
    private static let longestLine: UInt64 = 4096

    @Sendable private static func log(_ call: LoaderCall) throws(TEEResult) {
        call.instance.world.log.printed(call.instance, try call.memory.read(call.word(0), min(call.word(1), longestLine)))
    }

    // MARK: Memory

    /// LDELF_MAP_FLAG_*. BTI is of other processors.
    private enum Flag {
        static let shareable: UInt64 = 1, writable: UInt64 = 2, executable: UInt64 = 4
    }

    /// (va inout, num_bytes, pad_begin, pad_end, flags)
    @Sendable private static func mapZeroed(_ call: LoaderCall) throws(TEEResult) {
        guard call.word(4) & ~Flag.shareable == 0 else { throw .badParameters }
        let wished = try call.memory.readUInt64(call.word(0))
        let mapped = try call.loader.mappings.map(call.word(1), at: wished, before: call.word(2), after: call.word(3))
        try give(mapped, call.word(1), call)
    }

    /// Tells where memory has been mapped; when that cannot be told it goes again.
    private static func give(_ mapped: UInt64, _ count: UInt64, _ call: LoaderCall) throws(TEEResult) {
        do throws(TEEResult) { try call.memory.writeUInt64(mapped, to: call.word(0)) } catch {
            try? call.loader.mappings.unmap(mapped, count)
            throw error
        }
    }

    /// (va, num_bytes)
    @Sendable private static func unmap(_ call: LoaderCall) throws(TEEResult) {
        let end = try end(call.word(0), call.word(1))
        try call.loader.mappings.unmap(call.word(0), call.word(1))
        call.loader.readOnly.remove(call.word(0), end)
    }

    /// Where the pages of a range end; `badParameters` beyond all addresses.
    private static func end(_ start: UInt64, _ count: UInt64) throws(TEEResult) -> UInt64 {
        let (size, isTooLong) = count.addingReportingOverflow(TALayout.pageMask)
        let (end, isTooHigh) = start.addingReportingOverflow(size & ~TALayout.pageMask)
        guard !isTooLong, !isTooHigh else { throw .badParameters }
        return end
    }

    /// (va, num_bytes, flags)
    @Sendable private static func setProtection(_ call: LoaderCall) throws(TEEResult) {
        let end = try end(call.word(0), call.word(1))
        let protection = try protection(call.word(2), allowed: Flag.writable | Flag.executable)
        let isReadOnly = call.loader.readOnly.overlaps(call.word(0), end)
        // What is no mapping at all is told as such first.
        guard !isReadOnly || !protection.contains(.write) else { throw .accessDenied }
        try call.loader.mappings.protect(call.word(0), call.word(1), protection)
    }

    /// Never both: what is written is not run.
    private static func protection(_ flags: UInt64, allowed: UInt64) throws(TEEResult) -> PageProtection {
        guard flags & ~allowed == 0, flags & (Flag.writable | Flag.executable) != Flag.writable | Flag.executable else { throw .badParameters }
        var protection: PageProtection = .read
        if flags & Flag.writable != 0 { protection.insert(.write) }
        if flags & Flag.executable != 0 { protection.insert(.execute) }
        return protection
    }

    /// (old_va, new_va inout, num_bytes, pad_begin, pad_end)
    @Sendable private static func remap(_ call: LoaderCall) throws(TEEResult) {
        let (start, count) = (call.word(0), call.word(2))
        let end = try end(start, count)
        let wished = try call.memory.readUInt64(call.word(1))
        // Before anything moves: the result could not be told afterwards.
        guard call.memory.allows(write: true, call.word(1), 8) else { throw .accessDenied }
        let isReadOnly = call.loader.readOnly.overlaps(start, end)
        let moved = try call.loader.mappings.move(start, count, to: wished, before: call.word(3), after: call.word(4))
        if isReadOnly {
            call.loader.readOnly.remove(start, end)
            call.loader.readOnly.insert(MappedRanges.Piece(start: moved, end: moved &+ count, protection: .read))
        }
        // The place of the result may have moved itself.
        try call.memory.writeUInt64(moved, to: call.word(1))
    }

    // MARK: Files

    /// (uuid, uuid_size, handle out)
    @Sendable private static func openFile(_ call: LoaderCall) throws(TEEResult) {
        let structure = try call.memory.read(call.word(0), 16)
        guard call.memory.allows(write: true, call.word(2), 4) else { throw .accessDenied }
        guard call.word(1) == 16, let uuid = TEEUUID(structure: structure) else { throw .badParameters }
        let file: TAFile
        do throws(TAFileError) { file = try call.instance.world.loader.file(uuid) } catch {
            if error.result != .itemNotFound { call.instance.world.log.refused(application: uuid, error.message) }
            throw error.result
        }
        try call.memory.writeUInt32(try call.loader.files.add(file.elf), to: call.word(2))
    }

    /// (va inout, num_bytes, handle, offs, pad_begin, pad_end, flags)
    @Sendable private static func mapFile(_ call: LoaderCall) throws(TEEResult) {
        let (count, offset, flags) = (call.word(1), call.word(3), call.word(6))
        let file = try call.loader.files.bytes(call.word(2))
        let protection = try protection(flags, allowed: Flag.shareable | Flag.writable | Flag.executable)
        guard flags & (Flag.shareable | Flag.writable) != Flag.shareable | Flag.writable, offset & TALayout.pageMask == 0 else { throw .badParameters }
        _ = try end(0, count)
        let wished = try call.memory.readUInt64(call.word(0))
        let mapped = try call.loader.mappings.map(count, at: wished, before: call.word(4), after: call.word(5))
        do throws(TEEResult) {
            try copy(file, offset, count, to: mapped, call)
            if protection != [.read, .write] { try call.loader.mappings.protect(mapped, count, protection) }
        } catch {
            try? call.loader.mappings.unmap(mapped, count)
            throw error
        }
        try give(mapped, count, call)
        if !protection.contains(.write) {
            call.loader.readOnly.insert(MappedRanges.Piece(start: mapped, end: try end(mapped, count), protection: protection))
        }
    }

    /// (dst, offs, num_bytes, handle)
    @Sendable private static func copyFromFile(_ call: LoaderCall) throws(TEEResult) {
        let count = call.word(2)
        guard count == 0 || call.memory.allows(write: true, call.word(0), count) else { throw .accessDenied }
        try copy(try call.loader.files.bytes(call.word(3)), call.word(1), count, to: call.word(0), call)
    }

    /// Copies a part of a file; what lies behind its end is zero. `badParameters` for a part that begins there.
    private static func copy(_ file: [UInt8], _ offset: UInt64, _ count: UInt64, to address: UInt64, _ call: LoaderCall) throws(TEEResult) {
        guard offset <= UInt64(file.count) else { throw .badParameters }
        var done: UInt64 = 0
        while done < count {
            let piece = Int(min(count &- done, 1 << 20))
            let start = min(file.count, Int(offset) &+ Int(done))
            let bytes = file[start..<min(file.count, start &+ piece)]
            try call.memory.write(Array(bytes) + [UInt8](repeating: 0, count: piece - bytes.count), to: address &+ done)
            done &+= UInt64(piece)
        }
    }

    // MARK: Randomness

    /// (buf, num_bytes)
    @Sendable private static func generateRandom(_ call: LoaderCall) throws(TEEResult) {
        let (address, count) = (call.word(0), call.word(1))
        guard count == 0 || call.memory.allows(write: true, address, count) else { throw .accessDenied }
        var done: UInt64 = 0
        while done < count {
            let piece = min(count &- done, 64 << 10)
            var bytes: [UInt8]
            do throws(TAFileError) { bytes = try ImageCrypto.random(Int(piece)) } catch { throw error.result }
            defer { SecretBytes.wipe(&bytes) }
            try call.memory.write(bytes, to: address &+ done)
            done &+= piece
        }
    }
}
