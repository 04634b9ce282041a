import Foundation
import Testing

@testable import SecureWorld

/// Files of applications with changes in every part of them are refused, or loaded and started: whatever they then do, the secure world goes on.
@Suite(.enabled(if: FuzzApplications.canRun)) struct FileFuzzTests {
    @Test func mutatedFilesAreStartedOrRefused() throws { try Fuzzing.inChild("fileFuzz") }

    /// Not a test by itself: the process that fuzzes.
    @Test(.enabled(if: Fuzzing.isChild("fileFuzz"))) func fileFuzzChild() throws { try FileFuzzer().run() }
}

/// Puts files into a folder and has a secure world open sessions with them.
private final class FileFuzzer {
    private let folder: FuzzFolder
    private let files: [(uuid: TEEUUID, mutation: FileMutation)]
    private let signer: TAFile.Signer
    private let delegate: (signer: TAFile.Signer, uuid: TEEUUID)
    private var world: FuzzWorld?
    private var (started, refused, dead) = (0, 0, 0)

    init() throws {
        folder = try FuzzFolder()
        let place = try FuzzApplications.folder.get()
        let names = ["hello_world", "properties", "cplusplus", "memory_references", "library"]
        files = try names.map { name in
            let uuid = FuzzApplications.uuid(name)
            return (uuid, FileMutation(Array(try Data(contentsOf: URL(fileURLWithPath: "\(place)/\(uuid).elf")))))
        }
        signer = TAFile.Signer(try FuzzWorld.signer())
        // A sub-key that signs an application whose UUID follows from a name.
        let subkey = try TASigningKey.generate(bits: 2048)
        let chain = try TAFile.subkey(subkey, uuid: FuzzApplications.uuid("callers"), maximumDepth: 1, nameSize: 16, by: signer)
        delegate = (TAFile.Signer(subkey, chain: chain, name: "fuzz"), try TAFile.nextUUID(chain: chain, name: "fuzz"))
    }

    func run() throws {
        try Fuzzing.rounds(settle: settle) { random, round in
            if world == nil { world = try FuzzWorld(timeLimit: 0.25, applications: folder.path) }
            guard let world else { return }
            let (uuid, bytes) = try file(&random)
            try folder.write("\(uuid).ta", bytes)
            start(uuid, &random, world)
            unlink(folder.path + "/\(uuid).ta")
            // Worlds come and go, too.
            if round % 500 == 499 { try settle() }
        }
        Fuzzing.say("\(started) started, \(refused) refused, \(dead) of them died")
        // Changes that only ever did the one would test little; where there is hardly a processor there are few.
        #expect(started > 0 && refused > 0 && (dead > 0 || started + refused < 300))
    }

    /// What a round tries: a plain file, one that an author signed or encrypted after the change, or one that was changed after it.
    private func file(_ random: inout FuzzRandom) throws -> (TEEUUID, [UInt8]) {
        let (uuid, mutation) = random.element(files)
        var elf = mutation.mutated(&random)
        switch random.next() % 8 {
        case 0...3: return (uuid, elf)
        case 4: return (uuid, try TAFile.signed(elf, uuid: uuid, by: signer))
        case 5:
            let key = TAEncryption(.classWide, key: SecretBytes([UInt8](repeating: 1, count: 32)))
            return (uuid, try TAFile.signed(elf, uuid: uuid, by: signer, encryption: key))
        case 6:
            // The application's own idea of who it is has to fit.
            if let place = ImageReader(bytes: elf).u64(72).flatMap({ Int(exactly: $0) }), place >= 0, place <= elf.count - 16, random.one(in: 2) {
                elf.replaceSubrange(place..<place + 16, with: delegate.uuid.structure)
            }
            return (delegate.uuid, try TAFile.signed(elf, uuid: delegate.uuid, by: delegate.signer))
        default: return (uuid, FileMutation.containerFields(&random, try TAFile.signed(mutation.file, uuid: uuid, by: signer)))
        }
    }

    private func start(_ uuid: TEEUUID, _ random: inout FuzzRandom, _ world: FuzzWorld) {
        let before = world.log.counts.refused
        let opening = world.open(uuid)
        if world.log.counts.refused > before || opening.result == .itemNotFound { refused += 1 } else { started += 1 }
        guard opening.result == .success else {
            if opening.result == .targetDead { dead += 1 }
            return
        }
        let buffer = FuzzBuffer(FuzzBuffer.Memory(4096), 0, 4096)
        for command in 0..<2 as Range<UInt32> {
            let parameters: [TEEParameter] = [.value([.input, .output], a: 1, b: 2), .memory([.input, .output], buffer, size: 4096)]
            if world.invoke(opening.session, command, parameters).result == .targetDead { dead += 1 }
        }
        world.close(opening.session)
    }

    private func settle() throws {
        guard let world else { return }
        #expect(world.log.counts.failures == [], "KVM failed")
        // Everything is closed: nothing of all those applications is left.
        let used = world.used
        #expect(used < 24 << 20, "\(used) bytes of the virtual machine's memory are used though no session is open")
        world.end()
        self.world = nil
    }
}
