import ArgumentParser
import SecureWorld
import SkerryRun

/// `skerry tee call`.
struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Open a session with an application, carry out one command, and print what comes back.",
        discussion: """
            Up to four parameters, in order: none; value=A[,B] goes in; value-out; value-inout=A[,B]; in=TEXT, in=@FILE or in=hex:0011 goes in as \
            memory; out=SIZE is memory for the answer; inout=TEXT, @FILE or hex: goes both ways.

            Exit status: 0 when the session was opened and the command succeeded, 1 when not, 125 when skerry failed.
            """)

    @OptionGroup var device: DeviceOptions
    @OptionGroup var observation: ObservationOptions

    @OptionGroup var debugging: DebugOptions

    @Option(help: ArgumentHelp("Carry the command out so many times in the session, and say how long one took; the last one's result is printed.", valueName: "COUNT"))
    var repeated: UInt32?

    @Argument(help: ArgumentHelp("The application: its UUID, or its file (.ta or .elf).", valueName: "TA"))
    var application: String

    @Argument(help: ArgumentHelp("The command's number; without one, the session is only opened and closed.", valueName: "COMMAND"))
    var command: UInt32?

    @Argument(help: ArgumentHelp("Parameters.", valueName: "PARAMETER"))
    var parameters: [String] = []

    func run() throws {
        let (uuid, files) = try ApplicationName.resolve(application)
        let texts = try parameters.map { try CommandParameter($0) }
        if texts.count > 4 { throw ValidationError("A command has four parameters at most.") }
        let world = try device.world(files, observation) { try debugging.apply(to: &$0, uuid) }
        let opening = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)))
        world.perform(opening)
        guard opening.result == .success else {
            Console.print("open: \(opening.result) from \(opening.origin.text)\n")
            world.end()
            observation.tellUnmet(world)
            throw ExitCode(1)
        }
        guard let command else { return close(world, opening.session) }
        let request = try carryOut(world, command, texts, session: opening.session)
        Console.print("\(request.result) from \(request.origin.text)\n")
        for (index, text) in texts.enumerated() { if let line = text.shown(request.parameters[index]) { Console.print("parameter \(index): \(line)\n") } }
        close(world, opening.session)
        if request.result != .success { throw ExitCode(1) }
    }

    private func carryOut(_ world: SecureWorld, _ command: UInt32, _ parameters: [CommandParameter], session: UInt32) throws -> TEERequest {
        func once() -> TEERequest {
            let request = TEERequest(.invoke(session: session, command: command), parameters: parameters.map(\.parameter))
            world.perform(request)
            return request
        }
        guard let repeated else { return once() }
        if repeated == 0 { throw ValidationError("--repeated wants one time at least") }
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 1..<repeated { _ = once() }
        let request = once()
        let nanoseconds = (clock.now - start) / Int(repeated) / .nanoseconds(1)
        Console.print("\(repeated) times, \(Int(nanoseconds / 1000)).\(Int(nanoseconds / 100) % 10) us each\n")
        return request
    }

    private func close(_ world: SecureWorld, _ session: UInt32) {
        world.perform(TEERequest(.close(session: session)))
        world.end()
        observation.tellUnmet(world)
    }
}

extension TEEOrigin {
    /// For people.
    var text: String {
        switch self {
        case .api: "the client library"
        case .communication: "the communication"
        case .tee: "the TEE"
        case .trustedApplication: "the application"
        }
    }
}
