import Foundation
import GuestHost
import Testing

@testable import Confidential

/// A guest with a root image of one small static program, its console in pipes.
final class WorkloadRun {
    static let expectedOutput = "1 /bin/program\n"
    let guest: SimulatedGuest
    let plan: LaunchPlan
    let endorsement: PlatformEndorsement
    private let console = Pipe()
    private let scratch: ScratchFolder

    /// - Parameters:
    ///   - ring: what the host does wrong over the ring; `hostile`: elsewhere.
    ///   - launchedHostData: instead of the manifest's digest.
    ///   - sealed: the store that the guest may write to, and the secret of the chip that derives its key.
    ///   - provider: who has loaded a key for reports into the firmware.
    init(
        _ target: GuestPlatform = .simulationInUserMode, ring: [RingDeviation] = [], hostile: [GuestDeviation] = [], launchedHostData: [UInt8]? = nil,
        arguments: [String] = [], connector: (any StreamConnector)? = nil, sealed: BlockStore? = nil,
        chipSecret: [UInt8]? = nil, provider: String? = nil, change: (inout Manifest) -> Void = { _ in }, launch: (inout LaunchPlan) -> Void = { _ in }
    ) throws {
        scratch = try ScratchFolder()
        let image = try RootImageFile(scratch)
        var manifest = Manifest(
            mode: .confidential, rootImage: image.identity, program: Array("/bin/program".utf8), arguments: (["/bin/program"] + arguments).map { Array($0.utf8) })
        change(&manifest)
        let bytes = try manifest.encoded()
        let page = CPUIDPage.ofThisProcessor()
        var platform = PSPPlatform(.genoa)
        platform.cpuid = CPUIDRules(reference: page)
        if let chipSecret { platform.chipSecret = chipSecret }
        var plan = try GuestLaunch.image().plan(for: target, cpuid: page, ram: 32 << 20)
        plan.hostData = launchedHostData ?? LibCryptoHasher().digest(bytes).bytes
        launch(&plan)
        self.plan = plan
        endorsement = try Authorities.genoa.endorse(platform, loadedFor: provider)
        let backend = SoftwareBackend(try SoftwarePSP(platform, endorsement: endorsement))
        _ = try LaunchSequence(plan).launch(on: backend)
        let output = console.fileHandleForWriting.fileDescriptor
        let service = RingService(
            manifest: bytes, root: try BlockStore(path: image.path), sealed: sealed, console: (FileHandle.nullDevice.fileDescriptor, output, output),
            connector: connector, counterFrequency: 2_000_000_000, deviations: ring)
        guest = try SimulatedGuest(plan, on: backend, challenge: GuestLaunch.challenge, ring: service, deviations: hostile)
    }

    /// What the program has written; once, after the run.
    var output: String {
        try? console.fileHandleForWriting.close()
        return String(decoding: console.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// How a run with a hostile ring ends.
    static func end(_ ring: [RingDeviation]) throws -> GuestEnd { try WorkloadRun(ring: ring).guest.run() }
}

/// The root image.
private struct RootImageFile {
    let path: String
    let identity: RootImageIdentity

    init(_ scratch: ScratchFolder) throws {
        let folder = scratch.path("root/bin")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try TestProgram.built.get(), toPath: folder + "/program")
        // The same image in every run: a time of modification is part of it.
        for name in ["root/bin/program", "root/bin", "root"] {
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: scratch.path(name))
        }
        path = scratch.path("root.image")
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        identity = try RootImageWriter().write(
            FolderTree(Array(scratch.path("root").utf8)), to: { (bytes: UnsafeRawBufferPointer) throws(RootImageError) in file.write(Data(bytes)) })
    }
}

/// A static program without a C library that says how many arguments it has, and the first, and what is in the file that the second names; ends with status 7.
enum TestProgram {
    static let built = Result { try build() }

    private static func build() throws -> String {
        let folder = NSTemporaryDirectory() + "skerry-workload-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = """
            long call(long number, long first, long second, long third) {
                long result;
                __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(third) : "rcx", "r11", "memory");
                return result;
            }
            void program(long *stack) {
                char text[64] = {'0' + (char)stack[0], ' '};
                char *argument = (char *)stack[1];
                long size = 2;
                while (*argument && size < 60) text[size++] = *argument++;
                text[size++] = '\\n';
                call(1, 1, (long)text, size);
                if (stack[0] > 1) {
                    long file = call(2, stack[2], 0, 0);
                    size = call(0, file, (long)text, sizeof text);
                    call(1, 1, (long)text, size);
                }
                call(231, 7, 0, 0);
            }
            __asm__(".globl _start\\n_start: mov %rsp, %rdi\\n and $-16, %rsp\\n call program\\n");
            """
        try source.write(toFile: folder + "/program.c", atomically: true, encoding: .utf8)
        guard output(of: "gcc", ["-O1", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-o", folder + "/program", folder + "/program.c"]) != nil else {
            throw CocoaError(.executableNotLoadable)
        }
        return folder + "/program"
    }
}
