/// Memory of the monitor's process that the kernel reads and writes by its address.
public protocol HostMemory: AnyObject {
    /// Where it begins, as the kernel is told.
    var address: UInt64 { get }
    /// Its bytes.
    var size: Int { get }
    /// Copies bytes out; each is loaded once. The range has to lie inside.
    func read(_ range: Range<Int>) -> [UInt8]
    /// Copies bytes in; they have to fit.
    func write(_ bytes: [UInt8], at offset: Int)
}

/// What the KVM back end asks of the operating system, all of it: a test, or a transcript, can stand in for Linux.
///
/// Results are as those of the system call, with `-errno` for a failure.
public protocol KernelInterface: AnyObject {
    /// open(2).
    func open(_ path: String, _ flags: Int32) -> Int32
    /// close(2).
    func close(_ descriptor: Int32)
    /// ioctl(2); `argument` is a value or the address of a `HostMemory`.
    func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32
    /// Zero-filled memory of the process (mmap(2), anonymous and private); nil when there is none.
    func allocate(_ size: Int) -> (any HostMemory)?
    /// A shared mapping of a descriptor; nil when that fails.
    func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)?
    /// fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE.
    func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32
}

extension HostMemory {
    /// Writes a structure of the kernel's interface.
    func store<Structure: BitwiseCopyable>(_ structure: Structure, at offset: Int) { write(withUnsafeBytes(of: structure) { Array($0) }, at: offset) }

    /// Reads a structure of the kernel's interface.
    func load<Structure: BitwiseCopyable>(_ type: Structure.Type, at offset: Int) -> Structure {
        read(offset..<offset + MemoryLayout<Structure>.size).withUnsafeBytes { $0.loadUnaligned(as: type) }
    }
}
