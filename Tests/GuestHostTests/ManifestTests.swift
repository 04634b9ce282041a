import Confidential
import Foundation
import GuestHost
import LibraryOS
import Testing

/// The manifest: one encoding, and nothing else is read as one.
@Suite struct ManifestTests {
    private static func text(_ generator: inout SeededGenerator, _ range: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: range, using: &generator)).map { _ in .random(in: 1...255, using: &generator) }
    }

    private static func random(_ generator: inout SeededGenerator) -> Manifest {
        let digest = ContentDigest((0..<32).map { _ in .random(in: 0...255, using: &generator) }) ?? ContentDigest()
        var manifest = Manifest(
            mode: .random(using: &generator), rootImage: RootImageIdentity(blocks: .random(in: 1...1 << 36, using: &generator), root: digest),
            program: text(&generator, 1...60), arguments: (0..<Int.random(in: 0...5, using: &generator)).map { _ in text(&generator, 0...40) })
        manifest.environment = (0..<Int.random(in: 0...5, using: &generator)).map { _ in text(&generator, 0...40) }
        manifest.workingDirectory = [0x2f] + text(&generator, 0...20)
        (manifest.user, manifest.group) = (UInt32(truncatingIfNeeded: generator.next()), UInt32(truncatingIfNeeded: generator.next()))
        manifest.groups = (0..<Int.random(in: 0...4, using: &generator)).map { _ in UInt32(truncatingIfNeeded: generator.next()) }
        manifest.limits.memory = generator.next()
        (manifest.limits.tasks, manifest.limits.openFiles) = (.random(in: 0...9, using: &generator), .random(in: 0...9, using: &generator))
        manifest.hostName = text(&generator, 1...64)
        if manifest.mode == .proxy {
            manifest.rootImage = .none
            return manifest
        }
        if Bool.random(using: &generator) {
            manifest.secrets = Manifest.Secrets(stream: text(&generator, 1...255), provider: Bool.random(using: &generator) ? [] : [UInt8](repeating: 4, count: 97))
        }
        if Bool.random(using: &generator) {
            manifest.sealedStore = Manifest.SealedStore(
                path: [0x2f] + text(&generator, 1...20), blocks: .random(in: 64...9999, using: &generator),
                keyIsReleased: manifest.secrets != nil && Bool.random(using: &generator))
            manifest.sealedStore?.formats = Bool.random(using: &generator)
        }
        manifest.connections = (0..<Int.random(in: 0...3, using: &generator)).map { _ in [0x2f] + text(&generator, 1...106) }
        return manifest
    }

    private func decode(_ bytes: [UInt8]) -> Result<Manifest, ManifestError> {
        do throws(ManifestError) { return .success(try Manifest(decoding: bytes)) } catch { return .failure(error) }
    }

    @Test(arguments: UInt64(0)..<200) func whatIsEncodedIsReadBack(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let manifest = Self.random(&generator)
        let bytes = try manifest.encoded()
        #expect(decode(bytes) == .success(manifest))
        #expect(bytes[12...].starts(with: Array((manifest.mode == .confidential ? "mode=confidential" : "mode=proxy").utf8)))
    }

    @Test(arguments: UInt64(0)..<20) func everyTruncationIsRefused(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let bytes = try Self.random(&generator).encoded()
        for count in bytes.indices { #expect(throws: ManifestError.self) { try Manifest(decoding: Array(bytes[..<count])) } }
    }

    @Test(arguments: UInt64(0)..<20) func everyTrailingByteIsRefused(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let bytes = try Self.random(&generator).encoded()
        for byte in UInt8.min...UInt8.max { #expect(decode(bytes + [byte]) == .failure(.trailing)) }
    }

    /// One manifest, one encoding: whatever else is accepted encodes to the very same bytes.
    @Test func changedBytesAreRefusedOrAnotherManifest() throws {
        try fuzz { generator in
            var bytes = try Self.random(&generator).encoded()
            for _ in 0..<Int.random(in: 1...3, using: &generator) { bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator) }
            if case .success(let manifest) = decode(bytes) { #expect(try manifest.encoded() == bytes) }
        }
    }

    @Test func whatNoManifestHoldsIsNotEncoded() throws {
        var generator = SeededGenerator(state: 1)
        var manifest = Self.random(&generator)
        while manifest.mode == .proxy { manifest = Self.random(&generator) }
        let proxied = Manifest(proxyRunning: manifest.program, arguments: manifest.arguments)
        func refused(_ change: (inout Manifest) -> Void) -> Bool { refusedIn(manifest, change) }
        func refusedIn(_ manifest: Manifest, _ change: (inout Manifest) -> Void) -> Bool {
            var changed = manifest
            change(&changed)
            do throws(ManifestError) { _ = try changed.encoded() } catch { return true }
            return false
        }
        // What a host that chooses results could take for more than it is.
        #expect(!refusedIn(proxied) { _ in })
        #expect(refusedIn(proxied) { $0.rootImage = manifest.rootImage })
        #expect(refusedIn(proxied) { $0.rootImage.blocks = 1 })
        #expect(refusedIn(proxied) { $0.sealedStore = Self.store() })
        #expect(refusedIn(proxied) { $0.secrets = Manifest.Secrets(stream: [1]) })
        #expect(refusedIn(proxied) { $0.connections = [[0x2f, 0x61]] })
        for path in [[], [0x2f], Array("relative".utf8), [0x2f, 0], [0x2f] + [UInt8](repeating: 1, count: 107)] { #expect(refused { $0.connections = [path] }) }
        #expect(refused { $0.connections = Array(repeating: [0x2f, 0x61], count: 1025) })
        #expect(refused { $0.mode = .proxy })
        #expect(refused { $0.program = [] })
        #expect(refused { $0.program = [UInt8](repeating: 1, count: 4096) })
        #expect(refused { $0.arguments = [[1, 0, 2]] })
        #expect(refused { $0.workingDirectory = Array("relative".utf8) })
        #expect(refused { $0.hostName = [UInt8](repeating: 1, count: 65) })
        #expect(refused { $0.rootImage.blocks = 0 })
        #expect(refused { $0.arguments = Array(repeating: [UInt8](repeating: 1, count: 100_000), count: 11) })
        #expect(
            refused { manifest in
                manifest.secrets = nil
                manifest.sealedStore = Self.store(keyIsReleased: true)
            })
        #expect(!refused { $0.sealedStore = Self.store() })
        for path in [[], [0x2f], Array("relative".utf8), [0x2f, 0], [0x2f] + [UInt8](repeating: 1, count: 4095)] { #expect(refused { $0.sealedStore = Self.store(path) }) }
        for blocks: UInt64 in [0, 1, 63, 1 << 26 + 1, .max] { #expect(refused { $0.sealedStore = Self.store(blocks: blocks) }) }
    }

    private static func store(_ path: [UInt8] = Array("/store".utf8), blocks: UInt64 = 64, keyIsReleased: Bool = false) -> Manifest.SealedStore {
        Manifest.SealedStore(path: path, blocks: blocks, keyIsReleased: keyIsReleased)
    }

    /// A store is made by one run and opened by the next, with one key; whatever else a manifest says makes another key.
    @Test func aStoresKeyDependsOnAllOfTheManifestButOnWhoMakesTheStore() throws {
        var generator = SeededGenerator(state: 3)
        var manifest = Self.random(&generator)
        while manifest.mode == .proxy { manifest = Self.random(&generator) }
        manifest.sealedStore = Self.store()
        let opening = try manifest.sealingIdentity()
        #expect(try manifest.encoded() == opening)
        manifest.sealedStore?.formats = true
        #expect(try manifest.sealingIdentity() == opening)
        #expect(try manifest.encoded() != opening)
        let changes: [(inout Manifest) -> Void] = [
            { $0.arguments.append([1]) }, { $0.program.append(1) }, { $0.environment.append([1]) }, { $0.rootImage.blocks += 1 }, { $0.user ^= 1 },
            { $0.sealedStore?.path.append(1) }, { $0.sealedStore?.blocks += 1 }, { $0.mounts.append(.temporary([0x2f, 1])) }, { $0.isQuiet.toggle() },
        ]
        for change in changes {
            var other = manifest
            change(&other)
            #expect(try other.sealingIdentity() != opening)
        }
    }

    @Test func theDigestIsComparedBeforeAnythingIsParsed() throws {
        var generator = SeededGenerator(state: 2)
        let (manifest, hasher) = (Self.random(&generator), LibCryptoHasher())
        let bytes = try manifest.encoded()
        let hostData = hasher.digest(bytes).bytes
        #expect(try RingBed(manifest: bytes).ring.manifest(hostData: hostData, hasher: hasher).manifest == manifest)
        for bit in stride(from: 0, to: bytes.count * 8, by: 37) {
            let bed = try RingBed(manifest: bytes, deviations: [.flipManifest(bit: bit)])
            #expect(errno { _ = try bed.ring.manifest(hostData: hostData, hasher: hasher) } == .EIO)
            #expect(bed.transport.violations == [.manifest])
        }
    }

    /// The digest is what the sha256sum command says.
    @Test func theDigestIsSHA256() throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let bytes = [UInt8](repeating: 0x61, count: 5000)
        try input.fileHandleForWriting.write(contentsOf: Data([9] + bytes))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(text.hasPrefix(LibCryptoHasher().digest(domain: 9, bytes).bytes.hexadecimal))
    }
}

extension Manifest.Mode {
    static func random(using generator: inout SeededGenerator) -> Manifest.Mode { Bool.random(using: &generator) ? .confidential : .proxy }
}
