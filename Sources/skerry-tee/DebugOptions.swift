import ArgumentParser
import SecureWorld

/// What a developer wants to look at or to repeat.
struct DebugOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Let gdb debug the application: it waits for 'target remote' at this port of 127.0.0.1 (which every user of this machine can reach) or Unix socket. "
                + "No --timeout holds for it.",
            valueName: "PORT|PATH"))
    var gdb: String?

    @Flag(help: "Begin every command with the application's state right after its session was opened. Trusted storage stays as commands left it.")
    var snapshotAfterOpen = false

    /// Adds these to what a secure world for `application` is made of.
    func apply(to configuration: inout SecureWorldConfiguration, _ application: TEEUUID) throws {
        configuration.snapshotsAfterOpen = snapshotAfterOpen
        guard let gdb else { return }
        guard let address = DebugAddress(gdb) else { throw ValidationError("--gdb wants a port's number or the path of a socket") }
        do throws(TEEResult) { configuration.debugger = try TADebugger(application, at: address) } catch {
            throw HostFile.Failure(description: "gdb cannot be waited for at \(gdb): \(error == .accessConflict ? "somebody else is there" : "\(error)")")
        }
    }
}
