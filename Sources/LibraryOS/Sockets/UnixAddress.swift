/// The name of an AF_UNIX socket (unix(7)).
enum UnixAddress: Equatable {
    /// A path as the program gave it to bind(2), without the final zero.
    case path([UInt8])
    /// The bytes behind the zero that marks an abstract name.
    case abstract([UInt8])

    static let family: UInt16 = 1
    /// `struct sockaddr_un` of a socket without a name: the family alone.
    static let unnamed: [UInt8] = [1, 0]
    /// sizeof(struct sockaddr_un).
    private static let longest = 110

    /// The `struct sockaddr_un` that getsockname(2) and its relatives give.
    var bytes: [UInt8] {
        switch self {
        case .path(let path): Self.unnamed + path + [0]
        case .abstract(let name): Self.unnamed + [0] + name
        }
    }

    /// Reads what a program passes; `EINVAL` unless it is an AF_UNIX name.
    static func read(_ task: Task, _ address: GuestAddress, length: Int32) throws(Errno) -> UnixAddress {
        let structure = try bytes(task, address, length: length)
        guard structure.bytes.count > 2, structure.bytes.count <= longest, structure.u16(0) == family else { throw .EINVAL }
        let name = structure.bytes.dropFirst(2)
        return structure.u8(2) == 0 ? .abstract(Array(name.dropFirst())) : .path(Array(name.prefix { $0 != 0 }))
    }

    /// `move_addr_to_kernel`: a `struct sockaddr` of any family.
    static func bytes(_ task: Task, _ address: GuestAddress, length: Int32) throws(Errno) -> ByteReader {
        if length < 0 || length > 128 { throw .EINVAL }
        return ByteReader(try task.memory.readBytes(address, count: Int(length)))
    }

    /// `move_addr_to_user`: as much of an address as there is room for, and how long it is.
    static func store(_ name: UnixAddress?, _ task: Task, at address: GuestAddress, lengthAt: GuestAddress) throws(Errno) {
        let room = Int32(bitPattern: try task.memory.readU32(lengthAt))
        if room < 0 { throw .EINVAL }
        let bytes = name?.bytes ?? unnamed
        try task.memory.writeBytes(Array(bytes.prefix(Int(room))), to: address)
        try task.memory.writeU32(UInt32(bytes.count), to: lengthAt)
    }
}
