import Foundation
import GuestHost
import Testing

@testable import Confidential

/// Programs of this host in a guest in proxy mode: they do what they do without it, and everybody is told what the mode is worth.
@Suite("Proxy mode: programs run over the host's files, and the run says that it is not confidential", .timeLimit(.minutes(10)))
struct ProxyRunTests {
    @Test func aDynamicProgramReadsGrantedFiles() throws {
        let run = try ProxyRun()
        try Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 * 31) }).write(to: run.data.appending(path: "file"))
        let outcome = try run.run("/usr/bin/sha256sum", "file")
        let expected = try run.expected("/usr/bin/sha256sum", "file")
        #expect(outcome.status == 0 && outcome.output == expected)
        #expect(outcome.errors == ProxyRun.warning)
    }

    /// ldconfig is linked statically everywhere: it has to run where there is no linker yet.
    @Test func aStaticProgramRuns() throws {
        let run = try ProxyRun()
        let outcome = try run.run("/sbin/ldconfig", "-p")
        let expected = try run.expected("/sbin/ldconfig", "-p")
        #expect(outcome.status == 0 && outcome.output == expected)
        #expect(outcome.errors == ProxyRun.warning)
    }

    @Test func aShellPipelineWritesIntoAGrantedFolder() throws {
        let run = try ProxyRun()
        let script = "seq 1 3000 | sed s/7/x/g | sort -r | tee all | tail -n 5 > end; mkdir -p sub && mv end sub/moved && ln -s moved sub/link && cat sub/link; wc -l < all; rm all"
        let outcome = try run.run("/bin/sh", "-c", script)
        let written = try String(contentsOf: run.data.appending(path: "sub/moved"), encoding: .utf8)
        try FileManager.default.removeItem(at: run.data.appending(path: "sub"))
        let expected = try run.expected("/bin/sh", "-c", script)
        #expect(outcome.status == 0 && outcome.output == expected)
        #expect(try String(contentsOf: run.data.appending(path: "sub/moved"), encoding: .utf8) == written)
        #expect(!FileManager.default.fileExists(atPath: run.data.appending(path: "all").path))
        #expect(outcome.errors == ProxyRun.warning)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"))) func pythonRuns() throws {
        let run = try ProxyRun()
        let script = """
            import json, os, hashlib
            open('f', 'w').write('x' * 100000)
            print(json.dumps([hashlib.sha256(open('f', 'rb').read()).hexdigest(), sorted(os.listdir('.'))]))
            """
        let outcome = try run.run("/usr/bin/python3", "-S", "-c", script)
        let expected = try run.expected("/usr/bin/python3", "-S", "-c", script)
        #expect(outcome.status == 0 && outcome.output == expected)
        #expect(outcome.errors == ProxyRun.warning)
    }

    @Test func standardInputAndStatusAreTheProgramsOwn() throws {
        let run = try ProxyRun()
        run.input = Array("a line\n".utf8)
        let outcome = try run.run("/bin/sh", "-c", "cat; echo error >&2; exit 7")
        #expect(outcome.status == 7 && outcome.output == "a line\n" && outcome.errors == ProxyRun.warning + "error\n")
        #expect(try run.run("/nowhere").status == 127)
    }

    @Test func whatIsNotGrantedIsNotThere() throws {
        let run = try ProxyRun()
        try Data("fixed".utf8).write(to: run.fixed.appending(path: "file"))
        try Data("secret".utf8).write(to: run.folder.appending(path: "secret"))
        try FileManager.default.createSymbolicLink(atPath: run.data.appending(path: "out").path, withDestinationPath: run.folder.appending(path: "secret").path)
        let script = """
            cat out ../secret /etc/shadow /fixed/file
            for f in /fixed/file /fixed/new /usr/new; do (echo x > $f); done
            ls /fixed; touch /tmp/own && ls /tmp
            """
        let outcome = try run.run("/bin/sh", "-c", script)
        #expect(outcome.output == "fixedfile\nown\n")
        #expect(outcome.errors.components(separatedBy: "Read-only file system").count == 4)
        #expect(try String(contentsOf: run.fixed.appending(path: "file"), encoding: .utf8) == "fixed")
    }

    /// The report covers the mode: HOST_DATA is the digest of a manifest that names it.
    @Test func theReportSaysProxy() throws {
        let run = try ProxyRun()
        #expect(try run.run("/bin/true").status == 0)
        let report = try #require(run.evidence?.report)
        #expect(Array(report[0xC0..<0xE0]) == run.manifest.withUnsafeBytes { LibCryptoHasher().digest(domain: nil, $0).bytes })
        #expect(try Manifest(decoding: run.manifest).mode == .proxy)
        #expect(run.manifest.firstRange(of: Array("mode=proxy".utf8)) != nil)
    }

    /// Requests are counted from the first: manifest, date and frequency, the warning, and then calls.
    private static let deviations: [RingDeviation] = [8, 60, 300].flatMap { place -> [RingDeviation] in
        [.wrongTag(place), .replay(place), .keepSilent(place), .status(place, 1), .status(place, 4), .status(place, 77), .overlong(place, by: 1), .overlong(place, by: 1 << 20)]
    }

    @Test("a host that breaks the ring's rules ends the run", arguments: deviations) func hostileHosts(deviation: RingDeviation) throws {
        let run = try ProxyRun()
        run.deviations = [deviation]
        let outcome = try run.run("/bin/sh", "-c", "ls -lR /data /usr/lib/locale /etc > /dev/null; echo done")
        #expect(outcome.end == .refused(.ring) && outcome.status == nil && outcome.output == "")
    }

    @Test("a manifest that says something else is not what was launched") func anotherManifest() throws {
        let run = try ProxyRun()
        run.deviations = [.flipManifest(bit: 12 * 8)]
        #expect(try run.run("/bin/true").end == .refused(.manifest))
    }
}
