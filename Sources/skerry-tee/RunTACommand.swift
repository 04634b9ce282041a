import ArgumentParser
import SecureWorld
import SkerryRun

/// `skerry tee run`.
struct RunTACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carry out the commands of a file and compare what comes back with what is expected.",
        discussion: """
            The file is JSON:

              {
                "applications": {"other": "8aaaf200-2450-11e4-abe2-0002a5d5c51b.ta"},
                "commands": [
                  {"open": "main", "login": "user"},
                  {"invoke": 0, "repeat": 3,
                   "parameters": [{"type": "value-inout", "a": 41, "expect": {"a": 42}}]},
                  {"invoke": 1, "parameters": [{"type": "memory-out", "size": 2}],
                   "expect": {"result": "TEE_ERROR_SHORT_BUFFER"}},
                  {"open": "second", "application": "other",
                   "parameters": [{"type": "memory-in", "text": "hello"}]},
                  {"invoke": 3, "session": "second", "cancelAfter": 100,
                   "expect": {"result": "TEE_ERROR_CANCEL", "origin": "application"}},
                  {"close": "second"}
                ]
              }

            A command is about the session "main" unless it names another. "main" is opened with TA first if the file does not do that; what is open at the \
            end is closed. Types of parameters: none, value-in, value-out, value-inout, memory-in, memory-out, memory-inout. Values have a and b, memory has \
            text, hex, file (from the folder of the commands' file) or size, or "null": true. An output may have "expect": a and b; or size, text, hex, file. \
            A command is expected to end with TEE_SUCCESS unless "expect" says otherwise: a result by name or number, or "any", and an origin: api, communication, \
            tee, application. "login": public, user, group (with "group": NUMBER), or another with the UUID under "identity". "cancelAfter": milliseconds.

            Without --commands a session is opened and closed.

            Exit status: 0 when all was as expected, 1 when not, 125 when skerry failed or the file has a mistake.
            """)

    @OptionGroup var device: DeviceOptions
    @OptionGroup var observation: ObservationOptions

    @Flag(help: "Let applications open sockets of the network.")
    var network = false

    @Option(help: ArgumentHelp("The commands.", valueName: "FILE"))
    var commands: String?

    @Argument(help: ArgumentHelp("The application: its UUID, or its file (.ta or .elf).", valueName: "TA"))
    var application: String

    func run() throws {
        let file = try commands.map { try CommandFile.read($0) } ?? .openAndClose
        let main = try ApplicationName.resolve(application)
        var files = main.files
        var names: [String: TEEUUID] = [:]
        for (name, text) in file.applications {
            let isPlace = TEEUUID(text) == nil && !text.hasPrefix("/")
            do {
                let other = try ApplicationName.resolve(isPlace ? CommandFile.folder(commands ?? "") + text : text)
                names[name] = other.uuid
                files.merge(other.files) { $1 }
            } catch { throw HostFile.Failure(description: "\(commands ?? ""): applications.\(name): \(error)") }
        }
        let world = try device.world(files, network: network, observation)
        let runner = CommandRunner(world, main.uuid, names)
        runner.run(file.commands)
        world.end()
        observation.tellUnmet(world)
        Console.print("\(runner.passed) passed, \(runner.failed) failed\n")
        if runner.failed > 0 { throw ExitCode(1) }
    }
}
