internal import LibraryOS

/// The requests of the Linux TEE subsystem (include/uapi/linux/tee.h): the numbers contain direction and size, 0xa4, and the number in the low byte.
enum TEEIoctl {
    /// TEE_IOC_VERSION with `tee_ioctl_version_data`.
    static let version: UInt32 = 0x800c_a400
    /// TEE_IOC_SHM_ALLOC with `tee_ioctl_shm_alloc_data`.
    static let allocate: UInt32 = 0xc010_a401
    /// TEE_IOC_OPEN_SESSION with `tee_ioctl_buf_data`.
    static let openSession: UInt32 = 0x8010_a402
    /// TEE_IOC_INVOKE with `tee_ioctl_buf_data`.
    static let invoke: UInt32 = 0x8010_a403
    /// TEE_IOC_CANCEL with `tee_ioctl_cancel_arg`.
    static let cancel: UInt32 = 0x8008_a404
    /// TEE_IOC_CLOSE_SESSION with `tee_ioctl_close_session_arg`.
    static let closeSession: UInt32 = 0x8004_a405
    /// TEE_IOC_SUPPL_RECV with `tee_ioctl_buf_data`.
    static let receive: UInt32 = 0x8010_a406
    /// TEE_IOC_SUPPL_SEND with `tee_ioctl_buf_data`.
    static let send: UInt32 = 0x8010_a407
    /// TEE_IOC_SHM_REGISTER_FD with `tee_ioctl_shm_register_fd_data`.
    static let registerDescriptor: UInt32 = 0xc018_a408
    /// TEE_IOC_SHM_REGISTER with `tee_ioctl_shm_register_data`.
    static let register: UInt32 = 0xc018_a409
}

/// What a TEE says it can do (`gen_caps` of TEE_IOC_VERSION).
struct TEECapabilities: OptionSet {
    let rawValue: UInt32
    /// TEE_GEN_CAP_GP: GlobalPlatform's APIs.
    static let globalPlatform = TEECapabilities(rawValue: 1)
    /// TEE_GEN_CAP_PRIVILEGED: the device of a supplicant.
    static let privileged = TEECapabilities(rawValue: 2)
    /// TEE_GEN_CAP_REG_MEM: memory of the client's own can be registered.
    static let registersMemory = TEECapabilities(rawValue: 4)
    /// TEE_GEN_CAP_MEMREF_NULL: null references pass.
    static let nullReferences = TEECapabilities(rawValue: 8)
}

/// One `struct tee_ioctl_param`.
struct IoctlParameter {
    /// Its bytes in memory.
    static let size = 32
    /// TEE_IOCTL_PARAM_ATTR_META.
    static let meta: UInt64 = 0x100
    /// TEE_IOC_MEMREF_NULL: the identifier of no memory.
    static let noMemory = UInt64.max
    /// TEE_IOCTL_PARAM_ATTR_MASK: all bits there are.
    private static let mask: UInt64 = 0x1ff

    /// Kind and direction, and whether it is meta.
    let attributes: UInt64
    /// The first value; of a memory reference the offset.
    let a: UInt64
    /// The second value; of a memory reference the size.
    let b: UInt64
    /// The third value, which no application sees; of a memory reference the identifier of the memory.
    let c: UInt64

    /// As read from a client; `EINVAL` for attribute bits that do not exist.
    init(_ reader: ByteReader) throws(Errno) {
        attributes = reader.u64(0)
        (a, b, c) = (reader.u64(8), reader.u64(16), reader.u64(24))
        if attributes & ~Self.mask != 0 { throw .EINVAL }
    }

    /// The kind without META: as the types of TEE Internal Core API 4.3.6.1.
    var type: UInt8 { UInt8(truncatingIfNeeded: attributes) }
    /// Whether it is about the call and not for the application.
    var isMeta: Bool { attributes & Self.meta != 0 }
    /// Which way it goes; nil for none, and for what does not exist.
    var direction: TEEDirection? { isValue || isMemory ? TEEDirection(rawValue: type & 3) : nil }
    /// VALUE_INPUT, OUTPUT, INOUT.
    var isValue: Bool { (1...3).contains(type) }
    /// MEMREF_INPUT, OUTPUT, INOUT.
    var isMemory: Bool { (5...7).contains(type) }
}

/// The memory that a `struct tee_ioctl_buf_data` points to: a structure whose last field counts the parameters behind it.
struct CommandBuffer {
    /// TEE_MAX_ARG_SIZE.
    private static let largest: UInt64 = 1024

    /// Where it is in the client's memory.
    let address: UInt64
    /// The bytes that `tee_ioctl_buf_data` says it has.
    let length: UInt64
    /// The structure in front of the parameters, read once.
    let header: ByteReader
    /// Bytes of that.
    let headerSize: Int
    /// How many parameters the structure says follow; at most 31 once `checkLength` has passed.
    let count: Int

    /// Reads the structure. `EFAULT`; `EINVAL` when it cannot have that size.
    init(_ call: PluggedCall, headerSize: Int) throws(Errno) {
        let place = ByteReader(try call.caller.read(call.argument, count: 16))
        (address, length) = (place.u64(0), place.u64(8))
        if length > Self.largest || length < UInt64(headerSize) { throw .EINVAL }
        header = ByteReader(try call.caller.read(address, count: headerSize))
        self.headerSize = headerSize
        count = Int(header.u32(headerSize &- 4))
    }

    /// `EINVAL` unless the parameters fill the rest; `loosely`: or less of it.
    func checkLength(loosely: Bool = false) throws(Errno) {
        let needed = UInt64(headerSize) &+ UInt64(count) &* UInt64(IoctlParameter.size)
        if loosely ? needed > length : needed != length { throw .EINVAL }
    }

    /// Where a parameter is; an address that wraps is refused when it is used.
    func address(of index: Int) -> UInt64 { address &+ UInt64(headerSize &+ index &* IoctlParameter.size) }

    /// Reads a parameter, once. `EFAULT`, `EINVAL`.
    func parameter(_ index: Int, _ caller: PluggedCaller) throws(Errno) -> IoctlParameter {
        try IoctlParameter(ByteReader(try caller.read(address(of: index), count: IoctlParameter.size)))
    }
}
