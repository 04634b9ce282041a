import ArgumentParser
import SecureWorld
import SkerryRun

internal import Glibc

/// `skerry tee example`.
struct ExampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example", abstract: "Begin an application: copy a small one with its client, build it, sign it, boot it and call it.",
        discussion: "The folder's README.md says what is in it, and how each step is done by hand. Exit status: 0 when the application answered what it should, 1 when not.")

    @OptionGroup var device: DeviceOptions

    @Argument(help: ArgumentHelp("A folder that does not exist yet.", valueName: "FOLDER"))
    var folder = "tee-example"

    private static let files = ["README.md", "client.c", "example_ta.c", "example_ta.h", "user_ta_header_defines.h"]
    /// What the application is given, and its SHA-256 digest (as `sha256sum` prints it).
    private static let text = "hello"
    private static let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    func run() throws {
        let start = Self.milliseconds
        let kit = try DevelopmentKit()
        try copy(kit)
        Self.say("copied", "\(folder)/: \(Self.files.joined(separator: ", "))", since: start)
        let built = Self.milliseconds
        let elf = folder + "/example.elf"
        guard try kit.compile(["-o", elf, folder + "/example_ta.c"]) else { throw ExitCode(1) }
        Self.say("built", elf, since: built)
        let (uuid, signed) = try sign(elf)
        try call(uuid, signed)
        Self.say("in all", "from nothing to an answer", since: start)
    }

    private func copy(_ kit: DevelopmentKit) throws {
        guard !folder.contains(" ") else { throw ValidationError("'\(folder)': the compiler wrapper takes no names with spaces") }
        guard mkdir(folder, 0o777) == 0 else {
            throw HostFile.Failure(description: "\(folder) cannot be made: \(String(cString: strerror(errno)))\(errno == EEXIST ? "; name another folder" : "")")
        }
        for name in Self.files { try HostFile.write(try HostFile.read("\(kit.folder)/example/\(name)"), to: "\(folder)/\(name)") }
    }

    private func sign(_ elf: String) throws -> (TEEUUID, String) {
        let start = Self.milliseconds
        let bytes = try HostFile.read(elf)
        guard let uuid = TAFileReport.uuid(of: bytes) else { throw HostFile.Failure(description: "\(elf) is no application") }
        let key = try device.place.folder().signingKey()
        let file = "\(folder)/\(uuid).ta"
        try HostFile.write(try TAFile.signed(bytes, uuid: uuid, version: 0, by: TAFile.Signer(key), encryption: nil), to: file)
        Self.say("signed", "\(file), with the key of this device", since: start)
        return (uuid, file)
    }

    private func call(_ uuid: TEEUUID, _ file: String) throws {
        var start = Self.milliseconds
        let world = try device.world([uuid: file])
        defer { world.end() }
        let opening = TEERequest(.open(uuid, TEEClientIdentity(login: 0, uuid: .null)))
        world.perform(opening)
        guard opening.result == .success else { throw HostFile.Failure(description: "the session was not opened: \(opening.result) from \(opening.origin.text)") }
        Self.say("booted", "a virtual machine, and opened a session", since: start)
        start = Self.milliseconds
        let parameters = [try CommandParameter("in=" + Self.text), try CommandParameter("out=32")]
        let request = TEERequest(.invoke(session: opening.session, command: 0), parameters: parameters.map(\.parameter))
        world.perform(request)
        let answer = parameters[1].shown(request.parameters[1]) ?? "nothing"
        Self.say("called", "SHA-256 of \"\(Self.text)\": \(request.result == .success ? answer : "\(request.result) from \(request.origin.text)")", since: start)
        world.perform(TEERequest(.close(session: opening.session)))
        guard request.result == .success, answer.hasSuffix(Self.digest) else {
            Console.complain("that is not the digest, which is \(Self.digest)")
            throw ExitCode(1)
        }
    }

    private static var milliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }

    /// One step, and how long it took.
    private static func say(_ step: String, _ what: String, since start: Double) {
        let hundredths = Int((milliseconds - start) * 100)
        let time = "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10) ms"
        Console.print(step + String(repeating: " ", count: max(1, 8 - step.count)) + String(repeating: " ", count: max(0, 11 - time.count)) + time + "  \(what)\n")
    }
}
