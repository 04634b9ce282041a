internal import LibraryOS
internal import Synchronization

/// What the descriptions of both TEE devices have in common: TEE_IOC_VERSION and shared memory (drivers/tee/tee_core.c and tee_shm.c of Linux).
class TEEFile: PluggedFile, @unchecked Sendable {
    /// The identifiers of the device that this description belongs to.
    let memories: SharedMemoryTable
    /// Its mark in them, which no other description ever has.
    let number: UInt64
    private static let latest = Atomic<UInt64>(0)

    init(_ memories: SharedMemoryTable) {
        self.memories = memories
        number = Self.latest.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// `gen_caps`.
    var capabilities: TEECapabilities { [.globalPlatform, .registersMemory, .nullReferences] }

    /// Requests that not every device serves: `EINVAL`, as Linux says to a request it does not know.
    func control(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome { throw .EINVAL }

    override func ioctl(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        switch call.request {
        case TEEIoctl.version: try tellVersion(call)
        case TEEIoctl.allocate: return try allocate(call)
        case TEEIoctl.register: return try register(call)
        case TEEIoctl.registerDescriptor: return try registerDescriptor(call)
        default: return try control(&call)
        }
        return .done(0)
    }

    /// TEE_IMPL_ID_OPTEE with TEE_OPTEE_CAP_TZ.
    private func tellVersion(_ call: PluggedCall) throws(Errno) {
        var data = ByteWriter(capacity: 12)
        data.u32(1)
        data.u32(1)
        data.u32(capabilities.rawValue)
        try call.caller.write(data.bytes, to: call.argument)
    }

    // MARK: Shared memory

    /// The most bytes of one shared memory. A command takes a quarter of that; Linux has no more in one piece either, and test suites ask for 2 GiB to be refused.
    static let largestMemory: UInt64 = 1 << 30

    /// TASK_SIZE_MAX of x86-64.
    private static let endOfUserMemory: UInt64 = 0x7fff_ffff_f000

    private func allocate(_ call: PluggedCall) throws(Errno) -> PluggedOutcome {
        let data = ByteReader(try call.caller.read(call.argument, count: 16))
        if data.u32(8) != 0 { throw .EINVAL }
        guard data.u64(0) <= Self.largestMemory else { throw .ENOMEM }
        return try share(try call.caller.allocateMemory(size: data.u64(0)), call) { size, id in
            var data = ByteWriter(capacity: 16)
            data.u64(size)
            data.u32(0)
            data.i32(id)
            return data.bytes
        }
    }

    private func register(_ call: PluggedCall) throws(Errno) -> PluggedOutcome {
        let data = ByteReader(try call.caller.read(call.argument, count: 24))
        if data.u32(16) != 0 { throw .EINVAL }
        let address = data.u64(0)
        let (end, isBeyond) = address.addingReportingOverflow(data.u64(8))
        // Linux looks at the range first (`access_ok`).
        if isBeyond || end > Self.endOfUserMemory { throw .EFAULT }
        guard data.u64(8) <= Self.largestMemory else { throw .ENOMEM }
        return try share(try call.caller.memory(at: address, length: data.u64(8)), call) { size, id in
            var data = ByteWriter(capacity: 24)
            data.u64(address)
            data.u64(size)
            data.u32(0)
            data.i32(id)
            return data.bytes
        }
    }

    /// Linux takes the descriptors of DMA buffers here; ours are those of memory files and of shared memory. Like there, every failure to do so is `EINVAL`.
    private func registerDescriptor(_ call: PluggedCall) throws(Errno) -> PluggedOutcome {
        let data = ByteReader(try call.caller.read(call.argument, count: 24))
        if data.u32(16) != 0 { throw .EINVAL }
        let descriptor = Int32(truncatingIfNeeded: data.i64(0))
        let memory: PluggedMemory
        do throws(Errno) { memory = try call.caller.memory(ofDescriptor: descriptor) } catch { throw .EINVAL }
        return try share(memory, call) { size, id in
            var result = ByteWriter(capacity: 24)
            result.i64(data.i64(0))
            result.u64(size)
            result.u32(0)
            result.i32(id)
            return result.bytes
        }
    }

    /// Gives memory an identifier, tells the client, and then gives it a descriptor, with which the identifier ends.
    private func share(_ memory: PluggedMemory, _ call: PluggedCall, _ data: (_ size: UInt64, _ id: Int32) -> [UInt8]) throws(Errno) -> PluggedOutcome {
        let memories = memories
        let id = try memories.add(memory, owner: number)
        do throws(Errno) { try call.caller.write(data(memory.size, id), to: call.argument) } catch {
            memories.remove(id)
            throw error
        }
        return .done(Int64(try call.caller.install(memory, name: "tee_shm") { memories.remove(id) }))
    }

    // MARK: Parameters

    /// Reads the parameters of a command (`params_from_user`). `EFAULT`; `EINVAL` for unknown kinds, unknown memory, and references that leave it.
    func parameters(_ buffer: CommandBuffer, _ caller: PluggedCaller) throws(Errno) -> [CommandParameter] {
        var result: [CommandParameter] = []
        for index in 0..<buffer.count { result.append(try resolve(try buffer.parameter(index, caller))) }
        return result
    }

    private func resolve(_ parameter: IoctlParameter) throws(Errno) -> CommandParameter {
        guard parameter.type == 0 || parameter.isValue || parameter.isMemory else { throw .EINVAL }
        guard parameter.isMemory, parameter.c != IoctlParameter.noMemory else { return CommandParameter(parameter, nil) }
        let memory = try memories.memory(Int32(truncatingIfNeeded: parameter.c), owner: number)
        let (end, overflow) = parameter.a.addingReportingOverflow(parameter.b)
        if overflow || end > memory.size { throw .EINVAL }
        return CommandParameter(parameter, ClientBuffer(memory, at: parameter.a, size: parameter.b))
    }
}

/// A parameter of a command with the memory it refers to.
struct CommandParameter {
    /// As the client gave it.
    let raw: IoctlParameter
    /// What it refers to; nil for values and null references.
    let buffer: ClientBuffer?

    init(_ raw: IoctlParameter, _ buffer: ClientBuffer?) {
        self.raw = raw
        self.buffer = buffer
    }

    /// As the application gets it: of values the low halves, as OP-TEE takes them. `EINVAL` for meta parameters, which are the driver's own (`to_msg_param`).
    func forApplication() throws(Errno) -> TEEParameter {
        if raw.isMeta { throw .EINVAL }
        guard let direction = raw.direction else { return .none }
        if raw.isMemory { return .memory(direction, buffer, size: raw.b) }
        let isRead = direction.contains(.input)
        return .value(direction, a: isRead ? UInt32(truncatingIfNeeded: raw.a) : 0, b: isRead ? UInt32(truncatingIfNeeded: raw.b) : 0)
    }

    /// Tells the client what became of it (`params_to_user`), `result` nil: nothing. `EFAULT`.
    func giveBack(_ result: TEEParameter?, to address: UInt64, _ caller: PluggedCaller) throws(Errno) {
        guard let direction = raw.direction, direction.contains(.output), !raw.isMeta else { return }
        var fields = ByteWriter(capacity: 24)
        if raw.isValue {
            let isRead = direction.contains(.input)
            var (a, b) = isRead ? (raw.a, raw.b) : (0, 0)
            if case .value(_, let first, let second) = result { (a, b) = (UInt64(first), UInt64(second)) }
            fields.u64(a)
            fields.u64(b)
            fields.u64(isRead ? raw.c : 0)
            return try caller.write(fields.bytes, to: address &+ 8)
        }
        var size = raw.b
        if case .memory(_, _, let left) = result { size = left }
        fields.u64(size)
        try caller.write(fields.bytes, to: address &+ 16)
    }
}
