public import LibraryOS
internal import Synchronization

/// /dev/teepriv0: where Linux's tee-supplicant waits for what OP-TEE wants of the normal world (drivers/tee/optee/supp.c).
///
/// Our secure world has storage and time of its own: all that it wants of a supplicant are its plug-ins, for applications that call them.
public final class SupplicantDevice: PluggedDevice, @unchecked Sendable {
    private let memories = SharedMemoryTable()
    private let isOpen = Atomic<Bool>(false)
    private let requests: SupplicantRequests

    /// A device for one supplicant at a time, which gets these requests.
    init(_ requests: SupplicantRequests) {
        self.requests = requests
        super.init(name: "teepriv0", major: TEEDevice.majorNumber, minor: 16, permissions: 0o600)
    }

    /// `EBUSY` while another supplicant has it open.
    public override func open(by caller: PluggedCaller, flags: OpenFlags) throws(Errno) -> PluggedFile {
        guard isOpen.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { throw .EBUSY }
        let file = SupplicantFile(memories, requests) { [self] in isOpen.store(false, ordering: .releasing) }
        requests.attach(file)
        return file
    }
}

/// An open /dev/teepriv0.
final class SupplicantFile: TEEFile, @unchecked Sendable {
    private let requests: SupplicantRequests
    private let whenReleased: @Sendable () -> Void

    init(_ memories: SharedMemoryTable, _ requests: SupplicantRequests, whenReleased: @escaping @Sendable () -> Void) {
        self.requests = requests
        self.whenReleased = whenReleased
        super.init(memories)
    }

    override var capabilities: TEECapabilities { super.capabilities.union(.privileged) }
    override func release() {
        requests.detach()
        whenReleased()
    }

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
        let isNamed = room[0].raw.isMeta
        guard let (number, request) = try requests.take(room: room.count - (isNamed ? 1 : 0), isNamed: isNamed) else { return .wait(requests.queue) }
        var message = ByteWriter(capacity: 8)
        message.u32(request.function.rawValue)
        message.u32(UInt32(request.parameters.count + (isNamed ? 1 : 0)))
        let bytes = message.bytes + (isNamed ? SupplicantParameter.name(number) : []) + request.parameters.flatMap(\.structure)
        do throws(Errno) { try call.caller.write(bytes, to: buffer.address) } catch {
            requests.putBack(number)
            throw error
        }
        return .done(0)
    }

    /// TEE_IOC_SUPPL_SEND with `struct tee_iocl_supp_send_arg`: ret, num_params. The answer to a request that there is not: `ENOENT`.
    private func send(_ call: PluggedCall) throws(Errno) {
        let buffer = try CommandBuffer(call, headerSize: 8)
        try buffer.checkLength(loosely: true)
        var answers: [IoctlParameter] = []
        for index in 0..<buffer.count { answers.append(try buffer.parameter(index, call.caller)) }
        let result = TEEResult(rawValue: buffer.header.u32(0))
        // The first one names the request: VALUE_INOUT, META.
        guard let first = answers.first, first.isMeta else { return try requests.answer(try requests.unnamed(), result, answers[...]) }
        guard first.type == 3 else { throw .EINVAL }
        try requests.answer(first.a, result, answers.dropFirst())
    }
}
