import ArgumentParser
import SecureWorld
import SkerryRun

/// What is watched of applications, and what befalls them.
struct ObservationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write the applications' TEE calls, entries, panics and faults to a file, which is made anew.", valueName: "FILE"))
    var traceFile: String?

    @Option(
        name: .customLong("fault"),
        help: ArgumentHelp(
            """
            Let something fail, once: storage-full, storage-corrupt, out-of-memory, panic or cancel, each with @N for the N-th occasion, or \
            'call NAME@N=RESULT' for the N-th call of that name. May be given several times.
            """, valueName: "FAULT"), transform: Self.point)
    var faults: [FaultPlan.Point] = []

    @Option(
        help: ArgumentHelp(
            "Write the raw profile of applications that were compiled with clang's -fprofile-instr-generate, for llvm-profdata merge. The file is made anew.",
            valueName: "FILE"))
    var coverage: String?

    /// Says which faults have not happened.
    func tellUnmet(_ world: SecureWorld) {
        for point in world.configuration.faults?.unmet ?? [] { Console.complain("fault \(point): there was no such occasion") }
    }

    @Sendable private static func point(_ text: String) throws -> FaultPlan.Point {
        do throws(FaultSyntaxError) { return try FaultPlan.Point(text) } catch { throw ValidationError(error.description) }
    }
}
