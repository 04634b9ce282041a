import Glibc
import LibraryOS
import Monitor
import Testing

@testable import Skerry

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite("Grants")
struct GrantsTests {
    private func mounted(_ grants: Grants) throws -> MountTree {
        let host = try LinuxHost(processors: 1)
        let kernel = Kernel(host: host, physicalMemory: PhysicalMemory(), configuration: KernelConfiguration())
        return MountTree(kernel: kernel, root: try grants.mount(in: kernel, host: host))
    }

    @Test func nothingIsSeenButWhatWasGranted() throws {
        var grants = Grants()
        grants.program = bytes("/bin/ls")
        let tree = try mounted(grants)
        #expect(try tree.locate(bytes("/bin/ls")).inode.kind == .regular)
        #expect(try tree.locate(bytes("/tmp")).inode.kind == .directory)
        #expect(try tree.locate(bytes("/dev/null")).inode.kind == .characterDevice)
        for path in ["/etc/passwd", "/home", "/bin/cat", "/root", "/usr/share"] {
            #expect(throws: Errno.ENOENT, "\(path)") { try tree.locate(bytes(path)) }
        }
    }

    @Test func grantsInsideGrantsLieOverThem() throws {
        let folder = "/tmp/skerry-grants-\(getpid())"
        mkdir(folder, 0o755)
        mkdir(folder + "/in", 0o755)
        defer {
            rmdir(folder + "/in")
            rmdir(folder)
        }
        var grants = Grants()
        grants.paths = [
            Grants.Path(host: bytes(folder + "/in"), guest: bytes("/work/in"), writable: true), Grants.Path(host: bytes(folder), guest: bytes("/work"), writable: false),
        ]
        grants.temporary = [bytes("/scratch/deep")]
        let tree = try mounted(grants)
        #expect(try tree.locate(bytes("/work")).mount.readOnly)
        #expect(try !tree.locate(bytes("/work/in")).mount.readOnly)
        #expect(try tree.locate(bytes("/scratch/deep")).inode.kind == .directory)
        #expect(throws: GrantError.self) {
            var missing = Grants()
            missing.paths = [Grants.Path(host: bytes("/nonexistent"), guest: bytes("/x"), writable: false)]
            _ = try mounted(missing)
        }
    }
}
