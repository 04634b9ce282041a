import Foundation
import Glibc
import Testing

/// Programs of Debian and of compilers, from the table in `invocations.txt`: the same standard output, exit status and files as natively.
@Suite(.enabled(if: Place.canRun)) struct DebianProgramTests {
    @Test(arguments: Invocation.all) func runsAsNatively(_ invocation: Invocation) throws {
        if invocation.isLong, !Place.runsEverything {
            Tally.add("skipped", "\(invocation.text): only in scripts/test --all")
            return
        }
        if invocation.needsRoot, getuid() != 0 {
            Tally.add("skipped", "\(invocation.text): shows the name of a user who is not root")
            return
        }
        var programs: [String] = []
        for step in invocation.steps {
            guard let name = step.words.first else { return }
            guard let program = try BuiltPrograms.path(name) ?? Place.find(name) else {
                Tally.add("skipped", "\(invocation.text): \(name) is not installed")
                return
            }
            programs.append(program)
        }
        try counted(invocation.text) { try compare(invocation, programs) }
    }

    @Test func theTableIsNotEmpty() { #expect(Invocation.all.count > 200) }

    private func compare(_ invocation: Invocation, _ programs: [String]) throws {
        // Both see the same path, so that what programs print about it is the same.
        let native = try Fixtures.folder()
        defer { native.remove() }
        let expected = try steps(invocation, programs) { try self.natively($0, $1, in: native) }
        let filesNatively = Fixtures.listing(native.path)
        native.remove()
        try Fixtures.fill(native.path)
        let found = try steps(invocation, programs) { try self.inSandbox($0, $1, in: native) }
        for (index, (want, have)) in zip(expected, found).enumerated() {
            let step = "\(invocation.text) [step \(index + 1)]"
            #expect(!want.timedOut, "\(step): out of time natively")
            #expect(!have.timedOut, "\(step): out of time in the sandbox")
            #expect(have.status == want.status, "\(step)\n\(have.errors.prefix(2000))")
            if invocation.comparesOutput, want.output != have.output {
                Issue.record("\(step)\n\(CommandResult.firstDifference(want.output, have.output))\n\(have.errors.prefix(2000))")
            }
        }
        if invocation.comparesOutput {
            let files = Fixtures.listing(native.path)
            #expect(files == filesNatively, "\(invocation.text): other files afterwards")
        }
    }

    private func steps(_ invocation: Invocation, _ programs: [String], _ run: (Invocation.Step, String) throws -> CommandResult) throws -> [CommandResult] {
        try zip(invocation.steps, programs).map { step, program in try run(step, program) }
    }

    private func seconds(_ step: Invocation.Step) -> Double { Place.runsEverything ? 180 : 60 }

    private func natively(_ step: Invocation.Step, _ program: String, in folder: TemporaryFolder) throws -> CommandResult {
        try Command(
            program: program, arguments: Array(step.words.dropFirst()), environment: Place.environment, folder: folder.path,
            input: step.input.map { "\(folder.path)/\($0)" } ?? "/dev/null", seconds: seconds(step)
        ).run()
    }

    private func inSandbox(_ step: Invocation.Step, _ program: String, in folder: TemporaryFolder) throws -> CommandResult {
        try Command(
            program: Place.skerry,
            arguments: ["run", "-q", "--system", "--rw", folder.path, "-w", folder.path, "--", program] + step.words.dropFirst(),
            environment: Place.environment, folder: folder.path, input: step.input.map { "\(folder.path)/\($0)" } ?? "/dev/null", seconds: seconds(step)
        ).run()
    }
}
