import Foundation
import Testing

@testable import SecureWorld

/// With `snapshotsAfterOpen`, every command of an application begins with the state right after its session was opened.
@Suite(.enabled(if: TrustedApplications.canRun)) struct SnapshotTests {
    private typealias Buffer = TrustedApplications.Buffer
    private enum Command {
        static let count: UInt32 = 0, digest: UInt32 = 1, read: UInt32 = 2, map: UInt32 = 3, touch: UInt32 = 4, panic: UInt32 = 5
        static let populate: UInt32 = 6, next: UInt32 = 7, loop: UInt32 = 8
    }

    private static let noValue = TEEParameter.value(.output, a: 0, b: 0)

    /// A world with the application in two kinds.
    private final class Bed {
        let world: TrustedApplications.World

        init(snapshots: Bool = true, timeLimit: Double? = 20) throws {
            var files: [TEEUUID: String] = [:]
            for kind in 0...1 {
                files[Self.uuid(kind)] = try DebuggingApplications.build("snapshots", Self.uuid(kind), ["-DSNAPSHOTS_KIND=\(kind)"])
            }
            world = try TrustedApplications.World(timeLimit: timeLimit) { configuration in
                configuration.files = files
                configuration.snapshotsAfterOpen = snapshots
            }
        }
        deinit { world.end() }

        static func uuid(_ kind: Int) -> TEEUUID { TEEUUID("5ec0e001-006\(kind)-4a11-9001-5b657272796\(kind)") ?? .null }

        func open(kind: Int = 0, touching bytes: UInt32? = nil) -> UInt32 {
            let request = TEERequest(.open(Self.uuid(kind), TEEClientIdentity(login: 0, uuid: .null)), parameters: bytes.map { [.value(.input, a: $0, b: 0)] } ?? [])
            world.world.perform(request)
            #expect(request.result == .success)
            return request.session
        }

        func counts(_ session: UInt32) -> [UInt32] {
            let request = world.invoke(session, Command.count, [noValue, noValue])
            #expect(request.result == .success)
            guard case .value(_, let a, let b) = request.parameters[0], case .value(_, let c, let d) = request.parameters[1] else { return [] }
            return [a, b, c, d]
        }

        func read(_ session: UInt32, then action: UInt32 = 0) -> (TEEResult, String) {
            let buffer = Buffer([0, 0, 0])
            let request = world.invoke(session, Command.read, [buffer.parameter(.output), .value(.input, a: action, b: 0)])
            return (request.result, String(decoding: buffer.bytes, as: UTF8.self))
        }
    }

    @Test func globalsAndHeapComeBack() throws {
        let bed = try Bed()
        let session = bed.open()
        for _ in 0..<5 { #expect(bed.counts(session) == [1, 1, 1, 0]) }
    }

    @Test func withoutASnapshotTheyDoNot() throws {
        let bed = try Bed(snapshots: false)
        let session = bed.open()
        for number in 1...5 as ClosedRange<UInt32> { #expect(bed.counts(session) == [number, number, 1, 0]) }
    }

    @Test(arguments: [0, 1 << 20, 16 << 20] as [UInt32]) func memoryThatWasTouchedInOpeningAndLater(_ size: UInt32) throws {
        let bed = try Bed()
        let session = bed.open(touching: size)
        #expect(bed.world.invoke(session, Command.touch, [.value(.input, a: 8 << 20, b: 0)]).result == .success)
        #expect(bed.counts(session) == [1, 1, 1, size / 4096])
    }

    @Test func aDigestGoesOnFromWhereOpeningLeftIt() throws {
        let bed = try Bed()
        let session = bed.open()
        // printf 'openabc' | sha256sum, printf 'open' | sha256sum
        let (abc, nothing) = ("636e94707e573235867174da404a16fd26b964b7d85538c232834ffb219335a4", "2348f998744212575d85959674f9607ab26f67708a917157472832386337c904")
        for (text, digest) in [("abc", abc), ("", nothing), ("abc", abc)] {
            let buffer = Buffer([UInt8](repeating: 0, count: 32))
            #expect(bed.world.invoke(session, Command.digest, [Buffer.input(text), buffer.parameter(.output)]).result == .success)
            #expect(ImagesSupport.hex(buffer.bytes) == digest)
        }
    }

    @Test func aKeyIsPopulatedAgainAndAgain() throws {
        let bed = try Bed()
        let session = bed.open()
        for _ in 0..<3 {
            let request = bed.world.invoke(session, Command.populate, [Self.noValue])
            #expect(request.result == .success)
            guard case .value(_, 256, _) = request.parameters[0] else { return #expect(Bool(false), "\(request.parameters[0])") }
        }
    }

    @Test func anEnumerationGoesOnFromWhereOpeningLeftIt() throws {
        let bed = try Bed()
        let session = bed.open()
        for _ in 0..<2 {
            let name = Buffer([UInt8](repeating: 0, count: 4))
            #expect(bed.world.invoke(session, Command.next, [name.parameter(.output)]).result == .success)
            #expect(name.bytes == Array("kept".utf8))
        }
    }

    @Test func mappedMemoryIsGoneAndItsPlaceFree() throws {
        let bed = try Bed()
        let session = bed.open()
        var places: Set<UInt64> = []
        for _ in 0..<3 {
            let request = bed.world.invoke(session, Command.map, [Self.noValue, Self.noValue])
            #expect(request.result == .success)
            guard case .value(_, let high, let low) = request.parameters[0], case .value(_, 0, _) = request.parameters[1] else { return #expect(Bool(false)) }
            places.insert(UInt64(high) << 32 | UInt64(low))
        }
        #expect(places.count == 1)
    }

    @Test func anOpenObjectGoesBackToItsPosition() throws {
        let bed = try Bed()
        let session = bed.open()
        for _ in 0..<2 { #expect(bed.read(session) == (.success, "234")) }
        // Closed: it is opened again.
        for _ in 0..<2 { #expect(bed.read(session, then: 1) == (.success, "234")) }
    }

    @Test func withoutAnObjectThatWasOpenThereIsNoWayBack() throws {
        let bed = try Bed()
        let session = bed.open()
        #expect(bed.read(session, then: 2) == (.success, "234"))
        let request = bed.world.invoke(session, Command.count, [Self.noValue, Self.noValue])
        #expect(request.result == .badState)
        #expect(request.origin == .tee)
    }

    @Test func aPanicIsForgotten() throws {
        let bed = try Bed()
        let session = bed.open()
        #expect(bed.world.invoke(session, Command.panic).result == .targetDead)
        #expect(bed.counts(session) == [1, 1, 1, 0])
        #expect(bed.read(session) == (.success, "234"))
    }

    @Test func aLoopEndsWithItsTimeAndIsForgotten() throws {
        let bed = try Bed(timeLimit: 1)
        let session = bed.open()
        #expect(bed.world.invoke(session, Command.loop).result == .targetDead)
        #expect(bed.counts(session) == [1, 1, 1, 0])
    }

    /// Of several sessions with one instance the last to be opened or closed decides.
    @Test func sessionsThatShareAnInstance() throws {
        let bed = try Bed()
        let first = bed.open(kind: 1)
        #expect(bed.counts(first) == [1, 1, 1, 0])
        let second = bed.open(kind: 1)
        for session in [first, second, first] { #expect(bed.counts(session) == [1, 1, 2, 0]) }
        bed.world.world.perform(TEERequest(.close(session: first)))
        #expect(bed.counts(second) == [1, 1, 2, 0])
    }

    @Test func commandsAfterTheEndAreRefused() throws {
        let bed = try Bed()
        let session = bed.open()
        bed.world.world.end()
        #expect(bed.world.invoke(session, Command.count, [Self.noValue, Self.noValue]).result == .badParameters)
    }
}
