import Foundation

/// The comparisons, on the programs that scripts/bench built.
struct Suite {
    let skerry: String
    let programs: String
    let runsc: String?
    /// A file of 1 MiB that the read benchmarks read.
    let file: String

    var spinner: Command { Command(["\(programs)/spin"]) }

    private func native(_ words: String..., measure: Command.Measure = .printed) -> Command { Command(["\(programs)/\(words[0])"] + words.dropFirst(), measure) }
    private func sandboxed(_ words: String..., options: [String] = [], measure: Command.Measure = .printed) -> Command {
        Command([skerry, "run", "-q"] + options + ["--", "\(programs)/\(words[0])"] + words.dropFirst(), measure)
    }
    /// What `skerry run` grants: the program, /proc, /dev and a private /tmp, no network, no processes of others, no environment.
    private func bubblewrap(_ word: String) -> Command {
        let program = "\(programs)/\(word)"
        let libraries =
            word == "true-dynamic"
            ? ["--ro-bind", "/usr/lib", "/usr/lib", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--ro-bind", "/usr/lib64", "/usr/lib64"] : []
        return Command(
            ["/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"] + libraries
                + ["--ro-bind", program, program, program])
    }
    /// The cheapest bubblewrap there is: a mount namespace with the host's whole file system, everything else shared with the host.
    private func bubblewrapSharingTheHost(_ word: String) -> Command { Command(["/usr/bin/bwrap", "--ro-bind", "/", "/", "\(programs)/\(word)"]) }

    var comparisons: [Comparison] { startUp + calls + reads + memory + processes + trustedApplications }

    private var startUp: [Comparison] {
        var result: [Comparison] = []
        for (kind, word, target) in [("static", "true", Comparison.Target.atMost(1.5)), ("dynamic", "true-dynamic", .none)] {
            let subject = ("skerry", sandboxed(word, measure: .wall))
            result.append(Comparison(name: "start, \(kind)", unit: "ms", subject: subject, reference: ("bwrap", bubblewrap(word)), target: target))
            result.append(
                Comparison(name: "start, \(kind)", unit: "ms", subject: subject, reference: ("bwrap that shares the host", bubblewrapSharingTheHost(word))))
            result.append(Comparison(name: "start, \(kind)", unit: "ms", subject: subject, reference: ("native", native(word, measure: .wall))))
        }
        if let runsc {
            let other = Command([runsc, "--network=none", "--ignore-cgroups", "do", "\(programs)/true"])
            result.append(
                Comparison(
                    name: "start, static, gVisor", unit: "ms", subject: ("runsc", other), reference: ("skerry", sandboxed("true", measure: .wall)), target: .atLeast(15)))
        }
        return result
    }

    private var calls: [Comparison] {
        // As many rounds as take a good part of a second either way: what one call costs, not how soon the service thread begins.
        let inPlace = sandboxed("null_call", "200000"), exits = sandboxed("null_call", "20000", options: ["--no-in-place"])
        let plain = native("null_call", "200000")
        return [
            Comparison(name: "null call", unit: "ns", subject: ("exits", exits), reference: ("in place", inPlace), target: .atLeast(12)),
            Comparison(
                name: "null call, every core busy", unit: "ns", subject: ("in place", inPlace), reference: ("exits", exits), target: .atMost(1.1), busy: true),
            Comparison(name: "null call", unit: "ns", subject: ("in place", inPlace), reference: ("native", plain)),
            Comparison(name: "null call", unit: "ns", subject: ("exits", exits), reference: ("native", plain)),
            Comparison(
                name: "clock_gettime", unit: "ns", subject: ("skerry", sandboxed("clock", "5000000")), reference: ("native", native("clock", "5000000")),
                target: .atMost(2)),
            Comparison(
                name: "compute", unit: "ns", subject: ("native", native("compute", "200000")), reference: ("skerry", sandboxed("compute", "200000")),
                target: .atLeast(0.98)),
        ]
    }

    private var reads: [Comparison] {
        [("4 KiB", "4096", "20000"), ("1 MiB", "1048576", "500")].map { name, size, rounds in
            Comparison(
                name: "read \(name)", unit: "ns", subject: ("skerry", sandboxed("read_file", rounds, file, size, options: ["--ro", file])),
                reference: ("native", native("read_file", rounds, file, size)))
        }
    }

    private var memory: [Comparison] {
        [
            Comparison(
                name: "first touch of 256 MiB, a page", unit: "ns", subject: ("skerry", sandboxed("touch", "256")), reference: ("native", native("touch", "256"))),
            Comparison(
                name: "peak memory of the monitor", unit: "KiB", subject: ("skerry", Command(["\(programs)/peak"] + sandboxed("true").words, .printed)),
                reference: ("bwrap", Command(["\(programs)/peak"] + bubblewrap("true").words, .printed))),
        ]
    }

    private var processes: [Comparison] {
        var result: [Comparison] = []
        for (name, program) in [("fork, exit, wait", "fork_exit"), ("fork, exec, wait", "fork_exec")] {
            let subject = ("skerry", sandboxed(program, "300"))
            if let runsc {
                let other = Command([runsc, "--network=none", "--ignore-cgroups", "do", "\(programs)/\(program)", "100"], .printed)
                result.append(Comparison(name: name, unit: "ns", subject: subject, reference: ("runsc", other), target: .atMost(0.5)))
            }
            result.append(Comparison(name: name, unit: "ns", subject: subject, reference: ("native", native(program, "1000"))))
        }
        result.append(
            Comparison(
                name: "fork, exit, wait with 256 MiB", unit: "ns", subject: ("skerry", sandboxed("fork_exit", "20", "256")),
                reference: ("native", native("fork_exit", "50", "256"))))
        return result
    }

    /// A client's round trip to a trusted application, beside a call that leaves the guest.
    private var trustedApplications: [Comparison] {
        let device = ["--tee", "\(programs)/applications", "--tee-unsigned", "--tee-device", "\(programs)/device"]
        return [
            Comparison(
                name: "warm command of a trusted application", unit: "ns", subject: ("skerry", sandboxed("tee_invoke", "5000", options: device)),
                reference: ("null call by exits", sandboxed("null_call", "20000", options: ["--no-in-place"])), target: .atMost(2)),
            Comparison(
                name: "first command of a trusted application, from the start", unit: "ms",
                subject: ("skerry", sandboxed("tee_invoke", "0", options: device, measure: .wall)), reference: ("static program", sandboxed("true", measure: .wall))),
        ]
    }
}
