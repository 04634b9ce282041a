import Glibc
import LibraryOS
import Monitor
import Testing

@testable import Skerry

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The path without symbolic links.
private func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// What ldd(1) prints, as real paths.
private func ldd(_ program: String) -> Set<String> {
    guard let pipe = popen("ldd \(program)", "r") else { return [] }
    defer { pclose(pipe) }
    var result: Set<String> = []
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, 4096, pipe) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split { " \t\n".contains($0) }
        if let path = words.first(where: { $0.hasPrefix("/") }) { result.insert(real(String(path))) }
    }
    return result
}

@Suite("Program closure")
struct ProgramClosureTests {
    let host: LinuxHost
    init() throws { host = try LinuxHost(processors: 1) }

    private func files(_ program: String) -> Set<String> {
        Set(
            ProgramClosure(host: host).items(of: bytes(program)).compactMap { item in
                if case .file(let path) = item { text(path) } else { nil }
            })
    }

    @Test(arguments: ["/bin/ls", "/usr/bin/perl", "/usr/bin/curl"])
    func matchesWhatTheLoaderLoads(program: String) throws {
        guard access(program, X_OK) == 0 else { return }
        let expected = ldd(program)
        #expect(!expected.isEmpty)
        #expect(expected.union([real(program), real("/etc/ld.so.cache")]).isSubset(of: files(program)))
        // libgcc_s is loaded by pthread_cancel(3) at run time, so that every dynamic program is granted it.
        let granted = files(program).filter { !$0.contains("libgcc_s") }
        #expect(granted.count <= expected.count + 2)
    }

    @Test func everyLinkOnTheWayIsNamed() {
        guard (try? host.openGrant(bytes("/bin"), followingLinks: false)).map({ (try? host.attributes(of: $0))?.kind }) == .symbolicLink else { return }
        #expect(ProgramClosure(host: host).items(of: bytes("/bin/ls")).contains(.link(bytes("/bin"), bytes("usr/bin"))))
    }

    @Test func damagedFilesEndTheSearchOnly() throws {
        let path = "/tmp/skerry-elf-\(getpid())"
        defer { unlink(path) }
        let whole = try #require(host.contents(of: bytes("/bin/ls"), limit: 1 << 20))
        for seed in 0..<300 {
            var copy = seed % 3 == 0 ? Array(whole.prefix(seed * 37)) : whole
            var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
            for _ in 0..<24 where !copy.isEmpty {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                copy[Int(state >> 33) % min(copy.count, seed % 2 == 0 ? 1024 : copy.count)] = UInt8(truncatingIfNeeded: state >> 20)
            }
            let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o755)
            _ = write(descriptor, copy, copy.count)
            close(descriptor)
            _ = ProgramClosure(host: host).items(of: bytes(path))
        }
        for length in [0, 10, 20, 47, 60, 100] {
            let cache = try #require(host.contents(of: bytes("/etc/ld.so.cache"), limit: length))
            #expect(LibraryCache(cache).candidates(bytes("libc.so.6")).isEmpty)
        }
    }

    @Test func scriptsNeedTheirInterpreter() throws {
        let path = "/tmp/skerry-script-\(getpid())"
        defer { unlink(path) }
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o755)
        _ = write(descriptor, "#!/usr/bin/env sh\n", 18)
        close(descriptor)
        let found = files(path)
        #expect(found.isSuperset(of: [path, real("/usr/bin/env"), real("/bin/sh")]))
    }

    @Test func originIsExpanded() {
        #expect(ELFObject.expanded(bytes("$ORIGIN/../lib"), origin: bytes("/opt/x/bin")) == bytes("/opt/x/bin/../lib"))
        #expect(ELFObject.expanded(bytes("${ORIGIN}"), origin: bytes("/o")) == bytes("/o"))
        #expect(ELFObject.expanded(bytes("$OTHER"), origin: bytes("/o")) == bytes("$OTHER"))
    }
}
