import SecureWorld
@testable import LibraryOS

/// The requests of include/uapi/linux/tee.h, as a C compiler makes them of the macros there.
enum DeviceRequest {
    static let version: UInt64 = 0x800c_a400, allocate: UInt64 = 0xc010_a401, open: UInt64 = 0x8010_a402, invoke: UInt64 = 0x8010_a403
    static let cancel: UInt64 = 0x8008_a404, close: UInt64 = 0x8004_a405, receive: UInt64 = 0x8010_a406, send: UInt64 = 0x8010_a407
    static let registerDescriptor: UInt64 = 0xc018_a408, register: UInt64 = 0xc018_a409
}

/// A `struct tee_ioctl_param`.
struct DeviceParameter: Equatable {
    var attributes: UInt64 = 0, a: UInt64 = 0, b: UInt64 = 0, c: UInt64 = 0
    static func value(_ type: UInt64, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) -> DeviceParameter { DeviceParameter(attributes: type, a: a, b: b, c: c) }
    /// Of shared memory; without an identifier a null reference.
    static func memory(_ type: UInt64, _ id: Int32?, at offset: UInt64 = 0, size: UInt64) -> DeviceParameter {
        DeviceParameter(attributes: type, a: offset, b: size, c: id.map { UInt64(UInt32(bitPattern: $0)) } ?? .max)
    }
}

/// What a command's ioctl leaves in the client's memory.
struct DeviceReply {
    /// Of the ioctl.
    var status: Int64
    var session: UInt32 = 0, result: UInt32 = 0, origin: UInt32 = 0
    var parameters: [DeviceParameter] = []
}

/// DeviceShared memory as an ioctl describes it.
struct DeviceShared {
    /// The descriptor, or an errno negated.
    var descriptor: Int64
    var id: Int32
    var size: UInt64
}

extension DeviceBed {
    static let application: [UInt8] = Array(0xa0...0xaf)

    /// Where the bed puts the structures of a command.
    private var commandAddress: UInt64 { page + 8192 }

    private func parameterBytes(_ parameters: [DeviceParameter]) -> [UInt8] {
        var writer = ByteWriter()
        for parameter in parameters { for field in [parameter.attributes, parameter.a, parameter.b, parameter.c] { writer.u64(field) } }
        return writer.bytes
    }

    private func parameters(at address: UInt64, _ count: Int) throws -> [DeviceParameter] {
        let reader = ByteReader(try bytes(at: address, count * 32))
        return (0..<count).map {
            DeviceParameter(attributes: reader.u64($0 * 32), a: reader.u64($0 * 32 + 8), b: reader.u64($0 * 32 + 16), c: reader.u64($0 * 32 + 24))
        }
    }

    /// Runs a command whose structure is `header` and then `parameters`; `address` and `length` as `tee_ioctl_buf_data` says them.
    func command(
        _ descriptor: UInt64, _ request: UInt64, _ header: [UInt8], _ parameters: [DeviceParameter], address: UInt64? = nil, length: UInt64? = nil
    ) throws -> Int64 {
        let content = header + parameterBytes(parameters)
        if address == nil { try put(content, at: commandAddress) }
        var place = ByteWriter()
        place.u64(address ?? commandAddress)
        place.u64(length ?? UInt64(content.count))
        return try ioctl(descriptor, request, place.bytes).result
    }

    /// The bytes of a `struct tee_ioctl_open_session_arg` without parameters.
    func openHeader(_ uuid: [UInt8] = DeviceBed.application, login: UInt32 = 0, group: UInt32 = 0, count: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(uuid)
        writer.u32(group)
        writer.zeros(12)
        writer.u32(login)
        writer.zeros(16)
        writer.u32(UInt32(count))
        return writer.bytes
    }

    /// TEE_IOC_OPEN_SESSION.
    func openSession(
        _ descriptor: UInt64, _ uuid: [UInt8] = DeviceBed.application, login: UInt32 = 0, group: UInt32 = 0, with given: [DeviceParameter] = []
    ) throws -> DeviceReply {
        let status = try command(descriptor, DeviceRequest.open, openHeader(uuid, login: login, group: group, count: given.count), given)
        let reader = ByteReader(try bytes(at: commandAddress, 56))
        return DeviceReply(
            status: status, session: reader.u32(40), result: reader.u32(44), origin: reader.u32(48), parameters: try parameters(at: commandAddress + 56, given.count))
    }

    /// The bytes of a `struct tee_ioctl_invoke_arg` without parameters.
    func invokeHeader(_ session: UInt32, _ number: UInt32 = 5, count: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.u32(number)
        writer.u32(session)
        writer.zeros(12)
        writer.u32(UInt32(count))
        return writer.bytes
    }

    /// TEE_IOC_INVOKE.
    func invoke(_ descriptor: UInt64, _ session: UInt32, _ number: UInt32 = 5, _ given: [DeviceParameter] = []) throws -> DeviceReply {
        let status = try command(descriptor, DeviceRequest.invoke, invokeHeader(session, number, count: given.count), given)
        let reader = ByteReader(try bytes(at: commandAddress, 24))
        return DeviceReply(
            status: status, session: reader.u32(4), result: reader.u32(12), origin: reader.u32(16), parameters: try parameters(at: commandAddress + 24, given.count))
    }

    /// TEE_IOC_CLOSE_SESSION.
    func closeSession(_ descriptor: UInt64, _ session: UInt32) throws -> Int64 {
        var writer = ByteWriter()
        writer.u32(session)
        return try ioctl(descriptor, DeviceRequest.close, writer.bytes).result
    }

    /// TEE_IOC_CANCEL.
    func cancel(_ descriptor: UInt64, _ session: UInt32) throws -> Int64 {
        var writer = ByteWriter()
        writer.u32(0)
        writer.u32(session)
        return try ioctl(descriptor, DeviceRequest.cancel, writer.bytes).result
    }

    /// TEE_IOC_SHM_ALLOC.
    func allocate(_ descriptor: UInt64, _ size: UInt64, flags: UInt32 = 0) throws -> DeviceShared {
        var writer = ByteWriter()
        writer.u64(size)
        writer.u32(flags)
        writer.i32(-1)
        let (result, reader) = try ioctl(descriptor, DeviceRequest.allocate, writer.bytes)
        return DeviceShared(descriptor: result, id: reader.i32(12), size: reader.u64(0))
    }

    /// TEE_IOC_SHM_REGISTER.
    func register(_ descriptor: UInt64, _ address: UInt64, _ length: UInt64, flags: UInt32 = 0) throws -> DeviceShared {
        var writer = ByteWriter()
        writer.u64(address)
        writer.u64(length)
        writer.u32(flags)
        writer.i32(-1)
        let (result, reader) = try ioctl(descriptor, DeviceRequest.register, writer.bytes)
        return DeviceShared(descriptor: result, id: reader.i32(20), size: reader.u64(8))
    }

    /// TEE_IOC_SHM_REGISTER_FD.
    func register(_ descriptor: UInt64, file: Int64, flags: UInt32 = 0) throws -> DeviceShared {
        var writer = ByteWriter()
        writer.i64(file)
        writer.u64(0)
        writer.u32(flags)
        writer.i32(-1)
        let (result, reader) = try ioctl(descriptor, DeviceRequest.registerDescriptor, writer.bytes)
        return DeviceShared(descriptor: result, id: reader.i32(20), size: reader.u64(8))
    }
}
