internal import CLinux
internal import Glibc
internal import Synchronization

/// Calls to a kernel whose arguments are structures: they lie in one piece of memory that the kernel is given the address of.
///
/// `control` may be called by several threads; the others by the one that sets the machine up.
package final class KernelCalls {
    /// Where in the memory of arguments which structure lies.
    enum Argument {
        static let command = 0x000
        static let structure = 0x040
        static let value = 0x200
        static let identityBlock = 0x300
        static let identityAuthentication = 0x1000
        static let cpuid = 0x2000
        static let size = 0x6000
    }

    let kernel: any KernelInterface
    private var arguments: (any HostMemory)?
    /// Held while the memory of arguments has a structure: the processors of a running guest convert pages, each in its own thread.
    private let isInUse = Mutex<Void>(())

    /// Calls to a kernel; none is made yet.
    package init(_ kernel: any KernelInterface) { self.kernel = kernel }

    /// The memory of arguments.
    func argumentPage() throws(SNPError) -> any HostMemory {
        if let arguments { return arguments }
        guard let made = kernel.allocate(Argument.size) else { throw SNPError(.kernel(ENOMEM), "memory for arguments", "free some memory") }
        arguments = made
        return made
    }

    /// A device, for reading and writing.
    func open(_ path: String) throws(SNPError) -> Int32 {
        let descriptor = kernel.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor < 0 else { return descriptor }
        let advice =
            switch -descriptor {
            case ENOENT: "there is no such device; `skerry snp check` says why"
            case EACCES, EPERM: "you may not use it; join the group that owns it, or run as root"
            case EBUSY: "another process uses it exclusively"
            default: "`skerry snp check` says what is missing"
            }
        throw SNPError(.kernel(-descriptor), "open \(path)", advice)
    }

    /// An ioctl(2) that a signal may interrupt; the result, never negative.
    @discardableResult
    func control(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64, _ step: String, _ advice: String = "see the kernel's log") throws(SNPError) -> Int32 {
        var result: Int32
        repeat { result = kernel.ioctl(descriptor, request, argument) } while result == -EINTR
        guard result >= 0 else { throw SNPError(.kernel(-result), step, advice) }
        return result
    }

    /// An ioctl(2) with a structure, which is returned as the kernel left it.
    @discardableResult
    func control<Structure: BitwiseCopyable & Sendable>(
        _ descriptor: Int32, _ request: UInt32, with structure: Structure, _ step: String, _ advice: String = "see the kernel's log"
    )
        throws(SNPError) -> (result: Int32, structure: Structure)
    {
        let page = try argumentPage()
        return try isInUse.withLock { _ throws(SNPError) in
            page.store(structure, at: Argument.structure)
            let result = try control(descriptor, request, page.address + UInt64(Argument.structure), step, advice)
            return (result, page.load(Structure.self, at: Argument.structure))
        }
    }
}
