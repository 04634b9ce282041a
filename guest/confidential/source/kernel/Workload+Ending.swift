import GuestHost
import LibraryOS
import Platform

/// What the person at the terminal is told, in the words of any run.
extension Workload {
    /// Why a program could not be loaded, and the exit status for it: 127 missing, 126 cannot be run, 125 no fault of its own.
    static func text(of error: Errno) -> String {
        switch error {
        case .ENOENT: "it, or the interpreter it asks for, does not exist in the sandbox"
        case .EACCES: "permission denied (not an executable file; chmod +x?)"
        case .ENOEXEC: "not a program this machine can run (not an x86-64 ELF file and no #! line)"
        case .ENOMEM: "not enough memory to load it (--memory)"
        default: "it cannot be loaded (error \(error.code))"
        }
    }

    static func status(of error: Errno) -> UInt8 {
        switch error {
        case .ENOENT, .ENOTDIR, .ENAMETOOLONG: 127
        case .ENOMEM: 125
        default: 126
        }
    }

    /// Why there are no secrets.
    static func text(_ outcome: skerry_release_outcome) -> String {
        switch outcome {
        case skerry_release_refused: "it refused"
        case skerry_release_ended: "the connection ended, or there was none"
        case skerry_release_stranger: "another one answered than the manifest names"
        case skerry_release_forged: "the answer was forged"
        default: "what came is no answer"
        }
    }

    /// The limits that programs ran into.
    func tellLimits() {
        let kills = kernel.memoryShortage.kills
        if kills.first {
            host.notice("skerry: the program was killed: it used all of its memory (--memory)")
        } else if kills.count > 0 {
            let killed = kills.count == 1 ? "a process was killed" : "\(Self.grouped(kills.count)) processes were killed"
            host.notice("skerry: \(killed): the programs used all of their memory (--memory)")
        }
        tell("new descriptors", kernel.limitEvents.count(.descriptors), "--nofile \(kernel.mostOpenFiles)")
        tell("new processes", kernel.limitEvents.count(.tasks), "--pids \(kernel.configuration.maximumTasks)")
    }

    private func tell(_ what: String, _ count: UInt64, _ limit: String) {
        if count > 0 { host.notice("skerry: the program was refused \(what) \(count == 1 ? "once" : "\(Self.grouped(count)) times") (\(limit))") }
    }

    /// A number with a comma before every three digits.
    private static func grouped(_ number: UInt64) -> String {
        var (text, rest) = ("", number)
        while rest >= 1000 {
            let digits = "\(1000 &+ rest % 1000)"
            text = ",\(digits.dropFirst())\(text)"
            rest /= 1000
        }
        return "\(rest)\(text)"
    }
}
