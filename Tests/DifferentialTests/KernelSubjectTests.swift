import Foundation
import Glibc
import Testing

/// The C programs of `Tests/Programs`, one per kernel subject: each prints what the kernel answered, and the sandbox must print the same.
@Suite(.enabled(if: Place.canRun)) struct KernelSubjectTests {
    /// The file systems a program can be in: a granted folder of the host, and the private one in memory.
    enum FileSystem: String, CaseIterable, Sendable {
        case granted
        case memory
    }

    /// Without root owners are the monitor's in granted folders, whatever user the program has become.
    private static let onlyInMemory: Set<String> = geteuid() == 0 ? [] : ["permissions"]

    /// Containers mount /dev/shm without the right to execute.
    private static func needsAnother(_ name: String) -> Bool {
        let noExecution: UInt = 8  // ST_NOEXEC
        var status = statvfs()
        return ["busy_files", "execve"].contains(name) && statvfs("/dev/shm", &status) == 0 && status.f_flag & noExecution != 0
    }

    @Test(arguments: CompiledPrograms.names, FileSystem.allCases) func answersAsNatively(_ name: String, _ fileSystem: FileSystem) throws {
        if fileSystem == .granted, Self.onlyInMemory.contains(name) { return }
        try compare(name, .dynamic, fileSystem)
    }

    @Test(arguments: ["files", "signals", "threads", "mappings", "extended", "startup", "execve", "faults", "fork_cow", "children"]) func answersAsNativelyWhenStatic(
        _ name: String
    ) throws {
        try compare(name, .static, .memory)
    }

    @Test(arguments: [Linkage.muslDynamic, .muslStatic]) func runsOnMusl(_ linkage: Linkage) throws {
        try compare("musl/pool", linkage, .memory)
    }

    private func compare(_ name: String, _ linkage: Linkage, _ fileSystem: FileSystem) throws {
        let test = "\(name) \(linkage.rawValue) \(fileSystem.rawValue)"
        guard let program = try CompiledPrograms.path(name, linkage) else {
            Tally.add("skipped", "\(test): no \(linkage.compiler.name)")
            return
        }
        try counted(test) {
            // The private file system of a sandbox is a tmpfs; its native twin is /dev/shm.
            let native = try TemporaryFolder(below: fileSystem == .memory && !Self.needsAnother(name) ? "/dev/shm" : "/tmp")
            defer { native.remove() }
            let granted = try TemporaryFolder()
            defer { granted.remove() }
            let expected = try Command(program: program, arguments: ["one", "two words", ""], environment: Place.environment, folder: native.path).run()
            let folder = fileSystem == .memory ? ["--tmpfs", "/work", "-w", "/work"] : ["--rw", granted.path, "-w", granted.path]
            let found = try Command(
                program: Place.skerry, arguments: ["run", "-q", "--ro", program] + folder + ["--", program, "one", "two words", ""],
                environment: Place.environment
            ).run()
            #expect(!expected.timedOut && !found.timedOut, "\(test): natively \(expected.timedOut), in the sandbox \(found.timedOut)")
            #expect(found.status == expected.status, "\(test): \(found.errors)")
            if found.output != expected.output {
                Issue.record("\(test)\n\(CommandResult.firstDifference(expected.output, found.output))\n\(found.errors)")
            }
        }
    }
}
