import Foundation
import Testing

@testable import SecureWorld

/// Applications that were written for version 1.1 of the API, whose lengths have 32 bits, build and do what they did (Tests/TrustedApplications/version_1_1).
@Suite(.enabled(if: TrustedApplications.canRun)) struct DevelopmentKitVersionTests {
    private typealias Buffer = TrustedApplications.Buffer

    private func inWorld(_ body: (TrustedApplications.World) throws -> Void) throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World()
        defer { world.end() }
        try body(world)
    }

    private func bytes(_ request: TEERequest, _ index: Int, _ buffer: Buffer) -> [UInt8] {
        guard case .memory(_, _, let size) = request.parameters[index] else { return [] }
        return Array(buffer.bytes.prefix(Int(size)))
    }

    /// RFC 4226, appendix D.
    @Test(arguments: zip(0...9 as ClosedRange<UInt32>, [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489] as [UInt32]))
    func passwordsAreThoseOfTheStandard(_ counter: UInt32, _ password: UInt32) throws {
        try inWorld { world in
            let request = world.call(
                "version_1_1", 0, [Buffer.input("12345678901234567890"), .value(.input, a: counter, b: 0), .value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            guard case .value(_, password, _) = request.parameters[2] else { return #expect(Bool(false), "\(request.parameters[2])") }
        }
    }

    @Test func objectsAreReadAndListed() throws {
        try inWorld { world in
            let buffer = Buffer([UInt8](repeating: 0, count: 64))
            let request = world.call("version_1_1", 1, [Buffer.input("name"), Buffer.input("contents"), buffer.parameter(.output), .value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            #expect(bytes(request, 2, buffer) == Array("contents".utf8))
            guard case .value(_, 8, 1) = request.parameters[3] else { return #expect(Bool(false), "\(request.parameters[3])") }
        }
    }

    @Test func propertiesHaveNamesAndTexts() throws {
        try inWorld { world in
            let (first, second) = (Buffer([UInt8](repeating: 0, count: 200)), Buffer([UInt8](repeating: 0, count: 64)))
            let request = world.call("version_1_1", 2, [first.parameter(.output), second.parameter(.output)])
            #expect(request.result == .success)
            #expect(bytes(request, 0, first) == Array("gpd.tee.apiversion=GPD-1.1-dev\0".utf8))
            #expect(bytes(request, 1, second) == Array("1.1 of old\0".utf8))
        }
    }

    @Test func keysAreMadeAndUsed() throws {
        try inWorld { world in
            let buffer = Buffer([UInt8](repeating: 0, count: 128))
            let request = world.call("version_1_1", 3, [Buffer.input("text"), buffer.parameter(.output), .value(.output, a: 0, b: 0)])
            #expect(request.result == .success)
            #expect(bytes(request, 1, buffer) == Array("text".utf8))
            guard case .value(_, 128, 128) = request.parameters[2] else { return #expect(Bool(false), "\(request.parameters[2])") }
        }
    }

    @Test func otherApplicationsAreCalled() throws {
        try inWorld { world in
            let buffer = Buffer([UInt8](repeating: 0, count: 64))
            let target = Buffer.input(TrustedApplications.uuid("hello_world").structure)
            let request = world.call("version_1_1", 4, [target, .value([.input, .output], a: 41, b: 0), buffer.parameter(.output)])
            #expect(request.result == .success)
            guard case .value(_, 42, _) = request.parameters[1] else { return #expect(Bool(false), "\(request.parameters[1])") }
            #expect(bytes(request, 2, buffer) == Array("Hello, world\0".utf8))
        }
    }

    @Test func ciphersGoThereAndBack() throws {
        try inWorld { world in
            let (text, digest) = (Buffer([UInt8](repeating: 0, count: 64)), Buffer([UInt8](repeating: 0, count: 32)))
            let request = world.call("version_1_1", 5, [Buffer.input("abc"), text.parameter(.output), digest.parameter(.output)])
            #expect(request.result == .success)
            #expect(bytes(request, 1, text) == Array("abc".utf8))
            // FIPS 180-2, appendix B.1.
            #expect(digest.bytes.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
            let short = Buffer([UInt8](repeating: 0, count: 31))
            #expect(world.call("version_1_1", 5, [Buffer.input("abc"), text.parameter(.output), short.parameter(.output)]).result == .shortBuffer)
        }
    }

    @Test func bigIntegersBecomeBytes() throws {
        try inWorld { world in
            let buffer = Buffer([UInt8](repeating: 0xff, count: 16))
            let request = world.call("version_1_1", 6, [buffer.parameter(.output)])
            #expect(request.result == .success)
            #expect(bytes(request, 0, buffer) == [0x10] + [UInt8](repeating: 0, count: 12))
        }
    }
}
