/// Names of signals and of what siginfo_t says.
enum SignalNames {
    private static let names = [
        "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]
    /// "SIGINT", "SIGRTMIN", "SIGRT_1"; zero and nonsense as numbers.
    static func name(_ number: Int32) -> String { number > 0 && number <= 64 ? "SIG" + short(number) : "\(number)" }
    /// "INT", as strace writes members of sets.
    static func short(_ number: Int32) -> String {
        if number > 0, Int(number) < names.count { return names[Int(number)] }
        return number == 32 ? "RTMIN" : "RT_\(number - 32)"
    }

    /// A set: "[INT TERM]", or "~[...]" when more are in than out.
    static func set(_ bits: UInt64) -> String {
        let members = (1...64).filter { bits & (1 << UInt64($0 - 1)) != 0 }
        if members.count * 2 > 64 {
            return "~[" + (1...64).filter { bits & (1 << UInt64($0 - 1)) == 0 }.map { short(Int32($0)) }.joined(separator: " ") + "]"
        }
        return "[" + members.map { short(Int32($0)) }.joined(separator: " ") + "]"
    }

    /// `si_code` by name.
    static func code(_ signal: Int32, _ code: Int32) -> String {
        let general: [Int32: String] = [
            0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ", -4: "SI_ASYNCIO", -5: "SI_SIGIO", -6: "SI_TKILL",
        ]
        if let name = general[code] { return name }
        let special: [Int32: [String]] = [
            4: ["ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK"],
            5: ["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"],
            7: ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"],
            8: ["FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB"],
            11: ["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"],
            17: ["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"],
        ]
        if code > 0, let list = special[signal], Int(code) <= list.count { return list[Int(code) - 1] }
        return "\(code)"
    }
}
