import Foundation
import Glibc
import Testing

/// What a program cannot see or leave. Each test asks with the tools a program would use, and knows from the host what must not show.
@Suite(.enabled(if: Place.canRun)) struct IsolationTests {
    /// Runs a statically linked shell with builtins only, with nothing granted but itself.
    private func shell(_ script: String, _ options: [String] = [], environment: [String: String] = Place.environment) throws -> CommandResult {
        guard let busybox = Place.find("busybox") else { throw CommandError(text: "busybox is not installed") }
        let result = try Command(program: Place.skerry, arguments: ["run", "-q"] + options + ["--", busybox, "sh", "-c", script], environment: environment).run()
        #expect(!result.timedOut)
        Tally.add("ran", "isolation \(script)")
        return result
    }

    private func text(_ result: CommandResult) -> String { String(decoding: result.output, as: UTF8.self) }

    // MARK: Nothing granted

    @Test func theHostsPasswordFileIsAbsent() throws {
        let result = try shell("test -e /etc/passwd && echo there; exec 3< /etc/passwd")
        #expect(text(result).isEmpty)
        #expect(result.status != 0)
    }

    @Test func homesAreAbsent() throws {
        try #expect(text(shell("for f in /home /home/* /root /root/.bashrc; do test -e $f && echo $f; done")).isEmpty)
    }

    @Test func theRootHoldsOnlyWhatTheSandboxMakes() throws {
        let found = Set(text(try shell("cd /; echo *")).split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(found.isSubset(of: ["bin", "dev", "etc", "lib", "lib64", "proc", "sys", "tmp", "usr", "run", "var"]), "\(found)")
        try #expect(text(shell("cd /usr/bin; echo *")) == "busybox\n")
    }

    @Test func processesOfTheHostAreAbsent() throws {
        let result = try shell("cd /proc; for d in [0-9]*; do echo $d; done")
        let processes = text(result).split(separator: "\n").compactMap { Int32($0) }
        #expect(processes.count <= 2, "the sandbox's init and the program: \(processes)")
        #expect(!processes.contains(getpid()))
        try #expect(text(shell("test -e /proc/\(getpid()) && echo there")).isEmpty)
        try #expect(text(shell("kill -0 \(getpid()) 2>/dev/null && echo reached")).isEmpty)
    }

    @Test func mountsOfTheHostAreAbsent() throws {
        let result = text(try shell("while read -r line; do echo \"$line\"; done < /proc/self/mounts"))
        #expect(!result.isEmpty)
        #expect(!result.contains("/dev/vd") && !result.contains("/dev/sd") && !result.contains("overlay"), "\(result)")
    }

    @Test func thereIsNoNetwork() throws {
        try #expect(text(shell("test -e /sys/class/net && echo there; test -e /sys/class/net/lo && echo there")).isEmpty)
        guard let python = Place.find("python3") else { return }
        let program = """
            import socket
            for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
                try:
                    socket.socket(family, socket.SOCK_DGRAM)
                    print('made', family)
                except OSError as error:
                    print(error.errno)
            """
        let result = try Command(
            program: Place.skerry, arguments: ["run", "-q", "--system", "--", python, "-S", "-c", program], environment: Place.environment
        ).run()
        #expect(!text(result).contains("made") && text(result).split(separator: "\n").count == 4, "\(text(result)) \(result.errors)")
    }

    @Test func theEnvironmentIsNotPassedOn() throws {
        var environment = Place.environment
        environment["SECRET"] = "token"
        environment["LD_PRELOAD"] = ""
        let result = text(try shell("export -p", environment: environment))
        #expect(!result.contains("SECRET") && !result.contains("token") && !result.contains("LD_PRELOAD"), "\(result)")
        try #expect(text(shell("echo $SECRET", ["-e", "SECRET"], environment: environment)) == "token\n")
    }

    @Test func devicesOfTheHostAreAbsent() throws {
        let found = Set(text(try shell("cd /dev; echo *")).split(whereSeparator: \.isWhitespace).map(String.init))
        let expected: Set<String> = [
            "null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr", "fd", "ptmx", "pts", "shm", "console",
        ]
        #expect(found.isSubset(of: expected), "\(found)")
        try #expect(text(shell("test -e /dev/kvm && echo there; test -e /dev/mem && echo there")).isEmpty)
    }

    @Test func whatIsWrittenToPrivateFoldersStaysPrivate() throws {
        let name = "skerry-isolation-\(getpid())"
        try #expect(text(shell("echo x > /tmp/\(name) && read y < /tmp/\(name) && echo $y")) == "x\n")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/\(name)"))
        try #expect(text(shell("test -e /tmp/\(name) && echo there")).isEmpty)
    }

    // MARK: Inside a grant

    /// A granted folder with a secret beside it, and links that lead there.
    private func withGrant(_ body: (_ folder: String, _ secret: String) throws -> Void) throws {
        let place = try TemporaryFolder()
        defer { place.remove() }
        let (folder, secret) = (place.path + "/granted", place.path + "/secret.txt")
        try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
        try place.write("secret.txt", "the secret\n")
        try place.write("granted/file.txt", "content\n")
        symlink(secret, folder + "/absolute")
        symlink("../secret.txt", folder + "/relative")
        symlink("..", folder + "/up")
        symlink("/", folder + "/root")
        symlink("/proc/self/root\(secret)", folder + "/magic")
        try body(folder, secret)
    }

    @Test(arguments: [false, true]) func linksDoNotLeaveAGrant(_ writable: Bool) throws {
        try withGrant { folder, secret in
            let grant = [writable ? "--rw" : "--ro", folder]
            for path in ["absolute", "relative", "up/secret.txt", "root\(secret)", "magic", "inner/../../secret.txt", "../secret.txt", "root/etc/passwd"] {
                let result = try shell("read x < \(folder)/\(path) && echo $x", grant)
                #expect(text(result).isEmpty, "\(path): \(text(result))")
            }
            try #expect(text(shell("read x < \(folder)/file.txt && echo $x", grant)) == "content\n")
        }
    }

    @Test func dotDotDoesNotLeaveAGrant() throws {
        try withGrant { folder, secret in
            let script = "cd \(folder)/inner && cd ../.. && echo *; read x < secret.txt && echo $x"
            try #expect(!text(shell(script, ["--rw", folder])).contains("secret"))
            let many = String(repeating: "../", count: 40)
            try #expect(text(shell("read x < \(folder)/\(many)\(secret.dropFirst()) && echo $x", ["--rw", folder])).isEmpty)
        }
    }

    @Test func descriptorsDoNotLeaveAGrant() throws {
        try withGrant { folder, _ in
            let grant = ["--rw", folder]
            for path in ["/proc/self/fd/0", "/proc/self/fd/3", "/dev/fd/3"] {
                let script = "exec 3< \(folder)/file.txt; for up in ../secret.txt ../../secret.txt; do read x < \(path)/$up && echo $x; done"
                try #expect(text(shell(script, grant)).isEmpty, "\(path)")
            }
            try #expect(text(shell("for p in cwd root exe; do read x < /proc/self/$p/../secret.txt && echo $x; done", grant + ["-w", folder])).isEmpty)
        }
    }

    @Test func descriptorLinksDoNotRevealHostPaths() throws {
        guard let busybox = Place.find("busybox") else { return }
        let place = try TemporaryFolder()
        defer { place.remove() }
        try place.write("input", "x\n")
        let result = try Command(
            program: Place.skerry, arguments: ["run", "-q", "--", busybox, "readlink", "/proc/self/fd/0", "/proc/self/fd/1"], environment: Place.environment,
            input: place.path + "/input"
        ).run()
        #expect(!text(result).contains(place.path), "\(text(result))")
    }

    @Test func newLinksInAGrantDoNotLeaveIt() throws {
        try withGrant { folder, secret in
            guard let busybox = Place.find("busybox") else { return }
            let made = try Command(
                program: Place.skerry, arguments: ["run", "-q", "--rw", folder, "--", busybox, "ln", "-s", secret, folder + "/made"],
                environment: Place.environment
            ).run()
            #expect(made.status == 0)
            try #expect(text(shell("read x < \(folder)/made && echo $x", ["--rw", folder])).isEmpty)
        }
    }

    @Test func readOnlyGrantsRefuseEveryChange() throws {
        try withGrant { folder, _ in
            guard let busybox = Place.find("busybox") else { return }
            let changes: [[String]] = [
                ["touch", folder + "/file.txt"], ["touch", folder + "/new"], ["rm", folder + "/file.txt"], ["mkdir", folder + "/d"], ["rmdir", folder + "/inner"],
                ["mv", folder + "/file.txt", folder + "/moved"], ["ln", folder + "/file.txt", folder + "/hard"], ["ln", "-s", "x", folder + "/soft"],
                ["chmod", "777", folder + "/file.txt"], ["truncate", "-s", "0", folder + "/file.txt"], ["chown", "1:1", folder + "/file.txt"],
                ["mkfifo", folder + "/fifo"], ["cp", "/proc/self/status", folder + "/file.txt"], ["sh", "-c", "echo x > \(folder)/file.txt"],
                ["sh", "-c", "echo x >> \(folder)/file.txt"],
            ]
            let before = Fixtures.listing(folder)
            for change in changes {
                let result = try Command(
                    program: Place.skerry, arguments: ["run", "-q", "--ro", folder, "--", busybox] + change, environment: Place.environment
                ).run()
                #expect(result.status != 0, "\(change)")
                #expect(Fixtures.listing(folder) == before, "\(change)")
            }
        }
    }

    @Test func aGrantedFileGrantsNothingBesideIt() throws {
        try withGrant { folder, secret in
            let result = try shell("read x < \(folder)/file.txt && echo $x; read y < \(secret) && echo $y; cd \(folder) && echo *", ["--ro", folder + "/file.txt"])
            #expect(text(result) == "content\nfile.txt\n")
        }
    }

    @Test func aGrantCanHaveAnotherNameInside() throws {
        try withGrant { folder, _ in
            let result = try shell("read x < /data/file.txt && echo $x; test -e \(folder) && echo there", ["--ro", "\(folder):/data"])
            #expect(text(result) == "content\n")
        }
    }

    // MARK: Standing

    @Test func theProgramIsNotTheFirstProcess() throws { try #expect(text(shell("echo $$")) != "1\n") }

    @Test func theHostNameIsTheSandboxes() throws {
        guard let busybox = Place.find("busybox") else { return }
        let result = try Command(program: Place.skerry, arguments: ["run", "--", busybox, "hostname"], environment: Place.environment).run()
        #expect(text(result) == "skerry\n")
    }

    @Test func aNewHostNameStaysInside() throws {
        func name() -> String { (try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)) ?? "" }
        guard let busybox = Place.find("busybox") else { return }
        let before = name()
        _ = try Command(program: Place.skerry, arguments: ["run", "-q", "--", busybox, "hostname", "taken"], environment: Place.environment).run()
        #expect(name() == before)
    }

    @Test func mountingAndOtherPrivilegesAreRefused() throws {
        guard let busybox = Place.find("busybox") else { return }
        for command in [["mount", "-t", "proc", "none", "/tmp"], ["umount", "/proc"], ["chroot", "/tmp", "/bin/true"], ["swapoff", "-a"]] {
            let result = try Command(program: Place.skerry, arguments: ["run", "-q", "--", busybox] + command, environment: Place.environment).run()
            #expect(result.status != 0, "\(command)")
        }
    }
}
