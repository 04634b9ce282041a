import Foundation
import LibraryOS
import Monitor
import Synchronization
import Testing
@testable import SecureWorld

/// A secure world with the instance of an application that never runs: what pseudo applications see of those that call them.
final class PseudoTABed: @unchecked Sendable {
    static let application = ImagesSupport.helloWorld
    static let deviceSecret = [UInt8](0..<32)

    let world: SecureWorld
    let caller: TAInstance
    private let next = Mutex<UInt64>(0x5000_0000_0000)

    init(storage: TrustedStorage? = nil, allowsNetwork: Bool = false, clock: TEEClock = TEEClock(), memoryLimit: UInt64 = 64 << 20) throws {
        var configuration = try Self.configuration(storage: storage)
        configuration.allowsNetwork = allowsNetwork
        configuration.clock = clock
        configuration.memoryLimit = memoryLimit
        world = try SecureWorld(configuration)
        caller = try Self.instance(in: world)
    }

    deinit { caller.end() }

    static func configuration(storage: TrustedStorage? = nil) throws -> SecureWorldConfiguration {
        let deviceKey = try #require(DeviceKey(SecretBytes(deviceSecret)))
        var configuration = SecureWorldConfiguration(keys: TAKeys(signingKey: try ImagesSupport.root()), deviceKey: deviceKey)
        configuration.storage = storage
        return configuration
    }

    /// An instance of `application` without any image.
    static func instance(in world: SecureWorld, images: TALinkMap = TALinkMap()) throws -> TAInstance {
        let space = try AddressSpace(physicalMemory: world.machine.memory)
        let context = try GuestContext(machine: world.machine, memory: space)
        let layout = TAInstance.Layout(entry: 0x5500_0000_0000, stackTop: 0x7000_0001_0000, stackSize: 4096, threadArea: 0x7000_0000_0000, entrySteps: 0, free: 0x6000_0000_0000)
        return TAInstance(uuid: application, flags: [], world: world, context: context, layout: layout, linkMap: images)
    }

    // MARK: Sessions

    /// A session, as the secure world opens it.
    func open(_ application: PseudoTA, by caller: TAInstance? = nil, login: UInt32 = 0) throws -> PseudoSession {
        let session = PseudoSession(
            id: 1, application: application, client: TEEClientIdentity(login: login, uuid: .null), caller: caller, world: world)
        var parameters = [TEEParameter](repeating: .none, count: 4)
        try application.open(session, &parameters)
        return session
    }

    // MARK: Memory of the application

    /// Fresh memory of the caller, filled.
    func memory(_ bytes: [UInt8], room: Int? = nil) throws -> TAMemoryBuffer {
        let size = UInt64(max(room ?? bytes.count, 1))
        let length = (size + 4095) & ~4095
        let address = next.withLock { next in
            defer { next += length + 4096 }
            return next
        }
        try caller.memory.space.mapZeroed(at: GuestAddress(address), length: length, [.read, .write])
        try caller.memory.write(bytes, to: address)
        return TAMemoryBuffer(caller.memory, address, size: size)
    }

    func input(_ bytes: [UInt8]) throws -> TEEParameter { .memory(.input, try memory(bytes), size: UInt64(bytes.count)) }
    func output(_ size: Int) throws -> TEEParameter { .memory(.output, try memory([], room: size), size: UInt64(size)) }
    func inout_(_ bytes: [UInt8]) throws -> TEEParameter { .memory([.input, .output], try memory(bytes), size: UInt64(bytes.count)) }
}

extension PseudoSession {
    /// Has the pseudo application carry out a command; the parameters as they go back.
    func invoke(_ command: UInt32, _ parameters: [TEEParameter] = []) -> (result: TEEResult, parameters: [TEEParameter]) {
        var all = parameters + [TEEParameter](repeating: .none, count: 4 - parameters.count)
        do throws(TEEResult) { try application.invoke(self, command, &all) } catch { return (error, all) }
        return (.success, all)
    }
}

extension TEEParameter {
    static func valueIn(_ a: UInt32, _ b: UInt32 = 0) -> TEEParameter { .value(.input, a: a, b: b) }
    static let valueOut = TEEParameter.value(.output, a: 0, b: 0)
    static func valueInout(_ address: UInt64) -> TEEParameter {
        .value([.input, .output], a: UInt32(address >> 32), b: UInt32(truncatingIfNeeded: address))
    }
    static func addressIn(_ address: UInt64) -> TEEParameter { .value(.input, a: UInt32(address >> 32), b: UInt32(truncatingIfNeeded: address)) }

    /// What is in a memory parameter now, as much as its size says and it has.
    var content: [UInt8] {
        guard case .memory(_, let buffer?, let size) = self else { return [] }
        return (try? buffer.read(at: 0, count: Int(min(size, buffer.size)))) ?? []
    }
}

/// Memory of a client in the normal world.
final class PseudoTAClientMemory: TEEBuffer, @unchecked Sendable {
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) {
        self.bytes = Mutex(bytes)
        super.init(size: UInt64(bytes.count))
    }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard offset + UInt64(count) <= size else { throw .accessDenied }
        return bytes.withLock { Array($0[Int(offset)..<Int(offset) + count]) }
    }

    override func write(_ new: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard offset + UInt64(new.count) <= size else { throw .accessDenied }
        bytes.withLock { $0.replaceSubrange(Int(offset)..<Int(offset) + new.count, with: new) }
    }

    static func input(_ bytes: [UInt8]) -> TEEParameter { .memory(.input, PseudoTAClientMemory(bytes), size: UInt64(bytes.count)) }
    static func output(_ size: Int) -> TEEParameter { .memory(.output, PseudoTAClientMemory([UInt8](repeating: 0, count: size)), size: UInt64(size)) }
}

/// A host clock that a test sets.
final class PseudoTAClock: TEEClock, @unchecked Sendable {
    private let real = Mutex<Int64>(0)

    init(seconds: Int64) {
        super.init()
        set(seconds: seconds)
    }

    func set(seconds: Int64) { real.withLock { $0 = seconds * 1_000_000_000 } }
    override func realtime() -> Int64 { real.withLock { $0 } }
}

/// Numbers of a C structure, 32 bits each.
func pseudoTAWords(_ bytes: some Sequence<UInt8>) -> [UInt32] {
    let bytes = Array(bytes)
    return stride(from: 0, to: bytes.count - 3, by: 4).map { at in bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}

/// A folder with a trusted storage in it, and the plainest way to damage it.
final class PseudoTAStorage: Sendable {
    private let folder: ImagesFolder

    init() throws { folder = try ImagesFolder() }

    private var path: String { folder.path + "/storage" }

    /// The storage as a process that starts now would see it.
    func open(deviceSecret: [UInt8] = PseudoTABed.deviceSecret) throws -> TrustedStorage {
        try TrustedStorage(folder: path, deviceKey: SecretBytes(deviceSecret), durability: .kernel)
    }

    /// Everything that is written there.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) { files[name] = try folder.read("storage/" + name) }
        return files
    }

    /// Changes a bit in every file of an object.
    func damageObjects() throws {
        for (name, bytes) in try files() where name != "counter" && !name.hasPrefix("0-") {
            var changed = bytes
            changed[bytes.count / 2] ^= 1
            try folder.write("storage/" + name, changed)
        }
    }
}
