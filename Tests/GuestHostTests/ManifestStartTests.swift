import GuestHost
import Testing

@Suite("A manifest says what the program starts with, and what is mounted")
struct ManifestStartTests {
    private func manifest() -> Manifest {
        let identity = RootImageIdentity(blocks: 3, root: ContentDigest())
        var manifest = Manifest(mode: .confidential, rootImage: identity, program: Array("/bin/x".utf8), arguments: [Array("x".utf8)])
        (manifest.umask, manifest.ignoredSignals, manifest.blockedSignals) = (0o077, 1 << 0, 1 << 63)
        manifest.isQuiet = true
        manifest.mounts = [.readOnly(Array("/usr".utf8)), .temporary(Array("/work".utf8)), .readOnly(Array("/usr/local".utf8))]
        return manifest
    }

    @Test("umask, signals and mounts come back as they were, in their order")
    func roundTrip() throws {
        #expect(try Manifest(decoding: manifest().encoded()) == manifest())
    }

    @Test("a manifest that ends anywhere else is none")
    func truncation() throws {
        let bytes = try manifest().encoded()
        for count in bytes.indices { #expect(throws: ManifestError.self) { try Manifest(decoding: Array(bytes[..<count])) } }
        #expect(throws: ManifestError.trailing) { try Manifest(decoding: bytes + [0]) }
    }

    @Test("what no mount, mask or path can be is refused by maker and reader")
    func refusals() throws {
        var mask = manifest()
        mask.umask = 0o1000
        #expect(throws: ManifestError.field) { try mask.encoded() }
        for path in ["", "/", "relative", "/zero\0byte", "/" + String(repeating: "a", count: 4095)] {
            var other = manifest()
            other.mounts.append(.temporary(Array(path.utf8)))
            #expect(throws: ManifestError.field) { try other.encoded() }
        }
        var bytes = try manifest().encoded()
        let usr = Array("/usr".utf8)
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: usr) })
        // The kind of the mount, before the length of its path.
        bytes[at - 5] = 2
        #expect(throws: ManifestError.field) { try Manifest(decoding: bytes) }
        bytes[at - 5] = 0
        bytes[at] = UInt8(ascii: "u")
        #expect(throws: ManifestError.field) { try Manifest(decoding: bytes) }
    }
}
