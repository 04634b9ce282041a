import ConfidentialABI
import Foundation
import GuestHost
import Testing

@testable import Confidential

/// The guest's end of `--store`: where its key comes from, and what becomes of a store that is not its own. What programs do with one is tested by
/// Tests/ConfidentialRunTests/stores.py.
@Suite("A sealed store opens for the guest that has made it", .timeLimit(.minutes(5)))
struct SealedStoreRunTests {
    /// With fewer there is no room for a file.
    private static let blocks: UInt64 = 4096
    private static let foreign = "not one that this program has sealed"
    private let scratch: ScratchFolder
    private let chip = PSPPlatform().chipSecret

    init() throws { scratch = try ScratchFolder() }

    /// A run with the store of this test: how it ended, the status, and what it wrote to both streams.
    private func run(
        formats: Bool = false, ring: [RingDeviation] = [], chipSecret: [UInt8]? = nil, provider: String? = nil, change: (inout Manifest) -> Void = { _ in },
        launch: (inout LaunchPlan) -> Void = { _ in }
    ) throws -> (end: GuestEnd, status: UInt8?, output: String) {
        let store = try BlockStore(path: scratch.path("store"), writableBlocks: Self.blocks)
        let sealing: (inout Manifest) -> Void = { manifest in
            manifest.sealedStore = Manifest.SealedStore(path: Array("/store".utf8), blocks: Self.blocks, keyIsReleased: false)
            manifest.sealedStore?.formats = formats
        }
        let run = try WorkloadRun(
            ring: ring, sealed: store, chipSecret: chipSecret ?? chip, provider: provider,
            change: { manifest in
                sealing(&manifest)
                change(&manifest)
            }, launch: launch)
        let end = try run.guest.run()
        return (end, run.guest.exitStatus, run.output)
    }

    private func isRefused(_ outcome: (end: GuestEnd, status: UInt8?, output: String), _ words: String) -> Bool {
        outcome.end == .succeeded && outcome.status == 125 && outcome.output.contains(words) && outcome.output.hasSuffix("the program was not started\n")
    }

    @Test func theSameLaunchOpensItAgain() throws {
        for isFirst in [true, false, false] {
            let outcome = try run(formats: isFirst)
            #expect(outcome.end == .succeeded && outcome.status == 7 && outcome.output == WorkloadRun.expectedOutput, "\(outcome)")
        }
        // Whoever has loaded a key for reports makes no difference.
        #expect(try run(provider: "a cloud").status == 7)
    }

    @Test func nobodyElseDoes() throws {
        #expect(try run(formats: true).status == 7)
        #expect(isRefused(try run(chipSecret: PSPPlatform().chipSecret), Self.foreign), "another chip")
        #expect(isRefused(try run { $0.arguments.append([0x61]) }, Self.foreign), "another manifest")
        #expect(isRefused(try run(launch: { $0.policy.insert(.singleSocket) }), Self.foreign), "another policy")
        #expect(try run().status == 7)
    }

    @Test func aChipThatDerivesNoKeyIsNamed() throws {
        #expect(isRefused(try run(formats: true, provider: "a cloud", launch: { $0.isChipKeyDisabled = true }), "derives no key"))
    }

    @Test func aStoreThatWasNeverMadeIsNoEmptyOne() throws { #expect(isRefused(try run(), Self.foreign)) }

    @Test func aReleasedKeyHasToBeReleased() throws {
        let outcome = try run(formats: true) { manifest in
            manifest.secrets = Manifest.Secrets(stream: Array("secrets".utf8))
            manifest.sealedStore?.keyIsReleased = true
        }
        #expect(outcome.status == 125 && outcome.output.contains("has not released the secrets"), "\(outcome)")
    }

    /// A header that does not open counts for nothing, as after a crash: the other one leads to what was there before.
    @Test func headersWithFlippedBits() throws {
        #expect(try run(formats: true).status == 7)
        let flips = (0...1).map { RingDeviation.flipBlock(store: UInt64(SKERRY_RING_STORE_SEALED), block: $0) }
        #expect(isRefused(try run(ring: flips), Self.foreign))
        for flip in flips { #expect(try run(ring: [flip]).status == 7) }
    }

    @Test("any other block: the program runs, which does not need it, or the guest ends", arguments: 2..<12)
    func blocksWithFlippedBits(_ block: Int) throws {
        #expect(try run(formats: true).status == 7)
        let outcome = try run(ring: [.flipBlock(store: UInt64(SKERRY_RING_STORE_SEALED), block: UInt64(block))])
        #expect(outcome.end == .refused(.store) || outcome.status == 7 && outcome.output == WorkloadRun.expectedOutput, "\(outcome)")
    }

    /// Four nanoseconds of the time that the root folder was last read at, which is in the slot of file 1: nothing is malformed, and only the tag tells.
    @Test func aBitThatNothingElseTellsOf() throws {
        #expect(try run(formats: true).status == 7)
        let ends = try (2..<12).map { try run(ring: [.flipBlock(store: UInt64(SKERRY_RING_STORE_SEALED), block: $0, byte: 256 + 64 + 48)]).end }
        #expect(ends.filter { $0 == .refused(.store) }.count == 1 && ends.filter { $0 == .succeeded }.count == 9, "\(ends)")
    }
}
