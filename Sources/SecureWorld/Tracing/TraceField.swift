/// What one argument of a TEE call is, or two that belong together: an address and a length.
enum TraceField {
    // MARK: Numbers

    case number, signed, address, result
    case algorithm, mode, objectType, attributeID, usage, dataFlags, storage, propertySet
    case access, milliseconds, timeCategory, whence, cacheOperation
    /// Handles; zero is none.
    case object, operation, enumerator, session

    // MARK: What an address points to

    /// A UUID, a `struct utee_params`, a TEE_Time.
    case uuid, parameters, time
    /// Results: u32 numbers and handles, u64 numbers, an origin, a TEE_Time, a `struct utee_object_info`.
    case numberOut, handleOut, sizeOut, originOut, timeOut, informationOut

    // MARK: Address and length

    /// Bytes of which only their number is shown: they may be secret.
    case input
    /// Room for bytes, whose number is given back otherwise, if at all.
    case room
    /// Bytes that name something.
    case identifier
    /// Room for such bytes, with a u64 in and out.
    case identifierOut
    /// Room for bytes, with the u64 or u32 that says how many there is room for, and then how many there are.
    case output, output32
    /// Attributes and their number.
    case attributes

    /// How many arguments it is.
    var width: Int {
        switch self {
        case .input, .room, .identifier, .identifierOut, .output, .output32, .attributes: 2
        default: 1
        }
    }

    /// The arguments of each call by its number (OP-TEE's utee_syscalls.h).
    static let calls: [Int: [TraceField]] = [
        0: [.result], 1: [.input], 2: [.address, .address],
        3: [.propertySet, .number, .output32, .output32, .numberOut], 4: [.propertySet, .identifier, .numberOut],
        5: [.uuid, .milliseconds, .parameters, .numberOut, .originOut], 6: [.session], 7: [.session, .milliseconds, .number, .parameters, .originOut],
        8: [.access, .address, .number], 9: [.numberOut], 10: [.numberOut], 11: [.numberOut], 12: [.milliseconds], 13: [.timeCategory, .timeOut], 14: [.time],
        15: [.algorithm, .mode, .object, .object, .handleOut], 16: [.operation, .operation], 17: [.operation],
        18: [.operation, .input], 19: [.operation, .input], 20: [.operation, .input, .output],
        21: [.operation, .input], 22: [.operation, .input, .output], 23: [.operation, .input, .output],
        24: [.object, .informationOut], 25: [.object, .usage], 26: [.object, .attributeID, .output], 27: [.objectType, .number, .handleOut],
        28: [.object], 29: [.object], 30: [.object, .attributes], 31: [.object, .object],
        32: [.operation, .attributes, .object], 33: [.room],
        34: [.operation, .input, .number, .number, .number], 35: [.operation, .input], 36: [.operation, .input, .output],
        37: [.operation, .input, .output, .output], 38: [.operation, .input, .output, .input],
        39: [.operation, .attributes, .input, .output], 40: [.operation, .attributes, .input, .input],
        41: [.storage, .identifier, .dataFlags, .handleOut], 42: [.storage, .identifier, .dataFlags, .object, .input, .handleOut],
        43: [.object], 44: [.object, .identifier], 45: [.handleOut], 46: [.enumerator], 47: [.enumerator], 48: [.enumerator, .storage],
        49: [.enumerator, .informationOut, .identifierOut], 50: [.object, .room, .sizeOut], 51: [.object, .input], 52: [.object, .number],
        53: [.object, .signed, .whence], 54: [.object, .number, .attributes], 70: [.address, .number, .cacheOperation],
    ]

    /// As `calls` says, or plain addresses for a call that is not in there.
    static func fields(_ entry: TEESyscallTable.Entry) -> [TraceField] { calls[entry.number] ?? [TraceField](repeating: .address, count: entry.argumentCount) }
}
