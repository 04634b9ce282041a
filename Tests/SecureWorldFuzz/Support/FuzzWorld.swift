import Foundation
import Synchronization

@testable import Monitor
@testable import SecureWorld

/// A secure world with trusted storage of its own, in a folder that goes with it.
final class FuzzWorld: Sendable {
    let world: SecureWorld
    let log: FuzzLog
    private let place: FuzzFolder

    init(timeLimit: Double, applications: String? = nil, keys: TAKeys? = nil, memoryLimit: UInt64 = 256 << 20) throws {
        place = try FuzzFolder()
        guard let key = DeviceKey(SecretBytes([UInt8](repeating: 7, count: 32))) else { throw CocoaError(.featureUnsupported) }
        log = FuzzLog()
        var configuration = SecureWorldConfiguration(keys: try keys ?? Self.keys(), deviceKey: key)
        configuration.applications = [try applications ?? FuzzApplications.folder.get()]
        // Not the whole disk.
        configuration.storage = try TrustedStorage(folder: place.path + "/storage", deviceKey: key.secret, durability: .kernel, capacity: 32 << 20)
        configuration.timeLimit = Int64(timeLimit * 1e9)
        configuration.memoryLimit = memoryLimit
        configuration.log = log
        world = try SecureWorld(configuration)
    }

    private static let signingKey = Result { try TASigningKey.generate(bits: 2048) }
    static func keys() throws -> TAKeys { TAKeys(signingKey: try signingKey.get(), classKey: SecretBytes([UInt8](repeating: 1, count: 32)), acceptsUnsigned: true) }
    static func signer() throws -> TASigningKey { try signingKey.get() }

    func end() {
        world.end()
        place.remove()
    }

    /// Bytes of the virtual machine's memory that are used now.
    var used: UInt64 { world.machine.memory.usage.resident }

    func open(_ uuid: TEEUUID, _ parameters: [TEEParameter] = []) -> TEERequest {
        let request = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)), parameters: parameters)
        world.perform(request)
        return request
    }
    func invoke(_ session: UInt32, _ command: UInt32, _ parameters: [TEEParameter] = []) -> TEERequest {
        let request = TEERequest(.invoke(session: session, command: command), parameters: parameters)
        world.perform(request)
        return request
    }
    func close(_ session: UInt32) { world.perform(TEERequest(.close(session: session))) }

    /// Another application is as alive as before. Where there is hardly a processor its time may be over too soon, but not again and again.
    var isAlive: Bool { (0..<5).contains { _ in answers } }

    private var answers: Bool {
        let opening = open(FuzzApplications.uuid("hello_world"))
        defer { close(opening.session) }
        let request = invoke(opening.session, 0, [.value([.input, .output], a: 41, b: 0)])
        if case .value(_, 42, _) = request.parameters[0], request.result == .success { return true }
        return false
    }
}

/// Counts what happened; KVM's own failures are found out.
final class FuzzLog: TEELog, @unchecked Sendable {
    struct Counts {
        var panics = 0, exceptions = 0, ended = 0, outOfMemory = 0, stopped = 0, refused = 0
        var failures: [String] = []
        var stops: Set<String> = []
    }
    private let state = Mutex(Counts())
    var counts: Counts { state.withLock { $0 } }

    override func refused(application: TEEUUID, _ reason: String) { state.withLock { $0.refused += 1 } }
    override func failed(_ error: MonitorError) { state.withLock { $0.failures.append(error.description) } }
    override func panicked(application: TEEUUID, _ reason: TAPanicReason) {
        state.withLock { counts in
            switch reason {
            case .call: counts.panics += 1
            case .exception: counts.exceptions += 1
            case .ended: counts.ended += 1
            case .outOfMemory: counts.outOfMemory += 1
            case .stopped(let text):
                counts.stopped += 1
                if counts.stops.count < 20 { counts.stops.insert(text) }
            }
        }
    }
}

/// Memory of a client, with other buffers in the same place; another thread may change it at any time.
final class FuzzBuffer: TEEBuffer, @unchecked Sendable {
    /// All clients' memory.
    final class Memory: Sendable {
        let bytes: Mutex<[UInt8]>
        init(_ count: Int) { bytes = Mutex([UInt8](repeating: 0xa5, count: count)) }
    }
    private let memory: Memory?
    private let offset: Int

    init(_ memory: Memory, _ offset: Int, _ count: Int) {
        self.memory = memory
        self.offset = offset
        super.init(size: UInt64(count))
    }
    /// A buffer of any size, of which nothing is there.
    init(absent size: UInt64) {
        memory = nil
        offset = 0
        super.init(size: size)
    }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard let memory, let place = Int(exactly: offset), count >= 0, count <= Int(size), place <= Int(size) - count else { throw .accessDenied }
        return memory.bytes.withLock { Array($0[self.offset + place..<self.offset + place + count]) }
    }
    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard let memory, let place = Int(exactly: offset), bytes.count <= Int(size), place <= Int(size) - bytes.count else { throw .accessDenied }
        memory.bytes.withLock { $0.replaceSubrange(self.offset + place..<self.offset + place + bytes.count, with: bytes) }
    }
}
