public import LibraryOS
public import Monitor

/// Why an instance is dead.
public enum TAPanicReason: Sendable {
    /// TEE_Panic with this code, or the runtime library's own refusal to go on.
    case call(UInt32)
    /// A processor exception; the registers are those at the instruction.
    case exception(vector: Int32, error: UInt64, address: UInt64, registers: RegisterFile)
    /// Its time was over, or somebody ended it.
    case ended
    /// The secure world's memory limit.
    case outOfMemory
    /// The processor could not go on.
    case stopped(String)
}

/// Is told what applications do, from any thread: the one that runs the application, or one that serves a client of it.
open class TEELog: @unchecked Sendable {
    /// For subclasses; this one keeps quiet.
    public init() {}
    /// The application has printed (syscall `log`); usually a line with its end.
    open func printed(application: TEEUUID, _ bytes: [UInt8]) {}
    /// The application's file is there and was not accepted: why, and what to do.
    open func refused(application: TEEUUID, _ reason: String) {}
    /// Something about the application that a person at the terminal should know, such as how to attach a debugger.
    open func remarked(application: TEEUUID, _ text: String) {}
    /// The application is dead.
    open func panicked(application: TEEUUID, _ reason: TAPanicReason) {}
    /// KVM itself failed.
    open func failed(_ error: MonitorError) {}
    /// A system call was served, with the result that the application got, or, of `return`, gave; nil: it panicked.
    open func called(application: TEEUUID, name: String, arguments: [UInt64], result: TEEResult?) {}
    /// Whether `called` is to be called.
    open var wantsCalls: Bool { false }
    /// A line about an entry into the application (`> ` before it, `< ` after it) or about one of its calls, for people: names, sizes and results, and no contents of buffers.
    open func traced(application: TEEUUID, session: UInt32, _ line: String) {}
    /// Whether `traced` is to be called.
    open var wantsTrace: Bool { false }
    /// A fault of the configuration's plan happens, at the application's call of that name.
    open func faulted(application: TEEUUID, _ point: FaultPlan.Point, call: String) {}
    /// The instance of an application that was compiled with `-fprofile-instr-generate` ends: the raw profile of one of its images, which `llvm-profdata merge` reads. Raw
    /// profiles may follow one another in a file.
    open func profiled(application: TEEUUID, _ profile: [UInt8]) {}
    /// There is no profile of such an image, and why.
    open func unprofiled(application: TEEUUID, _ reason: String) {}
    /// Whether `profiled` is to be called.
    open var wantsProfiles: Bool { false }

    final func printed(_ instance: TAInstance, _ bytes: [UInt8]) { printed(application: instance.uuid, bytes) }
    final func panicked(_ instance: TAInstance, _ reason: TAPanicReason) { panicked(application: instance.uuid, reason) }
    /// The application cannot go on after this event, if it is one of those; `registers` are the application's at it.
    final func ended(_ instance: TAInstance, by event: GuestContext.Event, _ registers: RegisterFile) {
        switch event {
        case .call, .published, .interrupted: break
        case .exception(let vector, let error, let address):
            panicked(instance, .exception(vector: vector, error: error, address: address, registers: registers))
        case .outOfMemory: panicked(instance, .outOfMemory)
        case .stopped(let reason): panicked(instance, .stopped(reason))
        case .failed(let error): failed(error)
        }
    }
    final func called(_ entry: TEESyscallTable.Entry, _ call: TEECall, _ outcome: TEECallOutcome) {
        guard wantsCalls else { return }
        let result: TEEResult? =
            switch outcome {
            case .result(let value), .returned(let value): value
            case .panicked: nil
            }
        called(application: call.instance.uuid, name: entry.name, arguments: (0..<entry.argumentCount).map { call.word($0) }, result: result)
    }
}
