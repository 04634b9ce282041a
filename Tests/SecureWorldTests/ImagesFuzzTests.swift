import Foundation
import Testing
@testable import SecureWorld

/// Malformed files are refused with an error, whatever is wrong with them: nothing traps, nothing takes long, nothing is read or written outside.
///
/// Some thousand mutations, the same in every run. With SKERRY_FUZZ_IMAGES=seconds in the environment it goes on with new ones for so long.
@Suite struct ImagesFuzzTests {
    private static let seconds = ProcessInfo.processInfo.environment["SKERRY_FUZZ_IMAGES"].flatMap { Double($0) }

    /// Runs `body` with the numbers of rounds: `count` of them, or until the time is over.
    private func rounds(_ count: Int, _ body: (inout ImagesRandom) throws -> Void) throws {
        let end = Self.seconds.map { Date().addingTimeInterval($0) }
        var round = 0
        while round < count || end.map({ Date() < $0 }) == true {
            var random = ImagesRandom(seed: UInt64(round))
            try body(&random)
            round += 1
        }
    }

    /// Numbers that are at an edge of something.
    private static let edges: [UInt64] = [0, 1, 2, 7, 8, 63, 64, 0xfff, 0x1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 47, .max >> 1, 1 << 63, .max - 7, .max]

    private func mutated(_ bytes: [UInt8], _ random: inout ImagesRandom, hot: [Range<Int>]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where bytes.count > 8 {
            // Half of the changes are where the tables are.
            let region = Bool.random(using: &random) ? hot.randomElement(using: &random)?.clamped(to: 0..<bytes.count - 8) ?? 0..<0 : 0..<bytes.count - 8
            guard let place = region.randomElement(using: &random) else { continue }
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 2, 3: put(Self.edges.randomElement(using: &random) ?? 0, 8, &bytes, place & ~7)
            case 4: put(Self.edges.randomElement(using: &random) ?? 0, [1, 2, 4].randomElement(using: &random) ?? 4, &bytes, place & ~3)
            case 5:
                let count = Int.random(in: 1...64, using: &random)
                let source = Int.random(in: 0..<bytes.count, using: &random)
                for index in 0..<count where place + index < bytes.count && source + index < bytes.count { bytes[place + index] = bytes[source + index] }
            default:
                if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeLast(Int.random(in: 0...bytes.count / 2, using: &random)) } else { bytes[place] &+= 1 }
            }
        }
        return bytes
    }

    private func put(_ value: UInt64, _ count: Int, _ bytes: inout [UInt8], _ place: Int) {
        for index in 0..<count where place + index < bytes.count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }

    /// Headers, section headers and the tables that sections hold.
    private func hotRanges(_ bytes: [UInt8]) throws -> [Range<Int>] {
        let reader = ImageReader(bytes: bytes)
        let tables = try TAELF(bytes)
        let sections = Int(try #require(reader.u64(40)))
        let contents = tables.sections.filter { [2, 3, 4, 6, 9, 11].contains($0.kind) }.map { Int($0.offset)..<Int($0.offset + $0.size) }
        return [0..<64, 64..<64 + tables.programHeaders.count, sections..<sections + tables.sections.count * 64, sections..<sections + tables.sections.count * 64] + contents
    }

    /// Loads a file as a TA loader would; what it puts into memory must be within what it said.
    private func load(_ bytes: [UInt8], with others: [TAImage]) -> Bool {
        do throws(TAFileError) {
            let image = try TAImage(parsing: bytes)
            var map = TALinkMap()
            let base: UInt64 = 0x4000_0000
            let index = try map.add(image, uuid: .null, at: base)
            for (number, other) in others.enumerated() {
                guard let uuid = TEEUUID(bigEndian: [UInt8](repeating: UInt8(number + 1), count: 16)) else { continue }
                try map.add(other, uuid: uuid, at: 0x8000_0000 + UInt64(number) * 0x1000_0000)
            }
            let segments = try map.segments(of: index)
            for segment in segments {
                #expect(segment.address >= base && UInt64(segment.bytes.count) <= segment.memorySize)
                #expect(segment.address + segment.memorySize <= base + image.memorySize)
                #expect(!segment.protection.isSuperset(of: [.write, .execute]))
            }
            for (one, next) in zip(segments, segments.dropFirst()) { #expect(one.address + one.memorySize <= next.address) }
            _ = try TAProgramHeaderInformation(map, at: 0x1000)
            for name in image.symbols.names.prefix(4) { _ = try? map.address(of: name.utf8) }
            return true
        } catch {
            #expect(error.result != .success && !error.message.isEmpty)
            return false
        }
    }

    @Test(arguments: ImagesPrograms.Program.allCases) func mutatedELFFilesAreLoadedOrRefused(_ program: ImagesPrograms.Program) throws {
        let programs = try ImagesPrograms.built.get()
        let bytes = programs[program]
        let others = program == .application ? [try TAImage(parsing: programs.library)] : program == .library ? [try TAImage(parsing: programs.application)] : []
        let hot = try hotRanges(bytes)
        #expect(load(bytes, with: others))
        var (loaded, refused) = (0, 0)
        try rounds(1500) { random in
            if load(mutated(bytes, &random, hot: hot), with: others) { loaded += 1 } else { refused += 1 }
        }
        // Mutations that only ever did the one would test little.
        #expect(loaded > 0 && refused > 0)
    }

    @Test func everyPrefixOfAnELFFileIsRefused() throws {
        let bytes = try ImagesPrograms.built.get().library
        for count in stride(from: 0, to: bytes.count, by: 37) { #expect(!load(Array(bytes.prefix(count)), with: []), "\(count) bytes") }
    }

    @Test func mutatedContainersAreRefused() throws {
        let keys = TAKeys(signingKey: try ImagesSupport.root(), classKey: SecretBytes([UInt8](repeating: 1, count: 32)), acceptsUnsigned: true)
        let files = try containers()
        for file in files { _ = try TAFile.parse(file, keys: keys) }
        try rounds(1500) { random in
            guard let file = files.randomElement(using: &random) else { return }
            let bytes = mutated(file, &random, hot: [0..<220, 400..<900])
            if bytes == file { return }
            // The name of a sub-key is filled up with bytes that nobody signs.
            if let parsed = try? TAFile.parse(bytes, keys: keys) { #expect(parsed.elf == Array("contents".utf8)) }
            _ = TAFileReport(bytes, keys: keys)
        }
    }

    @Test func mutatedContainersThatAreSignedAgainAreAcceptedOrRefused() throws {
        let root = try ImagesSupport.root()
        let keys = TAKeys(signingKey: root, classKey: SecretBytes([UInt8](repeating: 1, count: 32)))
        let files = try containers()
        try rounds(400) { random in
            guard let file = files.randomElement(using: &random) else { return }
            var bytes = mutated(file, &random, hot: [180..<220, 180..<460])
            guard bytes.count > 200 else { return }
            // An author who signs rubbish: the first header and its signature are good, what they cover is not.
            bytes.replaceSubrange(12..<20, with: [0x30, 0x48, 0x00, 0x70, 32, 0, 128, 0])
            let size = Int(ImageReader(bytes: bytes).u32(8) ?? 0)
            let covered = bytes[180...].prefix(size)
            let digest = try ImageCrypto.sha256([bytes[0..<20], covered])
            bytes.replaceSubrange(20..<52, with: digest)
            bytes.replaceSubrange(52..<180, with: try root.sign(digest: digest, .pkcs1))
            _ = try? TAFile.parse(bytes, keys: keys)
        }
    }

    /// A signed, an encrypted and a sub-key signed file.
    private func containers() throws -> [[UInt8]] {
        let contents = Array("contents".utf8)
        let (root, first) = (try ImagesSupport.root(), try ImagesSupport.first())
        let encryption = TAEncryption(.classWide, key: SecretBytes([UInt8](repeating: 1, count: 32)))
        let chain = try TAFile.subkey(first, uuid: ImagesPrograms.libraryUUID, nameSize: 16, by: TAFile.Signer(root))
        let uuid = try TAFile.nextUUID(chain: chain, name: "name")
        return [
            try TAFile.signed(contents, uuid: ImagesSupport.helloWorld, by: TAFile.Signer(root, .pkcs1)),
            try TAFile.signed(contents, uuid: ImagesSupport.helloWorld, by: TAFile.Signer(root), encryption: encryption),
            try TAFile.signed(contents, uuid: uuid, by: TAFile.Signer(first, chain: chain, name: "name")),
        ]
    }
}
