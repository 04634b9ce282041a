import ArgumentParser
import SecureWorld
import SkerryRun

/// `skerry tee serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve programs of this machine: those that are linked with our libteec, through a socket.",
        discussion: "Programs find it by SKERRY_TEE_SOCKET=PATH in their environment.")

    @OptionGroup var device: DeviceOptions
    @OptionGroup var observation: ObservationOptions

    @Flag(help: "Let applications open sockets of the network.")
    var network = false

    @Option(help: ArgumentHelp("Where the socket is made.", valueName: "PATH"))
    var socket: String

    func run() throws {
        let world = try device.world(network: network, observation)
        let server: TEESocketServer
        do throws(TEEResult) { server = try TEESocketServer(service: world, path: socket) } catch {
            throw HostFile.Failure(description: "the socket \(socket) cannot be made: \(error)")
        }
        server.wait()
    }
}

/// `skerry tee storage`.
struct StorageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage", abstract: "Look at the trusted storage, or wipe it.", subcommands: [ListStorage.self, WipeStorage.self])

    struct ListStorage: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the objects of all applications.", discussion: "Exit status: 1 when something in it is damaged.")

        @OptionGroup var place: FolderOptions

        func run() throws {
            let report = try StorageCommand.storage(place) { storage throws(TEEResult) in try storage.inspect() }
            for object in report.objects {
                let name = object.id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                Console.print("\(object.application) \(name) \(object.dataSize) bytes\(object.isIntact ? "" : " DAMAGED")\n")
            }
            for damage in report.damages { Console.print("damaged: \(damage)\n") }
            if !report.damages.isEmpty { throw ExitCode(1) }
        }
    }

    struct WipeStorage: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "wipe", abstract: "Remove the objects of one application, or of all.")

        @OptionGroup var place: FolderOptions

        @Argument(help: ArgumentHelp("The application's UUID.", valueName: "UUID"))
        var application: String?

        func run() throws {
            let uuid = try application.map { text in
                guard let uuid = TEEUUID(text) else { throw ValidationError("'\(text)' is no UUID") }
                return uuid
            }
            try StorageCommand.storage(place) { storage throws(TEEResult) in try storage.wipe(uuid) }
        }
    }

    private static func storage<Result>(_ place: FolderOptions, _ body: (TrustedStorage) throws(TEEResult) -> Result) throws -> Result {
        let storage = try place.folder().storage()
        do throws(TEEResult) { return try body(storage) } catch {
            let reason = error == .storageNotAvailable ? "another process has objects open in it, or its folder cannot be used" : "\(error)"
            throw HostFile.Failure(description: "the trusted storage: \(reason)")
        }
    }
}
