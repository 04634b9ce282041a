import SecureWorld

/// What `skerry tee run --commands` reads: commands for applications, and what is expected of them.
struct CommandFile: Decodable {
    /// Names for applications other than the one of the command line: a UUID, or a file.
    var applications: [String: String] = [:]
    /// What is done, in this order.
    var commands: [Step] = []

    /// One line of the output.
    struct Step: Decodable {
        var action = Action.close
        /// The session it is about.
        var session = CommandFile.mainSession
        var parameters: [FileParameter] = []
        var expectation = Expectation()
        /// How often it is done; the first that is not as expected is the last.
        var count = 1
        /// Milliseconds after which cancellation is requested.
        var cancelAfter: Int?
        /// Where it stands in the file; empty for what the file does not say.
        var place = ""

        init(_ action: Action) { self.action = action }
    }

    enum Action {
        /// Opens a session with an application (nil: that of the command line) under an identity.
        case open(application: String?, TEEClientIdentity)
        case invoke(UInt32)
        case close
    }

    /// How an entry is to end.
    struct Expectation: Decodable {
        /// Nil: anything will do.
        var result: TEEResult? = .success
        var origin: TEEOrigin?

        init() {}
    }

    /// The session that is meant when none is named.
    static let mainSession = "main"
    /// What one buffer may have, in bytes.
    static let largestBuffer = 64 << 20

    /// Opening and closing a session, and nothing else.
    static var openAndClose: CommandFile {
        var file = CommandFile()
        file.commands = [Step(.open(application: nil, TEEClientIdentity(login: 0, uuid: .null))), Step(.close)]
        return file
    }

    private init() {}

    private enum Keys: String, CommandFileKey { case applications, commands }

    init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        applications = try values.decodeIfPresent([String: String].self, forKey: .applications) ?? [:]
        commands = try values.decode([Step].self, forKey: .commands)
        // The session of the command line is opened first when the file does not do that.
        let mainIsOpen = commands.first { $0.session == Self.mainSession }?.opens == false
        var known: Set<String> = mainIsOpen ? [Self.mainSession] : []
        for (index, step) in commands.enumerated() { try check(step, &known, values.codingPath + [Keys.commands, AnyKey(index)]) }
        if mainIsOpen { commands.insert(Step(.open(application: nil, TEEClientIdentity(login: 0, uuid: .null))), at: 0) }
    }

    /// Whether the sessions and applications that a step names are there by then.
    private func check(_ step: Step, _ known: inout Set<String>, _ place: [any CodingKey]) throws {
        guard case .open(let application, _) = step.action else {
            guard known.contains(step.session) else {
                throw place.mistake("no session '\(step.session)' is open here; open it before with {\"open\": \"\(step.session)\"}")
            }
            if case .close = step.action { known.remove(step.session) }
            return
        }
        guard known.insert(step.session).inserted else {
            throw place.mistake("open", "the session '\(step.session)' is open already; close it before, or give this one another name")
        }
        if let application, applications[application] == nil, TEEUUID(application) == nil {
            let names = applications.keys.sorted().joined(separator: ", ")
            throw place.mistake("application", "'\(application)' is neither a UUID nor a name under \"applications\"\(names.isEmpty ? "" : " (\(names))")")
        }
    }
}

extension CommandFile.Step {
    var opens: Bool { if case .open = action { true } else { false } }

    private enum Keys: String, CommandFileKey {
        case open, invoke, close, session, application, login, group, identity, parameters, expect, `repeat`, cancelAfter
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        let actions = [Keys.open, .invoke, .close].filter { values.contains($0) }
        guard actions.count == 1, let action = actions.first else {
            let found = actions.isEmpty ? "none" : "several"
            throw decoder.codingPath.mistake("a command has exactly one of \"open\": SESSION, \"invoke\": NUMBER and \"close\": SESSION, not \(found)")
        }
        let others: [Keys] =
            switch action {
            case .open: [.application, .login, .group, .identity, .parameters, .expect, .cancelAfter]
            case .invoke: [.session, .parameters, .expect, .repeat, .cancelAfter]
            default: []
            }
        for key in Keys.allCases where values.contains(key) && key != action && !others.contains(key) {
            let fitting = others.isEmpty ? "nothing" : others.map(\.rawValue).joined(separator: ", ")
            throw (decoder.codingPath + [key]).mistake("goes not with \"\(action.rawValue)\"; what does: \(fitting)")
        }
        switch action {
        case .open:
            session = try values.decode(String.self, forKey: .open)
            self.action = .open(application: try values.decodeIfPresent(String.self, forKey: .application), try Self.identity(values))
        case .invoke:
            self.action = .invoke(try values.decode(FileNumber.self, forKey: .invoke).value)
            session = try values.decodeIfPresent(String.self, forKey: .session) ?? CommandFile.mainSession
        default:
            session = try values.decode(String.self, forKey: .close)
        }
        parameters = try values.decodeIfPresent([FileParameter].self, forKey: .parameters) ?? []
        guard parameters.count <= 4 else { throw (decoder.codingPath + [Keys.parameters]).mistake("a command has four parameters at most, not \(parameters.count)") }
        expectation = try values.decodeIfPresent(CommandFile.Expectation.self, forKey: .expect) ?? CommandFile.Expectation()
        count = try values.number(.repeat, in: 1...1_000_000) ?? 1
        cancelAfter = try values.number(.cancelAfter, in: 0...3_600_000)
        place = decoder.codingPath.place
    }

    /// TEE_LOGIN_* by name, whose UUID is made as Linux makes it, or by number with a UUID.
    private static func identity(_ values: KeyedDecodingContainer<Keys>) throws -> TEEClientIdentity {
        guard values.contains(.login) else {
            for key in [Keys.group, .identity] where values.contains(key) { throw (values.codingPath + [key]).mistake("goes only with \"login\"") }
            return TEEClientIdentity(login: 0, uuid: .null)
        }
        let names: [String: UInt32] = ["public": 0, "user": 1, "group": 2, "application": 4, "user-application": 5, "group-application": 6, "trusted-application": 0xf000_0000]
        let text = try? values.decode(String.self, forKey: .login)
        guard let login = text.flatMap({ names[$0] }) ?? (try? values.decode(FileNumber.self, forKey: .login))?.value else {
            throw (values.codingPath + [Keys.login]).mistake("one of \(names.keys.sorted().joined(separator: ", ")) is expected, or a number")
        }
        let place = values.codingPath + [Keys.identity]
        if let identity = try values.decodeIfPresent(String.self, forKey: .identity) {
            guard let uuid = TEEUUID(identity) else { throw place.mistake("'\(identity)' is no UUID such as 8aaaf200-2450-11e4-abe2-0002a5d5c51b") }
            if values.contains(.group) { throw (values.codingPath + [Keys.group]).mistake("a UUID is given by \"identity\" already") }
            return TEEClientIdentity(login: login, uuid: uuid)
        }
        let own = ClientCredentials.own
        let group = try values.decodeIfPresent(FileNumber.self, forKey: .group)?.value
        if group != nil, login != ClientIdentity.loginGroup { throw (values.codingPath + [Keys.group]).mistake("goes only with \"login\": \"group\"") }
        let client = ClientCredentials(user: own.user, group: group ?? own.group)
        do throws(TEEResult) { return try ClientIdentity.make(login: login, group: client.group, client: client) } catch {
            throw place.mistake("this login needs the UUID of the client under \"identity\"")
        }
    }
}

extension CommandFile.Expectation {
    private enum Keys: String, CommandFileKey { case result, origin }

    init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        if values.contains(.result) {
            let text = (try? values.decode(String.self, forKey: .result)) ?? (try? values.decode(FileNumber.self, forKey: .result)).map { "\($0.value)" } ?? ""
            result = TEEResult(text: text)
            guard result != nil || text == "any" else {
                throw (decoder.codingPath + [Keys.result]).mistake("a result such as \"TEE_SUCCESS\", \"TEE_ERROR_BUSY\" or \"0xffff000d\" is expected, or \"any\"")
            }
        }
        guard values.contains(.origin) else { return }
        let origins: [String: TEEOrigin] = ["api": .api, "communication": .communication, "tee": .tee, "application": .trustedApplication]
        origin = (try? values.decode(String.self, forKey: .origin)).flatMap { origins[$0] }
        if origin == nil { throw (decoder.codingPath + [Keys.origin]).mistake("one of api, communication, tee and application is expected") }
    }
}
