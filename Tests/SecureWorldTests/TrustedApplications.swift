import Foundation

@testable import SecureWorld

/// The applications of Tests/TrustedApplications, built with the development kit once for all tests.
enum TrustedApplications {
    /// A folder of the test's own with the `UUID.elf` files.
    static let folder: String? = build()

    /// Whether a virtual machine can be made and the kit's compiler is there.
    static var canRun: Bool { access("/dev/kvm", R_OK | W_OK) == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/gcc") }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let names = [
        "hello_world": "01", "properties": "02", "panics": "03", "callers": "04", "cancellation": "05", "clocks": "06", "crypto": "07", "storage": "08",
        "arithmetic": "09", "cplusplus": "10", "memory_references": "11", "library": "12", "boot_information": "17", "version_1_1": "18", "raw_calls": "19",
        "impostor": "20", "sockets": "24",
    ]

    static func uuid(_ name: String) -> TEEUUID { TEEUUID("5ec0e001-00\(names[name] ?? "99")-4a11-9001-5b65727279\(names[name] ?? "99")") ?? .null }

    private static func build() -> String? {
        let folder = root + "/.build/trusted-applications"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in names.keys.sorted() {
            let sources = root + "/Tests/TrustedApplications/" + name
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: sources) else { return nil }
            let inputs = files.filter { $0.hasSuffix(".c") || $0.hasSuffix(".cpp") }.sorted().map { sources + "/" + $0 }
            let command = ["env", "SKERRY_TA_CACHE=" + folder + "/runtime", root + "/guest/ta/cc", "-o", "\(folder)/\(uuid(name)).elf"] + inputs
            if (try? ImagesSupport.run(command, in: folder)) == nil { return nil }
        }
        return folder
    }

    /// A secure world with these applications, and trusted storage in a folder that is removed by `end`.
    final class World {
        let world: SecureWorld
        private let place: String

        init(timeLimit: Double? = 20, log: TEELog = TEELog(), _ change: (inout SecureWorldConfiguration) throws -> Void = { _ in }) throws {
            place = NSTemporaryDirectory() + "skerry-tee-" + UUID().uuidString
            let device = try DeviceFolder(place)
            var configuration = SecureWorldConfiguration(
                keys: TAKeys(signingKey: try device.signingKey(), deviceKey: device.deviceKey.secret, acceptsUnsigned: true), deviceKey: device.deviceKey)
            configuration.applications = [TrustedApplications.folder].compactMap { $0 }
            configuration.storage = try device.storage()
            configuration.timeLimit = timeLimit.map { Int64($0 * 1e9) }
            configuration.log = TestedTEECalls(log)
            try change(&configuration)
            world = try SecureWorld(configuration)
        }

        func end() {
            world.end()
            try? FileManager.default.removeItem(atPath: place)
        }

        /// Opens a session as an anonymous client.
        func open(_ name: String) -> TEERequest {
            let request = TEERequest(.open(TrustedApplications.uuid(name), TEEClientIdentity(login: 0, uuid: .null)))
            world.perform(request)
            return request
        }

        func invoke(_ session: UInt32, _ command: UInt32, _ parameters: [TEEParameter] = []) -> TEERequest {
            let request = TEERequest(.invoke(session: session, command: command), parameters: parameters)
            world.perform(request)
            return request
        }

        /// A session for one command.
        func call(_ name: String, _ command: UInt32, _ parameters: [TEEParameter] = []) -> TEERequest {
            let opening = open(name)
            guard opening.result == .success else { return opening }
            defer { world.perform(TEERequest(.close(session: opening.session))) }
            return invoke(opening.session, command, parameters)
        }
    }

    /// Memory of a client.
    final class Buffer: TEEBuffer, @unchecked Sendable {
        private let lock = NSLock()
        private var contents: [UInt8]
        init(_ bytes: [UInt8]) {
            contents = bytes
            super.init(size: UInt64(bytes.count))
        }
        var bytes: [UInt8] { lock.withLock { contents } }
        override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] { lock.withLock { Array(contents[Int(offset)..<Int(offset) + count]) } }
        override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
            lock.withLock { contents.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes) }
        }
        static func input(_ text: String) -> TEEParameter { input(Array(text.utf8)) }
        static func input(_ bytes: [UInt8]) -> TEEParameter { .memory(.input, Buffer(bytes), size: UInt64(bytes.count)) }
        func parameter(_ direction: TEEDirection) -> TEEParameter { .memory(direction, self, size: size) }
    }
}
