import ConfidentialABI
import Foundation
import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// Both ends of proxy mode against noise that is nearly right.
@Suite struct ProxyFuzz {
    /// The host is random: the guest's end writes nowhere else, comes back, and complains once at most.
    @Test func randomAnswersNeverReachOutsideTheBuffers() throws {
        try fuzz { generator in
            let bed = try ProxyBed(limit: 1 << 20)
            let file = try bed.host.make("file", in: bed.root, [UInt8](repeating: 5, count: 3000))
            let folder = try bed.host.reopen(bed.root, flags: OpenFlags.directory.hostBits)
            // Its kind is settled before the noise begins.
            _ = try bed.host.attributes(of: file)
            var noise = generator
            for _ in 0..<60 where bed.transport.violations.isEmpty {
                for function in ProxyFunction.allCases { bed.spoil(function) { _ in } }
                let function = ProxyFunction.allCases.randomElement(using: &generator) ?? .read
                bed.spoil(function) { response in
                    for _ in 0..<Int.random(in: 0...2, using: &noise) where !response.payload.isEmpty {
                        response.payload[.random(in: response.payload.indices, using: &noise)] = .random(in: 0...255, using: &noise)
                    }
                    switch Int.random(in: 0..<12, using: &noise) {
                    case 0: response.length = .random(in: 0...70_000, using: &noise)
                    case 1: response.results[Int.random(in: 0..<4, using: &noise)] = .random(in: 0...200, using: &noise)
                    case 2: response.results[1] = noise.next()
                    case 3: response.payload = Array(response.payload.prefix(.random(in: 0...40, using: &noise)))
                    case 4: response.status = .random(in: 0...7, using: &noise)
                    default: break
                    }
                }
                Self.use(function, bed, file, folder, &generator)
            }
            #expect(bed.transport.violations.count <= 1 && !bed.transport.readTwice)
        }
    }

    private static func use(_ function: ProxyFunction, _ bed: ProxyBed, _ file: HostFile, _ folder: HostFile, _ generator: inout SeededGenerator) {
        switch function {
        case .read, .readCached:
            let count = Int.random(in: 1...4000, using: &generator)
            var bytes = [UInt8](repeating: 0xA5, count: count + 64)
            let moved = try? bytes.withUnsafeMutableBytes { buffer in
                let part = [UnsafeMutableRawBufferPointer(rebasing: buffer[32..<32 + count])]
                return function == .read ? try bed.host.read(file, into: part, at: 0) : try bed.host.readCached(file, into: part, at: 0)
            }
            #expect(bytes[..<32].allSatisfy { $0 == 0xA5 } && bytes[(32 + count)...].allSatisfy { $0 == 0xA5 } && (0...count).contains(moved ?? 0))
        case .write: if let written = try? bed.host.write([1, 2, 3], to: file) { #expect((1...3).contains(written)) }
        case .seek: if let found = try? bed.host.seek(file, offset: 7, whence: 4) { #expect(found >= 7) }
        case .attributes: if let found = try? bed.host.attributes(of: file) { #expect(found.kind == .regular && found.size >= 0) }
        case .readDirectory:
            for entry in (try? bed.host.readDirectory(folder, from: 0)) ?? [] { #expect(!entry.name.isEmpty && !entry.name.contains(0) && !entry.name.contains(0x2f)) }
        case .components: for name in (try? bed.host.components(of: file, below: bed.root)) ?? [] { #expect(ProxyCall.isName(name)) }
        case .statistics: if let found = try? bed.host.fileSystemStatistics(file) { #expect(found.blockSize > 0 && found.blocksFree <= found.blocks) }
        case .extendedAttributeNames: _ = try? bed.host.extendedAttributeNames(file)
        default: _ = try? bed.host.open("file", in: bed.root)
        }
    }

    /// The guest is random: the monitor lives, answers within what was asked for, and neither what is read-only nor what is not granted changes.
    @Test(arguments: ProxyBed.Storage.allCases) func randomCallsAreAnswered(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage, limit: 4 << 20)
        let names = [
            "a", "b", "c", "fixed", "file", "folder", "proc", "dev", "null", ".", "..", "a/b", "fixed/file", "../outside/secret", "/etc/passwd", "c\0d", "",
        ].map { Array($0.utf8) }
        fuzz { generator in
            func any() -> UInt64 {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: .random(in: 0...2, using: &generator)
                case 1: .random(in: 0...40, using: &generator)
                case 2: .random(in: 0...70_000, using: &generator)
                case 3: .max
                default: generator.next()
                }
            }
            func text() -> [UInt8] {
                if Int.random(in: 0..<30, using: &generator) == 0 {
                    return (0..<Int.random(in: 0...5000, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
                }
                return names[.random(in: names.indices, using: &generator)]
            }
            for _ in 0..<200 {
                let function = ProxyFunction.allCases.randomElement(using: &generator) ?? .open
                var call = ProxyCall(function, .random(in: 0...20, using: &generator), any(), any(), any(), first: text(), second: text())
                if Bool.random(using: &generator) { call.arguments.1 = .random(in: 0...20, using: &generator) }
                if function == .open { call.arguments.2 = UInt64([0, 1, 2, 0o102, 0o302, 0o200000, 0o10000000, 0o20200002].randomElement(using: &generator) ?? 0) }
                if function == .makeNode { call.arguments.1 = UInt64([0o010644, 0o140600, 0o020666, 0o060666].randomElement(using: &generator) ?? 0) }
                // Sparse, and not the whole disk of who tests.
                if function == .allocate { (call.arguments.2, call.arguments.3) = (call.arguments.2 % 100_000, call.arguments.3 % 100_000) }
                var payload = call.encoded
                if Int.random(in: 0..<20, using: &generator) == 0 { payload[.random(in: payload.indices, using: &generator)] = .random(in: 0...255, using: &generator) }
                if Int.random(in: 0..<40, using: &generator) == 0 { payload.removeLast(.random(in: 0...payload.count, using: &generator)) }
                let capacity = Int([0, 20, 120, 65536].randomElement(using: &generator) ?? 0)
                let answer = bed.service.answer(payload, capacity: capacity)
                #expect(answer.bytes.count <= capacity && (answer.error == 0 || answer.bytes.isEmpty && answer.number == 0))
                // Eight bytes of it are as much as all, and no noise has them. (Names such as "../outside/secret" come back: the guest has said them itself.)
                #expect(answer.bytes.firstRange(of: ProxyBed.secret[..<8]) == nil)
            }
            #expect(bed.service.openFiles <= Int(ProxyFunction.mostHandles))
        }
        #expect([UInt8](try Data(contentsOf: bed.outside.appending(path: "secret"))) == ProxyBed.secret)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bed.outside.path) == ["secret"])
        let fixed = try bed.truth.open("fixed", in: bed.truth.rootDirectory)
        #expect(Set(try bed.truth.names(fixed)) == [".", "..", "file", "folder"])
        #expect(try bed.truth.read(try bed.truth.open("file", in: fixed, []), 10) == Array("fixed".utf8))
    }
}
