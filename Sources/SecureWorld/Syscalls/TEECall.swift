import LibraryOS
import Monitor

/// A system call of a trusted application: `rax` is the number, arguments are in rdi rsi rdx r10 r8 r9 r12 r13 (tee.md 2). Everything in it is the application's word.
struct TEECall {
    /// TEE_SCN_*.
    let number: UInt64
    private let arguments: [UInt64]
    /// Where the application's stack is, for reports of panics.
    let stackPointer: UInt64
    let instance: TAInstance
    let session: TASession
    let thread: TAThread

    init(_ registers: RegisterFile, _ instance: TAInstance, _ session: TASession, _ thread: TAThread) {
        number = registers.rax
        arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9, registers.r12, registers.r13]
        stackPointer = registers.rsp
        self.instance = instance
        self.session = session
        self.thread = thread
    }

    /// A call that the application has published in its mailbox: six arguments at the most, and no stack pointer.
    init(_ published: PublishedCall, _ instance: TAInstance, _ session: TASession, _ thread: TAThread) {
        number = published.number
        arguments = published.arguments
        stackPointer = 0
        self.instance = instance
        self.session = session
        self.thread = thread
    }

    /// An argument as the application passed it: a length or an address.
    func word(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
    /// The low 32 bits of one: a number or a handle.
    ///
    /// OP-TEE takes no more of a handle (`uref_to_vaddr`), and applications rely on it: those that keep handles in 32 bits, as a distance to their own head, come back
    /// with a carry above them.
    func number(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: word(index)) }

    /// The object whose handle an argument is; `badParameters` without one.
    func object(_ index: Int) throws(TEEResult) -> TAObject { try instance.handles.object(number(index)) }
    /// The operation whose handle an argument is; `badParameters` without one.
    func operation(_ index: Int) throws(TEEResult) -> TAOperation { try instance.handles.operation(number(index)) }
    /// The enumerator whose handle an argument is; `badParameters` without one.
    func enumerator(_ index: Int) throws(TEEResult) -> TAEnumerator { try instance.handles.enumerator(number(index)) }

    var memory: TAMemory { instance.memory }
    var world: SecureWorld { instance.world }

    /// The bytes that argument `index` points to, as many as argument `length` says.
    func bytes(_ index: Int, count length: Int) throws(TEEResult) -> [UInt8] { try memory.read(word(index), word(length)) }

    /// Throws `accessDenied` when argument `index` points to memory that the application may not use so.
    ///
    /// Most outputs have to lie in memory of its own and not in a client's, which could read or change them meanwhile (what OP-TEE asks for without
    /// TEE_MEMORY_ACCESS_ANY_OWNER); `anyOwner` is for those that need not.
    func require(_ index: Int, count: UInt64, write: Bool, anyOwner: Bool = false) throws(TEEResult) {
        if count == 0 { return }
        guard anyOwner || !instance.parameterArea.touches(word(index), count), memory.allows(write: write, word(index), count) else { throw .accessDenied }
    }

    /// The whole of a buffer for output is looked at before the work is done, however little of it the result will fill. Returns its size.
    func requireRoom(_ index: Int, length: Int) throws(TEEResult) -> UInt64 {
        let room = try memory.readUInt64(word(length))
        try require(index, count: room, write: true, anyOwner: true)
        return room
    }

    /// Gives the handle of something new back, into the application's own memory.
    func give(handle: UInt32, at index: Int) throws(TEEResult) {
        try require(index, count: 4, write: true)
        try memory.writeUInt32(handle, to: word(index))
    }

    /// Gives a result of variable length back: the buffer of argument `index`, whose room is in the u64 that argument `length` points to; that becomes the size of the
    /// result in any case. `shortBuffer` when it does not fit, and nothing is written then.
    func give(_ bytes: [UInt8], at index: Int, length: Int) throws(TEEResult) {
        let room = try memory.readUInt64(word(length))
        try memory.writeUInt64(UInt64(bytes.count), to: word(length))
        guard UInt64(bytes.count) <= room else { throw .shortBuffer }
        try memory.write(bytes, to: word(index))
    }
}

/// What a call comes to.
enum TEECallOutcome {
    /// This goes into `rax`.
    case result(TEEResult)
    /// The entry is over with this result.
    case returned(TEEResult)
    /// The application has panicked with this code.
    case panicked(UInt32)
}
