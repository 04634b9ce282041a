import CFDT
import GuestABI
import Glibc
import Testing

@testable import Monitor

/// Reads a tree with libfdt.
private struct DeviceTree {
    let blob: [UInt8]

    func property(_ path: String, _ name: String) -> [UInt8]? {
        let node = fdt_path_offset(blob, path)
        var length: Int32 = 0
        guard node >= 0, let value = fdt_getprop(blob, node, name, &length) else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: Int(length)))
    }
    func number(_ path: String, _ name: String) -> UInt64? { property(path, name).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }
    func children(_ path: String) -> [String] {
        var names: [String] = []
        var node = fdt_first_subnode(blob, fdt_path_offset(blob, path))
        while node >= 0 {
            if let name = fdt_get_name(blob, node, nil) { names.append(String(cString: name)) }
            node = fdt_next_subnode(blob, node)
        }
        return names
    }
}

@Suite("The boot information is a device tree that libfdt reads back")
struct BootInformationTests {
    private func tree(_ change: (inout BootInformation) -> Void = { _ in }) throws -> DeviceTree {
        var information = BootInformation(memoryLimit: 512 << 20, maximumProcessors: 1024)
        change(&information)
        return DeviceTree(blob: try information.encoded())
    }

    @Test func itIsWellFormedAndFitsIntoItsPages() throws {
        let blob = try tree().blob
        #expect(fdt_check_full(blob, UInt(blob.count)) == 0)
        #expect(blob.count <= 4 * 4096)
    }

    @Test func memoryRangesAreThoseOfTheLayout() throws {
        let tree = try tree { $0.memory = [.init(start: 4 << 30, size: 1 << 30), .init(start: 8 << 30, size: 2 << 30)] }
        #expect(tree.children("/").filter { $0.hasPrefix("memory@") } == ["memory@100000000", "memory@200000000"])
        #expect(tree.property("/memory@200000000", "reg") == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0])
        #expect(tree.property("/memory@100000000", "device_type") == Array("memory\0".utf8))
        #expect(tree.number("/memory@100000000", "skerry,limit") == 512 << 20)
    }

    @Test func processorsCarryTheirIdentifiers() throws {
        let tree = try tree { $0.processors = [0, 1, 17] }
        #expect(tree.children("/cpus") == ["cpu@0", "cpu@1", "cpu@11"])
        #expect(tree.number("/cpus/cpu@11", "reg") == 17)
        #expect(tree.number("/cpus", "skerry,maximum") == 1024)
    }

    @Test func theMailboxIsWhereTheStubLooksForIt() throws {
        let tree = try tree()
        let stub = "/stub@ffffc00000000000"
        let window = try #require(tree.number(stub, "skerry,window"))
        let page = try #require(tree.number(stub, "skerry,mailbox-page"))
        #expect(window + page * 4096 == 0xffff_c000_0000_8000)
        #expect(tree.number(stub, "skerry,boot-information-page") == UInt64(SKERRY_PAGE_BOOT_INFORMATION))
    }

    @Test func argumentsAreInChosen() throws {
        let tree = try tree { $0.arguments = "quiet root=/dev/null" }
        #expect(tree.property("/chosen", "bootargs") == Array("quiet root=/dev/null\0".utf8))
    }

    @Test func theSameConfigurationGivesTheSameBytes() throws {
        #expect(try tree().blob == tree().blob)
    }

    @Test func whatDoesNotFitIsAnErrorWithAReason() {
        #expect { try tree { $0.arguments = String(repeating: "x", count: 20_000) } } throws: { "\($0)".contains("FDT_ERR_NOSPACE") }
    }

    @Test(.enabled(if: access("/usr/bin/dtc", X_OK) == 0, "dtc is not installed"))
    func dtcAcceptsIt() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/tree.dtb"
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        let blob = try tree().blob
        #expect(write(file, blob, blob.count) == blob.count)
        close(file)
        #expect(system("dtc -q -I dtb -O dts -o /dev/null \(path)") == 0)
    }
}
