internal import CLinux

/// Which memory the kernel reads and writes for an ioctl(2): what the transcript of a call has to show.
enum KernelReads {
    /// Address and size of a piece of memory.
    typealias Piece = (address: UInt64, size: Int)

    /// For a request to a descriptor; `load` reads the caller's memory, nil where it has none.
    static func pieces(of request: UInt32, _ argument: UInt64, load: (UInt64, Int) -> [UInt8]?) -> (read: [Piece], written: [Piece]) {
        switch request {
        case skerry_KVM_MEMORY_ENCRYPT_OP: return encryptOperation(argument, load: load)
        case UInt32(skerry_KVM_SET_CPUID2): return ([(argument, cpuidSize(argument, load))], [])
        case UInt32(skerry_KVM_GET_SUPPORTED_CPUID): return ([(argument, 8)], [(argument, cpuidSize(argument, load))])
        case skerry_KVM_GET_DEVICE_ATTR:
            let target = load(argument, 24)?.number(at: 16, as: UInt64.self)
            return ([(argument, 24)], target.map { [($0, 8)] } ?? [])
        case skerry_SEV_ISSUE_CMD:
            let target = load(argument, 16)?.number(at: 4, as: UInt64.self)
            return ([(argument, 16)], [(argument, 16)] + (target.map { [($0, 32)] } ?? []))
        default:
            // The direction and the size are part of the number (`_IOC` of <asm-generic/ioctl.h>).
            let size = Int(request >> 16 & 0x3FFF)
            return (request & 1 << 30 != 0 ? [(argument, size)] : [], request & 1 << 31 != 0 ? [(argument, size)] : [])
        }
    }

    private static func cpuidSize(_ argument: UInt64, _ load: (UInt64, Int) -> [UInt8]?) -> Int {
        8 + 40 * Int(min(load(argument, 4)?.number(at: 0, as: UInt32.self) ?? 0, 256))
    }

    /// The command, its structure, and what the structure points to.
    private static func encryptOperation(_ argument: UInt64, load: (UInt64, Int) -> [UInt8]?) -> (read: [Piece], written: [Piece]) {
        guard let command = load(argument, 24) else { return ([(argument, 24)], []) }
        let data: UInt64 = command.number(at: 8)
        switch SEVCommand(rawValue: command.number(at: 0)) {
        case .initialize: return ([(argument, 24), (data, 48)], [(argument, 24)])
        case .launchStart: return ([(argument, 24), (data, 64)], [(argument, 24)])
        case .enableCertificateExits, nil: return ([(argument, 24)], [(argument, 24)])
        case .launchUpdate:
            var pieces = [(argument, 24), (data, 64)]
            var written = pieces
            if let update = load(data, 64), let length = Int(exactly: update.number(at: 16, as: UInt64.self)), update[24] != LaunchPageType.zero.rawValue {
                pieces.append((update.number(at: 8), length))
                if update[24] == LaunchPageType.cpuid.rawValue { written.append((update.number(at: 8), length)) }
            }
            return (pieces, written)
        case .launchFinish:
            var pieces = [(argument, 24), (data, 88)]
            if let finish = load(data, 88), finish[16] != 0 { pieces += [(finish.number(at: 0), IDBlock.size), (finish.number(at: 8), IDAuthentication.size)] }
            return (pieces, [(argument, 24)])
        }
    }
}
