import Foundation
import Testing

/// What programs find on their standard descriptors: files, devices and nothing at all, as natively.
@Suite(.enabled(if: Place.canRun && Place.find("python3") != nil)) struct InheritedStreamTests {
    /// Shell scripts in a folder of their own; RUN stands for nothing, or for the sandbox.
    private static let scripts = [
        // Closed descriptors stay closed: what the monitor opens must never take their numbers.
        "RUN cat <&- 2>/dev/null; echo $?",
        "RUN python3 -S -c 'import os; os.write(2, b\"alive\")' <&- >&-; echo $?",
        "RUN busybox seq 1 1000 <&- >&- 2>/dev/null; echo $?",
        "RUN python3 -S -c 'import os; os.fstat(0)' <&- 2>/dev/null; echo $?",
        "RUN sh -c 'echo lost; echo $? >&2' >&- 2>said; cat said | tail -n 1",
        "RUN sh -c 'ls -l /proc/self/fd | wc -l' <&- 2>&-",
        // The same file is the same file by either way.
        "echo text > f; RUN cat f >> f 2>/dev/null; echo $?; cat f",
        "echo text > f; RUN cat < f >> f 2>/dev/null; echo $?; cat f",
        "echo text > f; RUN grep x < f >> f 2>/dev/null; echo $?",
        "RUN python3 -S -c 'import os; print(os.path.sameopenfile(1, 2), os.path.samefile(\"f\", \"/dev/stdout\"))' > f 2>&1; cat f",
        "RUN python3 -S -c 'import os; a, b = os.fstat(0), os.stat(\"/dev/null\"); print(a.st_ino == b.st_ino, a.st_dev == b.st_dev, a.st_rdev == b.st_rdev)' </dev/null",
        // What a file can do, the inherited one can.
        "echo 12345678 > in; RUN python3 -S -c 'import mmap; print(mmap.mmap(0, 0, prot=mmap.PROT_READ)[:4])' < in",
        "printf abcdefgh > o; RUN python3 -S -c 'import os; os.ftruncate(1, 5)' 1<>o; cat o",
        "echo text > in; chmod 640 in; touch -d @1000 in; RUN python3 -S -c 'import os; s = os.fstat(0); print(oct(s.st_mode), s.st_size, s.st_mtime, s.st_nlink)' < in",
        "RUN python3 -S -c 'import os; os.fchmod(1, 0o606)' > o; stat -c %a o",
        "RUN touch -d @1000 - > o; stat -c %Y o",
        "RUN python3 -S -c 'import os; print(os.lseek(0, 5, 0), os.lseek(0, 3, 1), os.pread(0, 3, 0))' </dev/null",
        "RUN python3 -S -c 'import sys; print(sys.stdin.buffer.raw.seekable(), sys.stdin.read())' </dev/null",
        "umask 027; RUN sh -c 'umask; mkdir made; : >made/file'; stat -c '%a %n' made made/file",
        // Signals the caller ignores or blocks.
        "trap '' HUP INT PIPE USR1; RUN grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status",
        "trap '' TERM; RUN sh -c 'kill -TERM $$; echo alive'",
        "nohup RUN sh -c 'kill -HUP $$; echo alive' 2>/dev/null",
        "sh -c 'trap \"\" INT; RUN sh -c \"trap \\\"echo caught\\\" INT; kill -INT \\$\\$; echo alive\"'",
        "python3 -S -c 'import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [10, 15, 34]); os.execvp(sys.argv[1], sys.argv[1:])' RUN grep SigBlk /proc/self/status",
    ]

    @Test(arguments: scripts) func isAsNatively(_ script: String) throws {
        let native = try TemporaryFolder()
        defer { native.remove() }
        let granted = try TemporaryFolder()
        defer { granted.remove() }
        func run(_ prefix: String, _ folder: TemporaryFolder) throws -> CommandResult {
            let arguments = ["-c", script.replacingOccurrences(of: "RUN", with: prefix)]
            return try Command(program: "/bin/sh", arguments: arguments, environment: Place.environment, folder: folder.path).run()
        }
        let expected = try run("", native)
        let found = try run("\(Place.skerry) run -q --system --rw \(granted.path) -w \(granted.path) --", granted)
        #expect(!expected.timedOut && !found.timedOut)
        #expect(found.status == expected.status)
        #expect(found.output == expected.output, "\(CommandResult.firstDifference(expected.output, found.output))\n\(found.errors)")
        Tally.add("ran", "stream \(script)")
    }
}
