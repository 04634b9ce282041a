import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// A loader of the guest loads applications and their libraries with calls of its own, whatever it does besides.
@Suite(.enabled(if: TrustedApplications.canRun)) struct GuestLoaderTests {
    private typealias Buffer = TrustedApplications.Buffer

    /// A folder with the libraries' users and the loaders.
    private static let folder: String? = build()

    private static func build() -> String? {
        guard let applications = TrustedApplications.folder else { return nil }
        let sources = TrustedApplications.root + "/Tests/TrustedApplications"
        let compiler = ["env", "SKERRY_TA_CACHE=" + applications + "/runtime", TrustedApplications.root + "/guest/ta/cc"]
        let folder = applications + "/guest-loader"
        let library = folder + "/5ec0e001-0014-4a11-9001-5b6572727914.elf"
        let commands = [
            compiler + ["--library", "-o", library, sources + "/shared_library/shared_library.c"],
            compiler + ["-o", folder + "/5ec0e001-0015-4a11-9001-5b6572727915.elf", sources + "/library_user/library_user.c", library],
            compiler + ["-rdynamic", "-DLIBRARY_USER_KIND=1", "-o", folder + "/5ec0e001-0016-4a11-9001-5b6572727916.elf", sources + "/library_user/library_user.c"],
            [sources + "/ldelf/build", folder + "/ldelf"], [sources + "/ldelf/build", folder + "/ldelf-old", "-DLDELF_WITHOUT_LOAD_ADDRESS"],
        ]
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for command in commands where (try? ImagesSupport.run(command, in: folder)) == nil { return nil }
        return folder
    }

    /// What was printed, and why instances died.
    private final class Log: TEELog, @unchecked Sendable {
        let lines = Mutex<[String]>([])
        override func printed(application: TEEUUID, _ bytes: [UInt8]) { lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
        override func panicked(application: TEEUUID, _ reason: TAPanicReason) { lines.withLock { $0.append("panic \(reason)") } }
    }

    private func inWorld(_ loader: String?, timeLimit: Double = 20, memory: UInt64 = 512 << 20, log: TEELog = TEELog(), _ body: (TrustedApplications.World) throws -> Void) throws {
        let folder = try #require(Self.folder)
        let world = try TrustedApplications.World(timeLimit: timeLimit, log: log) { configuration in
            configuration.applications.append(folder)
            configuration.loader = loader.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
            configuration.memoryLimit = memory
        }
        defer { world.end() }
        try body(world)
    }

    /// Applications with which the loader does something of its own (ldelf.c).
    private static func special(_ behaviour: String) -> TEEUUID { TEEUUID("bad000\(behaviour)-0000-4000-8000-000000000000") ?? .null }
    private static let linked = TEEUUID("5ec0e001-0015-4a11-9001-5b6572727915") ?? .null
    private static let opening = TEEUUID("5ec0e001-0016-4a11-9001-5b6572727916") ?? .null

    private func open(_ world: TrustedApplications.World, _ uuid: TEEUUID) -> TEERequest {
        let request = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)))
        world.world.perform(request)
        return request
    }

    @Test(arguments: ["ldelf", "ldelf-old"]) func anApplicationRunsAsEver(_ loader: String) throws {
        let log = Log()
        try inWorld(loader, log: log) { world in
            for number in [41, 99] as [UInt32] {
                let request = world.call("hello_world", 0, [.value([.input, .output], a: number, b: 7)])
                #expect(request.result == .success && request.origin == .trustedApplication)
                guard case .value(_, number + 1, 7) = request.parameters[0] else { return #expect(Bool(false), "\(request.parameters[0])") }
            }
            #expect(world.call("hello_world", 1, [Buffer([0, 0]).parameter(.output)]).result == .shortBuffer)
        }
        #expect(log.lines.withLock { $0.count { $0 == "the loader of the guest\n" } } == 3)
    }

    @Test func constructorsExceptionsAndThreadLocalsWork() throws {
        try inWorld("ldelf") { world in
            guard case .value(_, 3, 1) = world.call("cplusplus", 0, [.value(.output, a: 0, b: 0)]).parameters[0] else { return #expect(Bool(false)) }
            guard case .value(_, 1234, 0) = world.call("cplusplus", 1, [.value(.output, a: 0, b: 0), .value(.output, a: 0, b: 0)]).parameters[0] else {
                return #expect(Bool(false))
            }
            guard case .value(_, 7, 3) = world.call("cplusplus", 2, [.value(.input, a: 7, b: 0), .value(.output, a: 0, b: 0)]).parameters[1] else {
                return #expect(Bool(false))
            }
        }
    }

    /// Without a loader of the guest the same.
    @Test(arguments: [nil, "ldelf"] as [String?], [linked, opening]) func librariesAreLinkedAndOpened(_ loader: String?, _ uuid: TEEUUID) throws {
        try inWorld(loader) { world in
            let session = open(world, uuid)
            try #require(session.result == .success)
            guard case .value(_, 48, 7) = world.invoke(session.session, 0, [.value([.input, .output], a: 41, b: 7)]).parameters[0] else { return #expect(Bool(false)) }
            for count in [5, 6] as [UInt32] {
                // What the library's constructor has left, and a variable that lives on.
                guard case .value(_, 77, count) = world.invoke(session.session, 1, [.value(.output, a: 0, b: 0)]).parameters[0] else { return #expect(Bool(false)) }
            }
            #expect(world.invoke(session.session, 2).result == .itemNotFound)
        }
    }

    /// Tests/TrustedApplications/ldelf/ldelf_checks.c; a wrong result ends loading with 0xbad00000 and its line.
    @Test func everyCallAnswersWhatItShould() throws {
        try inWorld("ldelf") { world in
            let session = open(world, Self.special("80"))
            #expect(session.result == .success)
            // And afterwards all is as it was.
            guard case .value(_, 48, 7) = world.invoke(session.session, 0, [.value([.input, .output], a: 41, b: 7)]).parameters[0] else { return #expect(Bool(false)) }
        }
    }

    /// Null pointers, panics, errors, unknown flags, a 32-bit application, no stack, entries without code, a stack beyond all addresses.
    @Test(
        arguments: [
            ("02", .generic), ("03", .generic), ("04", .badState), ("05", .badFormat), ("06", .badFormat), ("07", .badFormat), ("08", .targetDead), ("10", .targetDead),
            ("11", .badFormat),
        ] as [(String, TEEResult)]) func whatItDoesWrongEndsTheSessionAndNothingElse(_ behaviour: String, _ result: TEEResult) throws
    {
        try inWorld("ldelf") { world in
            let other = open(world, Self.linked)
            for _ in 0..<3 { #expect(open(world, Self.special(behaviour)).result == result) }
            #expect(world.invoke(other.session, 0, [.value([.input, .output], a: 1, b: 2)]).result == .success)
        }
    }

    /// Without `dl_entry`, or with one that is no code, `dlopen` fails and the application lives on.
    @Test(arguments: ["13", "14"]) func anEntryThatIsNoneOpensNoLibrary(_ behaviour: String) throws {
        try inWorld("ldelf") { world in
            let session = open(world, Self.special(behaviour))
            try #require(session.result == .success)
            for _ in 0..<2 { #expect(world.invoke(session.session, 0, [.value([.input, .output], a: 41, b: 7)]).result == .generic) }
        }
    }

    @Test(arguments: ["01", "12"]) func aLoopEndsWithItsTime(_ behaviour: String) throws {
        try inWorld("ldelf", timeLimit: 1) { world in #expect(open(world, Self.special(behaviour)).result == .targetDead) }
    }

    @Test func memoryItTakesIsLimitedAndComesBack() throws {
        try inWorld("ldelf", memory: 64 << 20) { world in
            for _ in 0..<3 { #expect(open(world, Self.special("09")).result == .outOfMemory) }
        }
    }

    @Test func whatItIsToLoadIsCheckedBefore() throws {
        try inWorld("ldelf") { world in
            #expect(open(world, TEEUUID("00000000-0000-4000-8000-000000000001") ?? .null).result == .itemNotFound)
        }
        let folder = try #require(Self.folder)
        let log = Log()
        let world = try TrustedApplications.World(log: log) { configuration in
            configuration.applications.append(folder)
            configuration.loader = folder + "/ldelf"
            configuration.keys = TAKeys(signingKey: configuration.keys.signingKey, deviceKey: configuration.keys.deviceKey, acceptsUnsigned: false)
        }
        defer { world.end() }
        #expect(open(world, Self.linked).result == .security)
    }

    @Test func aFileThatIsNoLoaderIsRefused() throws {
        try inWorld("/proc/self/cmdline") { world in #expect(open(world, Self.linked).result == .badFormat) }
        try inWorld("missing") { world in #expect(open(world, Self.linked).result == .storageNotAvailable) }
    }

    @Test func theLoaderIsToldWhatTheApplicationIsToldLater() throws {
        try inWorld("ldelf") { world in
            let buffer = Buffer([UInt8](repeating: 0, count: 1 << 16))
            #expect(world.call("boot_information", 0, [buffer.parameter(.output)]).result == .success)
            let tree = DeviceTree(blob: buffer.bytes)
            #expect(tree.texts("/application", "uuid") == ["5ec0e001-0017-4a11-9001-5b6572727917"])
            #expect(tree.number("/application", "skerry,flags") == 1 << 2 | 1 << 3)
            #expect(tree.number("/application", "skerry,entry") ?? 0 != 0)
            #expect(tree.children("/memory-map").map { $0.split(separator: "@")[0] } == ["loader", "loader-stack", "thread-area", "parameters"])
            #expect(world.call("boot_information", 2).result == .targetDead)
        }
    }

    @Test func severalThreadsLoadAtTheSameTime() async throws {
        let folder = try #require(Self.folder)
        let world = try TrustedApplications.World {
            $0.applications.append(folder)
            $0.loader = folder + "/ldelf"
        }
        defer { world.end() }
        let service = world.world
        let good = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<16 as Range<UInt32> {
                group.addTask {
                    let opening = TEERequest(.open(Self.opening, TEEClientIdentity(login: 0, uuid: .null)))
                    service.perform(opening)
                    let request = TEERequest(.invoke(session: opening.session, command: 0), parameters: [.value([.input, .output], a: number, b: 1)])
                    service.perform(request)
                    service.perform(TEERequest(.close(session: opening.session)))
                    if case .value(_, number + 1, 1) = request.parameters[0] { return request.result == .success }
                    return false
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 16)
    }
}
