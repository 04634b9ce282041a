internal import LibraryOS
internal import Synchronization

/// What a supplicant can be asked for: OPTEE_RPC_CMD_* (OP-TEE's core/include/optee_rpc_cmd.h).
enum SupplicantFunction: UInt32 {
    /// OPTEE_RPC_CMD_SHM_ALLOC.
    case allocateMemory = 6
    /// OPTEE_RPC_CMD_SHM_FREE.
    case freeMemory = 7
    /// OPTEE_RPC_CMD_SUPP_PLUGIN.
    case invokePlugin = 12
}

/// A parameter of a request, in the terms of `struct tee_ioctl_param`.
struct SupplicantParameter: Hashable {
    /// TEE_IOCTL_PARAM_ATTR_TYPE_*.
    enum Kind: UInt8 {
        case valueInput = 1
        case valueInout = 3
        case memoryInout = 7
    }
    let kind: Kind
    /// The first value; of a memory reference the offset.
    var a: UInt64 = 0
    /// The second value; of a memory reference the size.
    var b: UInt64 = 0
    /// The third value; of a memory reference the identifier, all bits for none.
    var c: UInt64 = 0

    /// What an answer leaves of it: values of a value, the size of a memory reference (`optee_supp_send` of Linux).
    func answered(_ answer: IoctlParameter) -> SupplicantParameter {
        switch kind {
        case .valueInput: self
        case .valueInout: SupplicantParameter(kind: kind, a: answer.a, b: answer.b, c: answer.c)
        case .memoryInout: SupplicantParameter(kind: kind, a: a, b: answer.b, c: c)
        }
    }

    /// Its 32 bytes.
    var structure: [UInt8] { Self.structure(UInt64(kind.rawValue), a, b, c) }
    /// Names a request: VALUE_INOUT, META.
    static func name(_ number: UInt64) -> [UInt8] { structure(UInt64(Kind.valueInout.rawValue) | IoctlParameter.meta, number, 0, 0) }

    private static func structure(_ words: UInt64...) -> [UInt8] {
        var bytes = ByteWriter(capacity: IoctlParameter.size)
        for word in words { bytes.u64(word) }
        return bytes.bytes
    }
}

/// Something that a supplicant is asked for, until there is an answer (`struct optee_supp_req` of Linux).
final class SupplicantRequest: Sendable {
    typealias Answer = (result: TEEResult, parameters: [SupplicantParameter])

    let function: SupplicantFunction
    let parameters: [SupplicantParameter]
    /// Readable when there is an answer.
    let bell: HostDescriptor
    private let string: HostDescriptor
    private let state = Mutex<Answer?>(nil)

    init(_ function: SupplicantFunction, _ parameters: [SupplicantParameter]) throws(TEEResult) {
        self.function = function
        self.parameters = parameters
        do throws(TEEResult) { (bell, string) = try HostDescriptor.pair() } catch { throw .outOfMemory }
    }

    /// Nil until there is one.
    var answer: Answer? { state.withLock { $0 } }

    /// The first answer counts.
    func finish(_ result: TEEResult, _ parameters: [SupplicantParameter]) {
        state.withLock { if $0 == nil { $0 = (result, parameters) } }
        string.signal()
    }
}
