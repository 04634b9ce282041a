public import LibraryOS
internal import Synchronization

/// /dev/teepriv0: where Linux's tee-supplicant waits for what OP-TEE wants of the normal world (drivers/tee/optee/supp.c).
///
/// Our secure world has storage and time of its own and never wants anything: a supplicant can start, and waits for ever.
public final class SupplicantDevice: PluggedDevice, @unchecked Sendable {
    private let memories = SharedMemoryTable()
    private let isOpen = Atomic<Bool>(false)

    /// A device for one supplicant at a time.
    public init() { super.init(name: "teepriv0", major: TEEDevice.majorNumber, minor: 16, permissions: 0o600) }

    /// `EBUSY` while another supplicant has it open.
    public override func open(by caller: PluggedCaller, flags: OpenFlags) throws(Errno) -> PluggedFile {
        guard isOpen.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { throw .EBUSY }
        return SupplicantFile(memories) { [self] in isOpen.store(false, ordering: .releasing) }
    }
}

/// An open /dev/teepriv0.
final class SupplicantFile: TEEFile, @unchecked Sendable {
    /// Where a supplicant waits for a request; nobody wakes it.
    private let requests = WaitQueue()
    private let whenReleased: @Sendable () -> Void

    init(_ memories: SharedMemoryTable, whenReleased: @escaping @Sendable () -> Void) {
        self.whenReleased = whenReleased
        super.init(memories)
    }

    override var capabilities: TEECapabilities { super.capabilities.union(.privileged) }
    override func release() { whenReleased() }

    override func control(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        switch call.request {
        case TEEIoctl.receive: return try receive(call)
        case TEEIoctl.send: try send(call)
        default: throw .EINVAL
        }
        return .done(0)
    }

    /// TEE_IOC_SUPPL_RECV with `struct tee_iocl_supp_recv_arg`: func, num_params. A signal ends the wait, so that a supplicant can be restarted.
    private func receive(_ call: PluggedCall) throws(Errno) -> PluggedOutcome {
        let buffer = try CommandBuffer(call, headerSize: 8)
        try buffer.checkLength()
        let room = try parameters(buffer, call.caller)
        // Room for parameters is NONE, with META or without.
        guard !room.isEmpty, room.allSatisfy({ $0.raw.type == 0 }) else { throw .EINVAL }
        return .wait(requests)
    }

    /// TEE_IOC_SUPPL_SEND with `struct tee_iocl_supp_send_arg`: ret, num_params. The answer to a request that there is not: `ENOENT`.
    private func send(_ call: PluggedCall) throws(Errno) {
        let buffer = try CommandBuffer(call, headerSize: 8)
        try buffer.checkLength(loosely: true)
        var answers: [IoctlParameter] = []
        for index in 0..<buffer.count { answers.append(try buffer.parameter(index, call.caller)) }
        // The first one names the request: VALUE_INOUT, META.
        guard let first = answers.first, first.type == 3, first.isMeta else { throw .EINVAL }
        throw .ENOENT
    }
}
