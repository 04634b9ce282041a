#if canImport(CLinux)
    import CLinux
#endif
import SecureWorld
@testable import LibraryOS

/// A kernel on an in-memory host with the TEE devices in /dev, and a client program: its memory and its calls.
final class DeviceBed {
    let memory: DeviceMemory
    let kernel: Kernel
    /// What answers the devices, unless there is another service.
    let service: TEEServiceDouble
    let devices: [PluggedDevice]
    /// Where the client sleeps.
    let parker: DeviceParker
    let task: LibraryOS.Task
    /// 64 KiB of the client's memory that the bed's own calls use.
    let page: UInt64
    private let root: PathLocation

    init(user: UInt32 = 0, groups: [UInt32] = [], backend: TEEService? = nil) throws {
        Self.assertsLockOrder
        memory = DeviceMemory()
        service = TEEServiceDouble()
        parker = DeviceParker()
        kernel = Kernel(host: DeviceHost(), physicalMemory: memory, configuration: KernelConfiguration())
        let tree = TmpFS(kernel: kernel, permissions: 0o755)
        try tree.makeDirectories(Array("dev".utf8))
        root = kernel.mounts.mount(root: tree)
        devices = TEEDevice.devices(for: backend ?? service)
        let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
        let place = try resolver.resolve(Array("/dev".utf8), from: root, .followFinal)
        try kernel.mounts.mount(try DevFS.make(kernel: kernel, plugged: devices), at: place)
        task = try Self.makeTask(kernel, memory, root, parker, Credentials(user: user, group: user, groups: groups))
        page = UInt64(bitPattern: task.call(DeviceCall.mmap, 0, 65536, 3, 0x22, .max, 0))
        parker.whenStuck = { [kernel] in kernel.killAll() }
    }

    /// The same client seen from another thread of it, which sleeps elsewhere and has a place of its own for structures.
    private init(_ other: DeviceBed, _ number: Int32, _ elsewhere: TaskParker?) {
        (memory, service, kernel, devices, root) = (other.memory, other.service, other.kernel, other.devices, other.root)
        parker = DeviceParker()
        let first = other.task
        task = LibraryOS.Task(
            kernel: kernel, id: number, group: first.group, memory: first.memory, descriptors: first.descriptors, fileSystem: first.fileSystem,
            credentials: first.credentials, parker: elsewhere ?? parker)
        page = UInt64(bitPattern: task.call(DeviceCall.mmap, 0, 65536, 3, 0x22, .max, 0))
        parker.whenStuck = { [kernel] in kernel.killAll() }
    }

    /// Another thread of the client.
    func thread(_ number: Int32 = 5000, sleepingIn parker: TaskParker? = nil) -> DeviceBed { DeviceBed(self, number, parker) }

    /// Tests stop at a lock of the library OS that is taken out of order, where the record of that is linked.
    private static let assertsLockOrder: Void = {
        #if canImport(CLinux)
            Lock.orderRecord = skerry_lock_order
        #endif
    }()

    private static func makeTask(
        _ kernel: Kernel, _ memory: DeviceMemory, _ root: PathLocation, _ parker: TaskParker, _ credentials: Credentials, _ descriptors: DescriptorTable? = nil
    ) throws(Errno) -> LibraryOS.Task {
        let id = try kernel.allocateID()
        let group = ThreadGroup(id: id, startTime: kernel.time.monotonicNow(), signals: ProcessSignals())
        let task = LibraryOS.Task(
            kernel: kernel, id: id, group: group, memory: try AddressSpace(physicalMemory: memory), descriptors: descriptors ?? DescriptorTable(),
            fileSystem: FileSystemContext(root: root, workingDirectory: root), credentials: credentials, parker: parker)
        kernel.register(task)
        return task
    }

    /// Another process with copies of the client's descriptors and memory of its own.
    func otherProcess() throws -> LibraryOS.Task {
        try Self.makeTask(kernel, memory, root, DeviceParker(), task.credentials, task.descriptors.copy())
    }

    // MARK: Calls

    func put(_ bytes: [UInt8], at address: UInt64) throws { try task.memory.writeBytes(bytes, to: GuestAddress(address)) }
    func bytes(at address: UInt64, _ count: Int) throws -> [UInt8] { try task.memory.readBytes(GuestAddress(address), count: count) }
    /// Anonymous memory of the client.
    func map(pages: UInt64 = 1, protection: UInt64 = 3) -> UInt64 { UInt64(bitPattern: task.call(9, 0, pages * 4096, protection, 0x22, .max, 0)) }

    func open(_ path: String = "/dev/tee0", flags: UInt64 = 2) throws -> Int64 {
        try put(Array(path.utf8) + [0], at: page)
        return task.call(2, page, flags)
    }
    /// An open /dev/tee0.
    func client() throws -> UInt64 {
        let descriptor = try open()
        if descriptor < 0 { throw Errno(Int32(-descriptor)) }
        return UInt64(descriptor)
    }
    @discardableResult func close(_ descriptor: UInt64) -> Int64 { task.call(3, descriptor) }

    /// An ioctl with a structure, and the structure afterwards.
    func ioctl(_ descriptor: UInt64, _ request: UInt64, _ structure: [UInt8]) throws -> (result: Int64, reader: ByteReader) {
        try put(structure, at: page)
        let result = task.call(16, descriptor, request, page)
        return (result, ByteReader(try bytes(at: page, structure.count)))
    }
}
